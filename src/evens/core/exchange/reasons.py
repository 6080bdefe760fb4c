"""Why the exchange refuses a command."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class ExchangeReason(Reason):
    """Reasons about markets, runners and orders."""

    MARKET_UNKNOWN = "market_unknown"
    RUNNER_UNKNOWN = "runner_unknown"
    ORDER_UNKNOWN = "order_unknown"
    ALREADY_SETTLED = "already_settled"
    NOT_SETTLED = "not_settled"
    MARKET_ARCHIVED = "market_archived"
    MARKET_CLOSED = "market_closed"
    MARKET_BUSY = "market_busy"
    MARKET_SUSPENDED = "market_suspended"
    MARKET_NOT_SUSPENDED = "market_not_suspended"
    MARKET_IN_PLAY = "market_in_play"
    MARKET_VERSION_STALE = "market_version_stale"
    RUNNER_REMOVED = "runner_removed"
    RUNNER_NOT_REMOVED = "runner_not_removed"
    LAST_RUNNER = "last_runner"
    RUNNERS_FINAL = "runners_final"
    WINNERS_WRONG = "winners_wrong"
    ORDER_NOT_EXECUTABLE = "order_not_executable"
    ODDS_OFF_LADDER = "odds_off_ladder"
    MIN_FILL_TOO_LARGE = "min_fill_too_large"
    ORDERS_LIMIT = "orders_limit"
    SELF_MATCH = "self_match"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    SharedReason.CUSTOMER_UNKNOWN,
    ExchangeReason.MARKET_UNKNOWN,
    ExchangeReason.RUNNER_UNKNOWN,
    ExchangeReason.ORDER_UNKNOWN,
    SharedReason.CUSTOMER_FROZEN,
    SharedReason.OWES_HOUSE,
    ExchangeReason.ALREADY_SETTLED,
    ExchangeReason.NOT_SETTLED,
    ExchangeReason.MARKET_ARCHIVED,
    ExchangeReason.MARKET_CLOSED,
    ExchangeReason.MARKET_BUSY,
    ExchangeReason.MARKET_SUSPENDED,
    ExchangeReason.MARKET_NOT_SUSPENDED,
    ExchangeReason.MARKET_IN_PLAY,
    ExchangeReason.MARKET_VERSION_STALE,
    ExchangeReason.RUNNER_REMOVED,
    ExchangeReason.RUNNER_NOT_REMOVED,
    ExchangeReason.LAST_RUNNER,
    ExchangeReason.RUNNERS_FINAL,
    ExchangeReason.WINNERS_WRONG,
    ExchangeReason.ORDER_NOT_EXECUTABLE,
    ExchangeReason.ODDS_OFF_LADDER,
    SharedReason.STAKE_TOO_SMALL,
    SharedReason.STAKE_TOO_LARGE,
    ExchangeReason.MIN_FILL_TOO_LARGE,
    SharedReason.NOTHING_CHANGES,
    ExchangeReason.ORDERS_LIMIT,
    ExchangeReason.SELF_MATCH,
    SharedReason.INSUFFICIENT_FUNDS,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
