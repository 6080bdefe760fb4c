"""What can stand in a scenario about the exchange: deeds, and looks at orders, markets, books and positions.

Markets, runners and orders go by the names they have in the file, odds and amounts are decimal text as written, and an
amount is in the currency of its market. Rates are in basis points.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenMarket:
    """The desk opens a market. Without ``least_stake`` that is one minor unit."""

    name: str
    code: str
    runners: tuple[str, ...]
    winners: int = 1
    commission_bps: int = 0
    bet_delay_s: int = 0
    least_stake: str | None = None
    ladder: str = "classic"
    winners_min: int | None = None
    covers: bool = False
    crosses: bool = False
    event_type: str | None = None
    competition: str | None = None
    country: str | None = None
    venue: str | None = None
    market_type: str | None = None


@dataclass(frozen=True, slots=True)
class Suspend:
    """The desk suspends a market."""

    market: str


@dataclass(frozen=True, slots=True)
class Resume:
    """The desk resumes a suspended market."""

    market: str


@dataclass(frozen=True, slots=True)
class TurnInPlay:
    """The desk turns a market in-play."""

    market: str


@dataclass(frozen=True, slots=True)
class Close:
    """The desk closes a market."""

    market: str


@dataclass(frozen=True, slots=True)
class Remove:
    """The desk removes a runner."""

    market: str
    runner: str
    reduction_bps: int = 0


@dataclass(frozen=True, slots=True)
class Reinstate:
    """The desk takes a removal back."""

    market: str
    runner: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The desk says who won, and who tied for the places that are left."""

    market: str
    winners: tuple[str, ...]
    dead_heat: bool = False
    correction: bool = False
    tied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annul:
    """The desk declares a market void."""

    market: str
    correction: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """The desk takes a part off every commission of a customer."""

    who: str
    discount_bps: int


@dataclass(frozen=True, slots=True)
class Bet:
    """A customer places an order to back or lay a runner, which later lines may call ``name``."""

    who: str
    side: str
    runner: str
    market: str
    stake: str
    odds: str
    name: str | None = None
    fill_or_kill: bool = False
    min_fill: str | None = None
    persisting: bool = False
    market_version: int | None = None
    reference: str | None = None
    strategy: str | None = None


@dataclass(frozen=True, slots=True)
class Admit:
    """A customer's program asks whether all of these orders can be placed, one after the other."""

    who: str
    bets: tuple[Bet, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A customer changes an order's stake or odds; its name then stands for the order that takes its place."""

    who: str
    name: str
    stake: str | None
    odds: str | None


@dataclass(frozen=True, slots=True)
class Persist:
    """A customer lets an order stay when its market turns in-play, or lapse."""

    who: str
    name: str
    persistence: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """A customer takes back what is unmatched of an order, or a part of it."""

    who: str
    name: str
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class CancelAll:
    """A customer takes back everything unmatched, in one market or in all."""

    who: str
    market: str | None = None


MarketDeed = Suspend | Resume | TurnInPlay | Close | Remove | Reinstate | Settle | Annul
OrderDeed = Bet | Admit | Change | Persist | Cancel | CancelAll
ExchangeDeed = OpenMarket | MarketDeed | Discount | OrderDeed

Cells = tuple[str, str]
"""What a book says about a runner (to back, to lay), or a position (if it wins, if it loses)."""


@dataclass(frozen=True, slots=True)
class BookLook:
    """Lines that draw the book of a market: of each runner what waits to be backed and to be laid, best odds first.

    Nothing waits on runners that are left out.
    """

    line: int
    market: str
    rows: Mapping[str, Cells]


@dataclass(frozen=True, slots=True)
class PositionsLook:
    """Lines that say what the matched bets of everybody on each runner bring if it wins, and if it loses.

    Who is left out has none.
    """

    line: int
    market: str
    rows: Mapping[tuple[str, str], Cells]


@dataclass(frozen=True, slots=True)
class Wait:
    """A line in which time passes."""

    line: int
    ns: int
