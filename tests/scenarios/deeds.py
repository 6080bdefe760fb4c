"""What can stand in a scenario: deeds in the field's words, what is expected of them, and looks at balances.

People, currencies and withdrawals go by the names they have in the file, amounts are decimal text as written, and
times are nanoseconds since 1970 (UTC).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.scenarios.challenges.deeds import ChallengeDeed, PersonalDeed
from tests.scenarios.exchange.deeds import BookLook, ExchangeDeed, OrderDeed, PositionsLook, Wait

ASIDE = ("withdrawing", "escrow", "owing")
"""What a balance may be beside cash: set aside for a withdrawal, held for bets, or lent by the house."""

SAME_ANSWER = "same answer"
"""The result of asking again under a key that was used before, for the same thing."""


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
class Register:
    """The desk registers a customer."""

    who: str


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


@dataclass(frozen=True, slots=True)
class PayOut:
    """A rail withdraws money from a customer at once."""

    who: str
    money: Money
    rail: str
    effective_at: int | None = None
    reference: str | None = None
    destination: str | None = None


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


@dataclass(frozen=True, slots=True)
class Batch:
    """Several payments as one: all or none, or each on its own."""

    payments: tuple[Pay, ...]
    atomic: bool


WalletDeed = Define | Register | Freeze | Unfreeze | PayIn | PayOut | Request | Complete | Reject | Pay | Batch
Deed = WalletDeed | ExchangeDeed | ChallengeDeed


def actor_of(deed: Deed) -> str:
    """Return who does it: a customer, or the desk, which is also who brings batches. Each has keys of their own."""
    return deed.who if isinstance(deed, Request | Pay | OrderDeed | PersonalDeed) else "desk"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a line says must come of a deed: a result, some of its facts, and what people have afterwards."""

    result: str
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    holdings: tuple[tuple[str, Money], ...] = ()
    parts: "tuple[Expected, ...]" = ()


@dataclass(frozen=True, slots=True)
class Act:
    """A line in which somebody does something, perhaps under a key."""

    line: int
    deed: Deed
    key: str | None
    expected: Expected


@dataclass(frozen=True, slots=True)
class Look:
    """A line that says what everybody has in a currency, now or at an effective time; who is not named has nothing.

    ``aside`` is what is not at hand: by what it is kept for (:data:`ASIDE`), then by name.
    """

    line: int
    code: str
    at: int | None
    cash: Mapping[str, str]
    aside: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class StateLook:
    """A line that says how it stands with an ``order``, a ``market`` or a ``challenge``: a status and some facts."""

    line: int
    kind: str
    name: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Restart:
    """A line in which the server goes down and comes up again."""

    line: int


@dataclass(frozen=True, slots=True)
class Idle:
    """A line from which on the house does nothing of itself, or again does all that it should have done."""

    line: int
    idle: bool


Step = Act | Look | StateLook | BookLook | PositionsLook | Wait | Restart | Idle


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file: its name, the levels it can be played at, the scale of each currency at first, and its steps."""

    source: str
    levels: frozenset[str]
    currencies: Mapping[str, int]
    steps: tuple[Step, ...]
