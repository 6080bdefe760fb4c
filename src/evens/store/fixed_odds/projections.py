"""What the sportsbook's events leave in the tables. Hot paths add plain tuples, in the order of the write's columns."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    AccumulatorsConsidered,
    AccumulatorsRecalled,
    BetEnded,
    BetPlaced,
    BetReopened,
    BetsCancelled,
    BetsRestored,
    BetsReturned,
    BookLimitsSet,
    ConflictClosed,
    FixtureArchived,
    FixtureEnded,
    FixtureHeld,
    FixtureStageFinished,
    LinePublished,
    MarketDecided,
    MarketRuled,
    ResultContradicted,
    SelectionRemoved,
    SinglesRecalled,
    SinglesSettled,
    SourceHeard,
    StakeFactorSet,
)
from evens.core.receipts import Receipt
from evens.core.values.fixed_odds import BetEnd, FixtureStage, LineMarket, SelectionResult
from evens.store.encoding.rows import Projector, Rows
from evens.store.fixed_odds.tables import (
    CHANGE_BETS,
    CHANGE_FIXTURES,
    CHANGE_MARKETS,
    DECIDE_MARKETS,
    HEAR_SOURCES,
    PLACE_BETS,
    PLACE_LEGS,
    POST_CONFLICTS,
    PUBLISH_FIXTURES,
    PUBLISH_MARKETS,
    SET_BOOK_LIMITS,
    SET_STAKE_FACTORS,
    SETTLE_SINGLES,
)


def _line_published(rows: Rows, receipt: Receipt, event: LinePublished) -> None:
    """Add the fixture, or change it; add and change its markets."""
    line = event.line
    said: dict[str, Any] = {
        "version": event.version,
        "title": line.title,
        "sport": line.sport,
        "competition": line.competition,
        "starts_at": line.starts_at,
        "deadline": line.deadline,
        "suspended": line.suspended,
    }
    if event.fixture == receipt.seq:
        rows.added[PUBLISH_FIXTURES].append(
            PUBLISH_FIXTURES.row(id=event.fixture, source=event.source, key=event.key, published_at=receipt.at, **said)
        )
    else:
        _change_fixture(rows, event.fixture, said)
    for place, market in enumerate(line.markets):
        rows.added[PUBLISH_MARKETS].append(
            PUBLISH_MARKETS.row(
                fixture=event.fixture,
                key=market.key,
                name=market.name,
                winners=market.winners,
                related_group=market.group,
                suspended=market.suspended,
                since=receipt.at + place,
                selections=_format_selections(market),
            )
        )


def _selection_removed(rows: Rows, receipt: Receipt, event: SelectionRemoved) -> None:
    """Add to the market's removals; stakes are given back next."""
    removed = [event.selection, event.reduction_bps, event.at]
    _change_market(rows, event.fixture, event.market, {"removed": removed, "stage": FixtureStage.RETURNING})


def _fixture_held(rows: Rows, receipt: Receipt, event: FixtureHeld) -> None:
    """Keep what the operator said."""
    _change_fixture(rows, event.fixture, {"held": event.held})


def _fixture_ended(rows: Rows, receipt: Receipt, event: FixtureEnded) -> None:
    """Move the fixture on, or back."""
    _change_fixture(rows, event.fixture, {"status": event.status})


def _fixture_archived(rows: Rows, receipt: Receipt, event: FixtureArchived) -> None:
    """Mark the fixture as history."""
    _change_fixture(rows, event.fixture, {"archived": True})


def _source_heard(rows: Rows, receipt: Receipt, event: SourceHeard) -> None:
    """Keep whether the source is silent."""
    rows.added[HEAR_SOURCES].append((event.source, event.silent))


def _market_decided(rows: Rows, receipt: Receipt, event: MarketDecided) -> None:
    """Give the market its result, and keep it in the history of results. The stage follows from the one before."""
    results = format_results(event.results)
    rows.added[DECIDE_MARKETS].append(
        DECIDE_MARKETS.row(
            fixture=event.fixture,
            market=event.market,
            settlement=event.settlement,
            results=json.dumps(results),
            decided_at=event.at,
        )
    )
    changed = {"settlement": event.settlement, "results": results, "contradicted": False}
    _change_market(rows, event.fixture, event.market, changed)
    _change_fixture(rows, event.fixture, {"decided_at": event.at})


def _result_contradicted(rows: Rows, receipt: Receipt, event: ResultContradicted) -> None:
    """Keep what was said; the market waits for an operator."""
    rows.added[POST_CONFLICTS].append(
        POST_CONFLICTS.row(
            id=receipt.at + receipt.events.index(event),
            fixture=event.fixture,
            market=event.market,
            results=json.dumps(format_results(event.results)),
        )
    )
    _change_market(rows, event.fixture, event.market, {"contradicted": True})


def _conflict_closed(rows: Rows, receipt: Receipt, event: ConflictClosed) -> None:
    """Note that an operator has decided."""
    _change_market(rows, event.fixture, event.market, {"contradicted": False})


def _market_ruled(rows: Rows, receipt: Receipt, event: MarketRuled) -> None:
    """Keep what was known when an operator decided."""
    _change_market(rows, event.fixture, event.market, {"ruled": event.version})


