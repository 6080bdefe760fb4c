"""What any product may refuse a command for."""

from typing import Final

from evens.core.values.reasons import Reason


class SharedReason(Reason):
    """Reasons that several products give: currencies, customers, stakes, money."""

    CURRENCY_UNKNOWN = "currency_unknown"
    CURRENCY_DEFINED = "currency_defined"
    CURRENCY_LIMIT = "currency_limit"
    CUSTOMER_UNKNOWN = "customer_unknown"
    CUSTOMER_FROZEN = "customer_frozen"
    OWES_HOUSE = "owes_house"
    STAKE_TOO_SMALL = "stake_too_small"
    STAKE_TOO_LARGE = "stake_too_large"
    NOTHING_CHANGES = "nothing_changes"
    EFFECTIVE_IN_FUTURE = "effective_in_future"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    BALANCE_LIMIT = "balance_limit"


PRECEDENCE: Final[tuple[Reason, ...]] = (SharedReason.CURRENCY_DEFINED, SharedReason.CURRENCY_LIMIT)
"""Every reason a command of the ledger itself can be refused for, the first to be given first."""
