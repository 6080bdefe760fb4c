"""The audit sees a change of any column of any table that events leave rows in."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import asyncpg
import pytest

from evens.store.auditing.audit import audit
from evens.store.encoding.tables import Table
from evens.store.journal_tables import HEAD
from evens.store.outbox import OUTBOX
from evens.store.projections import WRITES
from evens.store.wallets.tables import BALANCES
from tests.conftest import Dsns
from tests.store.declarations import tables_of

if TYPE_CHECKING:
    from evens.store.database import Wire

pytestmark = pytest.mark.anyio

OTHERWISE: Mapping[str, str] = {
    "bigint": "coalesce({0}, 0) + 1",
    "bigint[]": "{0} || 7::bigint",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "numeric": "{0} + 1",
    "text": "coalesce({0}, '') || 'x'",
    "boolean": "NOT {0}",
    "jsonb": "{0} || '{{\"winners\": 77}}'",
    "integer[]": "{0} || 7",
    "bytea": "{0} || '\\x00'",
    "uuid": "gen_random_uuid()",
}
"""Another value than the one in a column, by type."""

NOT_SAID: Mapping[Table, frozenset[str]] = {HEAD: frozenset({"one", "epoch"}), OUTBOX: frozenset(OUTBOX.columns)}
"""What does not follow from the journal: who leads, and which notices somebody wanted."""

WHICH: Mapping[Table, str] = {
    BALANCES: "balance <> 0 AND account + 1 NOT IN (SELECT account FROM evens.balances)",
}
"""Which rows to change, where not any: an account with nothing is as good as none, and no two have the same number."""


async def unnoticed(dsns: Dsns, tables: Iterable[Table], excused: Mapping[Table, frozenset[str]]) -> list[str]:
    """Change a value in each column in turn, audit, and change it back; return the columns of which nothing is said."""
    silent: list[str] = []
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    await drop_checks(owner)
    for table in tables:
        for column, kind in table.columns.items():
            if column in excused.get(table, ()):
                continue
            old = await _change(owner, table, column, OTHERWISE[kind].format(column))
            if not (await audit(dsns.app)).problems:
                silent.append(f"{table.name}.{column}")
            await _restore(owner, table, column, *old)
    await owner.close()
    return silent


async def drop_checks(owner: "Wire") -> None:
    """Let every value be changed, whether the database would allow it or not."""
    for row in await owner.fetch(
        "SELECT conrelid::regclass::text AS table, conname FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'evens'::regnamespace"
    ):
        await owner.execute(f"ALTER TABLE {row['table']} DROP CONSTRAINT {row['conname']}")


async def _change(owner: "Wire", table: Table, column: str, value: str) -> tuple[str | None, str]:
    """Give the last row another value; return the old one and the place of the row."""
    which = WHICH.get(table, "true")
    last = ", ".join(f"{name} DESC" for name in table.key)
    row = await owner.fetchrow(
        f"SELECT ctid::text AS place, {column}::text AS value FROM evens.{table.name} "
        f"WHERE {which} ORDER BY {last} LIMIT 1"
    )
    assert row is not None, f"there is no row in {table.name}"
    place = await owner.fetchval(
        f"UPDATE evens.{table.name} SET {column} = {value} WHERE ctid = '{row['place']}' RETURNING ctid::text"
    )
    return row["value"], place


async def _restore(owner: "Wire", table: Table, column: str, value: str | None, place: str) -> None:
    kind = table.columns[column]
    done = await owner.execute(
        f"UPDATE evens.{table.name} SET {column} = $1::text::{kind} WHERE ctid = '{place}'", value
    )
    assert done == "UPDATE 1"


async def test_a_change_of_any_column_is_noticed(complete: Dsns) -> None:
    assert await unnoticed(complete, tables_of(WRITES.writes), NOT_SAID) == []
    assert (await audit(complete.app)).problems == []


async def test_a_column_of_which_the_audit_says_nothing_is_found(upgraded: Dsns) -> None:
    assert await unnoticed(upgraded, [HEAD], {HEAD: frozenset({"one"})}) == ["head.epoch"]