def _bets_cancelled(rows: Rows, receipt: Receipt, event: BetsCancelled) -> None:
    """Add to the times in which bets are void, or take one out.

    If the market is decided, a new time makes the same command decide it anew, which puts the stage right.
    """
    window = [event.since, event.until]
    changed: dict[str, Any] = (
        {"restored": window, "stage": FixtureStage.RESTORING}
        if event.restored
        else {"voided": window, "stage": FixtureStage.RETURNING}
    )
    _change_market(rows, event.fixture, event.market, changed)


def _stage_finished(rows: Rows, receipt: Receipt, event: FixtureStageFinished) -> None:
    """Let the market enter its next stage."""
    _change_market(rows, event.fixture, event.market, {"stage": event.stage})


def _bet_placed(rows: Rows, receipt: Receipt, event: BetPlaced) -> None:
    """Add the bet, a single with what it is on, an accumulator with its legs beside it."""
    legs = event.legs
    if len(legs) == 1:
        leg = legs[0]
        on: tuple[Any, ...] = (leg.fixture, leg.market, leg.selection, leg.odds)
    else:
        on = (None, None, None, None)
        rows.added[PLACE_LEGS].extend(
            [(event.bet, place, leg.fixture, leg.market, leg.selection, leg.odds) for place, leg in enumerate(legs)]
        )
    rows.added[PLACE_BETS].append(
        (event.bet, event.customer, event.currency_number, event.stake_minor, *on, event.reserved_minor, event.at)
    )


def _bet_ended(rows: Rows, receipt: Receipt, event: BetEnded) -> None:
    """Keep how the bet ended."""
    rows.added[CHANGE_BETS].append((event.bet, 0, event.end, event.returned_minor, receipt.at, event.settlement))


def _bets_returned(rows: Rows, receipt: Receipt, event: BetsReturned) -> None:
    """Keep that the stakes were given back."""
    rows.added[CHANGE_BETS].extend([(bet, 0, BetEnd.RETURNED, None, receipt.at, 0) for bet in event.bets])


def _bets_restored(rows: Rows, receipt: Receipt, event: BetsRestored) -> None:
    """Let the singles be bets again, which no earlier result has booked."""
    restored = [single.bet for booked in event.booked for single in booked.singles]
    rows.added[CHANGE_BETS].extend([(bet, 0, None, None, None, event.settlement) for bet in restored])


def _bet_reopened(rows: Rows, receipt: Receipt, event: BetReopened) -> None:
    """Let the accumulator wait again."""
    rows.added[CHANGE_BETS].append((event.bet, event.reserved_minor, None, None, None, event.settlement))


def _singles_settled(rows: Rows, receipt: Receipt, event: SinglesSettled) -> None:
    """Keep what was booked for a customer."""
    rows.added[SETTLE_SINGLES].append(
        (
            event.fixture,
            event.market,
            event.settlement,
            event.customer,
            event.currency_number,
            event.staked_minor,
            event.returned_minor,
            receipt.at,
        )
    )


def _book_limits_set(rows: Rows, receipt: Receipt, event: BookLimitsSet) -> None:
    """Keep what the house takes in a currency."""
    rows.added[SET_BOOK_LIMITS].append(
        SET_BOOK_LIMITS.row(
            currency_number=event.currency_number,
            min_stake=event.min_stake_minor,
            max_stake=event.max_stake_minor,
            max_payout=event.max_payout_minor,
            max_event_liability=event.max_event_liability_minor,
            cash_out_margin_bps=event.cash_out_margin_bps,
        )
    )


def _stake_factor_set(rows: Rows, receipt: Receipt, event: StakeFactorSet) -> None:
    """Keep the customer's factor."""
    rows.added[SET_STAKE_FACTORS].append((event.customer, event.percent))


def format_results(results: Sequence[SelectionResult]) -> list[list[Any]]:
    """Return results as they are stored with their market."""
    return [[each.selection, each.result, each.places, each.tied] for each in results]


def _format_selections(market: LineMarket) -> str:
    return json.dumps([[each.key, each.name, each.odds, each.suspended] for each in market.selections])


def _change_fixture(rows: Rows, fixture: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_FIXTURES].append((fixture, json.dumps(changed)))


def _change_market(rows: Rows, fixture: int, market: str, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_MARKETS].append((fixture, market, json.dumps(changed)))


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    LinePublished: _line_published,
    SelectionRemoved: _selection_removed,
    FixtureHeld: _fixture_held,
    FixtureEnded: _fixture_ended,
    FixtureArchived: _fixture_archived,
    SourceHeard: _source_heard,
    MarketDecided: _market_decided,
    ResultContradicted: _result_contradicted,
    ConflictClosed: _conflict_closed,
    MarketRuled: _market_ruled,
    BetsCancelled: _bets_cancelled,
    FixtureStageFinished: _stage_finished,
    BetPlaced: _bet_placed,
    BetEnded: _bet_ended,
    BetsReturned: _bets_returned,
    BetReopened: _bet_reopened,
    BetsRestored: _bets_restored,
    SinglesSettled: _singles_settled,
    BookLimitsSet: _book_limits_set,
    StakeFactorSet: _stake_factor_set,
    SinglesRecalled: None,
    AccumulatorsRecalled: None,
    AccumulatorsConsidered: None,
}
"""What each event of the sportsbook leaves in the tables."""
