"""Everything that can have happened, on one page.

Events are facts in the past tense. Applying a command's events to the house it was decided on gives the next house;
applying all of them from the beginning gives today's. A refusal is a fact too, and it changes nothing.
"""

from dataclasses import dataclass
from enum import IntEnum

from evens.core.values.reasons import Reason

Fact = tuple[str, int | str]
"""A named circumstance of a refusal, for example ``("available_minor", 250)``."""


class TransferKind(IntEnum):
    """Why money moved. The numbers are stored with every transfer and never change."""

    DEPOSIT = 1
    WITHDRAWAL = 2
    TRANSFER = 3
    RELEASE = 4
    PAID_OUT = 5


@dataclass(frozen=True, slots=True)
class Note:
    """What people wrote on a transfer. Absent parts are ``None``; a transfer without any has no note at all."""

    reference: str | None = None
    memo: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command was refused and changed nothing. Always a command's only event."""

    reason: Reason
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferRefused:
    """One transfer of a batch was refused while others went on; ``position`` counts from 0."""

    position: int
    reason: Reason
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrencyDefined:
    """A currency exists from now on."""

    number: int
    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer exists from now on; ``customer`` is the seq of the command."""

    customer: int
    username: str


@dataclass(frozen=True, slots=True)
class CustomerFrozen:
    """The customer may not move money until unfrozen."""

    customer: int


@dataclass(frozen=True, slots=True)
class CustomerUnfrozen:
    """The customer may move money again."""

    customer: int


@dataclass(frozen=True, slots=True)
class Transferred:
    """Money moved from ``debit`` to ``credit``, two accounts of one currency; both balances after it are recorded."""

    transfer: int
    kind: TransferKind
    debit: int
    credit: int
    amount_minor: int
    debit_after_minor: int
    credit_after_minor: int
    effective_at: int
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    """Money is set aside under the id of the transfer that did it."""

    withdrawal: int
    customer: int
    currency_number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class WithdrawalCompleted:
    """The money set aside has left the house."""

    withdrawal: int


@dataclass(frozen=True, slots=True)
class WithdrawalRejected:
    """The money set aside is the customer's cash again."""

    withdrawal: int


Event = (
    Rejected
    | TransferRefused
    | CurrencyDefined
    | CustomerRegistered
    | CustomerFrozen
    | CustomerUnfrozen
    | Transferred
    | WithdrawalRequested
    | WithdrawalCompleted
    | WithdrawalRejected
)
