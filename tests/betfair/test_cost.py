"""Lists of one's own bets cost in proportion to the bets, however many markets and conditions there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pytest

from evens.core.values.betting import MarketStatus, MarketTerms, Persistence, Side, Stage, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, MatchId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.calls import Call
from evens.edges.betfair.cleared import ClearedOrders, list_cleared_orders
from evens.store.exchange.betting import Booked, OrderFill
from evens.store.exchange.queries import MarketRow, OrderRow
from tests.edges.conftest import Caller

MARKETS: Final = 400


class Text(str):
    """A reference that counts with how many others it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Text.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Number(int):
    """A number likewise."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Number.compared += 1
        return int.__eq__(self, other)

    __hash__ = int.__hash__


def _market(number: int) -> MarketRow:
    terms = MarketTerms("Winner", ("A", "B"), 1, 0, 100)
    stage, status = Stage.NOTHING, MarketStatus.VOID
    return MarketRow(
        MarketId(number), 1, terms, 0, status, stage, 2, None, 5, {}, (), 0, None, 1, {}, 0, archived=False
    )  # fmt: skip


def _order(number: int) -> OrderRow:
    how = Persistence.LAPSE, TimeInForce.GOOD_TILL_CANCELLED
    return OrderRow(
        OrderId(number), cast("MarketId", Number(number)), RunnerId(1), CustomerId(1), Side.BACK,
        200, 100, 0, 100, 20_000, 0, 0, *how, None, 1, Text(f"ref {number}"),
    )  # fmt: skip


@dataclass
class Bets:
    """One bet in each of many markets, all of them void."""

    principal: Caller
    bets: "Bets" = field(init=False)

    def __post_init__(self) -> None:
        self.bets = self

    async def settled_markets(self, *_asked: object) -> list[MarketRow]:
        return [_market(number) for number in range(1, MARKETS + 1)]

    async def orders_in(self, *_asked: object) -> list[OrderRow]:
        return [_order(number) for number in range(1, MARKETS + 1)]

    async def fills(self, _customer: CustomerId, orders: Sequence[int]) -> list[OrderFill]:
        return [OrderFill(OrderId(order), MatchId(9), 200, 100, MarketId(order), RunnerId(1)) for order in orders]

    async def booked(self, *_asked: object) -> dict[int, Booked]:
        return {}

    @property
    def services(self) -> Any:
        """The house's services, as far as they are needed."""
        return self

    @property
    def currencies(self) -> Any:
        return self

    def by_number(self, _number: int) -> Currency:
        return Currency(1, "USD", 2)


@pytest.mark.anyio
async def test_filters_of_cleared_orders_cost_in_proportion_to_the_orders() -> None:
    refs = [f"other {number}" for number in range(900)] + ["ref 7"]
    params = ClearedOrders(bet_status="VOIDED", customer_order_refs=refs)
    bets = Bets(Caller(cast("Any", None), "", CustomerId(1), "ann"))
    Text.compared = Number.compared = 0
    told = await list_cleared_orders(Call(cast("Any", bets), cast("Any", bets.principal), params, {}))
    assert [each["betId"] for each in told["clearedOrders"]] == ["7"]
    assert Text.compared + Number.compared <= 10 * MARKETS
