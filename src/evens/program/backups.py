"""Backing the private database up into one file, and restoring it into a folder that has none."""

import contextlib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop

from evens import __version__
from evens.edges.cli.operations import BackupReport, Location, OperationRefused, RestoreReport
from evens.identity.keys import InstallationKeys
from evens.program.backup_file import BackupFile, Page, written
from evens.program.installation import Installation, SecretInvalid
from evens.program.postgres import Postgres, borrow, check_database, check_house
from evens.program.secrets import held_secrets
from evens.settings import read_settings
from evens.store.auditing.anchors import Anchor
from evens.store.auditing.audit import audit
from evens.store.backups import Snapshot, analyze, held_snapshot
from evens.store.embedded import APP_ROLE, OWNER_ROLE, Running, dump, load, staged
from evens.store.migrate import bundled, migrate

_OWN_DATABASE: Final = (
    "The database is a PostgreSQL of your own (DATABASE_URL): back it up and restore it with what you use for others, "
    "then run 'evens migrate' and 'evens audit'."
)

Progress = Callable[[int, int], None]


def back_up(location: Location, file: Path) -> BackupReport:
    """Write a backup of the private database; a server goes on writing meanwhile.

    Raises :class:`OperationRefused`, :class:`evens.program.postgres.NoHouse`, :class:`BackupInvalid`, and the errors of
    the store.
    """
    _check_private(location)
    check_database(location.data_dir)
    with borrow(location.data_dir, None) as postgres:
        page = uvloop.run(_back_up(postgres, file, _held_fingerprint(location)))
    return BackupReport(file, file.stat().st_size, Anchor.parse(page.anchor).seq, page.anchor, page.secret)


async def _back_up(postgres: Postgres, file: Path, held: str | None) -> Page:
    await check_house(postgres)
    assert postgres.private is not None
    async with held_snapshot(postgres.owner_dsn) as snapshot:
        page = _page(snapshot, held)
        with written(file, page) as write:
            await dump(postgres.private, snapshot.name, write)
    return page


def _page(snapshot: Snapshot, held: str | None) -> Page:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    # A database from before it knew its secret is used with the one at hand.
    secret = snapshot.secret or held
    return Page(__version__, made_at, snapshot.postgresql, snapshot.migration, str(snapshot.anchor), secret)


def restore(location: Location, file: Path, progress: Progress) -> RestoreReport:
    """Restore a backup into a folder without a database, bring it to this version, and keep it if its audit is clean.

    Raises :class:`OperationRefused`, :class:`BackupInvalid`, and the errors of the store. Unless it returns, the folder
    has no database afterwards.
    """
    _check_private(location)
    with closing(BackupFile(file)) as backup:
        page = backup.page
        if page.migration > bundled()[-1].number:
            raise OperationRefused(
                f"{file} has migration {page.migration}, which this version of Evens ({__version__}) does not know; "
                f"restore it with version {page.evens} or a newer one."
            )
        with staged(location.data_dir) as stage:
            report = uvloop.run(_restore(location, stage.server, backup, progress))
            stage.keep()
    return report


async def _restore(location: Location, server: Running, backup: BackupFile, progress: Progress) -> RestoreReport:
    owner, app = server.dsn(OWNER_ROLE), server.dsn(APP_ROLE)
    await load(server, backup.chunks())
    applied = await migrate(owner)
    await analyze(owner)
    anchor = Anchor.parse(backup.page.anchor)
    found = await audit(app, progress, [anchor])
    problems = found.problems or ([] if found.end == anchor else [f"journal: ends with {found.end}, not with {anchor}"])
    if problems:
        raise OperationRefused(f"The books in this backup are wrong, so it is not restored: {problems[0]}.")
    secret = backup.page.secret
    is_here = secret is None or _held_fingerprint(location) == secret
    names = [f"{each.number:04} {each.name}" for each in applied]
    return RestoreReport(found.records, str(anchor), backup.page.made_at, names, secret, is_here)


def _check_private(location: Location) -> None:
    if location.database_url is not None:
        raise OperationRefused(_OWN_DATABASE)


def _held_fingerprint(location: Location) -> str | None:
    """Return the fingerprint of the secret at hand, ``None`` if there is none that can be used."""
    with contextlib.suppress(SecretInvalid, OSError):
        held = held_secrets(Installation(location.data_dir), read_settings())
        return InstallationKeys(held[0]).fingerprint if held else None
    return None
