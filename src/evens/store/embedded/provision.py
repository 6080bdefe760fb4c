"""Making the application's role and the database in a new cluster."""

import subprocess
from pathlib import Path

from evens.store.embedded.account import ENVIRONMENT
from evens.store.embedded.binaries import Binaries
from evens.store.embedded.config import APP_ROLE, DATABASE, FUNCTIONS_ROLE, OWNER_ROLE, PORT, PROVIDER_ROLE
from evens.store.embedded.errors import StartFailed

TIMEOUT_S = 120
NAMES = {
    "app_role": APP_ROLE,
    "database": DATABASE,
    "functions_role": FUNCTIONS_ROLE,
    "owner_role": OWNER_ROLE,
    "provider_role": PROVIDER_ROLE,
}

PROVISION = Path(__file__).with_name("provision.sql")


def provision(socket_directory: Path, binaries: Binaries, log: Path) -> None:
    """Make sure that the role and the database exist and that commits are durable. Connects as the owner role.

    Raises:
        StartFailed: the server refused, or a setting makes commits not durable.
    """
    answer = _run_sql(PROVISION.read_text(), "postgres", OWNER_ROLE, socket_directory, binaries)
    if answer.returncode != 0:
        raise StartFailed(
            f"PostgreSQL runs, but its database could not be prepared: {answer.stderr.strip()}; see {log}"
        )
    if answer.stdout.strip():
        raise StartFailed(f"payments would not be durable: {answer.stdout.strip()}; remove that setting")


def refusal(socket_directory: Path, binaries: Binaries) -> str | None:
    """Return why this process cannot connect as the application's role; None if it can."""
    answer = _run_sql("SELECT 1", DATABASE, APP_ROLE, socket_directory, binaries)
    return answer.stderr.strip() if answer.returncode != 0 else None


def _run_sql(
    script: str, database: str, role: str, socket_directory: Path, binaries: Binaries
) -> subprocess.CompletedProcess[str]:
    """Run `script` with psql as this process's operating system user; rows are printed without headings or frames."""
    names = [f"--set={name}={value}" for name, value in NAMES.items()]
    target = ["-h", str(socket_directory), "-p", str(PORT), "-U", role, "-d", database]
    return subprocess.run(
        [
            binaries.directory / "psql",
            "-X",
            "-A",
            "-t",
            "-q",
            "-w",
            "-v",
            "ON_ERROR_STOP=1",
            *names,
            *target,
            "-f",
            "-",
        ],
        check=False,
        cwd="/",
        env=ENVIRONMENT,
        input=script,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
