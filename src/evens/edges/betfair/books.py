"""Prices, and what was traded: listMarketBook and listRunnerBook."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from evens.core.values.betting import Side
from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.calls import Call, Names, Number, Operation, Params
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.listings import WEIGHT_MAX
from evens.edges.betfair.own_bets import MatchProjection, OrderProjection, OwnBets, own_bets
from evens.edges.betfair.set_prices import SetPrices, prices_with_sets
from evens.edges.betfair.wire.definition import active_runners, bet_delay, percent_of, runner_status, status_of
from evens.edges.betfair.wire.ids import format_market, parse_market, parse_selection
from evens.edges.betfair.wire.numbers import price_of, size_of
from evens.edges.http.exchange.presenting import Levels, sort_levels
from evens.store.exchange.matches import RunnerTotals, TradedRow
from evens.store.exchange.queries import Level, MarketRow

DEPTH: Final = 3
"""How many prices of each side are told unless more are asked for."""

_WEIGHT_OF_NONE: Final = 2

_WEIGHT_OF_SETS: Final = 35
"""What working out the prices of sets counts beside what is told of a market."""

CALLS_PER_RUNNER_WITH_SETS: Final = 3
"""What working out the prices of sets counts, for each runner, beside the call itself."""

PriceData = Literal["SP_AVAILABLE", "SP_TRADED", "EX_BEST_OFFERS", "EX_ALL_OFFERS", "EX_TRADED"]


class Overrides(Params, kw_only=True, frozen=True):
    """How best prices are told."""

    best_prices_depth: Number | None = None
    rollup_model: Literal["STAKE", "PAYOUT", "MANAGED_LIABILITY", "NONE"] | None = None
    rollup_limit: Number | None = None
    rollup_liability_threshold: float | None = None
    rollup_liability_factor: Number | None = None


class PriceProjection(Params, kw_only=True, frozen=True):
    """Which prices are told; with ``virtualise`` those of sets of cross-matched orders, too."""

    price_data: list[PriceData] | None = None
    ex_best_offers_overrides: Overrides | None = None
    virtualise: bool | None = None
    rollover_stakes: bool | None = None


class _Projections(Params, kw_only=True, frozen=True):
    price_projection: PriceProjection | None = None
    order_projection: OrderProjection | None = None
    match_projection: MatchProjection | None = None
    include_overall_position: bool | None = None
    partition_matched_by_strategy_ref: bool | None = None
    customer_strategy_refs: Names | None = None
    currency_code: str | None = None
    locale: str | None = None
    matched_since: str | None = None
    bet_ids: Names | None = None


class MarketBooks(_Projections, kw_only=True, frozen=True):
    """Which markets, and what to tell of them."""

    market_ids: Names


class RunnerBooks(_Projections, kw_only=True, frozen=True):
    """Which runner, and what to tell of it."""

    market_id: str
    selection_id: Number
    handicap: float | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything that is told of one market."""

    row: MarketRow
    currency: Currency
    totals: Mapping[int, RunnerTotals]
    waiting: Levels
    traded: Mapping[int, Sequence[TradedRow]]
    bets: OwnBets


async def list_market_book(call: Call[MarketBooks]) -> list[dict[str, Any]]:
    """Return prices and state of markets, in the order asked for; those that there are not are left out."""
    ids = [market for text in call.params.market_ids if (market := parse_market(text)) is not None]
    _check_weight(len(call.params.market_ids), call.params.price_projection)
    return [await _book(call, found, None) for found in await _find(call, ids)]


async def list_runner_book(call: Call[RunnerBooks]) -> list[dict[str, Any]]:
    """Return prices of one runner, within its market."""
    market, runner = parse_market(call.params.market_id), parse_selection(call.params.selection_id)
    _check_weight(1, call.params.price_projection)
    found = await _find(call, [] if market is None else [market])
    if not found or runner is None or runner > len(found[0].row.terms.runners):
        raise ApiError(
            "INVALID_INPUT_DATA", "There is no market marketId, or it has no selection selectionId; check both."
        )
    return [await _book(call, each, runner) for each in found]


