"""What can stand in a scenario about wallets: deeds of customers with their money, and of the desk with customers.

People, currencies and withdrawals go by the names they have in the file, amounts are decimal text as written, and
times are nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as written, such as ``10.50``, and its currency."""

    amount: str
    code: str


@dataclass(frozen=True, slots=True)
class Define:
    """The desk defines a currency."""

    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class Begin:
    """A program begins a batch of commands, which this stands for."""

    request: str


@dataclass(frozen=True, slots=True)
class Register:
    """The desk registers a customer."""

    who: str


@dataclass(frozen=True, slots=True)
class Tag:
    """The desk gives a customer these tags."""

    who: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exclude:
    """A customer excludes themselves until a time such as ``2026-01-08T12:00:00Z``."""

    who: str
    until: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """The desk freezes a customer."""

    who: str


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """The desk unfreezes a customer."""

    who: str


@dataclass(frozen=True, slots=True)
class PayIn:
    """A rail (``desk`` or ``import``) deposits money to a customer."""

    who: str
    money: Money
    rail: str
    effective_at: int | None = None
    reference: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True)
class PayOut:
    """A rail withdraws money from a customer at once."""

    who: str
    money: Money
    rail: str
    effective_at: int | None = None
    reference: str | None = None
    destination: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A customer requests a withdrawal, which later lines call ``name``."""

    who: str
    money: Money
    name: str
    reference: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """The desk completes a withdrawal."""

    name: str


@dataclass(frozen=True, slots=True)
class Reject:
    """The desk rejects a withdrawal."""

    name: str


@dataclass(frozen=True, slots=True)
class Pay:
    """A customer pays another."""

    who: str
    to: str
    money: Money
    effective_at: int | None = None
    memo: str | None = None
    called: str | None = None


@dataclass(frozen=True, slots=True)
class Reverse:
    """The desk reverses what an earlier line called ``name``, or a withdrawal; ``memo`` is the reason."""

    name: str
    memo: str = "mistake"
    called: str | None = None


@dataclass(frozen=True, slots=True)
class LimitDeposits:
    """A customer limits what is deposited for them in a currency; a period without an amount has no limit."""

    who: str
    code: str
    day: str | None = None
    week: str | None = None
    month: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Several payments as one: all or none, or each on its own."""

    payments: tuple[Pay, ...]
    atomic: bool


DeskDeed = Define | Begin | Register | Tag | Freeze | Unfreeze | PayIn | PayOut | Complete | Reject | Batch | Reverse
PersonalDeed = Request | Pay | LimitDeposits | Exclude
WalletDeed = DeskDeed | PersonalDeed
