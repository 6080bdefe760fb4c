"""The lobby channel: of a market only its status and the best price of each side, at most twice a second.

A page with fifty markets follows each of them here. What happens deeper in a book changes nothing that is shown, so
nothing is sent for it; and of a market that is traded hundreds of times a second, a lobby hears two times. What is best
is worked out when something is to be sent, not for every order.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.market_channel import MarketChannel, MarketView
from evens.edges.stream.missed import Resumption
from evens.edges.stream.topic import View
from evens.identity.principal import Principal

PAUSE_S: Final = 0.5
"""How far apart two deltas of a market are at least."""


class LobbyView:
    """A market in brief. ``seq`` is the last command after which something that is shown was found to be different."""

    def __init__(self, market: MarketView) -> None:
        self._market = market
        self._state, self._runners = market.brief()
        self._seq = market.seq
        self._looked_at: int = market.seq
        self._state_at = 0
        self._changes: Changes[str] = Changes()

    @property
    def seq(self) -> int:
        """The last command that changed what is shown."""
        self._look()
        return self._seq

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event of this market."""
        self._market.apply(seq, at, event)

    def snapshot(self) -> dict[str, Any]:
        """Return the status, and each runner with its best prices."""
        self._look()
        return {**self._state, "runners": list(self._runners.values())}

    def delta(self, since: int) -> dict[str, Any]:
        """Return the runners that changed after ``since``, each whole, and the status if it did."""
        self._look()
        changed = set(self._changes.since(since))
        delta: dict[str, Any] = {"runners": [each for name, each in self._runners.items() if name in changed]}
        if self._state_at > since:
            delta.update(self._state)
        return delta

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before."""
        self._changes.forget(seq)

    def _look(self) -> None:
        """Find what has changed since the last look."""
        seq = self._market.seq
        if seq == self._looked_at:
            return
        self._looked_at = seq
        self._market.forget(seq)
        state, runners = self._market.brief()
        for name, runner in runners.items():
            if runner != self._runners[name]:
                self._changes.mark(name, seq)
                self._seq = seq
        if state != self._state:
            self._state_at = self._seq = seq
        self._state, self._runners = state, runners


class LobbyChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow a market in brief."""

    name = "lobby"
    needs_credential = False
    pause_s = PAUSE_S
    resumption: Resumption | None = None
    unknown_code = MarketChannel.unknown_code
    unknown_detail = MarketChannel.unknown_detail

    def __init__(self, markets: MarketChannel) -> None:
        self._markets = markets
        self.routes: Mapping[type[Event], Route] = dict.fromkeys(markets.routes, _market_of)

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the market that an id names."""
        return self._markets.resolve(principal, public_id)

    async def load(self, number: int) -> View | None:
        """Read a market and its book."""
        market = await self._markets.load(number)
        return None if market is None else LobbyView(market)


def _market_of(event: Any) -> Iterable[int]:
    return (event.market,)
