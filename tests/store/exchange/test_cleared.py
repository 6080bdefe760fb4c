"""What orders came to is read a page at a time, and comes to the same as if it were counted one bet after the other."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import CustomerId
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.odds import ODDS_UNIT, settle_minor
from evens.store.database import Database
from evens.store.exchange import cleared
from evens.store.exchange.betting import BettingQueries, OrderConditions
from evens.store.exchange.cleared import ClearedConditions, ClearedQueries, TooManyOrders
from evens.store.exchange.terms import format_terms
from evens.store.sql_files import statements
from tests.conftest import Dsns

if TYPE_CHECKING:
    from evens.store.database import Wire

pytestmark = pytest.mark.anyio

ME: Final = CustomerId(7)
OTHER: Final = CustomerId(8)
SETTLED: Final = ClearedConditions("settled", MOMENT_MIN, MOMENT_MAX)
REMOVED: Final = 3


@dataclass
class Tables:
    """The exchange's tables, filled by their owner. Numbers of orders and moments are one row of numbers."""

    wire: "Wire"
    number: int = 1_000

    async def market(self, *, shares: tuple[int, ...] = (1, 1), parts: int = 2, status: int = 5) -> int:
        """Add a market with three runners of which the third one was removed."""
        self.number += 1
        terms = MarketTerms("Winner", ("A", "B", "C"), 1, 0, 100, event="Derby", event_type="Horse Racing")
        await self.wire.execute(
            "INSERT INTO evens.markets (id, currency_number, terms, created_at, status, settled_at, removals, shares,"
            " parts, settlement) VALUES ($1, 1, $2, 0, $3, $4, $5, $6, $7, 1)",
            self.number, format_terms(terms), status, self.number if status > 4 else None, [REMOVED, 500],
            list(shares), parts,
        )  # fmt: skip
        return self.number

    async def bets(self, market: int, bets: list[tuple[int, Side, int, int]], customer: int = ME) -> list[int]:
        """Add matched orders: on which runner, which way, at which odds and of what stake."""
        ids: list[int] = []
        for runner, side, odds, stake in bets:
            self.number += 1
            await self.wire.execute(
                "INSERT INTO evens.orders (id, market, runner, customer, side, odds, stake, remaining, matched,"
                " matched_value, persistence, time_in_force, min_fill, placed_at, open)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7, $8, 1, 1, 0, $1, false)",
                self.number, market, runner, customer, side, odds, stake, odds * stake,
            )  # fmt: skip
            await self.wire.execute(
                "INSERT INTO evens.matches (id, market, runner, odds, stake, maker, maker_customer, taker,"
                " taker_customer, taker_side) VALUES ($1, $2, $3, $4, $5, -$1::bigint, $6, $1, $7, $8)",
                self.number, market, runner, odds, stake, OTHER, customer, side,
            )  # fmt: skip
            ids.append(self.number)
        return ids

    async def settle(self, market: int, profit: int, commission: int = 0) -> None:
        await self.wire.execute(
            "INSERT INTO evens.settlements VALUES ($1, 1, $2, $3, $4)", market, ME, profit, commission
        )

    async def many(self, markets: int, bets: int) -> None:
        """Add markets with so many bets each, and as many of others."""
        for number in [await self.market() for _ in range(markets)]:
            await self.settle(number, 5)
            first = self.number + 1
            self.number += 2 * bets
            for customer, other, start in ((ME, OTHER, first), (OTHER, ME, first + bets)):
                await self.wire.execute(
                    "INSERT INTO evens.orders (id, market, runner, customer, side, odds, stake, remaining, matched,"
                    " matched_value, persistence, time_in_force, min_fill, placed_at, open) SELECT n, $1, 1, $2, 1,"
                    " 200, 100, 0, 100, 20000, 1, 1, 0, n, false FROM generate_series($3::bigint, $4) AS n",
                    number, customer, start, start + bets - 1,
                )  # fmt: skip
                await self.wire.execute(
                    "INSERT INTO evens.matches SELECT n, $1, 1, 200, 100, -n, $3, n, $2, 1"
                    " FROM generate_series($4::bigint, $5) AS n",
                    number, customer, other, start, start + bets - 1,
                )  # fmt: skip
        await self.wire.execute("ANALYZE evens.orders, evens.matches, evens.markets, evens.settlements")

    async def rows_read(self, asked: str, *values: Any) -> dict[str, int]:
        """Return how many rows a statement takes from each table, with those that it looks at and does not take."""
        (explained,) = await self.wire.fetchrow(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}", *values) or ("[]",)
        found: dict[str, int] = {}
        for node in _nodes(json.loads(explained)[0]["Plan"]):
            if (table := node.get("Relation Name")) is not None:
                rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                found[table] = found.get(table, 0) + int(rows * node["Actual Loops"])
        return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


@pytest.fixture
async def tables(dsns: Dsns) -> AsyncIterator[Tables]:
    wire = await asyncpg.connect(dsns.owner)
    yield Tables(wire)
    await wire.close()


@pytest.fixture
def queries(database: Database) -> ClearedQueries:
    return ClearedQueries(database)


def _counted(bets: list[tuple[int, Side, int, int]], shares: dict[int, int], parts: int, booked: int) -> list[int]:
    """Return the profits of bets: what all up to each come to, rounded down, less what was told before."""
    cents = told = 0
    profits: list[int] = []
    for runner, side, odds, stake in bets:
        cents += (1 if side is Side.BACK else -1) * (shares.get(runner, 0) * odds - parts * ODDS_UNIT) * stake
        profits.append(settle_minor(cents, parts) - told)
        told = settle_minor(cents, parts)
    profits[-1] += booked - told
    return profits


