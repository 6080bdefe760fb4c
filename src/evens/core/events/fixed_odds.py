"""What can have happened to fixtures, to bets on them, and to what the house allows."""

from dataclasses import dataclass

from evens.core.values.fixed_odds import (
    BetEnd,
    BetLeg,
    BookedSingles,
    Factor,
    FixtureStage,
    FixtureStatus,
    Line,
    SelectionResult,
)
from evens.core.values.ids import BetId, CustomerId, FixtureId


@dataclass(frozen=True, slots=True)
class LinePublished:
    """A provider published a fixture, or changed what it had published. ``fixture`` is the seq of the first time."""

    fixture: FixtureId
    source: str
    key: str
    version: int
    line: Line


@dataclass(frozen=True, slots=True)
class SelectionRemoved:
    """The selection is out from that moment on; who has bet on it is told in :class:`BetsReturned`."""

    fixture: FixtureId
    market: str
    selection: str
    reduction_bps: int
    at: int


@dataclass(frozen=True, slots=True)
class FixtureHeld:
    """An operator stopped bets on the fixture, or let them go on."""

    fixture: FixtureId
    held: bool


@dataclass(frozen=True, slots=True)
class SourceHeard:
    """A provider fell silent, or is complete again."""

    source: str
    silent: bool


@dataclass(frozen=True, slots=True)
class MarketDecided:
    """It is known how a market's selections ended; booking it for everybody follows.

    ``settlement`` counts the results of the market from 1, those that were taken back too. No results mean that the one
    before is taken back and the market is open again.
    """

    fixture: FixtureId
    market: str
    settlement: int
    results: tuple[SelectionResult, ...]
    at: int


@dataclass(frozen=True, slots=True)
class FixtureEnded:
    """The fixture is finished, void, or new again after a result was rolled back."""

    fixture: FixtureId
    status: FixtureStatus


@dataclass(frozen=True, slots=True)
class ResultContradicted:
    """A market's provider said something else than before. The market is suspended until an operator decides."""

    fixture: FixtureId
    market: str
    results: tuple[SelectionResult, ...]


@dataclass(frozen=True, slots=True)
class ConflictClosed:
    """An operator decided a contradiction."""

    fixture: FixtureId
    market: str


@dataclass(frozen=True, slots=True)
class MarketRuled:
    """An operator has decided about a market, knowing what its provider said up to this version of the fixture."""

    fixture: FixtureId
    market: str
    version: int


@dataclass(frozen=True, slots=True)
class BetsCancelled:
    """Bets struck on a market in this time are void, or are bets again if it was ``restored``."""

    fixture: FixtureId
    market: str
    since: int
    until: int
    restored: bool


@dataclass(frozen=True, slots=True)
class BetPlaced:
    """A bet is taken at these odds; ``bet`` is the seq of the command. With one leg it is a single.

    ``reserved_minor`` is what the house reserved for it by itself: an accumulator's possible profit, 0 for a single.
    """

    bet: BetId
    customer: CustomerId
    currency_number: int
    stake_minor: int
    legs: tuple[BetLeg, ...]
    reserved_minor: int
    at: int


@dataclass(frozen=True, slots=True)
class BetEnded:
    """A bet is over by itself: an accumulator settled, any bet cashed out or given back. It returned this much.

    ``settlement`` counts how often an accumulator was settled; 0 otherwise. ``single`` is on what a single is.
    """

    bet: BetId
    customer: CustomerId
    end: BetEnd
    returned_minor: int
    settlement: int = 0
    single: BetLeg | None = None


@dataclass(frozen=True, slots=True)
class BetsReturned:
    """A customer's singles on a market, of which each is named, are void and their stakes given back."""

    fixture: FixtureId
    market: str
    customer: CustomerId
    currency_number: int
    bets: tuple[BetId, ...]
    staked_minor: int


@dataclass(frozen=True, slots=True)
class BetsRestored:
    """Singles whose stakes were given back are bets again: open, or to be booked if their market is decided.

    ``settlement`` is the first one of the market that can book them.
    """

    fixture: FixtureId
    market: str
    settlement: int
    booked: tuple[BookedSingles, ...]


@dataclass(frozen=True, slots=True)
class SinglesSettled:
    """The result of a market was booked for all singles of a customer in one currency."""

    fixture: FixtureId
    market: str
    settlement: int
    customer: CustomerId
    currency_number: int
    staked_minor: int
    returned_minor: int


@dataclass(frozen=True, slots=True)
class FixtureStageFinished:
    """What a market had to do for everybody is done; ``stage`` is what comes next."""

    fixture: FixtureId
    market: str
    stage: FixtureStage


@dataclass(frozen=True, slots=True)
class SinglesRecalled:
    """The house knows these singles again, for a correction. They are as the result before was booked."""

    fixture: FixtureId
    market: str
    booked: tuple[BookedSingles, ...]


@dataclass(frozen=True, slots=True)
class BookedAccumulator:
    """An accumulator that was settled: what was placed, and what was returned under which settlement of it.

    ``decided`` are the factors of the legs, by their place from 0, whose fixtures are archived.
    """

    placed: BetPlaced
    settlement: int
    returned_minor: int
    decided: tuple[tuple[int, Factor], ...]


@dataclass(frozen=True, slots=True)
class AccumulatorsRecalled:
    """The house knows these accumulators again, for a correction."""

    fixture: FixtureId
    market: str
    booked: tuple[BookedAccumulator, ...]


@dataclass(frozen=True, slots=True)
class AccumulatorsConsidered:
    """Of the accumulators with a leg on a market, those up to this bet (in order of their ids) have been dealt with."""

    fixture: FixtureId
    market: str
    up_to: BetId


@dataclass(frozen=True, slots=True)
class BetReopened:
    """An accumulator that was settled is open again; the house has reserved this much for it."""

    bet: BetId
    customer: CustomerId
    settlement: int
    reserved_minor: int


@dataclass(frozen=True, slots=True)
class FixtureArchived:
    """The fixture is history: it can no longer be corrected."""

    fixture: FixtureId


@dataclass(frozen=True, slots=True)
class BookLimitsSet:
    """What the house takes in a currency, in minor units; see :class:`evens.core.commands.fixed_odds.SetBookLimits`."""

    currency_number: int
    min_stake_minor: int
    max_stake_minor: int | None
    max_payout_minor: int | None
    max_event_liability_minor: int | None
    cash_out_margin_bps: int


@dataclass(frozen=True, slots=True)
class StakeFactorSet:
    """The customer may stake this many hundredths of the largest stake."""

    customer: CustomerId
    percent: int
