"""Why a command is refused: every reason there is, in the order in which they are looked for."""

from enum import StrEnum


class Reason(StrEnum):
    """A stable code for a refusal. Where several apply, the first in this list is given.

    The order is a promise: first what the command names is looked up, then whether the parties may act, then the state
    of the thing acted on, and money last.
    """

    CURRENCY_UNKNOWN = "currency_unknown"
    CURRENCY_DEFINED = "currency_defined"
    CURRENCY_LIMIT = "currency_limit"
    USERNAME_TAKEN = "username_taken"
    CUSTOMER_UNKNOWN = "customer_unknown"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    MARKET_UNKNOWN = "market_unknown"
    RUNNER_UNKNOWN = "runner_unknown"
    ORDER_UNKNOWN = "order_unknown"
    SAME_CUSTOMER = "same_customer"
    CUSTOMER_FROZEN = "customer_frozen"
    CUSTOMER_NOT_FROZEN = "customer_not_frozen"
    WITHDRAWAL_NOT_PENDING = "withdrawal_not_pending"
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
    LAST_RUNNER = "last_runner"
    WINNERS_WRONG = "winners_wrong"
    ORDER_NOT_EXECUTABLE = "order_not_executable"
    ODDS_OFF_LADDER = "odds_off_ladder"
    STAKE_TOO_SMALL = "stake_too_small"
    STAKE_TOO_LARGE = "stake_too_large"
    MIN_FILL_TOO_LARGE = "min_fill_too_large"
    NOTHING_CHANGES = "nothing_changes"
    EFFECTIVE_IN_FUTURE = "effective_in_future"
    PENDING_WITHDRAWALS_LIMIT = "pending_withdrawals_limit"
    ORDERS_LIMIT = "orders_limit"
    SELF_MATCH = "self_match"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    BALANCE_LIMIT = "balance_limit"
