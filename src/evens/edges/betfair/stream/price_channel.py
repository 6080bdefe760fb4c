"""The hub's channel of market pictures: the market channel's own view, and how much was traded at which odds."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderPlaced, OrderReduced, OrderReleased
from evens.core.values.betting import Side
from evens.core.values.ids import HOUSE_ORDER, MarketId, RunnerId
from evens.core.values.money import Currency
from evens.core.values.public_ids import format_market_id, parse_market_id
from evens.edges.betfair.stream.pictures import Levels, MarketPicture, RunnerPicture
from evens.edges.betfair.wire.definition import describe_market, percent_of, runner_status
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.channel import Route
from evens.edges.stream.market_channel import MarketChannel, MarketView
from evens.edges.stream.messages import StreamError
from evens.edges.stream.missed import Resumption
from evens.identity.principal import Principal
from evens.store.exchange.queries import MarketRow
from evens.store.exchange.snapshots import MarketSnapshot, Snapshots

NAME: Final = "betfair prices"


class PriceView:
    """A market that is drawn again and again; implements :class:`evens.edges.stream.topic.View`.

    ``at`` is when the last command that changed it was recorded, in nanoseconds since 1970.
    """

    def __init__(self, snapshot: MarketSnapshot, currency: Currency) -> None:
        self._view = MarketView(snapshot, currency)
        self._currency = currency
        self._at = snapshot.at
        self._traded: dict[int, dict[int, int]] = {}
        for row in snapshot.traded:
            self._traded.setdefault(row.runner, {})[row.odds] = row.both_sides_minor
        self._described: tuple[MarketRow, dict[str, Any]] | None = None
        self._drawn: MarketPicture | None = None
        self._changed: set[RunnerId] | None = None
        """The runners that changed since the last picture; ``None`` if all may have."""

    @property
    def seq(self) -> int:
        """The last command that changed the market."""
        return self._view.seq

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event of this market."""
        self._view.apply(seq, at, event)
        self._at = at
        match event:
            case Matched():
                traded = self._traded.setdefault(event.runner, {})
                customers = 1 if HOUSE_ORDER in (event.maker, event.taker) else 2
                traded[event.odds] = traded.get(event.odds, 0) + customers * event.stake_minor
                self._mark(event.runner)
            case OrderPlaced() | OrderReduced():
                self._mark(event.runner)
            case OrderReleased():
                # The event does not say which runner's book the order is in now.
                self._changed = None
            case _:
                pass

    def picture(self) -> MarketPicture:
        """Return the market as it is now; as long as nothing changes, the same object."""
        before, view = self._drawn, self._view
        if before is not None and before.seq == view.seq:
            return before
        self._drawn = MarketPicture(
            view.market.id,
            view.seq,
            self._at,
            0 if before is None else before.number + 1,
            self._currency,
            self._definition(),
            self._runners(before),
        )
        self._changed = set()
        # This view has no deltas of its own to remember changes for.
        view.forget(view.seq)
        return self._drawn

    def snapshot(self) -> dict[str, Any]:
        """Return the picture: the stream translates it for each client."""
        return {"picture": self.picture()}

    def delta(self, since: int) -> dict[str, Any]:
        """Return the picture: the stream knows which one each client has."""
        return self.snapshot()

    def forget(self, seq: int) -> None:
        """Do nothing: clients remember the pictures that they were sent."""

    def _definition(self) -> dict[str, Any]:
        market = self._view.market
        if self._described is None or self._described[0] is not market:
            self._described = market, _definition(market)
        return self._described[1]

    def _mark(self, runner: RunnerId) -> None:
        if self._changed is not None:
            self._changed.add(runner)

    def _runners(self, before: MarketPicture | None) -> tuple[RunnerPicture, ...]:
        """Return all runners; those that did not change are the same objects as before."""
        numbers = [RunnerId(number) for number in range(1, len(self._view.market.terms.runners) + 1)]
        changed = self._changed
        waiting: dict[tuple[int, Side], list[tuple[int, int]]] = {}
        for (runner, side, odds), minor in self._view.levels.items():
            if changed is None or runner in changed:
                waiting.setdefault((runner, side), []).append((odds, minor))
        return tuple(
            [
                self._runner(runner, waiting)
                if before is None or changed is None or runner in changed
                else before.runners[runner - 1]
                for runner in numbers
            ]
        )

    def _runner(self, runner: RunnerId, waiting: Mapping[tuple[int, Side], Iterable[tuple[int, int]]]) -> RunnerPicture:
        totals = self._view.totals.get(runner)
        return RunnerPicture(
            runner,
            _sorted(waiting.get((runner, Side.LAY), ()), highest_first=True),
            _sorted(waiting.get((runner, Side.BACK), ())),
            _sorted(self._traded.get(runner, {}).items()),
            0 if totals is None else totals.last_odds,
        )


class PriceChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow a market."""

    name = NAME
    needs_credential = False
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = MarketChannel.unknown_code
    unknown_detail = MarketChannel.unknown_detail

    def __init__(self, snapshots: Snapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies
        self.routes: Mapping[type[Event], Route] = MarketChannel(snapshots, currencies).routes

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the market that an id names."""
        market = None if public_id is None else parse_market_id(public_id)
        if market is None:
            raise StreamError(self.unknown_code, self.unknown_detail, "id")
        return market, format_market_id(market)

    async def load(self, number: int) -> PriceView | None:
        """Read a market, its book and its traded volumes."""
        snapshot = await self._snapshots.market(MarketId(number))
        if snapshot is None:
            return None
        self._currencies.learn(snapshot.currencies)
        return PriceView(snapshot, self._currencies.by_number(snapshot.market.currency_number))


def _definition(market: MarketRow) -> dict[str, Any]:
    """Return Betfair's ``marketDefinition``."""
    removed_at = {runner: at for _stage, runner, at in market.removal_log}
    runners: list[dict[str, Any]] = []
    for number, name in enumerate(market.terms.runners, 1):
        runner: dict[str, Any] = {
            "id": number,
            "sortPriority": number,
            "status": runner_status(market, number),
            "name": name,
        }
        if number in market.removals:
            runner["adjustmentFactor"] = percent_of(market.removals[number])
            if number in removed_at:
                runner["removalDate"] = format_moment(removed_at[RunnerId(number)])
        runners.append(runner)
    definition = {**describe_market(market), "runners": runners}
    if market.terms.ladder.name in _LADDERS:
        definition["priceLadderDefinition"] = {"type": _LADDERS[market.terms.ladder.name]}
    return definition


_LADDERS: Final = {"classic": "CLASSIC", "finest": "FINEST"}
"""By our name of a ladder: Betfair's, of those that both have."""


def _sorted(levels: Iterable[tuple[int, int]], *, highest_first: bool = False) -> Levels:
    return tuple(sorted(levels, reverse=highest_first))
