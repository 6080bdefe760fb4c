"""`evens doctor`: checks everything that is known to go wrong with an installation, and changes nothing."""

import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import uvloop

from evens.core.values.moments import format_time
from evens.edges.cli.operations import Finding, Location
from evens.program.installation import Installation, SecretInvalid
from evens.program.secrets import SecretKeeper, held_secrets
from evens.sequencer.steady_clock import DIFFERENCE_S
from evens.settings import SettingsInvalid, read_settings
from evens.store.embedded import OWNER_ROLE, EmbeddedPostgresError, attach
from evens.store.errors import StoreError
from evens.store.health import DatabaseHealth, look_at

_FREE_MIN_BYTES: Final = 2**30


def examine(location: Location) -> list[Finding]:
    """Return one finding for each check."""
    return [
        *_settings(),
        *_folder(location.data_dir),
        *_secret(location.data_dir),
        *_server(location.data_dir),
        *_database(location),
    ]


def _settings() -> Iterator[Finding]:
    yield Finding("python", ok=True, detail=f"{platform.python_version()} on {platform.system()}")
    try:
        read_settings()
    except SettingsInvalid as error:
        yield Finding("settings", ok=False, detail=str(error), remedy="Correct the EVENS_… variables named above.")
    else:
        yield Finding("settings", ok=True, detail="every EVENS_… variable can be read")


def _folder(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield Finding("data folder", ok=True, detail=f"{folder} is not there yet; 'evens serve' makes it")
        return
    writable = os.access(folder, os.W_OK)
    remedy = None if writable else "Run as the folder's owner, or choose another with --data."
    yield Finding("data folder", writable, f"{folder} {'can' if writable else 'cannot'} be written", remedy)
    free = shutil.disk_usage(folder).free
    enough = free >= _FREE_MIN_BYTES
    remedy = None if enough else "Free some space: a full disk stops every booking."
    yield Finding("disk space", enough, f"{free / 2**30:.1f} GiB free", remedy)


def _secret(folder: Path) -> Iterator[Finding]:
    installation = Installation(folder)
    try:
        settings = read_settings()
        if not held_secrets(installation, settings):
            return
    except SettingsInvalid:
        return
    except (SecretInvalid, OSError) as error:
        yield Finding("secret", ok=False, detail=str(error), remedy="Restore it from a backup: tokens depend on it.")
        return
    file = installation.secret_file
    exposed = settings.secret is None and file.stat().st_mode & 0o077 != 0
    detail = f"{file} can be read by others" if exposed else "is there and private"
    yield Finding("secret", not exposed, detail, f"chmod 600 {file}" if exposed else None)


def _secret_in_use(location: Location, dsn: str) -> Iterator[Finding]:
    try:
        problem = uvloop.run(SecretKeeper(Installation(location.data_dir), read_settings(), dsn).problem())
    except (SecretInvalid, SettingsInvalid, OSError):
        return  # Said already.
    remedy = None if problem is None else "Do so before the next start, which is refused until then."
    yield Finding("secret in use", problem is None, problem or "is the one that the database is used with", remedy)


def _server(folder: Path) -> Iterator[Finding]:
    file = Installation(folder).server_file
    if not file.exists():
        yield Finding("server", ok=True, detail="no server runs on this folder")
        return
    recorded = json.loads(file.read_text("ascii"))
    alive = Path(f"/proc/{recorded['pid']}").exists()
    detail = (
        f"{recorded['url']}, process {recorded['pid']}"
        if alive
        else f"process {recorded['pid']} is gone and left {file.name} behind"
    )
    yield Finding("server", alive, detail, None if alive else "Start it again: 'evens serve' recovers by itself.")


def _database(location: Location) -> Iterator[Finding]:
    dsn = location.database_url
    if dsn is None:
        try:
            running = attach(location.data_dir)
        except EmbeddedPostgresError as error:
            yield Finding("database", ok=False, detail=str(error), remedy="See the message; then run the doctor again.")
            return
        if running is None:
            yield Finding("database", ok=True, detail="the private PostgreSQL does not run; 'evens serve' starts it")
            return
        dsn = running.dsn(OWNER_ROLE)
    try:
        health = uvloop.run(look_at(dsn))
    except StoreError as error:
        yield Finding("database", ok=False, detail=str(error), remedy="Check DATABASE_URL and that PostgreSQL runs.")
        return
    yield from _health(health)
    if health.schema_problem is None:
        yield from _secret_in_use(location, dsn)


def _health(health: DatabaseHealth) -> Iterator[Finding]:
    checks: tuple[tuple[str, Callable[[], bool], str, str], ...] = (
        (
            "database",
            lambda: True,
            f"PostgreSQL {health.server_version}, {health.records:,} journal records",
            "",
        ),
        (
            "durability",
            lambda: health.is_durable,
            f"fsync {health.fsync}, synchronous_commit {health.synchronous_commit}",
            "Set fsync and synchronous_commit to on: without them a crash loses acknowledged payments.",
        ),
        (
            "migrations",
            lambda: health.schema_problem is None,
            health.schema_problem or "the schema is the one of this version",
            "Run 'evens migrate' of the newest version in use.",
        ),
        (
            "ledger",
            lambda: health.is_balanced,
            "every currency sums to zero" if health.is_balanced else "a currency does not sum to zero",
            "Stop the server and run 'evens audit'.",
        ),
        (
            "quarantine",
            lambda: health.quarantined == 0,
            f"{health.quarantined} commands were quarantined",
            "Look at evens.quarantine and report the bug.",
        ),
        (
            "webhooks",
            lambda: health.given_up == 0,
            f"{health.given_up} notices were given up",
            "Look at GET /v1/webhooks/{id}/deliveries?status=given_up.",
        ),
    )
    for name, is_fine, detail, remedy in checks:
        fine = is_fine()
        yield Finding(name, fine, detail, None if fine else remedy)
    yield _clock(health)


def _clock(health: DatabaseHealth) -> Finding:
    """Compare this machine's clock with the journal's last record, as a server does before it leads."""
    try:
        tolerance_s = read_settings().clock_tolerance_s
    except SettingsInvalid:
        tolerance_s = DIFFERENCE_S
    ahead_s = (health.last_at - time.time_ns()) / 10**9
    if ahead_s <= tolerance_s:
        return Finding("clock", ok=True, detail="the journal's last record is from the past")
    return Finding(
        "clock",
        ok=False,
        detail=f"the journal's last record is from {format_time(health.last_at)}, {ahead_s:,.0f} s ahead of this clock",
        remedy="Set this machine's clock right. If it is, no server leads before that time has come, unless "
        f"EVENS_CLOCK_TOLERANCE_S, now {tolerance_s:g}, lets it.",
    )
