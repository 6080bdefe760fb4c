"""The words of fixed odds: fixtures and their markets as a line provider publishes them, bets on them, results.

Odds are whole hundredths, as everywhere. A provider may publish any coefficient from 0.01 up; bets are taken at
:data:`evens.core.values.odds.ODDS_MIN` and more. What a bet returns is worked out as an exact fraction, the stake times
the factors of its legs, and rounded down once, at the end. Examples: 10.00 on 2.00 × 1.50 × 3.00 returns 90.00, with a
void middle leg 60.00; 3.33 on 1.91 × 2.37 × 1.83 returns 27.58.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from evens.core.values.ids import BetId, CustomerId, FixtureId
from evens.core.values.odds import BPS_UNIT, ODDS_UNIT

LEGS_MAX: Final = 20
MARKETS_PER_FIXTURE_MAX: Final = 200
SELECTIONS_PER_MARKET_MAX: Final = 200
COEFFICIENT_MAX: Final = 10_000_000
"""Longest odds that a provider can publish: 100,000.00."""

REDUCTION_BPS_MAX: Final = 9_000
"""Most that removals together take off the winnings of a bet: nine tenths."""

LINE_TEXT_MAX: Final = 300
"""Most characters of a key or a name that a provider can publish."""

LINE_NUMBER_MAX: Final = 2**62
"""The largest version or moment that a provider can publish; the tables hold no more than twice as much."""

Factor = tuple[int, int]
"""What a leg multiplies a stake with, exactly: numerator and denominator."""

UNTOUCHED: Final[Factor] = (1, 1)
"""The factor of a void leg, which leaves the stake as it is."""


class FixtureStatus(IntEnum):
    """Where a fixture stands. Finished, its odds are closed; a result that is rolled back makes it new again."""

    NEW = 1
    FINISHED = 2
    VOID = 3


class FixtureStage(IntEnum):
    """What a market of a fixture is doing for everybody who bet on it, some customers at a time."""

    NOTHING = 0
    RETURNING = 1
    DECIDED = 2
    SETTLING = 3
    RECALLING = 4
    REOPENING = 5
    RESTORING = 6


class LegResult(IntEnum):
    """How a selection ended."""

    WON = 1
    LOST = 2
    VOID = 3
    HALF_WON = 4
    HALF_LOST = 5


class Acceptance(IntEnum):
    """Which odds a customer takes if they have changed: any, the same or better ones, only the same."""

    ANY = 1
    BETTER = 2
    NONE = 3


class BetEnd(IntEnum):
    """Why a bet is over, if it is over by itself: all other bets end with the results of their markets."""

    SETTLED = 1
    CASHED_OUT = 2
    RETURNED = 3
    VOIDED = 4


@dataclass(frozen=True, slots=True)
class LineSelection:
    """One answer to a market's question, at odds in hundredths, unique by ``key`` within its market."""

    key: str
    name: str
    odds: int
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class LineMarket:
    """One question about a fixture, unique by ``key`` within it, with all its selections.

    ``winners`` is how many selections win: what the house can lose is worked out from it. 0 means that any number of
    them may. Bets on markets of one ``group`` are related, as those on one fixture are.
    """

    key: str
    name: str
    selections: tuple[LineSelection, ...]
    suspended: bool = False
    winners: int = 1
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A fixture as its provider publishes it. Times are in nanoseconds since 1970 (UTC).

    ``markets`` are those that are new or have changed; the others stay as they are. A selection that a market has no
    longer is suspended. Nobody can bet once ``deadline`` has come.
    """

    title: str
    deadline: int
    sport: str | None = None
    competition: str | None = None
    starts_at: int | None = None
    suspended: bool = False
    markets: tuple[LineMarket, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionChange:
    """What a provider is asked to change about a selection: its odds, or whether it is suspended; ``None`` stays."""

    key: str
    odds: int | None = None
    suspended: bool | None = None


@dataclass(frozen=True, slots=True)
class MarketChange:
    """What a provider is asked to change about a market; selections that are not named stay as they are."""

    key: str
    selections: tuple[SelectionChange, ...] = ()
    suspended: bool | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """What a provider is asked to change about a fixture; what is ``None`` or not named stays as it is."""

    title: str | None = None
    deadline: int | None = None
    markets: tuple[MarketChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SelectionResult:
    """How a selection ended. In a dead heat ``tied`` selections share ``places`` places: each wins on that part."""

    market: str
    selection: str
    result: LegResult
    places: int = 1
    tied: int = 1


@dataclass(frozen=True, slots=True)
class BetLeg:
    """What a bet is on, at the odds that were taken."""

    fixture: FixtureId
    market: str
    selection: str
    odds: int


@dataclass(frozen=True, slots=True)
class OpenSingle:
    """A single bet that waits for its market's result, struck ``at`` a moment in nanoseconds since 1970."""

    bet: BetId
    selection: str
    odds: int
    stake_minor: int
    at: int


