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
    SAME_CUSTOMER = "same_customer"
    CUSTOMER_FROZEN = "customer_frozen"
    CUSTOMER_NOT_FROZEN = "customer_not_frozen"
    WITHDRAWAL_NOT_PENDING = "withdrawal_not_pending"
    EFFECTIVE_IN_FUTURE = "effective_in_future"
    PENDING_WITHDRAWALS_LIMIT = "pending_withdrawals_limit"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    BALANCE_LIMIT = "balance_limit"
