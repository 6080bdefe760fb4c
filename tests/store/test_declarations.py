"""What the store's rooms declare is all there is, and as the database has it; and each check sees what is missing."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, get_args

import asyncpg
import pytest

from evens.core.events.every import Event
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerFrozen
from evens.core.receipts import Receipt
from evens.store.auditing.audit import PRODUCTS
from evens.store.challenges import projections as challenges
from evens.store.encoding.codec import decode
from evens.store.encoding.rows import Rows, UndeclaredWrite, WriteOrder
from evens.store.encoding.tables import BY_DATABASE, SameAs, Table, Write, change, insertion
from evens.store.exchange import projections as exchange
from evens.store.exchange.tables import ORDERS, PLACE_ORDERS
from evens.store.fixed_odds import projections as fixed_odds
from evens.store.following import projections as following
from evens.store.journal_tables import APPEND_JOURNAL, HEAD, JOURNAL
from evens.store.outbox import OUTBOX, POST_NOTICES
from evens.store.pools import projections as pools
from evens.store.projections import PROJECTORS, WRITES, project
from evens.store.wallets import projections as wallets
from evens.store.wallets.tables import CURRENCIES, DEFINE_CURRENCIES, MARK_FROZEN, WITHDRAWALS
from tests.conftest import Dsns
from tests.store.declarations import (
    compare_functions,
    compare_tables,
    tables_of,
    unaudited,
    unprojected,
    unstored,
)

if TYPE_CHECKING:
    from evens.store.database import Wire

pytestmark = pytest.mark.anyio

TABLES = tables_of(WRITES.writes)
EVENTS: tuple[type[Event], ...] = get_args(Event)
PARTS = (
    wallets.PROJECTORS,
    exchange.PROJECTORS,
    challenges.PROJECTORS,
    fixed_odds.PROJECTORS,
    pools.PROJECTORS,
    following.PROJECTORS,
)

CHECKED_OTHERWISE = {JOURNAL, HEAD, OUTBOX}
"""The chain of hashes checks the journal and its head; what is in the outbox depends on who had subscribed."""


@pytest.fixture
async def owner(dsns: Dsns) -> AsyncIterator["Wire"]:
    """Connect to a migrated database as its owner."""
    owner = await asyncpg.connect(dsns.owner)
    yield owner
    await owner.close()


async def test_every_declared_table_is_in_the_database_as_declared_and_every_other_is_named(owner: "Wire") -> None:
    assert await compare_tables(owner, TABLES) == []


async def test_every_write_is_a_function_of_the_database_as_declared_and_the_reverse(owner: "Wire") -> None:
    assert await compare_functions(owner, WRITES.writes) == []


@pytest.mark.parametrize(
    ("change_of_schema", "complaint"),
    [
        ("CREATE TABLE evens.limits (id bigint PRIMARY KEY)", "limits: no room declares it"),
        ("DROP TABLE evens.orders", "orders: is not in the database"),
        ("ALTER TABLE evens.orders ADD COLUMN tag text", "orders: columns or types differ"),
        ("ALTER TABLE evens.matches ALTER COLUMN odds TYPE bigint", "matches: columns or types differ"),
        (
            "ALTER TABLE evens.positions DROP CONSTRAINT positions_pkey, ADD PRIMARY KEY (customer, market, runner)",
            "positions: the key is ('customer', 'market', 'runner')",
        ),
        ("ALTER TABLE evens.markets ALTER COLUMN version SET DEFAULT 0", "markets.version: begins as 0"),
        ("ALTER TABLE evens.orders ALTER COLUMN odds SET DEFAULT 200", "orders.odds: begins as 200"),
    ],
)
async def test_a_database_that_differs_from_the_declarations_is_found(
    owner: "Wire", change_of_schema: str, complaint: str
) -> None:
    await owner.execute(change_of_schema)
    assert await compare_tables(owner, TABLES) == [complaint]


async def test_a_declaration_that_differs_from_the_database_is_found(owner: "Wire") -> None:
    dreamt = Table("dreams", columns={"id": "bigint"}, key=("id",))
    unnumbered = Table("outbox", columns=OUTBOX.columns, key=("id",))
    started = Table("currencies", columns=CURRENCIES.columns, key=("number",), initial={"scale": 2})
    others = [table for table in TABLES if table.name not in ("outbox", "currencies")]
    assert await compare_tables(owner, [*others, dreamt, unnumbered, started]) == [
        "currencies.scale: begins as None",
        "dreams: is not in the database",
        "outbox.id: begins as None",
    ]


async def test_a_function_that_differs_from_its_declaration_is_found(owner: "Wire") -> None:
    undeclared = [write for write in WRITES.writes if write is not MARK_FROZEN]
    assert await compare_functions(owner, undeclared) == ["mark_frozen: no room declares it"]
    wrong = Write("mark_frozen", MARK_FROZEN.table, {"id": "bigint", "frozen": "text"})
    gone = change("unmark_frozen", MARK_FROZEN.table, "frozen")
    assert await compare_functions(owner, [*undeclared, wrong, gone]) == [
        "mark_frozen: takes ('bigint[]', 'boolean[]'), not ('bigint[]', 'text[]')",
        "unmark_frozen: is not in the database",
    ]


def test_every_event_is_projected_by_one_room_or_marked_as_leaving_nothing() -> None:
    assert unprojected(EVENTS, PARTS) == []
    assert PROJECTORS.keys() == set(EVENTS)


def test_an_event_that_no_room_or_that_two_rooms_project_is_found() -> None:
    without = {event: projector for event, projector in wallets.PROJECTORS.items() if event is not CustomerFrozen}
    twice = {**exchange.PROJECTORS, Rejected: None}
    assert unprojected(
        EVENTS,
        [
            without,
            twice,
            challenges.PROJECTORS,
            fixed_odds.PROJECTORS,
            pools.PROJECTORS,
            following.PROJECTORS,
            {int: None},
        ],
    ) == [
        "CustomerFrozen: no room says what it leaves",
        "Rejected: 2 rooms say what it leaves",
        "int: is no event",
    ]


async def _everything(dsns: Dsns) -> Rows:
    """Return the rows of data that has every event."""
    rows = Rows()
    owner = await asyncpg.connect(dsns.owner)
    for row in await owner.fetch("SELECT seq, at, command_id, payload FROM evens.journal ORDER BY seq"):
        receipt = Receipt(row["seq"], row["at"], row["command_id"].bytes, *decode(row["payload"]))
        project(rows, receipt, {}, frozenset())
    await owner.close()
    rows.added[APPEND_JOURNAL].append(())
    rows.added[POST_NOTICES].append(())
    return rows


async def test_every_row_that_a_projection_adds_is_stored(complete: Dsns) -> None:
    rows = await _everything(complete)
    assert unstored(rows, WRITES) == []
    less = [write for write in WRITES.writes if write is not PLACE_ORDERS]
    more = insertion("dream", CURRENCIES)
    assert unstored(rows, WriteOrder(*less, more)) == [
        "dream: no projection adds rows to it",
        "place_orders: is in no room's WRITES",
    ]


def test_rows_for_a_write_that_nobody_declared_are_refused() -> None:
    rows = Rows()
    rows.added[DEFINE_CURRENCIES].append((1, "USD", 2))
    with pytest.raises(UndeclaredWrite, match="define_currencies"):
        WriteOrder(PLACE_ORDERS).bind(rows, ())


def test_every_table_that_is_written_is_audited() -> None:
    assert unaudited(set(TABLES) - CHECKED_OTHERWISE, PRODUCTS) == []


def test_a_table_without_an_audit_is_found() -> None:
    assert unaudited([ORDERS, OUTBOX], PRODUCTS) == ["outbox: no audit compares it"]
    assert "orders: no audit compares it" in unaudited(TABLES, PRODUCTS[:1])


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="has no column number"):
        Table("t", columns={"id": "bigint"}, key=("number",))
    with pytest.raises(ValueError, match="has no column stake"):
        Table("t", columns={"id": "bigint", "left": "bigint"}, key=("id",), initial={"left": SameAs("stake")})
    with pytest.raises(ValueError, match="has no column state"):
        change("close", WITHDRAWALS, "state")
    with pytest.raises(ValueError, match="has no column state"):
        WITHDRAWALS.select("id", "state")


def test_a_row_has_every_column_and_no_other() -> None:
    assert DEFINE_CURRENCIES.row(scale=2, number=1, code="USD") == (1, "USD", 2)
    with pytest.raises(TypeError, match="number, code, scale"):
        DEFINE_CURRENCIES.row(number=1, code="USD")
    with pytest.raises(TypeError, match="digits"):
        DEFINE_CURRENCIES.row(number=1, code="USD", scale=2, digits=2)


def test_a_table_that_numbers_its_rows_itself_is_not_given_a_number() -> None:
    assert OUTBOX.initial["id"] is BY_DATABASE
    assert list(POST_NOTICES.columns) == ["seq", "at", "topic", "data"]
