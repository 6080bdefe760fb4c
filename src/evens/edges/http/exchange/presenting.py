"""What the tables and receipts of the exchange look like from outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from evens.core.exchange.exposure import Stand
from evens.core.values.betting import MarketStatus, Persistence, Side, Stage, TimeInForce
from evens.core.values.ids import CustomerId, RunnerId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import commission_minor, format_average_odds, format_odds, settle_minor
from evens.core.values.public_ids import format_market_id, format_order_id, format_trade_id, format_user_id
from evens.edges.http.exchange import shapes
from evens.edges.http.exchange.known_markets import KnownMarket
from evens.edges.http.protocol.betting import SIDE_NAMES
from evens.store.exchange.matches import Fill, PartyTrade, RunnerTotals, Trade, TradedRow
from evens.store.exchange.positions import PositionRow
from evens.store.exchange.queries import Book, Candle, Level, MarketRow, OrderRow

BEST_PRICES: Final = 3
"""How many prices of each side a market shows."""

TIMES_IN_FORCE: Final[Mapping[TimeInForce, shapes.TimeInForceName]] = {
    TimeInForce.GOOD_TILL_CANCELLED: "gtc",
    TimeInForce.FILL_OR_KILL: "fok",
}
PERSISTENCES: Final[Mapping[Persistence, shapes.PersistenceName]] = {
    Persistence.LAPSE: "lapse",
    Persistence.PERSIST: "persist",
}
STATUSES: Final[Mapping[MarketStatus, shapes.MarketStatusName]] = {
    MarketStatus.OPEN: "open",
    MarketStatus.SUSPENDED: "suspended",
    MarketStatus.IN_PLAY: "in_play",
    MarketStatus.CLOSED: "closed",
    MarketStatus.SETTLED: "settled",
    MarketStatus.VOID: "void",
}

Levels = Mapping[tuple[int, Side], Sequence[Level]]
"""What waits, by runner and side, next to be matched first."""


def present_market(
    known: KnownMarket, row: MarketRow, totals: Mapping[int, RunnerTotals], levels: Iterable[Level]
) -> shapes.Market:
    """Return a recorded market with its prices."""
    waiting = sort_levels(levels)
    return shapes.Market(
        **_definition(known),
        status=STATUSES[row.status],
        working=row.stage is not Stage.NOTHING,
        version=row.version,
        in_play_since=_time(row.turned_at),
        settled_at=_time(row.settled_at),
        runners=[
            _present_runner(known, row, runner, totals.get(runner), waiting)
            for runner in map(RunnerId, range(1, len(known.terms.runners) + 1))
        ],
    )


def present_state(
    known: KnownMarket,
    status: MarketStatus,
    *,
    coming: str | None,
    version: int | None,
    lent_minor: int | None = None,
) -> shapes.MarketState:
    """Return a market as a command left it; ``coming`` says what it is doing now, ``None`` if nothing."""
    return shapes.MarketState(
        **_definition(known),
        status=STATUSES[status],
        working=coming is not None,
        version=version,
        lent=None if lent_minor is None else format_minor(lent_minor, known.currency.scale),
        runners=[shapes.NamedRunner(str(place), name) for place, name in enumerate(known.terms.runners, 1)],
        coming=coming,
        follow=None if coming is None else f"/v1/exchange/markets/{format_market_id(known.id)}",
    )


def present_book(known: KnownMarket, book: Book, depth: int) -> shapes.Book:
    """Return what waits in a market, so many prices deep on each side."""
    waiting = sort_levels(book.levels)
    return shapes.Book(
        market_id=format_market_id(known.id),
        seq=book.seq,
        at=format_time(book.at),
        runners=[
            shapes.RunnerBook(
                runner_id=str(runner),
                name=name,
                to_back=_book_levels(waiting.get((runner, Side.LAY), ())[:depth], known.currency),
                to_lay=_book_levels(waiting.get((runner, Side.BACK), ())[:depth], known.currency),
            )
            for runner, name in enumerate(known.terms.runners, 1)
        ],
    )


def sort_levels(levels: Iterable[Level]) -> Levels:
    """Group levels that come in ascending odds. Of backs, the lowest odds are matched first; of lays, the highest."""
    found: dict[tuple[int, Side], list[Level]] = {}
    for level in levels:
        found.setdefault((level.runner, level.side), []).append(level)
    for (_, side), side_levels in found.items():
        if side is Side.LAY:
            side_levels.reverse()
    return found


def present_trade(trade: Trade, currency: Currency) -> shapes.Trade:
    """Return a match without telling whose it was."""
    return shapes.Trade(
        id=format_trade_id(trade.id),
        market_id=format_market_id(trade.market),
        runner_id=str(trade.runner),
        odds=format_odds(trade.odds),
        size=format_minor(trade.stake_minor, currency.scale),
        taker_side=SIDE_NAMES[trade.taker_side],
        at=format_time(trade.id),
    )


def present_party_trade(row: PartyTrade, currency: Currency, viewer: CustomerId | None) -> shapes.PartyTrade:
    """Return a match; to those whose it was, with their own order."""
    shown, trade = present_trade(row.trade, currency), row.trade
    own = {row.maker_customer: row.maker, row.taker_customer: row.taker}.get(viewer) if viewer is not None else None
    return shapes.PartyTrade(
        shown.id,
        shown.market_id,
        shown.runner_id,
        shown.odds,
        shown.size,
        SIDE_NAMES[trade.taker_side],
        shown.at,
        None if own is None else format_order_id(own),
    )


def present_fill(fill: Fill, currency: Currency) -> shapes.Fill:
    """Return what was matched of an order at once."""
    return shapes.Fill(
        id=format_trade_id(fill.match),
        order_id=format_order_id(fill.order),
        user_id=format_user_id(fill.customer),
        market_id=format_market_id(fill.market),
        runner_id=str(fill.runner),
        side=SIDE_NAMES[fill.side],
        odds=format_odds(fill.odds),
        size=format_minor(fill.stake_minor, currency.scale),
        currency=currency.code,
        at=format_time(fill.match),
    )


def present_traded(rows: Sequence[TradedRow], known: KnownMarket, only: RunnerId | None) -> list[shapes.RunnerTraded]:
    """Return what was matched at each price: of every runner, or of one."""
    scale = known.currency.scale
    prices: dict[int, list[shapes.TradedPrice]] = {
        runner: [] for runner in ([only] if only else range(1, len(known.terms.runners) + 1))
    }
    for row in rows:
        prices[row.runner].append(shapes.TradedPrice(format_odds(row.odds), format_minor(row.stake_minor, scale)))
    return [
        shapes.RunnerTraded(
            str(runner),
            known.terms.runners[runner - 1],
            format_minor(sum(row.stake_minor for row in rows if row.runner == runner), scale),
            traded,
        )
        for runner, traded in prices.items()
    ]


def present_candle(candle: Candle, currency: Currency) -> shapes.Candle:
    """Return a stretch of trading."""
    return shapes.Candle(
        opens_at=format_time(candle.opens_at),
        open=format_odds(candle.first),
        high=format_odds(candle.highest),
        low=format_odds(candle.lowest),
        close=format_odds(candle.last),
        volume=format_minor(candle.volume_minor, currency.scale),
        trades=candle.trades,
    )


def present_order(order: OrderRow, currency: Currency) -> shapes.Order:
    """Return an order."""
    scale = currency.scale
    return shapes.Order(
        id=format_order_id(order.id),
        user_id=format_user_id(order.customer),
        market_id=format_market_id(order.market),
        runner_id=str(order.runner),
        side=SIDE_NAMES[order.side],
        odds=format_odds(order.odds),
        stake=format_minor(order.stake_minor, scale),
        currency=currency.code,
        matched=format_minor(order.matched_minor, scale),
        remaining=format_minor(order.remaining_minor, scale),
        cancelled=format_minor(order.cancelled_minor, scale),
        lapsed=format_minor(order.lapsed_minor, scale),
        average_odds=(
            format_average_odds(order.matched_value_cents, order.matched_minor) if order.matched_minor else None
        ),
        status=order_status(order),
        persistence=PERSISTENCES[order.persistence],
        time_in_force=TIMES_IN_FORCE[order.time_in_force],
        placed_at=format_time(order.placed_at),
        # An order that is matched in parts is no longer delayed.
        delayed_until=None if order.matched_minor else _time(order.due_at),
        client_ref=order.client_ref,
        strategy_ref=order.strategy_ref,
        replaces=None if order.replaces is None else format_order_id(order.replaces),
        replaced_by=None if order.replaced_by is None else format_order_id(order.replaced_by),
    )


def present_position(position: PositionRow, known: KnownMarket) -> shapes.Position:
    """Return a position. What falls below a minor unit is rounded down, as it is when it is settled."""
    scale = known.currency.scale
    booked = position.profit_minor, position.commission_minor
    profit, commission = (None if minor is None else format_minor(minor, scale) for minor in booked)
    return shapes.Position(
        market_id=format_market_id(known.id),
        currency=known.currency.code,
        exposure=format_minor(position.exposure_minor, scale),
        runners=list(_present_stands(position, known)),
        profit=profit,
        commission=commission,
    )


def _present_stands(position: PositionRow, known: KnownMarket) -> Iterator[shapes.RunnerPosition]:
    """Yield what is at stake on every runner that can win, or whose removal is still being carried out."""

    def amount(cents: int) -> str:
        return format_minor(settle_minor(cents), known.currency.scale)

    def net(cents: int) -> str:
        profit_minor = settle_minor(cents)
        taken_minor = commission_minor(max(profit_minor, 0), known.terms.commission_bps, position.discount_bps)
        return format_minor(profit_minor - taken_minor, known.currency.scale)

    is_single = known.terms.winners == 1
    if_all_lose_cents = sum(stand.if_lose_cents for stand in position.stands.values())
    for runner, name in enumerate(known.terms.runners, start=1):
        stand = position.stands.get(runner) or Stand()
        if runner in position.market.removals and not stand.stake_minor:
            continue
        yield shapes.RunnerPosition(
            runner_id=str(runner),
            name=name,
            if_win=amount(stand.if_win_cents),
            if_lose=amount(stand.if_lose_cents),
            market_if_win=amount(if_all_lose_cents + stand.value_cents) if is_single else None,
            market_if_win_net=net(if_all_lose_cents + stand.value_cents) if is_single else None,
        )


def _definition(known: KnownMarket) -> dict[str, Any]:
    terms = known.terms
    return {
        "id": format_market_id(known.id),
        "name": terms.name,
        "event": terms.event,
        "currency": known.currency.code,
        "starts_at": format_time(terms.starts_at),
        "winners": terms.winners,
        "winners_min": terms.fewest_winners,
        "commission_bps": terms.commission_bps,
        "ladder": terms.ladder.name,
        "ladder_bands": [
            shapes.LadderBand(format_odds(upper), format_odds(step)) for upper, step in terms.ladder.bands
        ],
        "min_stake": format_minor(terms.min_stake_minor, known.currency.scale),
        "cover_removals": terms.cover_removals,
        "cross_matching": terms.cross_matching,
        "bet_delay_seconds": terms.bet_delay_ms // 1000,
        "event_type": terms.event_type,
        "competition": terms.competition,
        "country": terms.country,
        "venue": terms.venue,
        "market_type": terms.market_type,
        "created_at": format_time(known.created_at),
    }


def _present_runner(
    known: KnownMarket, row: MarketRow, runner: RunnerId, totals: RunnerTotals | None, waiting: Levels
) -> shapes.Runner:
    scale = known.currency.scale
    return shapes.Runner(
        id=str(runner),
        name=known.terms.runners[runner - 1],
        status=_runner_status(row, runner),
        reduction_bps=row.removals.get(runner),
        to_back=_price_points(waiting.get((runner, Side.LAY), ()), known.currency),
        to_lay=_price_points(waiting.get((runner, Side.BACK), ()), known.currency),
        last_odds=None if totals is None else format_odds(totals.last_odds),
        matched=format_minor(0 if totals is None else totals.matched_minor, scale),
    )


def _runner_status(row: MarketRow, runner: RunnerId) -> shapes.RunnerStatus:
    if runner in row.removals:
        return "removed"
    if not row.parts:
        return "active"
    return "winner" if runner in row.shares else "loser"


def _price_points(levels: Sequence[Level], currency: Currency) -> list[shapes.PricePoint]:
    return [
        shapes.PricePoint(format_odds(level.odds), format_minor(level.waiting_minor, currency.scale))
        for level in levels[:BEST_PRICES]
    ]


def _book_levels(levels: Sequence[Level], currency: Currency) -> list[shapes.BookLevel]:
    return [
        shapes.BookLevel(format_odds(level.odds), format_minor(level.waiting_minor, currency.scale), level.orders)
        for level in levels
    ]


def order_status(order: OrderRow) -> shapes.OrderStatus:
    """Return whether an order still waits, or how it ended."""
    if order.remaining_minor:
        return "executable"
    if order.lapsed_minor:
        return "lapsed"
    return "cancelled" if order.cancelled_minor else "complete"


def _time(moment: int | None) -> str | None:
    return None if moment is None else format_time(moment)