def _check_weight(markets: int, asked: PriceProjection | None) -> None:
    """Raise :class:`ApiError` for more than one call may ask for, in Betfair's points, or for what is not told here."""
    projection = asked or PriceProjection()
    data, overrides = set(projection.price_data or ()), projection.ex_best_offers_overrides or Overrides()
    depth = DEPTH if overrides.best_prices_depth is None else overrides.best_prices_depth
    if (wrong := _what_is_not_told(projection, overrides, depth)) is not None:
        raise ApiError("INVALID_INPUT_DATA", f"priceProjection.{wrong}")
    weight = 3 * ("SP_AVAILABLE" in data) + 7 * ("SP_TRADED" in data)
    all_offers, best, traded = "EX_ALL_OFFERS" in data, "EX_BEST_OFFERS" in data, "EX_TRADED" in data
    if all_offers:
        weight += 32 if traded else 17
    elif best:
        weight += (20 if traded else 5) * -(-depth // DEPTH)
    elif traded:
        weight += 17
    if (all_offers or best) and projection.virtualise:
        weight += _WEIGHT_OF_SETS
    if markets * (weight or _WEIGHT_OF_NONE) > WEIGHT_MAX:
        raise ApiError(
            "TOO_MUCH_DATA", f"marketIds times the weight of priceProjection is at most {WEIGHT_MAX}; ask for less."
        )


def _what_is_not_told(projection: PriceProjection, overrides: Overrides, depth: int) -> str | None:
    """Return the member of a projection that asks for what is not told here, and what to do; ``None`` if none does."""
    if depth < 1:
        return f"exBestOffersOverrides.bestPricesDepth is {depth}; ask for 1 or more."
    if overrides.rollup_model in ("PAYOUT", "MANAGED_LIABILITY"):
        return f"exBestOffersOverrides.rollupModel {overrides.rollup_model} is not here; ask for STAKE or NONE."
    if projection.rollover_stakes:
        return "rolloverStakes is not here; leave it out."
    return None


async def _find(call: Call[Any], ids: Sequence[MarketId]) -> list[_Found]:
    asked: _Projections = call.params
    data = set((asked.price_projection or PriceProjection()).price_data or ())
    found = await call.services.exchange.prices.of_markets(ids, traded="EX_TRADED" in data)
    known = [found[market] for market in dict.fromkeys(ids) if market in found]
    bets = await own_bets(call, [prices.market for prices in known])
    return [
        _Found(
            prices.market,
            call.services.currencies.by_number(prices.market.currency_number),
            prices.totals,
            sort_levels(prices.levels),
            _by_runner(prices.traded),
            bets.get(prices.market.id) or OwnBets(),
        )
        for prices in known
    ]


def _by_runner(traded: Iterable[TradedRow]) -> Mapping[int, Sequence[TradedRow]]:
    found: dict[int, list[TradedRow]] = {}
    for row in traded:
        found.setdefault(row.runner, []).append(row)
    return found


async def _book(call: Call[Any], found: _Found, only: RunnerId | None) -> dict[str, Any]:
    asked: PriceProjection = call.params.price_projection or PriceProjection()
    row, currency = found.row, found.currency
    matched_minor = sum(total.both_sides_minor for total in found.totals.values())
    waiting_minor = sum(level.waiting_minor for levels in found.waiting.values() for level in levels)
    runners = range(1, len(row.terms.runners) + 1) if only is None else (only,)
    told: list[dict[str, Any]] = []
    sets: SetPrices | None = None
    if asked.virtualise and row.terms.cross_matching:
        call.count(CALLS_PER_RUNNER_WITH_SETS * len(runners))
        sets = _set_prices(found)
    for runner in runners:
        told.append(_runner(found, asked, runner, sets))
        if sets is not None:
            # The prices of a runner may take some milliseconds, in which nobody else is served.
            await asyncio.sleep(0)
    return {
        "marketId": format_market(row.id),
        "isMarketDataDelayed": False,
        "status": status_of(row.status),
        "betDelay": bet_delay(row),
        "bspReconciled": False,
        "complete": True,
        "inplay": row.turned_at is not None,
        "numberOfWinners": row.terms.winners,
        "numberOfRunners": len(row.terms.runners),
        "numberOfActiveRunners": active_runners(row),
        "totalMatched": size_of(matched_minor, currency),
        "totalAvailable": size_of(waiting_minor, currency),
        "crossMatching": row.terms.cross_matching,
        "runnersVoidable": False,
        "version": row.version,
        "runners": told,
    }


def _runner(found: _Found, asked: PriceProjection, runner: int, sets: SetPrices | None) -> dict[str, Any]:
    row, currency = found.row, found.currency
    totals = found.totals.get(runner)
    told: dict[str, Any] = {
        "selectionId": runner,
        "handicap": 0.0,
        "status": runner_status(row, runner),
        "totalMatched": size_of(totals.both_sides_minor if totals else 0, currency),
    }
    if totals is not None:
        told["lastPriceTraded"] = price_of(totals.last_odds)
    if runner in row.removals:
        told["adjustmentFactor"] = percent_of(row.removals[runner])
    data = set(asked.price_data or ())
    if data & {"EX_BEST_OFFERS", "EX_ALL_OFFERS", "EX_TRADED"}:
        told["ex"] = _prices(found, asked, data, runner, sets)
    return told | found.bets.of(runner)


def _prices(
    found: _Found, asked: PriceProjection, data: set[PriceData], runner: int, sets: SetPrices | None
) -> dict[str, Any]:
    overrides, currency = asked.ex_best_offers_overrides or Overrides(), found.currency

    def side(waiting: Side) -> list[dict[str, float]]:
        if not data & {"EX_ALL_OFFERS", "EX_BEST_OFFERS"}:
            return []
        levels = found.waiting.get((runner, waiting), ()) if sets is None else _with_sets(sets, runner, waiting)
        if "EX_ALL_OFFERS" in data:
            return _told(((level.odds, level.waiting_minor) for level in levels), currency)
        return _told(_rolled_up(levels, overrides, currency)[: overrides.best_prices_depth or DEPTH], currency)

    # What can be backed are other people's lays.
    traded = ((row.odds, row.both_sides_minor) for row in found.traded.get(runner, ()))
    return {
        "availableToBack": side(Side.LAY),
        "availableToLay": side(Side.BACK),
        "tradedVolume": _told(traded, currency),
    }


def _set_prices(found: _Found) -> SetPrices:
    """Return the prices at which orders are matched with those that wait, or with sets."""
    return prices_with_sets(
        found.row.terms,
        tuple(
            [
                ((RunnerId(number), each), tuple([(level.odds, level.waiting_minor) for level in levels]))
                for (number, each), levels in found.waiting.items()
            ]
        ),
    )


def _with_sets(sets: SetPrices, runner: int, waiting: Side) -> list[Level]:
    """Return the prices of orders that are matched with those that wait on this side, or with sets."""
    side = Side.LAY if waiting is Side.BACK else Side.BACK
    return [Level(RunnerId(runner), waiting, odds, minor, 1) for odds, minor in sets.of(RunnerId(runner), side)]


def _rolled_up(levels: Sequence[Level], overrides: Overrides, currency: Currency) -> list[tuple[int, int]]:
    """Return prices, those with less than the limit added to the next worse one."""
    least_minor = (overrides.rollup_limit or 0) * 10**currency.scale if overrides.rollup_model != "NONE" else 0
    rolled: list[tuple[int, int]] = []
    carried_minor = 0
    for level in levels:
        carried_minor += level.waiting_minor
        if carried_minor >= least_minor:
            rolled.append((level.odds, carried_minor))
            carried_minor = 0
    if carried_minor:
        rolled.append((levels[-1].odds, carried_minor))
    return rolled


def _told(prices: Any, currency: Currency) -> list[dict[str, float]]:
    return [{"price": price_of(odds), "size": size_of(minor, currency)} for odds, minor in prices]


BOOKS: Final[Mapping[str, Operation[Any]]] = {
    "listMarketBook": Operation(MarketBooks, list_market_book),
    "listRunnerBook": Operation(RunnerBooks, list_runner_book),
}
