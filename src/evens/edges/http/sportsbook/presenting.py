"""What recorded events, bets and money look like from outside."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from evens.core.values.fixed_odds import (
    FixtureStage,
    FixtureStatus,
    LegResult,
    SelectionResult,
    exact_return,
    worst_loss_minor,
)
from evens.core.values.ids import AccountClass, FixtureId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.public_ids import format_bet_id, format_event_id, format_user_id
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.sportsbook import shapes
from evens.edges.http.sportsbook.deriving import RESULTS, BetState, bet_state, dead_heat_text, odds_product, result_of
from evens.edges.http.sportsbook.line import LineView, is_stale
from evens.store.fixed_odds.queries import BetRow, Exposure, ExposureRow, LimitsRow
from evens.store.fixed_odds.rows import FixtureRow, MarketRow

STATUSES: Final[Mapping[FixtureStatus, shapes.EventStatusName]] = {
    FixtureStatus.NEW: "new",
    FixtureStatus.FINISHED: "finished",
    FixtureStatus.VOID: "void",
}


def event_id_of(row: FixtureRow) -> str:
    """Return how everybody outside calls an event."""
    return format_event_id(row.source, row.key)


def present_event(row: FixtureRow, line: LineView, asked_at: int) -> shapes.SportsbookEvent:
    """Return an event as its provider last confirmed it; ``asked_at`` is when the line was refreshed for that."""
    only = row.markets[0].selections if len(row.markets) == 1 else ()
    as_of = line.as_of(row.source)
    return shapes.SportsbookEvent(
        id=event_id_of(row),
        title=row.title,
        sport=row.sport,
        competition=row.competition,
        starts_at=_time(row.starts_at),
        deadline=format_time(row.deadline),
        status=STATUSES[row.status],
        suspended=row.suspended or row.held or row.silent,
        coefficient=format_odds(only[0].odds) if len(only) == 1 else None,
        markets=[present_market(row, market) for market in row.markets],
        version=row.version,
        as_of=_time(as_of),
        stale=is_stale(line, row.source, asked_at),
    )


def present_bet(row: BetRow, currencies: Currencies) -> shapes.Bet:
    """Return a bet as the row says."""
    return present_state(row, bet_state(row), currencies.by_number(row.currency_number))


def present_state(row: BetRow, state: BetState, currency: Currency) -> shapes.Bet:
    """Return a bet that stands like this."""
    is_over = state.payout_minor is not None
    return shapes.Bet(
        id=format_bet_id(row.id),
        user_id=format_user_id(row.customer),
        kind="single" if len(row.legs) == 1 else "accumulator",
        legs=[
            shapes.BetLegShown(
                event_id=event_id_of(each.fixture),
                market=each.leg.market,
                selection=each.leg.selection,
                odds=format_odds(each.leg.odds),
                status=leg.status,
                dead_heat=leg.dead_heat,
                reduction_bps=leg.reduction_bps,
            )
            for each, leg in zip(row.legs, state.legs, strict=True)
        ],
        amount=format_minor(row.stake_minor, currency.scale),
        currency=currency.code,
        odds=format_odds(odds_product([each.leg.odds for each in row.legs])),
        potential_payout=format_minor(state.potential_minor, currency.scale),
        payout=None if state.payout_minor is None else format_minor(state.payout_minor, currency.scale),
        status=state.status,
        placed_at=format_time(row.placed_at),
        settled_at=_time(row.ended_at) if is_over else None,
    )


def present_limits(row: LimitsRow, currency: Currency) -> shapes.BookLimits:
    """Return what the house takes in a currency."""

    def amount(minor: int | None) -> str | None:
        return None if minor is None else format_minor(minor, currency.scale)

    return shapes.BookLimits(
        currency=currency.code,
        min_stake=format_minor(row.min_stake_minor, currency.scale),
        max_stake=amount(row.max_stake_minor),
        max_payout=amount(row.max_payout_minor),
        max_event_liability=amount(row.max_event_liability_minor),
        cash_out_margin_bps=row.cash_out_margin_bps,
    )


def present_conflicts(row: FixtureRow) -> list[shapes.Conflict]:
    """Return a conflict for each market of an event that has one."""
    return [
        shapes.Conflict(
            event_id=event_id_of(row),
            title=row.title,
            market=market.key,
            stands=_declared(market.results),
            contradicts=_declared(market.contradiction),
            at=_time(market.contradicted_at),
        )
        for market in row.markets
        if market.contradicted_at is not None
    ]


def present_exposure(
    exposure: Exposure, fixtures: Mapping[FixtureId, FixtureRow], currencies: Currencies
) -> shapes.BookExposure:
    """Return what open bets can cost: singles by market and currency, accumulators by event, and what that comes to."""
    shown: list[shapes.MarketExposure] = []
    singles: dict[int, int] = {}
    rows = groupby(exposure.singles, lambda row: (row.fixture, row.market, row.currency_number))
    for (fixture_id, key, number), group in rows:
        fixture, currency = fixtures[fixture_id], currencies.by_number(number)
        market = next(market for market in fixture.markets if market.key == key)
        one, worst_minor = _exposure(fixture, market, currency, list(group))
        shown.append(one)
        singles[number] = singles.get(number, 0) + worst_minor
    accumulated = {row.currency_number: row.reserved_minor for row in exposure.accumulators if row.fixture is None}
    return shapes.BookExposure(
        items=shown,
        accumulators=[
            shapes.AccumulatorExposure(
                event_id=event_id_of(fixtures[row.fixture]),
                title=fixtures[row.fixture].title,
                currency=(currency := currencies.by_number(row.currency_number)).code,
                bets=row.bets,
                staked=format_minor(row.staked_minor, currency.scale),
                worst_case=format_minor(row.reserved_minor, currency.scale),
            )
            for row in exposure.accumulators
            if row.fixture is not None
        ],
        reserved=[
            _reserved(currencies.by_number(number), singles.get(number, 0), accumulated.get(number, 0))
            for number in sorted({*singles, *accumulated})
        ],
    )


def present_balances(
    balances: Mapping[int, Mapping[AccountClass, int]], currencies: Currencies
) -> list[shapes.HouseBalance]:
    """Return the house's own money in every currency."""
    shown: list[shapes.HouseBalance] = []
    for currency in currencies.all():
        of = balances.get(currency.number, {})
        bank, reserved, fees, rounding, owners, customers = (
            of.get(kept, 0)
            for kept in (
                AccountClass.BANK,
                AccountClass.ESCROW,
                AccountClass.FEES,
                AccountClass.ROUNDING,
                AccountClass.RECEIVABLE,
                AccountClass.EXTERNAL,
            )
        )
        amounts = [format_minor(minor, currency.scale) for minor in (bank, reserved, fees, rounding, customers)]
        shown.append(shapes.HouseBalance(currency.code, *amounts, owed=format_minor(-owners, currency.scale)))
    return shown