@dataclass(frozen=True, slots=True)
class BookedSingles:
    """The singles of a customer in a market of a fixture, and what was returned for them when its result was booked."""

    customer: CustomerId
    currency_number: int
    singles: tuple[OpenSingle, ...]
    returned_minor: int


def has_too_many_winners(results: Iterable[SelectionResult], winners: int) -> bool:
    """Return whether results name more winners than a market can have; 0 ``winners`` are any number.

    Who wins a dead heat is the part of a winner that its places are of those that tie, and who half wins is half one:
    of 1 winner there can be two that tie for one place.
    """
    numerator, denominator = 0, 1
    for each in results:
        if each.result in (LegResult.WON, LegResult.HALF_WON):
            part, whole = (each.places, each.tied) if each.result is LegResult.WON else (1, 2)
            numerator, denominator = numerator * whole + part * denominator, denominator * whole
    return bool(winners) and numerator > winners * denominator


def reduced_odds(odds: int, reductions_bps: Iterable[int]) -> Factor:
    """Return odds after removals, exactly: each takes its part off the winnings, together at most nine tenths.

    5.00 less 25 % of the winnings is 4.00.
    """
    left = BPS_UNIT - min(sum(reductions_bps), REDUCTION_BPS_MAX)
    return ODDS_UNIT * BPS_UNIT + (odds - ODDS_UNIT) * left, ODDS_UNIT * BPS_UNIT


def leg_factor(odds: Factor, result: SelectionResult) -> Factor:
    """Return what a leg multiplies the stake with: half won is (odds + 1)/2, a dead heat odds × places ÷ tied."""
    numerator, denominator = odds
    match result.result:
        case LegResult.WON:
            return numerator * result.places, denominator * result.tied
        case LegResult.LOST:
            return 0, 1
        case LegResult.VOID:
            return UNTOUCHED
        case LegResult.HALF_WON:
            return numerator + denominator, 2 * denominator
        case LegResult.HALF_LOST:
            return 1, 2


def open_leg_factor(odds: Factor, now: int) -> Factor:
    """Return what the price of an open leg has made of the stake: odds taken ÷ odds now."""
    numerator, denominator = odds
    return numerator * ODDS_UNIT, denominator * now


def own_risk_minor(odds: int, stake_minor: int) -> int:
    """Return what a single can win, in minor units, rounded up."""
    return -(-stake_minor * odds // ODDS_UNIT) - stake_minor


def return_minor(stake_minor: int, factors: Iterable[Factor]) -> int:
    """Return what a bet pays back, the stake included, in whole minor units, rounded down once."""
    numerator, denominator = stake_minor, 1
    for upper, lower in factors:
        numerator, denominator = numerator * upper, denominator * lower
    return numerator // denominator


def cash_out_minor(stake_minor: int, factors: Iterable[Factor], margin_bps: int) -> int:
    """Return what a bet is worth now, less the house's margin, rounded down.

    ``factors`` are those of its settled legs, and odds taken ÷ odds now of the others. 10.00 at 3.00, now 2.00, is
    worth 14.25 with a margin of 5 %.
    """
    return return_minor(stake_minor, [*factors, (BPS_UNIT - margin_bps, BPS_UNIT)])


_RETURN_UNIT: Final = ODDS_UNIT * BPS_UNIT
"""What exact returns count: parts of a minor unit that both odds and reductions are whole numbers of."""


def exact_return(sums: Iterable[tuple[int, int, int]], reductions_bps: list[int]) -> int:
    """Return what bets on a selection return if it wins, in parts of :data:`_RETURN_UNIT`, with nothing rounded.

    Each of ``sums`` stands for bets struck after so many of the reductions: that number, their stakes in minor units,
    and their stakes × odds in hundredths of them.
    """
    total = 0
    for since, staked_minor, value_cents in sums:
        left = BPS_UNIT - min(sum(reductions_bps[since:]), REDUCTION_BPS_MAX)
        total += staked_minor * _RETURN_UNIT + (value_cents - staked_minor * ODDS_UNIT) * left
    return total


def worst_loss_minor(staked_minor: int, returns: Iterable[tuple[int, int]], winners: int) -> int:
    """Return the most that the house loses on a market, in whole minor units, rounded up; 0 if it cannot lose.

    ``returns`` are, for each selection, what was staked on it and what that returns (as :func:`exact_return` counts),
    ``staked_minor`` is all that was staked. ``winners`` of the selections win; 0 stands for any number.
    """
    if winners == 1:
        # By far the most frequent.
        lost = max([exact for _, exact in returns], default=0) - staked_minor * _RETURN_UNIT
    elif winners:
        largest = sorted((exact for _, exact in returns), reverse=True)[:winners]
        lost = sum(largest) - staked_minor * _RETURN_UNIT
    else:
        lost = sum(max(exact - on_it * _RETURN_UNIT, 0) for on_it, exact in returns)
    return max(-(-lost // _RETURN_UNIT), 0)
