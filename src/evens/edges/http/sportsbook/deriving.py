"""What became of a bet, worked out from what was taken and how its markets stand: nothing is recorded for each single.

Example: 10.00 on home at 5.00. Away was removed since, less 25 % of winnings, so the leg counts 4.00. Home won: the bet
paid 40.00. The cash-out of an open bet is its stake × odds taken ÷ odds now, less the margin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from evens.core.values.fixed_odds import (
    REDUCTION_BPS_MAX,
    BetEnd,
    BetLeg,
    Factor,
    FixtureStage,
    FixtureStatus,
    LegResult,
    SelectionResult,
    cash_out_minor,
    leg_factor,
    open_leg_factor,
    reduced_odds,
    return_minor,
)
from evens.core.values.odds import ODDS_MIN, ODDS_UNIT
from evens.edges.http.sportsbook.shapes import BetStatusName, LegStatusName, ResultName
from evens.store.fixed_odds.queries import BetRow, LegRow
from evens.store.fixed_odds.rows import MarketRow

RESULTS: Final[Mapping[LegResult, ResultName]] = {
    LegResult.WON: "won",
    LegResult.LOST: "lost",
    LegResult.VOID: "void",
    LegResult.HALF_WON: "half_won",
    LegResult.HALF_LOST: "half_lost",
}
"""Results by their names."""


@dataclass(frozen=True, slots=True)
class LegState:
    """How a leg stands. ``taken`` are its odds after removals, ``factor`` multiplies the stake, once known."""

    status: LegStatusName
    taken: Factor
    reduction_bps: int = 0
    factor: Factor | None = None
    dead_heat: str | None = None


@dataclass(frozen=True, slots=True)
class BetState:
    """How a bet stands. ``payout_minor`` is ``None`` while it is open."""

    status: BetStatusName
    legs: tuple[LegState, ...]
    potential_minor: int
    payout_minor: int | None = None


def result_of(market: MarketRow, selection: str) -> SelectionResult | None:
    """Return how a selection ended, ``None`` if that is not decided; who is not named has lost."""
    if any(removed == selection for removed, _, _ in market.removals):
        return SelectionResult(market.key, selection, LegResult.VOID)
    if not market.results:
        return None
    named = next((result for result in market.results if result.selection == selection), None)
    return named or SelectionResult(market.key, selection, LegResult.LOST)


def dead_heat_text(result: SelectionResult) -> str | None:
    """Return which part of the stake wins in a dead heat."""
    return None if result.places == result.tied else f"{result.places}/{result.tied}"


def market_of(row: LegRow) -> MarketRow:
    """Return the market that a leg is on."""
    return next(market for market in row.fixture.markets if market.key == row.leg.market)


def leg_state(leg: BetLeg, market: MarketRow, struck_at: int) -> LegState:
    """Return how a leg stands that was struck then."""
    if any(since <= struck_at < until for since, until in market.cancelled):
        return LegState("void", (leg.odds, ODDS_UNIT), factor=(1, 1))
    result = result_of(market, leg.selection)
    since = [bps for removed, bps, at in market.removals if at > struck_at and removed != leg.selection]
    taken, reduction_bps = reduced_odds(leg.odds, since), min(sum(since), REDUCTION_BPS_MAX)
    if result is None:
        return LegState("open", taken, reduction_bps)
    return LegState(RESULTS[result.result], taken, reduction_bps, leg_factor(taken, result), dead_heat_text(result))


def bet_state(row: BetRow) -> BetState:
    """Return how a bet stands."""
    legs = tuple([leg_state(each.leg, market_of(each), row.placed_at) for each in row.legs])
    could = return_minor(row.stake_minor, [leg.taken for leg in legs])
    match row.end:
        case BetEnd.CASHED_OUT:
            return BetState("cashed_out", legs, could, row.returned_minor)
        case BetEnd.RETURNED | BetEnd.VOIDED:
            return BetState("void", legs, could, row.stake_minor)
        case _ if row.ended_at is None:
            return BetState("open", legs, return_minor(row.stake_minor, [leg.factor or leg.taken for leg in legs]))
        case _:
            paid = row.returned_minor
            if paid is None:
                paid = return_minor(row.stake_minor, [leg.factor for leg in legs if leg.factor is not None])
            return BetState(_ending(legs), legs, could, paid)


def cash_out_value(row: BetRow, margin_bps: int, now: int) -> int | None:
    """Return what an open bet is worth at the present odds, in minor units; ``None`` if that cannot be said."""
    if row.end is not None or row.ended_at is not None:
        return None
    factors: list[Factor] = []
    for each in row.legs:
        market = market_of(each)
        state = leg_state(each.leg, market, row.placed_at)
        factor = state.factor if state.factor is not None else _price_now(each, market, state.taken, now)
        if factor is None or factor[0] == 0 or market.stage is not FixtureStage.NOTHING:
            return None
        factors.append(factor)
    value_minor = cash_out_minor(row.stake_minor, factors, margin_bps)
    return value_minor if value_minor > 0 else None


def odds_product(legs: list[int]) -> int:
    """Return the odds of all legs multiplied, in hundredths, rounded down."""
    product = Fraction(1)
    for odds in legs:
        product *= Fraction(odds, ODDS_UNIT)
    return int(product * ODDS_UNIT)


def _price_now(row: LegRow, market: MarketRow, taken: Factor, now: int) -> Factor | None:
    fixture = row.fixture
    selection = next((each for each in market.selections if each.key == row.leg.selection), None)
    closed = now >= fixture.deadline or fixture.status is not FixtureStatus.NEW or fixture.silent
    suspended = fixture.suspended or fixture.held or market.suspended or market.contradicted_at is not None
    if selection is None or closed or suspended or selection.suspended or selection.odds < ODDS_MIN:
        return None
    return open_leg_factor(taken, selection.odds)


def _ending(legs: tuple[LegState, ...]) -> BetStatusName:
    statuses = {leg.status for leg in legs}
    if "lost" in statuses:
        return "lost"
    if statuses == {"void"}:
        return "void"
    return "lost" if statuses <= {"void", "half_lost"} else "won"
