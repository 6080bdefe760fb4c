"""Betfair's dialect, composed: its addresses, and what runs for it."""

from dataclasses import dataclass
from typing import Self

from evens.edges.betfair.calls import Dialect
from evens.edges.betfair.heartbeat import Heartbeats
from evens.edges.betfair.routes import Routes, betfair_routes
from evens.edges.http.services import Services
from evens.store.exchange.betting import BettingQueries


@dataclass(frozen=True, slots=True)
class BetfairParts:
    """The routes of the dialect, and who takes orders back where a program falls silent."""

    routes: Routes
    heartbeats: Heartbeats

    @classmethod
    def over(cls, services: Services) -> Self:
        """Return the dialect over a house's services."""
        heartbeats = Heartbeats(services.gateway)
        bets = BettingQueries(services.exchange.queries.database)
        return cls(betfair_routes(Dialect(services, bets, heartbeats)), heartbeats)
