"""Betfair's dialect, composed: its addresses, and what runs for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from evens.edges.betfair.calls import Dialect
from evens.edges.betfair.heartbeat import Heartbeats
from evens.edges.betfair.routes import Routes, betfair_routes
from evens.edges.betfair.stream.stream import BetfairStream
from evens.edges.betfair.unsettled import UnsettledMarkets
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.services import Services
from evens.edges.stream.stream import Stream
from evens.program.betfair_stream import open_betfair_stream
from evens.program.house_jobs import Job
from evens.store.database import Database
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.cleared import ClearedQueries


@dataclass(frozen=True, slots=True)
class BetfairParts:
    """The routes of the dialect, who takes orders back where a program falls silent, and the Exchange Stream."""

    routes: Routes
    heartbeats: Heartbeats
    stream: BetfairStream

    @property
    def jobs(self) -> Mapping[str, Job]:
        """What runs beside the requests, by name."""
        return {"betfair heartbeats": self.heartbeats, "betfair stream": self.stream}

    @classmethod
    def over(
        cls, services: Services, database: Database, stream: Stream, metrics: Metrics, clock: Callable[[], int]
    ) -> Self:
        """Return the dialect over a house's services. ``stream`` is that of its own API, ``clock`` tells its time."""
        heartbeats = Heartbeats(services.gateway)
        database = services.exchange.queries.database
        bets = BettingQueries(database)
        betfair_stream = open_betfair_stream(database, services, stream, metrics)
        unsettled = UnsettledMarkets(bets)
        services.gateway.follow(unsettled)
        return cls(
            betfair_routes(Dialect(services, bets, ClearedQueries(database), unsettled, heartbeats), clock),
            heartbeats,
            betfair_stream,
        )
