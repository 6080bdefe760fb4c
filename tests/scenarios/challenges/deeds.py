"""What can stand in a scenario about challenges, by the names they have in the file.

Amounts and odds are decimal text as written, rates are in basis points, times are nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A customer offers a bet, which later lines call ``name``, on a runner or on what a resolver is to say.

    Of ``runner`` and ``market`` there are both or none; without them there are ``matter`` and ``resolver``. Without
    ``expires_at`` the offer stands for longer than any scenario lasts.
    """

    who: str
    side: str
    stake: str
    code: str
    odds: str
    name: str
    runner: str | None = None
    market: str | None = None
    matter: str | None = None
    resolver: str | None = None
    expires_at: int | None = None
    fee_bps: int = 0
    dispute_window_s: int = 0
    resolve_within_s: int = 0
    public: bool = False


@dataclass(frozen=True, slots=True)
class Accept:
    """A customer takes the other side."""

    who: str
    name: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A customer takes back what was offered."""

    who: str
    name: str


@dataclass(frozen=True, slots=True)
class Say:
    """The resolver says how it ended: ``won`` or ``lost``, as the backer sees it, or ``void``."""

    who: str
    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A customer contests what the resolver said."""

    who: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The desk has the last word on how it ended."""

    name: str
    outcome: str


PersonalDeed = Offer | Accept | TakeBack | Say | Dispute
ChallengeDeed = PersonalDeed | Rule
