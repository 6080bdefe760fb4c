"""Why the wallets refuse a command."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class WalletReason(Reason):
    """Reasons about customers, payments and withdrawals."""

    USERNAME_TAKEN = "username_taken"
    RECIPIENT_UNKNOWN = "recipient_unknown"
    SAME_CUSTOMER = "same_customer"
    CUSTOMER_NOT_FROZEN = "customer_not_frozen"
    SELF_EXCLUDED = "self_excluded"
    EXCLUSION_OVER = "exclusion_over"
    WITHDRAWAL_NOT_PENDING = "withdrawal_not_pending"
    NOT_REVERSIBLE = "not_reversible"
    ALREADY_REVERSED = "already_reversed"
    DEPOSIT_LIMIT = "deposit_limit"
    PENDING_WITHDRAWALS_LIMIT = "pending_withdrawals_limit"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    WalletReason.USERNAME_TAKEN,
    SharedReason.CUSTOMER_UNKNOWN,
    WalletReason.RECIPIENT_UNKNOWN,
    WalletReason.SAME_CUSTOMER,
    SharedReason.CUSTOMER_FROZEN,
    SharedReason.OWES_HOUSE,
    WalletReason.CUSTOMER_NOT_FROZEN,
    WalletReason.EXCLUSION_OVER,
    WalletReason.SELF_EXCLUDED,
    WalletReason.WITHDRAWAL_NOT_PENDING,
    WalletReason.NOT_REVERSIBLE,
    WalletReason.ALREADY_REVERSED,
    SharedReason.EFFECTIVE_IN_FUTURE,
    WalletReason.DEPOSIT_LIMIT,
    WalletReason.PENDING_WITHDRAWALS_LIMIT,
    SharedReason.INSUFFICIENT_FUNDS,
    SharedReason.BALANCE_LIMIT,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