@pytest.mark.parametrize("seed", range(5))
async def test_profits_are_shares_of_what_was_booked(tables: Tables, queries: ClearedQueries, seed: int) -> None:
    random = Random(seed)
    expected: dict[int, int] = {}
    for parts, shares in ((1, (1, 1)), (2, (1, 1, 2, 1)), (3, (2, 2)), (7, (1, 5))):
        market = await tables.market(shares=shares, parts=parts)
        bets = [
            (random.randint(1, 2), random.choice(list(Side)), random.randint(101, 900), random.randint(1, 10**12))
            for _ in range(10)
        ]
        ids = await tables.bets(market, bets)
        booked = random.randint(-1000, 1000)
        await tables.settle(market, booked, 3)
        expected |= zip(
            ids, _counted(bets, dict(zip(shares[::2], shares[1::2], strict=True)), parts, booked), strict=True
        )
        await tables.bets(market, [(1, Side.LAY, 300, 77)], OTHER)
    found = await queries.page(ME, SETTLED, skip=0, limit=100)
    assert {each.first.id: each.profit_minor for each in found} == expected
    pages = [await queries.page(ME, SETTLED, skip=skip, limit=7) for skip in range(0, 42, 7)]
    assert [each for page in pages for each in page] == found
    assert {each.matched_at for each in found} == set(expected)
    by_market = await queries.groups(ME, SETTLED, "MARKET", "Other", skip=0, limit=10)
    (by_type,) = await queries.groups(ME, SETTLED, "EVENT_TYPE", "Other", skip=0, limit=10)
    by_side = await queries.groups(ME, SETTLED, "SIDE", "Other", skip=0, limit=100)
    assert [group.bets for group in by_market] == [10] * 4
    assert (by_type.bets, by_type.commission_minor, by_type.first.id) == (40, 12, min(expected))
    for groups in (by_market, [by_type], by_side):
        assert sum(group.profit_minor for group in groups) == sum(expected.values())
        assert sum(group.size_minor for group in groups) == sum(each.size_minor for each in found)
    second = await queries.groups(ME, SETTLED, "MARKET", "Other", skip=1, limit=2)
    assert second == by_market[1:3]


async def test_void_bets_have_no_profit_and_are_not_among_the_others(tables: Tables, queries: ClearedQueries) -> None:
    market, void = await tables.market(), await tables.market(status=6)
    (won, removed) = await tables.bets(market, [(1, Side.BACK, 300, 100), (REMOVED, Side.BACK, 300, 100)])
    (undone,) = await tables.bets(void, [(1, Side.BACK, 300, 100)])
    await tables.settle(market, 50)
    voided = ClearedConditions("void", MOMENT_MIN, MOMENT_MAX)
    assert [each.first.id for each in await queries.page(ME, SETTLED, skip=0, limit=9)] == [won]
    found = await queries.page(ME, voided, skip=0, limit=9)
    assert [(each.first.id, each.profit_minor) for each in found] == [(removed, 0), (undone, 0)]
    groups = await queries.groups(ME, voided, "EVENT", "Other", skip=0, limit=9)
    assert [(each.bets, each.profit_minor, each.commission_minor) for each in groups] == [(2, 0, 0)]


async def test_more_than_can_be_summed_up_is_refused(
    tables: Tables, queries: ClearedQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleared, "ROLLED_UP_MAX", 3)
    monkeypatch.setattr(cleared, "EVENTS_MAX", 1)
    for _ in range(2):
        await tables.bets(await tables.market(), [(1, Side.BACK, 300, 100)] * 2)
    with pytest.raises(TooManyOrders):
        await queries.groups(ME, SETTLED, "MARKET", "Other", skip=0, limit=1)
    with pytest.raises(TooManyOrders):
        await queries.events(ME, SETTLED)
    early = ClearedConditions("settled", MOMENT_MIN, 1_001)
    assert [each.bets for each in await queries.groups(ME, early, "MARKET", "Other", skip=0, limit=1)] == [2]
    assert [event for _, _, event in await queries.events(ME, early)] == ["Derby"]


async def test_pages_and_lists_of_own_bets_read_what_they_tell(tables: Tables, database: Database) -> None:
    await tables.many(markets=400, bets=20)
    live = await tables.market(status=1)
    named = await tables.bets(live, [(1, Side.BACK, 300, 100)] * 5)
    asked = cleared.questions()
    conditions = [ME, MOMENT_MIN, MOMENT_MAX, *[None] * 7, False]
    read = await tables.rows_read(asked["settled bets"], *conditions, 0, 10)
    assert (read["orders"] <= 600, read["matches"] <= 20) == (True, True), read
    betting = statements("exchange", "betting")
    for order in ("placed", "matched"):
        values = [ME, *[None] * 5, order, MOMENT_MIN, MOMENT_MAX, False, 0, 10]
        read = await tables.rows_read(betting["current_orders"], *values)
        assert (read["orders"], read["matches"]) == (5, 5), read
    read = await tables.rows_read(betting["fills_of_orders"], ME, named, 10)
    assert read == {"matches": 5}
    bets = BettingQueries(database)
    found = await bets.current_orders(ME, OrderConditions(by="matched", latest_first=True), skip=1, limit=2)
    assert [(each.order.id, each.matched_at) for each in found] == [(named[3], named[3]), (named[2], named[2])]
    assert await bets.markets_with_orders(ME, [live, 5], is_open=None) == {live}
    assert await bets.markets_with_orders(ME, [live, 5], is_open=True) == set()
