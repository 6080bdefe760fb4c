"""The market channel: a market's public state, kept up to date by events.

It has the market's status and, for each runner, the order book and how much was matched. Someone who backs a runner
takes the lays that wait, the highest odds first; someone who lays it takes the backs, the lowest odds first.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import (
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.values.betting import MarketStatus, Side, Stage
from evens.core.values.ids import HOUSE_ORDER, MarketId, RunnerId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.public_ids import format_market_id, parse_market_id
from evens.edges.http.exchange import shapes as wire
from evens.edges.http.exchange.presenting import STATUSES, present_trade
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.identity.principal import Principal
from evens.store.exchange.matches import RunnerTotals, Trade
from evens.store.exchange.queries import MarketRow
from evens.store.exchange.snapshots import MarketSnapshot, Snapshots

TRADES_MAX: Final = 100
"""Most trades in one delta; of more, the latest are sent."""

LevelKey = tuple[int, Side, int]
"""A level: runner, the side that waits, odds."""

_NO_TOTALS: Final = RunnerTotals(0, 0)
_WAITING_FOR: Final = {Side.LAY: "to_back", Side.BACK: "to_lay"}
"""By side: the list in which its orders are shown."""


def _other(side: Side) -> Side:
    return Side.LAY if side is Side.BACK else Side.BACK


class MarketView:
    """The state of one market, beginning with one that was read from the database.

    ``seq`` is the last command that changed it. Amounts are in minor units. Raises ``ValueError`` for events that do
    not fit the state.
    """

    def __init__(self, snapshot: MarketSnapshot, currency: Currency) -> None:
        market = snapshot.market
        self.seq: int = snapshot.seq
        self._market = market
        self._currency = currency
        self._totals = dict(snapshot.totals)
        self._levels: dict[LevelKey, int] = {
            (level.runner, level.side, level.odds): level.waiting_minor for level in snapshot.levels
        }
        self._delayed: dict[int, tuple[LevelKey, int]] = {
            order.id: ((order.runner, order.side, order.odds), order.remaining_minor) for order in snapshot.delayed
        }
        self._changed_at = 0
        self._level_changes: Changes[LevelKey] = Changes()
        self._runner_changes: Changes[RunnerId] = Changes()
        # One more than is sent, to know whether there were more.
        self._trades: deque[tuple[int, Matched]] = deque(maxlen=TRADES_MAX + 1)

    @property
    def market(self) -> MarketRow:
        """The market as it is now."""
        return self._market

    @property
    def totals(self) -> Mapping[int, RunnerTotals]:
        """What was matched, by runner; without those on which nothing was."""
        return self._totals

    @property
    def levels(self) -> Mapping[LevelKey, int]:
        """What waits in the book, by level."""
        return self._levels

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event of this market."""
        self.seq = seq
        match event:
            case OrderPlaced():
                self._order_placed(event)
            case OrderReleased():
                self._change_level(*self._delayed.pop(event.order))
            case OrderReduced():
                self._order_reduced(event)
            case Matched():
                self._matched(event)
            case MarketStatusChanged():
                self._status_changed(event)
            case StageFinished():
                self._change_market(stage=event.stage)
            case RunnerRemoved():
                removed = {**self._market.removals, event.runner: event.reduction_bps}
                self._removals_changed(event, removed, Stage.REMOVING)
            case RemovalRevised():
                self._removals_changed(event, dict[int, int](event.removals), event.stage)
            case ResultDeclared():
                self._result_declared(event)
            case _:
                raise ValueError(f"a {type(event).__name__} does not change a market")

    def snapshot(self) -> dict[str, Any]:
        """Return the market with its whole book."""
        terms = self._market.terms
        runners = {number: self._runner(RunnerId(number), name) for number, name in enumerate(terms.runners, 1)}
        for key in sorted(self._levels, key=_best_first):
            runners[key[0]][_WAITING_FOR[key[1]]].append(self._level(key))
        return {
            "name": terms.name,
            "event": terms.event,
            "starts_at": format_time(terms.starts_at),
            "currency": self._currency.code,
            "winners": terms.winners,
            "commission_bps": terms.commission_bps,
            "ladder": terms.ladder.name,
            "min_stake": self._amount(terms.min_stake_minor),
            "bet_delay_ms": terms.bet_delay_ms,
            **self._state(),
            "runners": list(runners.values()),
        }

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``: levels with their new sizes, runners, trades and the status."""
        runners: dict[int, dict[str, Any]] = {
            runner: {"id": str(runner), **self._figures(runner)} for runner in sorted(self._runner_changes.since(since))
        }
        for key in sorted(self._level_changes.since(since), key=_best_first):
            runner = runners.setdefault(key[0], {"id": str(key[0])})
            runner.setdefault(_WAITING_FOR[key[1]], []).append(self._level(key))
        delta: dict[str, Any] = {"runners": [runners[runner] for runner in sorted(runners)]}
        trades = [self._trade(match) for seq, match in self._trades if seq > since]
        if trades:
            delta["trades"] = trades[-TRADES_MAX:]
        if len(trades) > TRADES_MAX:
            delta["trades_omitted"] = True
        if self._changed_at > since:
            delta.update(self._state())
        return delta

    def brief(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Return the status, and each runner by its id with the best price of each side, as they are now."""
        best: dict[tuple[RunnerId | int, Side], LevelKey] = {}
        for key in self._levels:
            known = best.get(key[:2])
            if known is None or _best_first(key) < _best_first(known):
                best[key[:2]] = key
        runners: dict[str, dict[str, Any]] = {
            str(runner): {"id": str(runner), **self._figures(RunnerId(runner)), "to_back": [], "to_lay": []}
            for runner in range(1, len(self._market.terms.runners) + 1)
        }
        for (runner, side), key in best.items():
            runners[str(runner)][_WAITING_FOR[side]] = [self._level(key)]
        return self._state(), runners

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before: every subscriber has been sent it."""
        self._level_changes.forget(seq)
        self._runner_changes.forget(seq)
        while self._trades and self._trades[0][0] <= seq:
            self._trades.popleft()

    def _state(self) -> dict[str, Any]:
        market = self._market
        working = market.stage is not Stage.NOTHING
        return {"status": STATUSES[market.status], "working": working, "version": market.version}

    def _runner(self, runner: RunnerId, name: str) -> dict[str, Any]:
        return {"id": str(runner), "name": name, **self._figures(runner), "to_back": [], "to_lay": []}

    def _figures(self, runner: RunnerId) -> dict[str, Any]:
        totals = self._totals.get(runner, _NO_TOTALS)
        return {
            "status": self._status_of(runner),
            "reduction_bps": self._market.removals.get(runner),
            "last_odds": format_odds(totals.last_odds) if totals.last_odds else None,
            "matched": self._amount(totals.matched_minor),
        }

    def _status_of(self, runner: RunnerId) -> str:
        market = self._market
        if runner in market.removals:
            return "removed"
        if not market.parts:
            return "active"
        return "winner" if runner in market.shares else "loser"

    def _level(self, key: LevelKey) -> tuple[str, str]:
        return format_odds(key[2]), self._amount(self._levels.get(key, 0))

    def _trade(self, match: Matched) -> wire.Trade:
        trade = Trade(match.match, match.market, match.runner, match.odds, match.stake_minor, match.taker_side)
        return present_trade(trade, self._currency)

    def _amount(self, minor: int) -> str:
        return format_minor(minor, self._currency.scale)

    def _change_level(self, key: LevelKey, change_minor: int) -> None:
        """Add to what waits at a level, or take from it."""
        minor = self._levels.get(key, 0) + change_minor
        if minor < 0:
            raise ValueError(f"level {key} would hold {minor}")
        if minor:
            self._levels[key] = minor
        else:
            self._levels.pop(key, None)
        self._level_changes.mark(key, self.seq)

    def _order_placed(self, event: OrderPlaced) -> None:
        key = event.runner, event.side, event.odds
        if event.due_at is None:
            self._change_level(key, event.stake_minor)
        else:
            self._delayed[event.order] = key, event.stake_minor

    def _order_reduced(self, event: OrderReduced) -> None:
        delayed = self._delayed.get(event.order)
        if delayed is None:
            self._change_level((event.runner, event.side, event.odds), -event.by_minor)
        else:
            self._reduce_delayed(event.order, event.by_minor)

    def _reduce_delayed(self, order: int, by_minor: int) -> None:
        key, remaining_minor = self._delayed.pop(order)
        if remaining_minor > by_minor:
            self._delayed[order] = key, remaining_minor - by_minor

    def _matched(self, event: Matched) -> None:
        # The house, as one side of a set's bets, has no order in the book.
        if event.maker != HOUSE_ORDER:
            self._change_level((event.runner, _other(event.taker_side), event.odds), -event.stake_minor)
        if event.taker == HOUSE_ORDER:
            pass
        elif event.taker in self._delayed:
            # It is matched in parts, and not in the book until it meets nothing more.
            self._reduce_delayed(event.taker, event.stake_minor)
        else:
            self._change_level((event.runner, event.taker_side, event.taker_odds), -event.stake_minor)
        before = self._totals.get(event.runner, _NO_TOTALS)
        by_house_minor = event.stake_minor if HOUSE_ORDER in (event.maker, event.taker) else 0
        self._totals[event.runner] = RunnerTotals(
            before.matched_minor + event.stake_minor, event.odds, before.by_house_minor + by_house_minor
        )
        self._runner_changes.mark(event.runner, self.seq)
        self._trades.append((self.seq, event))

    def _status_changed(self, event: MarketStatusChanged) -> None:
        changes: dict[str, Any] = {"status": event.status, "stage": event.stage, "version": event.version}
        if event.status is MarketStatus.IN_PLAY and self._market.turned_at is None:
            changes["turned_at"] = event.at
        if event.status in {MarketStatus.SETTLED, MarketStatus.VOID}:
            changes["settled_at"] = event.at
        self._change_market(**changes)

    def _removals_changed(
        self, event: RunnerRemoved | RemovalRevised, removals: Mapping[int, int], stage: Stage
    ) -> None:
        for runner in removals.keys() ^ self._market.removals.keys() | removals.keys():
            self._runner_changes.mark(RunnerId(runner), self.seq)
        self._change_market(
            removals=removals, removal_log=event.log, status=event.status, stage=stage, version=event.version
        )

    def _result_declared(self, event: ResultDeclared) -> None:
        for runner in range(1, len(self._market.terms.runners) + 1):
            self._runner_changes.mark(RunnerId(runner), self.seq)
        self._change_market(
            settlement=event.settlement,
            shares=dict(event.shares),
            parts=event.parts,
            settled_at=None,
            status=MarketStatus.CLOSED,
            stage=Stage.LAPSING,
        )

    def _change_market(self, **changes: Any) -> None:
        self._market = replace(self._market, **changes)
        self._changed_at = self.seq


class MarketChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow a market."""

    name = "market"
    needs_credential = False
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = "market_unknown"
    unknown_detail = "There is no such market; check the id."

    def __init__(self, snapshots: Snapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies
        self.routes: Mapping[type[Event], Route] = dict.fromkeys(MARKET_EVENTS, _market_of)

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the market that an id names."""
        if public_id is None:
            raise StreamError(Code.FIELD_MISSING, "The market channel takes the field id: a market's.", "id")
        market = parse_market_id(public_id)
        if market is None:
            raise StreamError(self.unknown_code, self.unknown_detail, "id")
        return market, format_market_id(market)

    async def load(self, number: int) -> MarketView | None:
        """Read a market and its book."""
        snapshot = await self._snapshots.market(MarketId(number))
        if snapshot is None:
            return None
        self._currencies.learn(snapshot.currencies)
        return MarketView(snapshot, self._currencies.by_number(snapshot.market.currency_number))


MARKET_EVENTS: Final = (
    OrderPlaced,
    OrderReleased,
    OrderReduced,
    Matched,
    MarketStatusChanged,
    StageFinished,
    RunnerRemoved,
    RemovalRevised,
    ResultDeclared,
)
"""The events that change a market's public state."""


def _market_of(event: Any) -> Iterable[int]:
    return (event.market,)


def _best_first(key: LevelKey) -> tuple[int, Side, int]:
    runner, side, odds = key
    return runner, side, -odds if side is Side.LAY else odds
