"""What can have happened to money, and why a command was refused."""

from dataclasses import dataclass
from enum import IntEnum

from evens.core.values.ids import TransferId
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
    STAKE = 6
    LOSS = 7
    PAYOUT = 8
    COMMISSION = 9
    ROUNDING = 10
    ADVANCE = 11
    REPAYMENT = 12
    REVERSAL = 13
    RESERVE = 14
    FUNDING = 15
    PROFIT = 16
    PERFORMANCE_FEE = 17


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
class CurrencyDefined:
    """A currency exists from now on."""

    number: int
    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class BatchBegun:
    """A batch has its key; what becomes of its items is told for each of them. ``request`` is as in its command."""

    request: str


@dataclass(frozen=True, slots=True)
class Transferred:
    """Money moved from ``debit`` to ``credit``, two accounts of one currency; both balances after it are recorded."""

    transfer: TransferId
    kind: TransferKind
    debit: int
    credit: int
    amount_minor: int
    debit_after_minor: int
    credit_after_minor: int
    effective_at: int
    note: Note | None = None
