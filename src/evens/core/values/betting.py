"""The words of betting: sides of a bet, what an order asks for, and the terms of a market. All numbers are stored."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from evens.core.values.ids import CustomerId, RunnerId
from evens.core.values.later import LATER
from evens.core.values.odds import BPS_UNIT, CLASSIC, Ladder

RUNNERS_PER_MARKET_MAX: Final = 200

CROSSED_RUNNERS_MAX: Final = 20
"""Most runners of a market with cross-matching, so that an order's sets are found in bounded time."""


class Side(IntEnum):
    """Whether an order bets for a runner or against it."""

    BACK = 1
    LAY = 2


class TimeInForce(IntEnum):
    """How long an order waits for a match."""

    GOOD_TILL_CANCELLED = 1
    FILL_OR_KILL = 2


class Persistence(IntEnum):
    """What becomes of an order when its market turns in-play."""

    LAPSE = 1
    PERSIST = 2


class Cause(IntEnum):
    """Why unmatched stake left an order: its customer took it back, or the house gave it back."""

    CANCELLED = 1
    LAPSED = 2


class MarketStatus(IntEnum):
    """Where a market stands."""

    OPEN = 1
    SUSPENDED = 2
    IN_PLAY = 3
    CLOSED = 4
    SETTLED = 5
    VOID = 6


class Stage(IntEnum):
    """What a market is doing for its customers, some at a time; no orders are taken meanwhile."""

    NOTHING = 0
    LAPSING = 1
    REMOVING = 2
    SETTLING = 3
    REINSTATING = 4
    REDUCING = 5
    RECALLING = 6


class ReductionRule(IntEnum):
    """How matched bets on the others change when a runner is removed.

    ``POSITION`` multiplies what a position as a whole returns, for good: markets of earlier builds promised that.
    ``BET`` changes each bet's odds (:func:`evens.core.values.odds.reduced_parts`), and can be taken back.
    """

    POSITION = 1
    BET = 2


class ChallengeStatus(IntEnum):
    """Where a challenge stands."""

    OFFERED = 1
    ACCEPTED = 2
    RESOLVED = 3
    DISPUTED = 4
    SETTLED = 5
    CANCELLED = 6
    EXPIRED = 7


class Outcome(IntEnum):
    """How a challenge ended, as its backer sees it; if void, both have back what they staked."""

    WON = 1
    LOST = 2
    VOID = 3


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """What a market promises from its first moment on. Runners are numbered from 1 in the order given.

    ``winners`` of the runners will win, or fewer, down to ``winners_min``, if that is given; ``commission_bps`` is
    taken of a customer's net profit; ``bet_delay_ms`` is how long orders wait once the market is in-play; ``event``
    names the contest as the outside world does. ``starts_at`` is in nanoseconds since 1970. With ``cover_removals``,
    exposure before the off also covers the removal of any one runner, which takes reductions bet by bet: with no
    reduction and with the greatest, or with ``every_reduction``, as markets are opened now. ``event_type`` is the sport
    or whatever else the contest is a case of, ``competition`` what it is part of, ``country`` where it takes place (two
    letters) and ``venue`` the place there; ``market_type`` says in capitals what is asked. With ``cross_matching``,
    orders on one side of all runners may be matched together (:mod:`evens.core.exchange.crossing`): exactly one runner
    of :data:`CROSSED_RUNNERS_MAX` at most wins, and none can be removed. Raises ``ValueError`` for terms under which
    the market could not be settled.
    """

    name: str
    runners: tuple[str, ...]
    winners: int
    starts_at: int
    min_stake_minor: int
    commission_bps: int = 0
    bet_delay_ms: int = 0
    event: str | None = None
    ladder: Ladder = CLASSIC
    # What came later is not part of the text, so that markets without it read as they did.
    winners_min: int | None = field(default=None, repr=False, metadata={LATER: True})
    reductions: ReductionRule = field(default=ReductionRule.POSITION, repr=False, metadata={LATER: True})
    cover_removals: bool = field(default=False, repr=False, metadata={LATER: True})
    every_reduction: bool = field(default=False, repr=False, metadata={LATER: True})
    event_type: str | None = field(default=None, repr=False, metadata={LATER: True})
    competition: str | None = field(default=None, repr=False, metadata={LATER: True})
    country: str | None = field(default=None, repr=False, metadata={LATER: True})
    venue: str | None = field(default=None, repr=False, metadata={LATER: True})
    market_type: str | None = field(default=None, repr=False, metadata={LATER: True})
    cross_matching: bool = field(default=False, repr=False, metadata={LATER: True})

    def __post_init__(self) -> None:
        """Refuse what makes no market."""
        count = len(self.runners)
        if not 2 <= count <= RUNNERS_PER_MARKET_MAX or len(set(self.runners)) != count:
            raise ValueError(f"a market has 2 to {RUNNERS_PER_MARKET_MAX} runners of different names")
        most = count - 1 if self.fewest_winners == self.winners else count
        if not 1 <= self.winners <= most:
            raise ValueError(f"of {count} runners, 1 to {most} can win, not {self.winners}")
        if not 0 <= self.fewest_winners <= self.winners:
            raise ValueError(f"of {self.winners} winners at most, {self.fewest_winners} cannot be the fewest")
        if self.cover_removals and self.reductions is not ReductionRule.BET:
            raise ValueError("only where reductions change each bet can exposure cover removals")
        if self.every_reduction and not self.cover_removals:
            raise ValueError("only exposure that covers removals can cover every reduction")
        if self.cross_matching and (self.winners, self.fewest_winners, self.cover_removals) != (1, 1, False):
            raise ValueError("only where exactly one runner wins and none can be removed can orders be cross-matched")
        if self.cross_matching and count > CROSSED_RUNNERS_MAX:
            raise ValueError(f"orders are cross-matched on {CROSSED_RUNNERS_MAX} runners at most, not {count}")
        if not 0 <= self.commission_bps <= BPS_UNIT or self.min_stake_minor < 1 or self.bet_delay_ms < 0:
            raise ValueError("commission, minimum stake or bet delay is out of bounds")

    @property
    def fewest_winners(self) -> int:
        """The fewest runners that can win: as many as the most, unless that is not known before."""
        return self.winners if self.winners_min is None else self.winners_min

    def lines(self) -> Iterator[str]:
        """Yield what came later as text, one fact a line, if there is any of it."""
        if self.winners_min is not None:
            yield f"winners_min {self.winners_min}"
        if self.reductions is not ReductionRule.POSITION:
            yield f"reductions {self.reductions} {self.cover_removals}"
        if self.every_reduction:
            yield "every reduction"
        if self.cross_matching:
            yield "cross_matching"
        for name in ("event_type", "competition", "country", "venue", "market_type"):
            if (value := getattr(self, name)) is not None:
                yield f"{name} {value}"


@dataclass(frozen=True, slots=True)
class BookedPosition:
    """What a customer had in a market when its result was booked, and what was booked, in minor units.

    ``discount_bps`` is the commission discount that counted; ``None`` if it was not kept.
    Each of ``stands`` is a runner, the net stake on it (negative if laid), and its value (stake × odds) in cents.
    """

    customer: CustomerId
    profit_minor: int
    commission_minor: int
    discount_bps: int | None
    stands: tuple[tuple[RunnerId, int, int], ...]
