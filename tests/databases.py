"""Databases for tests: migrated, empty, and used again and again.

Theory of operation
-------------------
A new database is a copy of some 900 files, all of which a server has to read again. Emptying one that a test has used
takes a fifth of that time, but it must be as good as new. So a database is used again only if its schema did not
change: each row of the catalogs that hold it names the transaction that wrote it, and the sum over all of them is the
one that the copy had. Then all rows are deleted, without triggers; those that a migrated database has are written
again, and the sequences begin at their beginning. Whatever is not the same, too large, or was used often is dropped.

Example: a test registers two customers. Their rows, the journal's and the head's new row are deleted, the head of an
empty journal is written, and the next test gets the database. A test that drops a trigger to tamper with a table
changed the catalog ``pg_trigger``: its database is dropped, and the next test gets a new copy.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import asyncpg

from evens.store.embedded import OWNER_ROLE, Running
from evens.store.migrate import migrate

if TYPE_CHECKING:
    Wire = asyncpg.Connection[asyncpg.Record]

_TEMPLATE: Final = "evens_template"

_USES_MAX: Final = 100
"""Rows that were deleted stay in the files until they are vacuumed."""

_GROWTH_MAX: Final = 4 * 1024 * 1024
"""Bytes by which a database that is used again may be larger than a new one."""

_CATALOGS: Final = (
    "attrdef",
    "attribute",
    "class",
    "constraint",
    "db_role_setting",
    "default_acl",
    "enum",
    "event_trigger",
    "extension",
    "index",
    "inherits",
    "language",
    "namespace",
    "operator",
    "policy",
    "proc",
    "rewrite",
    "sequence",
    "statistic_ext",
    "trigger",
    "type",
)
"""Where a database's schema is written, and who may do what with it."""

_SCHEMA: Final = " UNION ALL ".join(
    f"SELECT '{name}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM pg_catalog.pg_{name}" for name in _CATALOGS
)

_OTHERS: Final = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class _Used:
    """A database that exists, how often it was used, and what its schema and size were when it was new."""

    name: str
    schema: object
    size: int
    uses: int = 0


class Databases:
    """The databases of one PostgreSQL. One is lent at a time, or several."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._made = 0
        self._idle: list[_Used] = []
        self._lent: dict[str, _Used] = {}
        self._reset = ""

    async def make_template(self) -> None:
        """Make the database of which all others are copies."""
        await self._administer(f"CREATE DATABASE {_TEMPLATE}")
        await migrate(self._server.dsn(OWNER_ROLE, _TEMPLATE))
        wire = await asyncpg.connect(self._server.dsn(OWNER_ROLE, _TEMPLATE))
        try:
            self._reset = await _statements_to_reset(wire)
        finally:
            await wire.close()

    async def lend(self, *, is_new: bool = False) -> str:
        """Return the name of a database that is as good as new, or of one that nobody has used."""
        used = self._idle.pop() if self._idle and not is_new else await self._make()
        used.uses += 1
        self._lent[used.name] = used
        return used.name

    async def take_back(self, name: str) -> None:
        """Empty a database for the next one who needs it, or drop it."""
        used = self._lent.pop(name)
        if used.uses < _USES_MAX and await self._empty(used):
            self._idle.append(used)
        else:
            await self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    async def _make(self) -> _Used:
        self._made += 1
        name = f"evens_test_{self._made}"
        await self._administer(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        wire = await asyncpg.connect(self._server.dsn(OWNER_ROLE, name))
        try:
            return _Used(name, await wire.fetch(_SCHEMA), await _size(wire))
        finally:
            await wire.close()

    async def _empty(self, used: _Used) -> bool:
        """Return whether the database is as good as new now."""
        try:
            wire = await asyncpg.connect(self._server.dsn(OWNER_ROLE, used.name))
        except asyncpg.PostgresError:
            # A test has dropped it, or lets nobody in.
            return False
        try:
            await wire.execute(_OTHERS)
            if await wire.fetch(_SCHEMA) != used.schema or await _size(wire) > used.size + _GROWTH_MAX:
                return False
            await wire.execute(self._reset)
        finally:
            await wire.close()
        return True

    async def _administer(self, sql: str) -> None:
        wire = await asyncpg.connect(self._server.dsn(OWNER_ROLE, "postgres"))
        try:
            await wire.execute(sql)
        finally:
            await wire.close()


async def _size(wire: "Wire") -> int:
    return await wire.fetchval("SELECT pg_database_size(current_database())")


async def _statements_to_reset(wire: "Wire") -> str:
    """Return what makes a used copy of this database hold what it holds now."""
    tables = await wire.fetch(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'evens'::regnamespace AND relkind IN ('r', 'p')"
    )
    statements = ["SET session_replication_role = replica"]
    for (table,) in tables:
        statements.append(f"DELETE FROM {table}")
        rows = [json.loads(row) for (row,) in await wire.fetch(f"SELECT to_jsonb(t) FROM {table} AS t")]
        if rows:
            columns = ", ".join([f'"{column}"' for column in rows[0]])
            held = json.dumps(rows).replace("'", "''")
            statements.append(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, '{held}')"
            )
    for (sequence,) in await wire.fetch("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'"):
        first, called = await wire.fetchrow(f"SELECT last_value, is_called FROM {sequence}") or (1, False)
        statements.append(f"SELECT setval('{sequence}', {first}, {str(called).lower()})")
    return ";".join(statements)
