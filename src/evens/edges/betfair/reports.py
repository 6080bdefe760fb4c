"""Reports of instructions, from the receipts of what was booked for them, so that a replay says the same."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.events.exchange import OrderPlaced, OrderReduced
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.money import Currency
from evens.core.values.reasons import Reason
from evens.edges.betfair.order_codes import CODES, FAILURE, OF_EVERY_INSTRUCTION, SUCCESS, TIMEOUT, sum_up
from evens.edges.betfair.own_bets import PERSISTENCES, SIDES, order_state
from evens.edges.betfair.submitting import Outcome
from evens.edges.betfair.wire.ids import format_bet
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of
from evens.edges.http.exchange.receipts import sums_of_placed
from evens.sequencer.errors import OutcomeUnknown
from evens.store.exchange.queries import OrderRow

Report = dict[str, Any]
Planned = Command | str
"""The command that an instruction becomes, or the code of what is wrong with it."""

OTHERS_FAILED: Final = "RELATED_ACTION_FAILED"


def failure(instruction: Any, code: str) -> Report:
    """Return the report of an instruction that failed."""
    return {"status": FAILURE, "errorCode": code, "instruction": instruction}


def refusal_of(outcome: Outcome) -> Reason | None:
    """Return why a command was refused, ``None`` if it was not."""
    if isinstance(outcome, Receipt) and isinstance(outcome.events[0], Rejected):
        return outcome.events[0].reason
    return None


def trouble_of(outcome: Outcome, instruction: Any) -> Report | None:
    """Return the report of a command that was refused or not booked, ``None`` if it was carried out."""
    if not isinstance(outcome, Receipt):
        if isinstance(outcome, OutcomeUnknown):
            return {"status": TIMEOUT, "instruction": instruction}
        return failure(instruction, "ERROR_IN_ORDER")
    reason = refusal_of(outcome)
    return None if reason is None else failure(instruction, CODES[reason])


def report_placed(outcome: Outcome, instruction: Any, currency: Currency, *, is_async: bool = False) -> Report:
    """Return the report of an order that was to be placed. One that is asked for ``async`` tells only that it was."""
    if (trouble := trouble_of(outcome, instruction)) is not None:
        return trouble
    assert isinstance(outcome, Receipt)
    if is_async:
        return {"status": SUCCESS, "instruction": instruction, "orderStatus": "PENDING"}
    (placed,) = [event for event in outcome.events if isinstance(event, OrderPlaced)]
    matched_minor, value_cents, lapsed_minor = sums_of_placed(placed, outcome)
    expired = lapsed_minor and not matched_minor
    return {
        "status": SUCCESS,
        "instruction": instruction,
        "betId": format_bet(placed.order),
        "placedDate": format_moment(outcome.at),
        "averagePriceMatched": average_price(value_cents, matched_minor),
        "sizeMatched": size_of(matched_minor, currency),
        "orderStatus": "EXPIRED" if expired else order_state(placed.stake_minor - matched_minor - lapsed_minor),
    }


def report_none_placed(raw: Sequence[Any], refused: Rejected) -> Report:
    """Return what is told of a request none of whose orders was placed, because one of them would be refused."""
    place, reason = dict(refused.facts)["order"], refused.reason
    reasons = [reason if number == place or reason in OF_EVERY_INSTRUCTION else None for number in range(len(raw))]
    reports = [
        failure(each, OTHERS_FAILED if why is None else CODES[why]) for each, why in zip(raw, reasons, strict=True)
    ]
    return sum_up(reports, reasons) | {"instructionReports": reports}


def report_cancelled(outcome: Outcome, instruction: Any, order: int, currency: Currency) -> Report:
    """Return the report of an order that was to be taken back, or a part of it."""
    if (trouble := trouble_of(outcome, instruction)) is not None:
        return trouble | {"sizeCancelled": 0.0}
    assert isinstance(outcome, Receipt)
    cancelled_minor = sum(
        event.by_minor for event in outcome.events if isinstance(event, OrderReduced) and event.order == order
    )
    return {
        "status": SUCCESS,
        "instruction": instruction,
        "sizeCancelled": size_of(cancelled_minor, currency),
        "cancelledDate": format_moment(outcome.at),
    }


def report_replaced(outcome: Outcome, raw: Mapping[str, Any], row: OrderRow, odds: int, currency: Currency) -> Report:
    """Return the report of an order that was to be replaced: of taking it back, and of placing the new one.

    Here either both are done or neither, so one that was refused still waits as it was.
    """
    cancelling = {"betId": raw["betId"]}
    if trouble_of(outcome, raw) is None:
        assert isinstance(outcome, Receipt)
        (placed,) = [event for event in outcome.events if isinstance(event, OrderPlaced)]
        placing = _placing(row, placed.stake_minor, odds, currency)
        return {
            "status": SUCCESS,
            "cancelInstructionReport": report_cancelled(outcome, cancelling, row.id, currency),
            "placeInstructionReport": report_placed(outcome, placing, currency),
        }
    placing = _placing(row, row.remaining_minor, odds, currency)
    placed_report = trouble_of(outcome, placing)
    assert placed_report is not None
    return report_not_replaced(placed_report, cancelling)


def report_not_replaced(placed: Report, cancelling: Mapping[str, Any]) -> Report:
    """Return the report of an order that was not replaced, for what is wrong with the new one."""
    told: Report = {"status": placed["status"]}
    if "errorCode" in placed:
        told["errorCode"] = placed["errorCode"]
    if placed["status"] == TIMEOUT:
        # Both were done or neither.
        cancelled = {"status": TIMEOUT, "instruction": dict(cancelling), "sizeCancelled": 0.0}
        return told | {"cancelInstructionReport": cancelled, "placeInstructionReport": placed}
    of_order = placed.get("errorCode") in ("BET_TAKEN_OR_LAPSED", "INVALID_BET_ID")
    return told | {
        "cancelInstructionReport": failure(dict(cancelling), placed["errorCode"] if of_order else OTHERS_FAILED),
        "placeInstructionReport": placed | ({"errorCode": OTHERS_FAILED} if of_order else {}),
    }


def _placing(row: OrderRow, stake_minor: int, odds: int, currency: Currency) -> dict[str, Any]:
    placing: dict[str, Any] = {
        "selectionId": row.runner,
        "handicap": 0.0,
        "orderType": "LIMIT",
        "side": SIDES[row.side],
        "limitOrder": {
            "size": size_of(stake_minor, currency),
            "price": price_of(odds),
            "persistenceType": PERSISTENCES[row.persistence],
        },
    }
    if row.client_ref is not None:
        placing["customerOrderRef"] = row.client_ref
    return placing
