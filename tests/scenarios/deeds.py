"""What stands in a scenario: lines in which a deed of some product is done, and lines that look at what there is.

Everything goes by the names it has in the file, amounts are decimal text as written, and times are nanoseconds since
1970 (UTC). A new product has its deeds in a folder of its own, and a place in the unions below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.scenarios.challenges.deeds import ChallengeDeed
from tests.scenarios.challenges.deeds import PersonalDeed as PersonalChallengeDeed
from tests.scenarios.exchange.deeds import BookLook, ExchangeDeed, OrderDeed, PositionsLook, Wait
from tests.scenarios.fixed_odds.deeds import FixedOddsDeed
from tests.scenarios.fixed_odds.deeds import PersonalDeed as PersonalBetDeed
from tests.scenarios.following.deeds import FollowDeed
from tests.scenarios.following.deeds import PersonalDeed as PersonalFollowDeed
from tests.scenarios.pools.deeds import PersonalDeed as PersonalPoolDeed
from tests.scenarios.pools.deeds import PoolDeed
from tests.scenarios.wallets.deeds import Money, WalletDeed
from tests.scenarios.wallets.deeds import PersonalDeed as PersonalWalletDeed

ASIDE = ("withdrawing", "escrow", "owing")
"""What a balance may be beside cash: set aside for a withdrawal, held for bets, or lent by the house."""

SAME_ANSWER = "same answer"
"""The result of asking again under a key that was used before, for the same thing."""

Deed = WalletDeed | ExchangeDeed | ChallengeDeed | FixedOddsDeed | PoolDeed | FollowDeed
PersonalDeed = (
    PersonalWalletDeed | OrderDeed | PersonalChallengeDeed | PersonalBetDeed | PersonalPoolDeed | PersonalFollowDeed
)
"""What customers do themselves; the desk does the rest."""


def actor_of(deed: Deed) -> str:
    """Return who does it: a customer, or the desk, which is also who brings batches. Each has keys of their own."""
    return deed.who if isinstance(deed, PersonalDeed) else "desk"


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
    """A line that says how a thing stands: a status and some facts. ``kind`` is ``order``, ``market``, …"""

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
