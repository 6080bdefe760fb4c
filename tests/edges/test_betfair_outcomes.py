"""What is told of orders of which nobody knows whether they were placed: never that they were not."""

import asyncio
from typing import Any, cast

import pytest

from evens.core.receipts import Receipt
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.order_codes import sum_up
from evens.edges.betfair.reports import report_cancelled, report_placed, report_replaced
from evens.edges.betfair.submitting import what_became
from evens.edges.gateway import Answer
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
