"""The hub's channel of customers' bets: the account channel's own view of orders, and what was matched."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import (
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PersistenceChanged,
    RemovalRevised,
    RunnerRemoved,
)
from evens.core.events.ledger import Transferred
from evens.core.values.betting import Cause, MarketStatus, Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.moments import SECOND_NS
from evens.core.values.money import Currency
from evens.edges.betfair.stream.bet_pictures import BetPicture, CustomerBets, MarketBets, RunnerBets
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.account_channel import AccountChannel, AccountView
from evens.edges.stream.channel import Route
from evens.edges.stream.missed import Resumption
from evens.edges.stream.topic import View
from evens.store.exchange.followed import ENDED_MAX, BetsSnapshot, FollowedMarkets
from evens.store.exchange.snapshots import Snapshots

NAME: Final = "betfair bets"

CLOSED_MAX: Final = 200
"""Most markets of a customer that are settled and are kept to be told so; the latest."""

SETTLED_SINCE_S: Final = 3600
"""For how long after its settlement a market's bets are told to those who begin to follow theirs."""

_SETTLED: Final = frozenset({MarketStatus.SETTLED, MarketStatus.VOID})


@dataclass(slots=True)
class _Market:
    """One market's bets as they are now. ``changed`` are the runners that the last picture shows otherwise."""

    currency: Currency
    is_closed: bool = False
    is_void: bool = False
    removed: set[int] = field(default_factory=set[int])
    bets: dict[RunnerId, dict[OrderId, BetPicture]] = field(default_factory=dict[RunnerId, dict[OrderId, BetPicture]])
    matched: dict[RunnerId, dict[tuple[str, Side, int], int]] = field(
        default_factory=dict[RunnerId, dict[tuple[str, Side, int], int]]
    )
    changed: set[RunnerId] = field(default_factory=set[RunnerId])

    def add_match(self, runner: RunnerId, strategy: str | None, side: Side, odds: int, stake_minor: int) -> None:
        """Count a match."""
        matched, key = self.matched.setdefault(runner, {}), (strategy or "", side, odds)
        matched[key] = matched.get(key, 0) + stake_minor
        self.changed.add(runner)

    def put(self, bet: BetPicture) -> None:
        """Put an order as it is now."""
        self.bets.setdefault(bet.order.runner, {})[bet.order.id] = bet
        self.changed.add(bet.order.runner)

    def mark_all(self) -> None:
        """Note that every runner is shown otherwise."""
        self.changed.update(self.bets, self.matched)

    def draw(self, before: MarketBets | None) -> MarketBets:
        """Return a picture; runners that did not change are the same objects as before."""
        runners = {} if before is None else dict(before.runners)
        for runner in self.changed:
            is_void = self.is_void or runner in self.removed
            runners[runner] = RunnerBets(dict(self.bets.get(runner, {})), dict(self.matched.get(runner, {})), is_void)
        self.changed.clear()
        return MarketBets(self.currency, runners, self.is_closed)