def _reserved(currency: Currency, singles_minor: int, accumulated_minor: int) -> shapes.ReservedSum:
    amounts = (singles_minor, accumulated_minor, singles_minor + accumulated_minor)
    return shapes.ReservedSum(currency.code, *[format_minor(minor, currency.scale) for minor in amounts])


def _exposure(
    fixture: FixtureRow, market: MarketRow, currency: Currency, rows: list[ExposureRow]
) -> tuple[shapes.MarketExposure, int]:
    """Return what a market can cost, and the worst case in minor units."""
    reductions = [bps for _, bps, _ in market.removals]
    by_selection = {key: list(group) for key, group in groupby(rows, lambda row: row.selection)}
    returns = [
        (sum(row.staked_minor for row in group), exact_return(_sums(group), reductions))
        for group in by_selection.values()
    ]
    staked_minor = sum(staked for staked, _ in returns)
    selections = [
        shapes.SelectionExposure(
            selection=key,
            bets=sum(row.bets for row in group),
            staked=format_minor(staked, currency.scale),
            returns=format_minor(worst_loss_minor(0, [(0, exact)], 1), currency.scale),
        )
        for (key, group), (staked, exact) in zip(by_selection.items(), returns, strict=True)
    ]
    worst_minor = worst_loss_minor(staked_minor, returns, market.winners)
    shown = shapes.MarketExposure(
        event_id=event_id_of(fixture),
        title=fixture.title,
        market=market.key,
        market_name=market.name,
        currency=currency.code,
        bets=sum(row.bets for row in rows),
        staked=format_minor(staked_minor, currency.scale),
        worst_case=format_minor(worst_minor, currency.scale),
        selections=selections,
    )
    return shown, worst_minor


def _sums(rows: list[ExposureRow]) -> list[tuple[int, int, int]]:
    return [(row.removals, row.staked_minor, row.value_cents) for row in rows]


def present_market(fixture: FixtureRow, market: MarketRow) -> shapes.EventMarket:
    """Return a market of an event with its selections."""
    selections: list[shapes.EventSelection] = []
    for selection in market.selections:
        result = result_of(market, selection.key)
        is_removed = any(removed == selection.key for removed, _, _ in market.removals)
        selections.append(
            shapes.EventSelection(
                key=selection.key,
                name=selection.name,
                odds=format_odds(selection.odds),
                status="removed" if is_removed else "suspended" if selection.suspended else "open",
                result=None if result is None else RESULTS[result.result],
                dead_heat=None if result is None else dead_heat_text(result),
            )
        )
    return shapes.EventMarket(market.key, market.name, _market_status(fixture, market), selections)


def _market_status(fixture: FixtureRow, market: MarketRow) -> shapes.EventMarketStatusName:
    if market.results:
        is_void = all(result.result is LegResult.VOID for result in market.results)
        return "void" if is_void else "settled"
    is_busy = market.stage is not FixtureStage.NOTHING or fixture.status is not FixtureStatus.NEW
    return "suspended" if market.suspended or market.contradicted_at is not None or is_busy else "open"


def _declared(results: Sequence[SelectionResult]) -> list[shapes.DeclaredResult]:
    return [
        shapes.DeclaredResult(result.selection, RESULTS[result.result], dead_heat_text(result)) for result in results
    ]


def _time(moment: int | None) -> str | None:
    return None if moment is None else format_time(moment)
