"""The audit sees a change of any column of any table that events leave rows in."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from evens.store.auditing.audit import audit
from evens.store.encoding.tables import Table
from evens.store.exchange.tables import MATCHES
from evens.store.fixed_odds.tables import BET_LEGS
from evens.store.journal_tables import HEAD, JOURNAL
from evens.store.outbox import OUTBOX
from evens.store.projections import WRITES
from evens.store.wallets.tables import BALANCES, TRANSFERS
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

THE_JOURNAL: Final = (JOURNAL, HEAD)
"""What ends the audit where it is changed, whatever else is."""

WHICH: Mapping[Table, str] = {
    BALANCES: "balance <> 0 AND account + 1 NOT IN (SELECT account FROM evens.balances)",
}
"""Which rows to change, where not any: an account with nothing is as good as none, and no two have the same number."""


Column = tuple[Table, str]


async def unnoticed(dsns: Dsns, tables: Iterable[Table], excused: Mapping[Table, frozenset[str]]) -> list[str]:
    """Change a value in each column, audit, and change it back; return the columns of which nothing is said.

    Columns of several tables are changed together as long as an audit names some of their tables, which it does for
    the first difference in each product's. What is left is changed alone.
    """
    left: list[Column] = [
        (table, column) for table in tables for column in table.columns if column not in excused.get(table, ())
    ]
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    await drop_checks(owner)
    together: list[Column] = [column for column in left if column[0] not in THE_JOURNAL]
    while together:
        changed: list[Column] = list({column[0]: column for column in reversed(together)}.values())
        problems = await _problems(dsns, owner, changed)
        named: list[Column] = [
            each for each in changed if any(told.startswith(f"{each[0].name}:") for told in problems)
        ]
        if not named:
            break
        together = [each for each in together if each not in named]
        left = [each for each in left if each not in named]
    silent = [each for each in left if not await _problems(dsns, owner, [each])]
    await owner.close()
    return [f"{table.name}.{column}" for table, column in silent]


async def _problems(dsns: Dsns, owner: "Wire", columns: Iterable[Column]) -> list[str]:
    """Return what an audit says when the last row has another value in each of these columns of different tables."""
    old = [
        (table, column, await _change(owner, table, column, OTHERWISE[table.columns[column]].format(column)))
        for table, column in columns
    ]
    found = (await audit(dsns.app)).problems
    for table, column, before in old:
        await _restore(owner, table, column, *before)
    return found


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


async def test_the_first_difference_of_each_product_is_named(complete: Dsns) -> None:
    owner = await asyncpg.connect(complete.owner)
    await owner.execute("SET session_replication_role = replica")
    await drop_checks(owner)
    problems = await _problems(complete, owner, [(TRANSFERS, "amount"), (MATCHES, "stake"), (BET_LEGS, "odds")])
    await owner.close()
    assert [told.partition(":")[0] for told in problems] == ["transfers", "matches", "bet_legs"]
