"""What lists are made of is read once, and again where it changed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import pytest

from evens.core.commands.exchange import CreateMarket, SuspendMarket, VoidMarket
from evens.core.values.betting import MarketStatus, MarketTerms
from evens.core.values.ids import MarketId
from evens.edges.betfair import unsettled
from evens.edges.betfair.unsettled import SHARED_S, UnsettledMarkets
from evens.store.database import Database
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.queries import MarketRow
from tests.conftest import Dsns
from tests.stream.conftest import StreamServer, opened

pytestmark = pytest.mark.anyio

TERMS = MarketTerms("Winner", ("A", "B"), 1, 0, 100)


class Counted(BettingQueries):
    """Notes what is read: each market that is named, and 0 for all of them."""

    read: list[int]

    async def unsettled_markets(self) -> list[MarketRow]:
        self.read.append(0)
        return await super().unsettled_markets()

    async def markets(self, markets: Sequence[int]) -> dict[int, MarketRow]:
        self.read += markets
        return await super().markets(markets)


@dataclass
class Desk:
    """A house, and what is known of its markets."""

    house: StreamServer
    bets: Counted
    markets: UnsettledMarkets
    now: float = 0.0

    async def create(self) -> MarketId:
        return MarketId((await self.house.book(CreateMarket("USD", TERMS))).seq)

    async def listed(self) -> dict[MarketId, MarketStatus]:
        return {row.id: row.status for row in await self.markets.all()}


@pytest.fixture
async def desk(dsns: Dsns) -> AsyncIterator[Desk]:
    database = await Database.open(dsns.app)
    async with opened(dsns) as house:
        bets = Counted(database)
        bets.read = []
        desk = Desk(house, bets, UnsettledMarkets(bets, clock=lambda: desk.now))
        yield desk
    await database.close()


async def test_markets_are_read_once_and_those_that_change_once_more(desk: Desk) -> None:
    first = await desk.create()
    desk.house.house.services.gateway.follow(desk.markets)
    for _ in range(100):
        assert await desk.listed() == {first: MarketStatus.OPEN}
        desk.now += 10 * SHARED_S
    assert desk.bets.read == [0]
    second = await desk.create()
    await desk.house.book(SuspendMarket(first))
    for _ in range(3):
        assert await desk.listed() == {first: MarketStatus.SUSPENDED, second: MarketStatus.OPEN}
    assert desk.bets.read == [0, second, first]


async def test_a_market_whose_result_is_booked_is_none_of_them(desk: Desk) -> None:
    market = await desk.create()
    desk.house.house.services.gateway.follow(desk.markets)
    assert list(await desk.listed()) == [market]
    await desk.house.book(VoidMarket(market))
    await desk.house.wait_until_idle(market)
    assert await desk.listed() == {}
    assert desk.bets.read.count(0) == 1


async def test_markets_that_change_in_great_numbers_are_read_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unsettled, "CHANGED_MAX", 2)
    desk.house.house.services.gateway.follow(desk.markets)
    assert await desk.listed() == {}
    created = [await desk.create() for _ in range(3)]
    assert list(await desk.listed()) == created
    assert desk.bets.read == [0, 0]


async def test_while_nothing_is_heard_they_are_shared_for_a_moment(desk: Desk) -> None:
    first = await desk.create()
    assert list(await desk.listed()) == [first]
    second = await desk.create()
    assert list(await desk.listed()) == [first]
    desk.now += 2 * SHARED_S
    assert list(await desk.listed()) == [first, second]
    assert desk.bets.read == [0, 0]
    desk.markets.leading(0)
    assert list(await desk.listed()) == [first, second]
    assert desk.bets.read == [0, 0, 0]


async def test_what_is_made_of_them_is_made_once_until_one_changes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsettled, "MADE_MAX", 2)
    first = await desk.create()
    desk.house.house.services.gateway.follow(desk.markets)
    made: list[str] = []

    async def ask(name: str) -> int:
        def count(rows: Sequence[MarketRow]) -> int:
            made.append(name)
            return len(rows)

        return await desk.markets.made(name, count)

    assert [await ask(name) for name in ("a", "b", "a", "b", "a")] == [1] * 5
    assert made == ["a", "b"]
    await desk.house.book(SuspendMarket(first))
    assert (await ask("a"), made) == (1, ["a", "b", "a"])
    await desk.create()
    assert [await ask(name) for name in ("a", "b", "a", "c", "a", "b")] == [2] * 6
    assert made == ["a", "b", "a", "a", "b", "c", "b"]