class BetView:
    """A customer's bets, drawn again and again; implements :class:`evens.edges.stream.topic.View`."""

    def __init__(self, account: AccountView, snapshot: BetsSnapshot, currencies: Currencies) -> None:
        self.seq = snapshot.account.seq
        self._account = account
        self._markets: dict[MarketId, _Market] = {}
        self._ended: deque[tuple[MarketId, RunnerId, OrderId]] = deque()
        self._changed: dict[MarketId, None] = {}
        self._drawn: CustomerBets | None = None
        for row in snapshot.markets:
            market = self._markets[row.id] = _Market(currencies.by_number(row.currency_number))
            market.is_closed, market.is_void = row.status in _SETTLED, row.status is MarketStatus.VOID
            market.removed.update(row.removals)
            self._changed[row.id] = None
        matched_at: dict[OrderId, int] = {}
        for match in snapshot.matched:
            matched_at[match.order] = max(match.matched_at, matched_at.get(match.order, 0))
            self._markets[match.market].add_match(
                match.runner, match.strategy_ref, match.side, match.odds, match.stake_minor
            )
        for order in (*snapshot.ended, *snapshot.account.orders):
            self._put(BetPicture(order, matched_at.get(order.id)))

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event, if it concerns this customer's bets."""
        match event:
            case MarketStatusChanged() | RunnerRemoved() | RemovalRevised():
                self._market_changed(seq, event)
            case OrderReleased():
                if event.order in self._account.orders:
                    self._account.apply(seq, at, event)
            case Matched():
                self._account.apply(seq, at, event)
                self._matched(seq, event)
            case OrderPlaced() | PersistenceChanged() | OrderReduced():
                self._account.apply(seq, at, event)
                self._order_changed(seq, at, event)
            case _:
                raise ValueError(f"a {type(event).__name__} does not change bets")

    def picture(self) -> CustomerBets:
        """Return the bets as they are now; as long as nothing changes, the same object."""
        before = self._drawn
        if before is not None and not self._changed:
            return before
        self._trim()
        markets = {} if before is None else {
            number: bets for number, bets in before.markets.items() if number in self._markets
        }  # fmt: skip
        for number in self._changed:
            market = self._markets.get(number)
            if market is not None:
                markets[number] = market.draw(markets.get(number))
        self._changed.clear()
        self._account.forget(self._account.seq)
        self._drawn = CustomerBets(self.seq, markets)
        return self._drawn

    def snapshot(self) -> dict[str, Any]:
        """Return the picture: the stream translates it for each client."""
        return {"picture": self.picture()}

    def delta(self, since: int) -> dict[str, Any]:
        """Return the picture: the stream knows which one each client has."""
        return self.snapshot()

    def forget(self, seq: int) -> None:
        """Do nothing: clients remember the pictures that they were sent."""

    def _market_changed(self, seq: int, event: MarketStatusChanged | RunnerRemoved | RemovalRevised) -> None:
        market = self._markets.get(event.market)
        if market is None:
            return
        match event:
            case MarketStatusChanged():
                market.is_closed = event.status in _SETTLED
                market.is_void = event.status is MarketStatus.VOID
                if market.is_void:
                    market.mark_all()
            case RunnerRemoved():
                market.removed.add(event.runner)
                market.mark_all()
            case RemovalRevised():
                market.removed = {runner for runner, _bps in event.removals}
                market.mark_all()
        self._note(seq, event.market)

    def _matched(self, seq: int, event: Matched) -> None:
        maker_side = Side.LAY if event.taker_side is Side.BACK else Side.BACK
        for number, side in ((event.maker, maker_side), (event.taker, event.taker_side)):
            order = self._account.orders.get(number)
            if order is not None:
                market = self._market(event.market)
                market.add_match(event.runner, order.strategy_ref, side, event.odds, event.stake_minor)
                known = market.bets.get(event.runner, {}).get(number, BetPicture(order))
                self._put(replace(known, order=order, matched_at=event.match))
                self._note(seq, event.market)

    def _order_changed(self, seq: int, at: int, event: OrderPlaced | PersistenceChanged | OrderReduced) -> None:
        numbers = [event.order]
        if isinstance(event, OrderPlaced) and event.replaces is not None:
            numbers.append(event.replaces)
        for number in numbers:
            order = self._account.orders[number]
            known = self._market(order.market).bets.get(order.runner, {}).get(number, BetPicture(order))
            bet = replace(known, order=order)
            if isinstance(event, OrderReduced):
                is_cancelled = event.cause is Cause.CANCELLED
                bet = replace(bet, cancelled_at=at) if is_cancelled else replace(bet, lapsed_at=at)
            self._put(bet)
            self._note(seq, order.market)

    def _put(self, bet: BetPicture) -> None:
        order = bet.order
        self._market(order.market).put(bet)
        if not order.remaining_minor:
            self._ended.append((order.market, order.runner, order.id))

    def _market(self, number: MarketId) -> _Market:
        market = self._markets.get(number)
        if market is None:
            market = self._markets[number] = _Market(self._account.currency_of(number))
        return market

    def _note(self, seq: int, market: MarketId) -> None:
        self.seq = seq
        self._changed[market] = None

    def _trim(self) -> None:
        """Let go of the orders that ended first, and of the markets that were closed first, if there are too many."""
        while len(self._ended) > ENDED_MAX:
            number, runner, order = self._ended.popleft()
            market = self._markets.get(number)
            if market is not None and market.bets.get(runner, {}).pop(order, None) is not None:
                market.changed.add(runner)
                self._changed[number] = None
        closed = [number for number, market in self._markets.items() if market.is_closed]
        for number in closed[: max(0, len(closed) - CLOSED_MAX)]:
            del self._markets[number]


class BetChannel(AccountChannel):
    """Implements :class:`evens.edges.stream.channel.Channel`, like the account channel, for bets alone."""

    name = NAME

    def __init__(self, snapshots: Snapshots, markets: FollowedMarkets, currencies: Currencies) -> None:
        super().__init__(snapshots, currencies)
        self.resumption: Resumption | None = None
        self._bets = markets
        self._known = currencies
        everybody = dict.fromkeys((MarketStatusChanged, RunnerRemoved, RemovalRevised), _everybody)
        own = {event: route for event, route in self.routes.items() if event is not Transferred}
        self.routes: Mapping[type[Event], Route] = {**own, **everybody}

    async def load(self, number: int) -> View | None:
        """Read a customer's bets."""
        since = time.time_ns() - SETTLED_SINCE_S * SECOND_NS
        snapshot = await self._bets.bets(CustomerId(number), since)
        if snapshot is None:
            return None
        return BetView(self.view(CustomerId(number), snapshot.account), snapshot, self._known)


def _everybody(_event: Event) -> Iterable[int] | None:
    """Return that a change of a market may concern anybody."""
    return None
