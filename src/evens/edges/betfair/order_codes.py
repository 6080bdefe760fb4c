"""Why an instruction fails, in Betfair's words, and what that makes of the whole request.

What the exchange refuses becomes the code of the instruction; what concerns the whole market or account is the code of
the request, too. An instruction that is wrong in several ways hears of the first in the order in which
:func:`evens.edges.betfair.instructions.read_place` looks, then of the first in the exchange's own order of precedence.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason

SUCCESS: Final = "SUCCESS"
FAILURE: Final = "FAILURE"
PROCESSED_WITH_ERRORS: Final = "PROCESSED_WITH_ERRORS"
TIMEOUT: Final = "TIMEOUT"

CODES: Final[Mapping[Reason, str]] = {
    SharedReason.CUSTOMER_UNKNOWN: "ERROR_IN_ORDER",
    ExchangeReason.MARKET_UNKNOWN: "MARKET_NOT_OPEN_FOR_BETTING",
    ExchangeReason.RUNNER_UNKNOWN: "INVALID_RUNNER",
    ExchangeReason.ORDER_UNKNOWN: "INVALID_BET_ID",
    SharedReason.CUSTOMER_FROZEN: "ERROR_IN_ORDER",
    SharedReason.OWES_HOUSE: "ERROR_IN_ORDER",
    ExchangeReason.MARKET_CLOSED: "MARKET_NOT_OPEN_FOR_BETTING",
    ExchangeReason.MARKET_BUSY: "ERROR_IN_ORDER",
    ExchangeReason.MARKET_SUSPENDED: "ERROR_IN_ORDER",
    ExchangeReason.MARKET_VERSION_STALE: "ERROR_IN_ORDER",
    ExchangeReason.RUNNER_REMOVED: "RUNNER_REMOVED",
    ExchangeReason.ORDER_NOT_EXECUTABLE: "BET_TAKEN_OR_LAPSED",
    ExchangeReason.ODDS_OFF_LADDER: "INVALID_ODDS",
    SharedReason.STAKE_TOO_SMALL: "INVALID_BET_SIZE",
    SharedReason.STAKE_TOO_LARGE: "INVALID_BET_SIZE",
    ExchangeReason.MIN_FILL_TOO_LARGE: "INVALID_MIN_FILL_SIZE",
    SharedReason.NOTHING_CHANGES: "NO_ACTION_REQUIRED",
    ExchangeReason.ORDERS_LIMIT: "ERROR_IN_ORDER",
    ExchangeReason.SELF_MATCH: "INVALID_BACK_LAY_COMBINATION",
    SharedReason.INSUFFICIENT_FUNDS: "INSUFFICIENT_FUNDS",
}
"""What an instruction is told for each reason to refuse it."""

OF_REQUEST: Final[Mapping[Reason, str]] = {
    SharedReason.CUSTOMER_FROZEN: "INVALID_ACCOUNT_STATE",
    SharedReason.OWES_HOUSE: "INVALID_WALLET_STATUS",
    ExchangeReason.MARKET_UNKNOWN: "MARKET_NOT_OPEN_FOR_BETTING",
    ExchangeReason.MARKET_CLOSED: "MARKET_NOT_OPEN_FOR_BETTING",
    ExchangeReason.MARKET_BUSY: "MARKET_SUSPENDED",
    ExchangeReason.MARKET_SUSPENDED: "MARKET_SUSPENDED",
    ExchangeReason.MARKET_VERSION_STALE: "INVALID_MARKET_VERSION",
    ExchangeReason.ORDERS_LIMIT: "INVALID_ORDER",
    SharedReason.INSUFFICIENT_FUNDS: "INSUFFICIENT_FUNDS",
}
"""What a request is told if all of its instructions are refused for this reason; else it is BET_ACTION_ERROR."""

OF_EVERY_INSTRUCTION: Final = frozenset(OF_REQUEST) - {
    ExchangeReason.ORDERS_LIMIT,
    SharedReason.INSUFFICIENT_FUNDS,
}
"""What speaks against every instruction of a request to place orders, if it does against one."""


def sum_up(reports: Sequence[Mapping[str, Any]], reasons: Sequence[Reason | None]) -> dict[str, str]:
    """Return status and error code of a request with these reports; ``reasons`` are why instructions were refused."""
    statuses = {report["status"] for report in reports}
    if statuses <= {SUCCESS}:
        return {"status": SUCCESS}
    if TIMEOUT in statuses:
        return {"status": TIMEOUT}
    if SUCCESS in statuses:
        return {"status": PROCESSED_WITH_ERRORS, "errorCode": PROCESSED_WITH_ERRORS}
    first = reasons[0] if reasons else None
    code = OF_REQUEST.get(first) if first is not None and set(reasons) == {first} else None
    return {"status": FAILURE, "errorCode": code or "BET_ACTION_ERROR"}
