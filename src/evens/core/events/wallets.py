"""What can have happened to customers and withdrawals."""

from dataclasses import dataclass

from evens.core.events.ledger import Fact
from evens.core.values.deposit_limits import DepositLimit, GrossDeposits
from evens.core.values.ids import CustomerId, TransferId
from evens.core.values.reasons import Reason


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """One transfer of a batch was refused while others went on; ``position`` counts from 0."""

    position: int
    reason: Reason
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer exists from now on; ``customer`` is the seq of the command."""

    customer: CustomerId
    username: str


@dataclass(frozen=True, slots=True)
class CustomerFrozen:
    """The customer may not move money until unfrozen."""

    customer: CustomerId


@dataclass(frozen=True, slots=True)
class CustomerExcluded:
    """The customer stays frozen at least until then, in nanoseconds since 1970, at their own wish."""

    customer: CustomerId
    until: int


@dataclass(frozen=True, slots=True)
class CustomerTagged:
    """The customer has these tags now, and no others."""

    customer: CustomerId
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerUnfrozen:
    """The customer may move money again."""

    customer: CustomerId


@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    """Money is set aside under the id of the transfer that did it."""

    withdrawal: TransferId
    customer: CustomerId
    currency_number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class WithdrawalCompleted:
    """The money set aside has left the house."""

    withdrawal: TransferId


@dataclass(frozen=True, slots=True)
class WithdrawalRejected:
    """The money set aside is the customer's cash again."""

    withdrawal: TransferId


@dataclass(frozen=True, slots=True)
class TransactionReversed:
    """A transfer was taken back by another one, and cannot be again."""

    transaction: TransferId
    reversal: TransferId


@dataclass(frozen=True, slots=True)
class DepositLimitsSet:
    """The customer's deposit limits in one currency, one for each :class:`Period` in its order.

    ``deposited`` is what was deposited before, if deposits are counted only from now on; ``None`` if they are already.
    """

    customer: CustomerId
    currency_number: int
    limits: tuple[DepositLimit, ...]
    deposited: GrossDeposits | None = None
