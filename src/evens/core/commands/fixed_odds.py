"""What may be asked of the sportsbook.

Providers' messages come as commands too, so that what a bet was judged on is in the journal in the order in which it
was known. Their ``version`` rises with every change of a fixture; what is not newer is refused and changes nothing,
except the version that the house has if it was read ``again``.

What an operator decides about a market (``ruled``) stands: of a provider's results for it that differ nothing is
applied any more, they are contradictions; and no provider takes it back, or cancels bets on it. What a provider asks
for is not ``ruled``.
"""

from dataclasses import dataclass, field

from evens.core.values.fixed_odds import LEGS_MAX, Acceptance, BetLeg, Line, SelectionResult
from evens.core.values.ids import BetId, CustomerId, FixtureId
from evens.core.values.later import later
from evens.core.values.odds import BPS_UNIT


@dataclass(frozen=True, slots=True)
class PublishLine:
    """Take over what a provider says of a fixture, which ``source`` and ``key`` name; a new key is a new fixture.

    ``again`` says that what the provider says is of the version that the house may have, read once more. ``fixture`` is
    the one that it is said of, ``None`` for a new one: what was under way while it became history makes no second one.
    """

    source: str
    key: str
    version: int
    line: Line
    again: bool = later(False)
    fixture: FixtureId | None = later(None)


@dataclass(frozen=True, slots=True)
class RemoveSelection:
    """Take a selection out: bets on it are void, bets struck before on the others of its market win less."""

    fixture: FixtureId
    market: str
    selection: str
    reduction_bps: int = 0


@dataclass(frozen=True, slots=True)
class DeclareResults:
    """Say how selections ended; a market is decided as a whole, so those that are not named have lost.

    With ``correction`` an earlier result of a market is replaced; without it a different one is a contradiction: it is
    recorded and not applied, and an operator decides. ``finished`` ends the fixture; what an operator ``ruled`` ends it
    once each of its markets has a result, so that the same ruling is the same command whatever was decided meanwhile.
    """

    fixture: FixtureId
    results: tuple[SelectionResult, ...]
    correction: bool = False
    finished: bool = True
    ruled: bool = later(False)


@dataclass(frozen=True, slots=True)
class RollBackResults:
    """Take results back: bets on these markets (all decided ones if none is named) are open again."""

    fixture: FixtureId
    markets: tuple[str, ...] = ()
    ruled: bool = later(False)


@dataclass(frozen=True, slots=True)
class CancelBets:
    """Void the bets struck on markets (all if none is named) from one moment until before another, settled or not.

    ``restored`` takes such a cancellation back: bets that were given back are bets again, and on a decided market all
    are booked anew without it. Bets that were cashed out or voided by themselves stay as they are. Without ``until`` it
    is now.
    """

    fixture: FixtureId
    markets: tuple[str, ...]
    since: int
    until: int | None = None
    restored: bool = False
    ruled: bool = later(False)


@dataclass(frozen=True, slots=True)
class HoldFixture:
    """Stop bets on a fixture as an operator, whatever its provider says; or let them go on."""

    fixture: FixtureId
    held: bool


@dataclass(frozen=True, slots=True)
class VoidFixture:
    """Declare that nothing of a fixture counts: every bet on it has its stake back, an accumulator its leg void."""

    fixture: FixtureId
    ruled: bool = later(False)


@dataclass(frozen=True, slots=True)
class DisputeFixture:
    """List every market of a fixture as contradicted: what its provider says comes to no rest, or makes no sense."""

    fixture: FixtureId


@dataclass(frozen=True, slots=True)
class HearSource:
    """Note that a provider fell silent, and nobody can bet on what came from it; or that it is complete again."""

    source: str
    silent: bool


@dataclass(frozen=True, slots=True)
class WantedLeg:
    """A leg of a bet that is asked for. ``odds`` are those that the customer saw; ``None`` takes the present ones."""

    fixture: FixtureId
    market: str
    selection: str
    odds: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceBet:
    """Bet on one selection, or on several that all have to win. Raises ``ValueError`` without legs or with too many."""

    customer: CustomerId
    currency: str
    stake_minor: int
    legs: tuple[WantedLeg, ...]
    accept: Acceptance = Acceptance.BETTER

    def __post_init__(self) -> None:
        """Refuse what is no bet."""
        if not 1 <= len(self.legs) <= LEGS_MAX:
            raise ValueError(f"a bet has 1 to {LEGS_MAX} legs, not {len(self.legs)}")


@dataclass(frozen=True, slots=True)
class CashOutBet:
    """Take a bet's present value instead of waiting: exactly ``amount_minor``, until ``expires_at``, or nothing.

    ``single`` says on what a single is (the house finds it by that), and is ``None`` for an accumulator.
    """

    bet: BetId
    customer: CustomerId
    amount_minor: int
    expires_at: int
    single: BetLeg | None = None


@dataclass(frozen=True, slots=True)
class VoidBet:
    """Give the stake of one open bet back, as an operator. ``single`` is as in :class:`CashOutBet`."""

    bet: BetId
    customer: CustomerId
    single: BetLeg | None = None


@dataclass(frozen=True, slots=True)
class SetBookLimits:
    """Set what the house takes in a currency, in minor units; ``None`` is no limit.

    ``max_payout_minor`` bounds what one bet may return, ``max_event_liability_minor`` what the house may lose on one
    fixture. Raises ``ValueError`` for numbers out of bounds.
    """

    currency: str
    min_stake_minor: int = 1
    max_stake_minor: int | None = None
    max_payout_minor: int | None = None
    max_event_liability_minor: int | None = None
    cash_out_margin_bps: int = 500

    def __post_init__(self) -> None:
        """Refuse limits that are none."""
        if self.min_stake_minor < 1 or not 0 <= self.cash_out_margin_bps <= BPS_UNIT:
            raise ValueError("the least stake is at least one minor unit, and the margin from 0 to 10,000 basis points")


@dataclass(frozen=True, slots=True)
class SetStakeFactor:
    """Let a customer stake this many hundredths of the largest stake; 100 is what everybody has."""

    customer: CustomerId
    percent: int


@dataclass(frozen=True, slots=True)
class CloseConflict:
    """Note that an operator has decided a contradiction in a market's results."""

    fixture: FixtureId
    market: str


@dataclass(frozen=True, slots=True)
class AdvanceFixture:
    """Do the next part of what a fixture has under way. Internal."""

    fixture: FixtureId


@dataclass(frozen=True, slots=True)
class ArchiveFixture:
    """Forget a decided fixture whose results can no longer be corrected. Internal."""

    fixture: FixtureId


@dataclass(frozen=True, slots=True)
class FundHouse:
    """Pay the operator's own money into the bank, out of which bets are covered."""

    currency: str
    amount_minor: int
    reference: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class WithdrawFromHouse:
    """Pay the operator what is in the bank and not reserved for bets."""

    currency: str
    amount_minor: int
    reference: str | None = field(default=None)
