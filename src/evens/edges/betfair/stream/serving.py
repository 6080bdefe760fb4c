"""What every client of the Exchange Stream is served with."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from evens.core.values.moments import MOMENT_MAX
from evens.edges.betfair.stream.bet_pictures import CustomerBets
from evens.edges.betfair.stream.bet_rows import BetProjection
from evens.edges.betfair.stream.clocks import Clocks, Place
from evens.edges.betfair.stream.feed import Feed
from evens.edges.betfair.stream.filters import MARKETS_MAX, fits, named_markets, too_many
from evens.edges.betfair.stream.metrics import BetfairStreamMetrics
from evens.edges.betfair.stream.pictures import MarketPicture
from evens.edges.betfair.stream.price_rows import Projection
from evens.edges.betfair.stream.requests import MarketFilter
from evens.edges.betfair.wire.sessions import check_session
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.edges.stream.reader import Credential
from evens.identity.principal import Principal
from evens.identity.service import Identity
from evens.store.exchange.followed import FollowedMarkets

_MS_NS: Final = 1_000_000
_MARKETS_AT_ONCE: Final = 500
"""After so many markets other tasks get a turn: the single writer shares this thread."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long a client may be silent before it follows something, or not read, and how many connections there may be.

    ``pause_s`` is the shortest time between two pictures of one thing. A client agrees on TLS within ``handshake_s``,
    and has said who it is ``silent_s`` after that, whatever else it says.
    """

    pause_s: float = 0.05
    handshake_s: float = 5
    silent_s: float = 15
    stalled_after_s: float = 10
    connections_per_caller_max: int = 10
    check_credentials_s: float = 5


class Served(Protocol):
    """A client as far as those know it who serve all of them."""

    credential: Credential | None

    def flush(self) -> None:
        """Send what is to be sent now."""
        ...


class Serving:
    """The feeds, and whatever else clients share. ``clients`` are all that are connected."""

    def __init__(
        self,
        prices: Feed[MarketPicture, Projection],
        bets: Feed[CustomerBets, BetProjection],
        markets: FollowedMarkets,
        identity: Identity,
        throttle: CallerThrottle,
        metrics: BetfairStreamMetrics,
        clients: Collection[Served],
        settings: StreamLimits,
    ) -> None:
        self.prices: Final = prices
        self.bets: Final = bets
        self.identity: Final = identity
        self.throttle: Final = throttle
        self.metrics: Final = metrics
        self.settings: Final = settings
        self.clocks: Final = Clocks()
        self._markets = markets
        self._clients = clients
        self._ready: dict[Served, None] = {}
        self._woken = asyncio.Event()

    def wake(self, client: Served) -> None:
        """Have the next round send a client what there is for it."""
        self._ready[client] = None
        self._woken.set()

    async def wait_until_ready(self) -> None:
        """Wait until there is something to send."""
        await self._woken.wait()

    def take_ready(self) -> list[Served]:
        """Return for whom there is something to send, each once."""
        self._woken.clear()
        ready, self._ready = self._ready, {}
        return list(ready)

    async def check_session(self, session: str) -> Principal:
        """Return whose session this is.

        Raises :class:`evens.identity.errors.NotAuthenticated`, and the store's own error if it cannot be asked.
        """
        return await check_session(self.identity, session)

    def connections_available(self, principal: Principal) -> int:
        """Return how many connections more a caller may have; negative if it has too many."""
        used = sum(
            client.credential is not None and client.credential.principal.scope == principal.scope
            for client in self._clients
        )
        return self.settings.connections_per_caller_max - used

    async def markets_of(self, chosen: MarketFilter, since: Place | None) -> list[int]:
        """Return the markets that fit a filter.

        Whoever comes back is told of those, too, that were settled meanwhile. Raises
        :class:`evens.edges.betfair.stream.statuses.RequestFailed` if there are too many.
        """
        named = named_markets(chosen)
        if named is not None:
            rows = await self._markets.named(named)
        else:
            rows = await self._markets.unsettled(MOMENT_MAX if since is None else since.at_ms * _MS_NS)
        found: list[int] = []
        for count, row in enumerate(rows, 1):
            if fits(chosen, row.id, row.terms):
                found.append(row.id)
            if count % _MARKETS_AT_ONCE == 0:
                await asyncio.sleep(0)
        if len(found) > MARKETS_MAX:
            raise too_many(len(found))
        return found
