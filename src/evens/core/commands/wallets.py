"""What may be asked about customers and their money."""

from dataclasses import dataclass
from typing import Final

from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.later import later

TRANSFERS_PER_BATCH_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Open a customer under a username that nobody else has, whatever the case of its letters."""

    username: str


@dataclass(frozen=True, slots=True)
class FreezeCustomer:
    """Stop a customer from moving money out; receiving it and finishing pending withdrawals stay possible.

    Their open orders and offered challenges lapse.
    """

    customer: CustomerId


@dataclass(frozen=True, slots=True)
class UnfreezeCustomer:
    """Let a frozen customer move money again; one who excluded themselves not before that ends."""

    customer: CustomerId


@dataclass(frozen=True, slots=True)
class ExcludeCustomer:
    """Freeze a customer at their own wish until a moment, in nanoseconds since 1970. Nothing lifts it before that."""

    customer: CustomerId
    until: int


@dataclass(frozen=True, slots=True)
class TagCustomer:
    """Give a customer these tags instead of the ones before: sorted words in lower case, each once.

    Who has a tag in common belongs together: the same card, the same household.
    """

    customer: CustomerId
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deposit:
    """Book money that arrived from outside to the customer's cash."""

    customer: CustomerId
    currency: str
    amount_minor: int
    rail: int
    effective_at: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Book money that left to the outside, at once."""

    customer: CustomerId
    currency: str
    amount_minor: int
    rail: int
    effective_at: int | None = None
    reference: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class RequestWithdrawal:
    """Set a customer's money aside until the payment out is completed or rejected."""

    customer: CustomerId
    currency: str
    amount_minor: int
    reference: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteWithdrawal:
    """The payment out was made: the money set aside leaves the house by the rail that carried it."""

    withdrawal: TransferId
    rail: int = later(int(Rail.DESK))


@dataclass(frozen=True, slots=True)
class RejectWithdrawal:
    """The payment out will not be made: the money set aside returns to the customer's cash."""

    withdrawal: TransferId


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move cash from one customer to another."""

    payer: CustomerId
    payee: CustomerId
    currency: str
    amount_minor: int
    effective_at: int | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class TransferBatch:
    """Make transfers under one key: all or none if ``atomic``, else each on its own merits, in order.

    Raises ``ValueError`` for none, or more than :data:`TRANSFERS_PER_BATCH_MAX`.
    """

    transfers: tuple[Transfer, ...]
    atomic: bool

    def __post_init__(self) -> None:
        """Refuse to be what could not be recorded: a command has only so many moments to give to transfers."""
        if not 1 <= len(self.transfers) <= TRANSFERS_PER_BATCH_MAX:
            raise ValueError(f"a batch has 1 to {TRANSFERS_PER_BATCH_MAX} transfers, not {len(self.transfers)}")


@dataclass(frozen=True, slots=True)
class ReverseTransaction:
    """Take a deposit, a withdrawal that left, or a transfer back, once.

    What was recorded of it travels with the command, because the house in memory keeps no history: the number of its
    kind, both accounts, and the amount. Whoever makes the command has read them from the books. ``rail`` is by which a
    requested withdrawal left, which its first transfer does not tell.
    """

    transaction: TransferId
    reason: str
    kind: int
    debit: int
    credit: int
    amount_minor: int
    rail: int = later(int(Rail.DESK))


@dataclass(frozen=True, slots=True)
class SetDepositLimits:
    """Limit what may be deposited for a customer per UTC day, week and month, in one currency.

    ``None`` is no limit. A lower limit counts at once, a higher one after 24 hours.
    """

    customer: CustomerId
    currency: str
    day_minor: int | None = None
    week_minor: int | None = None
    month_minor: int | None = None
