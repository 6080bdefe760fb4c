"""Migrations: numbered SQL files. Each is run once, in order, under an advisory lock; its checksum is recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import asyncpg

from evens.store.database import OWN_NAMES, UNAVAILABLE
from evens.store.errors import (
    MigrationChanged,
    MigrationNotAllowed,
    PrivilegesLoose,
    SchemaTooNew,
    SchemaTooOld,
    ServerTooOld,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from evens.store.database import Wire

MIGRATION_LOCK: Final = 0x6576_656E_7302
"""The advisory lock under which the migrations of Evens run ("evens", 2)."""

_SERVER_VERSION_MIN: Final = 15

_BOOK: Final = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""
_APPLIED: Final = "SELECT number, name, checksum FROM {schema}.migrations ORDER BY number"
_PRESENT: Final = "SELECT to_regclass('{schema}.migrations') IS NOT NULL"
_RECORD: Final = "INSERT INTO {schema}.migrations (number, name, checksum) VALUES ($1, $2, $3)"
_LOOSE: Final = """
SELECT oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'evens'::regnamespace AND proowner IS DISTINCT FROM to_regrole('evens_functions')::oid
ORDER BY 1 LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema with migrations of its own.

    ``package`` has them in its folder ``migrations``, beside ``privileges.sql``, which says who may do what and is run
    after each. They run under the advisory lock ``lock``, as a role that is a member of ``roles`` or may make them.
    ``command`` is what a person types to have them run. ``loose`` finds a function that belongs to the wrong role.
    """

    name: str
    package: str
    lock: int
    roles: Sequence[str]
    command: str
    loose: str | None = None

    @property
    def privileges(self) -> str:
        """The statements of ``privileges.sql``."""
        return files(self.package).joinpath("privileges.sql").read_text("utf-8")

    def sql(self, template: str) -> str:
        """Return a statement of this module for this schema."""
        return template.format(schema=self.name)


EVENS: Final = Schema(
    "evens",
    "evens.store",
    MIGRATION_LOCK,
    ("evens_app", "evens_functions"),
    "evens migrate",
    _LOOSE,
)
"""Where Evens keeps everything."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def bundled(schema: Schema = EVENS) -> list[Migration]:
    """Return the migrations of this build, in order."""
    found: list[Migration] = []
    for file in files(schema.package).joinpath("migrations").iterdir():
        number, _, rest = file.name.partition("_")
        if rest.endswith(".sql"):
            found.append(Migration(int(number), rest.removesuffix(".sql"), file.read_text("utf-8")))
    return sorted(found, key=lambda migration: migration.number)


async def migrate(dsn: str, schema: Schema = EVENS) -> list[Migration]:
    """Bring the database at ``dsn`` up to this build and return what was applied; nothing if it is up to date.

    Whatever was applied before, everybody may afterwards do what they should and no more. The role in ``dsn`` must own
    the database, and be allowed to make roles unless those of the schema are there and it is a member of each. Raises
    :class:`SchemaTooNew`, :class:`MigrationChanged`, :class:`MigrationNotAllowed`, :class:`ServerTooOld` or
    :class:`StoreUnavailable`.
    """
    connection = await _connect(dsn)
    try:
        major = connection.get_server_version().major
        if major < _SERVER_VERSION_MIN:
            raise ServerTooOld(f"PostgreSQL {major} is too old; Evens needs {_SERVER_VERSION_MIN} or newer.")
        await connection.execute("SELECT pg_advisory_lock($1)", schema.lock)
        await connection.execute(schema.sql(_BOOK))
        missing = _missing(await connection.fetch(schema.sql(_APPLIED)), bundled(schema))
        for migration in missing:
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(schema.privileges)
                await connection.execute(schema.sql(_RECORD), migration.number, migration.name, migration.checksum)
        if not missing:
            await connection.execute(schema.privileges)
        return missing
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationNotAllowed(
            f"This database role may not migrate ({error}). Use a role that owns the database. It must be a member of "
            f"{' and '.join(schema.roles)}, or have CREATEROLE to make what is missing of these."
        ) from error
    finally:
        await connection.close()


async def has_schema(dsn: str, schema: Schema = EVENS) -> bool:
    """Return whether the database at ``dsn`` has been migrated, by whatever build."""
    connection = await _connect(dsn)
    try:
        return await connection.fetchval(schema.sql(_PRESENT))
    finally:
        await connection.close()


async def check_schema(dsn: str, schema: Schema = EVENS) -> None:
    """Raise unless the database at ``dsn`` has exactly this build's migrations, and functions of the right role."""
    connection = await _connect(dsn)
    try:
        present = await connection.fetchval(schema.sql(_PRESENT))
        applied = await connection.fetch(schema.sql(_APPLIED)) if present else []
        loose = await connection.fetchval(schema.loose) if present and schema.loose else None
    finally:
        await connection.close()
    missing = _missing(applied, bundled(schema))
    if missing:
        lacks = "a migration" if len(missing) == 1 else f"{len(missing)} migrations"
        raise SchemaTooOld(f"The database lacks {lacks}; run '{schema.command}'.")
    if loose:
        raise PrivilegesLoose(
            f"{loose} does not belong to evens_functions, as after a restore; run '{schema.command}' to put that right."
        )


async def _connect(dsn: str) -> "Wire":
    try:
        return await asyncpg.connect(dsn, timeout=10, server_settings=OWN_NAMES)
    except UNAVAILABLE as error:
        raise StoreUnavailable(f"The database cannot be reached: {error}") from error


def _missing(applied: Sequence[asyncpg.Record], known: Sequence[Migration]) -> list[Migration]:
    by_number = {migration.number: migration for migration in known}
    for number, name, checksum in applied:
        migration = by_number.pop(number, None)
        if migration is None:
            raise SchemaTooNew(
                f"The database has migration {number} ({name}), which this version of Evens does not know. "
                "Run the newer version that made it, or restore an older backup."
            )
        if migration.checksum != checksum:
            raise MigrationChanged(
                f"Migration {number} ({name}) is not the one that was applied to this database: another build of Evens "
                "made it. Run that build, or choose another database with --data or DATABASE_URL."
            )
    return [by_number[number] for number in sorted(by_number)]
