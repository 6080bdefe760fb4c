"""Lists of markets: the tables sum up one number of each, and not of too many; what is made of many counts for more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from evens.core.values.betting import MarketStatus, MarketTerms, Stage
from evens.core.values.ids import MarketId
from evens.edges.betfair.calls import Call
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.listings import Sort, sort_markets
from evens.edges.betfair.market_filter import MARKETS_PER_CALL, MarketFilter, made_of_markets
from evens.edges.betfair.unsettled import UnsettledMarkets
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.identity.principal import Principal, Role
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.queries import MarketRow

pytestmark = pytest.mark.anyio


def _market(number: int) -> MarketRow:
    terms = MarketTerms("Winner", ("A", "B"), 1, 10 - number, 100)
    stage, status = Stage.NOTHING, MarketStatus.OPEN
    return MarketRow(
        MarketId(number), 1, terms, 0, status, stage, 2, None, None, {}, (), 0, None, 0, {}, 0, archived=False
    )  # fmt: skip


@dataclass
class Amounts:
    """What the tables say of markets; ``asked`` are the markets that they were asked about."""

    asked: list[int] = field(default_factory=list[int])

    async def traded_amounts(self, markets: Sequence[int]) -> dict[int, int]:
        self.asked += markets
        return {2: 50, 3: 20}

    async def available_amounts(self, markets: Sequence[int]) -> dict[int, int]:
        self.asked += markets
        return {1: 7, 3: 20}


SORTED: Final[dict[Sort, list[int]]] = {
    "FIRST_TO_START": [3, 2, 1],
    "LAST_TO_START": [1, 2, 3],
    "MAXIMUM_TRADED": [2, 3, 1],
    "MINIMUM_TRADED": [1, 3, 2],
    "MAXIMUM_AVAILABLE": [3, 1, 2],
    "MINIMUM_AVAILABLE": [2, 1, 3],
}


@pytest.mark.parametrize("sort", SORTED)
async def test_markets_are_sorted_by_one_number_of_each(sort: Sort) -> None:
    amounts = Amounts()
    found = await sort_markets(cast("BettingQueries", amounts), [_market(number) for number in (1, 2, 3)], sort)
    assert [row.id for row in found] == SORTED[sort]
    assert amounts.asked == ([] if sort.endswith("START") else [1, 2, 3])


@pytest.mark.parametrize(("sort", "most"), [("MAXIMUM_TRADED", 10_000), ("MINIMUM_AVAILABLE", 1_000)])
async def test_no_more_markets_are_summed_up_than_one_call_may_have(sort: Sort, most: int) -> None:
    amounts = Amounts()
    rows = [_market(1)] * most
    assert len(await sort_markets(cast("BettingQueries", amounts), rows, sort)) == most
    with pytest.raises(ApiError) as refused:
        await sort_markets(cast("BettingQueries", amounts), [*rows, _market(2)], sort)
    assert (refused.value.code, len(amounts.asked)) == ("TOO_MUCH_DATA", most)
    assert len(await sort_markets(cast("BettingQueries", amounts), [*rows, _market(2)], "FIRST_TO_START")) == most + 1


PER_MINUTE: Final = 20


@dataclass
class Unsettled:
    """The tables, with markets in whose number a list counts for five calls."""

    async def unsettled_markets(self) -> list[MarketRow]:
        return [_market(number) for number in range(1, 5 * MARKETS_PER_CALL + 1)]


async def test_a_list_that_is_made_anew_counts_for_the_markets_that_it_is_made_of() -> None:
    dialect: Any = SimpleNamespace(
        unsettled=UnsettledMarkets(cast("BettingQueries", Unsettled())),
        services=SimpleNamespace(throttle=CallerThrottle(PER_MINUTE, PER_MINUTE)),
    )
    call = Call(dialect, Principal(Role.OPERATOR, None, "ann"), MarketFilter(), {})

    async def ask(query: str) -> int:
        asked = MarketFilter(text_query=query)
        return await made_of_markets(call, asked, "count", len)

    # The same list again is there already, and counts for nothing here.
    for _ in range(3):
        assert await ask("win") == 5 * MARKETS_PER_CALL
    for query in ("w", "wi", "winn"):
        await ask(query)
    with pytest.raises(ApiError) as refused:
        await ask("winne")
    assert refused.value.code == "TOO_MANY_REQUESTS"
    assert await ask("win") == 5 * MARKETS_PER_CALL
