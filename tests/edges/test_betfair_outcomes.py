"""What is told of orders of which nobody knows whether they were placed: never that they were not."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from evens.core.commands.exchange import CancelOrders
from evens.core.events.exchange import OrderReduced
from evens.core.receipts import Receipt
from evens.core.values.betting import Cause, Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.calls import Call
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.order_codes import sum_up
from evens.edges.betfair.orders import CancelOrdersParams, order_operations
from evens.edges.betfair.reports import report_cancelled, report_placed, report_replaced
from evens.edges.betfair.submitting import what_became
from evens.edges.gateway import Answer
from evens.edges.http.exchange.known_markets import KnownMarket
from evens.identity.principal import Principal, Role
from evens.sequencer.errors import CommandFailed, KeyReused, NotLeading, OutcomeUnknown
from evens.store.errors import StoreUnavailable
from evens.store.exchange.queries import OrderRow

USD = Currency(1, "USD", 2)
RECEIPT = cast("Receipt", object())


async def _outcomes(*answers: Exception | Receipt) -> list[Any]:
    futures: list[asyncio.Future[Answer]] = []
    for answer in answers:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result((answer, False))
        futures.append(future)
    return what_became(futures)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answers",
    [
        (OutcomeUnknown(),),
        (NotLeading("it stops"), OutcomeUnknown()),
        (CommandFailed(), OutcomeUnknown(), CommandFailed()),
        (KeyReused(), OutcomeUnknown()),
        (RECEIPT, KeyReused(), OutcomeUnknown()),
    ],
)
async def test_what_is_unknown_comes_before_what_is_known(answers: tuple[Exception | Receipt, ...]) -> None:
    with pytest.raises(OutcomeUnknown):
        await _outcomes(*answers)


@pytest.mark.anyio
async def test_what_is_known_is_told() -> None:
    failed, unknown = CommandFailed(), OutcomeUnknown()
    assert await _outcomes(RECEIPT, failed, unknown) == [RECEIPT, failed, unknown]
    for trouble in (NotLeading("it stops"), KeyReused(), StoreUnavailable()):
        with pytest.raises(type(trouble)):
            await _outcomes(trouble, CommandFailed())


def test_no_report_of_what_is_unknown_says_that_it_failed() -> None:
    unknown, instruction = OutcomeUnknown(), {"betId": "7", "newPrice": 2.0}
    row = OrderRow(
        OrderId(7), MarketId(1), RunnerId(1), CustomerId(1), Side.BACK, 200, 100, 100, 0, 0, 0, 0,
        Persistence.LAPSE, TimeInForce.GOOD_TILL_CANCELLED, None, 1, None,
    )  # fmt: skip
    replaced = report_replaced(unknown, instruction, row, 300, USD)
    reports = [
        report_placed(unknown, {}, USD),
        report_cancelled(unknown, instruction, 7, USD),
        replaced,
        replaced["cancelInstructionReport"],
        replaced["placeInstructionReport"],
    ]
    assert [(report["status"], report.get("errorCode")) for report in reports] == 5 * [("TIMEOUT", None)]
    placed = {"status": "SUCCESS"}
    assert sum_up([placed, reports[0]], [None, None]) == {"status": "TIMEOUT"}


@dataclass
class Desk:
    """A house that takes orders back, and whose tables cannot be read after it."""

    receipt: Receipt

    def submit_all(self, commands: Sequence[object], **_how: object) -> list[asyncio.Future[Answer]]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        future.set_result((self.receipt, False))
        return [future] * len(commands)

    def follow(self, _follower: object) -> None:
        """Tell nobody of commits."""

    async def find(self, _market: MarketId) -> KnownMarket | None:
        raise StoreUnavailable

    @property
    def services(self) -> Any:
        return SimpleNamespace(gateway=self, exchange=SimpleNamespace(markets=self))


@pytest.mark.anyio
async def test_that_orders_were_taken_back_is_told_though_their_markets_cannot_be_read() -> None:
    market, ann = MarketId(4), CustomerId(7)
    reduced = OrderReduced(OrderId(5), market, RunnerId(1), ann, Side.BACK, 200, 100, Cause.CANCELLED, 0, 0, 0, None)
    command = CancelOrders(ann)
    desk = Desk(Receipt(9, 9, b"1" * 16, "customer:7", command, (reduced,)))
    principal = Principal(Role.CUSTOMER, ann, "ann")
    call = Call(cast("Any", desk), principal, CancelOrdersParams(), {})
    with pytest.raises(ApiError) as told:
        await order_operations(cast("Any", desk), lambda: 0)["cancelOrders"].carry_out(call)
    assert (told.value.code, "were taken back" in told.value.details) == ("TIMEOUT_ERROR", True)
