"""What can stand in a scenario about following, by the names they have in the file.

Amounts are decimal text as written.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Follow:
    """A customer begins to copy another one; later lines call the follow ``name``."""

    who: str
    leader: str
    code: str
    name: str
    stake: str | None = None
    ratio: str | None = None
    allocation: str = "100.00"
    per_bet: str = "100.00"
    per_day: str = "100.00"
    slippage: int = 2
    least_odds: str | None = None
    only: str | None = None
    on_market: str | None = None
    stop_loss: int | None = None
    fee: str = "0"


@dataclass(frozen=True, slots=True)
class ChangeLimits:
    """A follower changes some of the limits. ``stake`` is for a follow that was with a fixed one when they looked."""

    who: str
    name: str
    stake: str | None = None
    allocation: str | None = None
    per_bet: str | None = None
    per_day: str | None = None
    stop_loss: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A follower pauses, resumes or ends a follow."""

    who: str
    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Copy:
    """The copier asks for a copy of the ``place``-th match of an order, of a bet or of a stake."""

    follow: str
    kind: str
    source: str
    place: int = 1
    name: str | None = None
    is_copy: bool = False
    permitted: bool = True


@dataclass(frozen=True, slots=True)
class SkipTogether:
    """The copier skips matches of an order for a reason that no market has to be asked for."""

    follow: str
    source: str
    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class BookCopy:
    """The copier books what a copy has won or lost, or what an open one still risks."""

    copy: str
    result: str | None = None
    risk: str = "0.00"


@dataclass(frozen=True, slots=True)
class StopLoss:
    """The copier finds that the copies of a follow have won or lost so much, and that its stop-loss is reached."""

    follow: str
    gain: str


@dataclass(frozen=True, slots=True)
class Charge:
    """The copier takes what is due to a leader and was not there before."""

    follow: str


PersonalDeed = Follow | ChangeLimits | Turn
FollowDeed = Follow | ChangeLimits | Turn | Copy | SkipTogether | BookCopy | StopLoss | Charge
