"""Connects the results watcher to the database, the gateway and the log."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from evens.core.commands.every import Command
from evens.core.commands.exchange import SettleMarket, SuspendMarket, VoidMarket
from evens.core.events.ledger import Rejected
from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.reasons import Reason
from evens.edges.gateway import Gateway
from evens.edges.http.protocol.idempotency import command_id
from evens.edges.http.services import Services
from evens.feeds.results.file import FileSource
from evens.feeds.results.http_json import HttpJsonSource
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.protocols import LiveMarket
from evens.feeds.results.sources import ResultSource
from evens.feeds.results.watcher import ResultsWatcher
from evens.settings import Settings, parse_sources
from evens.store.exchange.queries import ExchangeQueries, MarketRow

_ACTOR: Final = "feed:results"
_MARKETS_PER_EVENT_MAX: Final = 1_000

_log: Final = structlog.get_logger(__name__)


def open_sources(places: dict[str, str]) -> list[ResultSource]:
    """Return a source for each path or URL."""
    return [
        HttpJsonSource(name, place) if place.startswith(("http://", "https://")) else FileSource(name, Path(place))
        for name, place in places.items()
    ]


def result_jobs(services: Services, settings: Settings) -> Mapping[str, ResultsWatcher]:
    """Return what settles markets from the sources in the settings, by name; nothing if there are none."""
    sources = open_sources(parse_sources(settings.results_sources))
    if not sources:
        return {}
    watcher = ResultsWatcher(
        sources,
        TableMarkets(services.exchange.queries),
        GatewayMarketCommands(services.gateway),
        LogAlerts(),
        ResultsMetrics(services.metrics.registry),
        time.monotonic_ns,
        every_s=settings.results_every_s,
        confirmation_s=settings.results_confirmation_s,
    )
    return {"results": watcher}


class TableMarkets:
    """Implements :class:`evens.feeds.results.protocols.Markets` on the database."""

    def __init__(self, exchange: ExchangeQueries) -> None:
        self._exchange = exchange

    async def find(self, event: str) -> Sequence[LiveMarket]:
        """Return the event's markets that are not archived."""
        rows = await self._exchange.markets(event=event, limit=_MARKETS_PER_EVENT_MAX)
        return [_live(row, event) for row in rows if not row.archived]


class GatewayMarketCommands:
    """Implements :class:`evens.feeds.results.protocols.MarketCommands` on the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def suspend(self, market: MarketId, *, key: str) -> Reason | None:
        """Suspend a market."""
        return await self._submit(SuspendMarket(market), key)

    async def settle(
        self, market: MarketId, winners: tuple[RunnerId, ...], *, dead_heat: bool, key: str
    ) -> Reason | None:
        """Settle a market."""
        return await self._submit(SettleMarket(market, winners, dead_heat), key)

    async def void(self, market: MarketId, *, key: str) -> Reason | None:
        """Void a market."""
        return await self._submit(VoidMarket(market), key)

    async def knows(self, key: str) -> bool:
        """Return whether the journal has a record under this key."""
        return await self._gateway.receipt(command_id(_ACTOR, key)) is not None

    async def _submit(self, command: Command, key: str) -> Reason | None:
        receipt, _replayed = await self._gateway.submit(command, command_id=command_id(_ACTOR, key), actor=_ACTOR)
        first = receipt.events[0]
        return first.reason if isinstance(first, Rejected) else None


class LogAlerts:
    """Implements :class:`evens.feeds.results.protocols.Alerts`: logs an error, the level that operators monitor."""

    async def alert(self, market: LiveMarket, what: str) -> None:
        """Log what is wrong with the results of a market."""
        _log.error("results_need_an_operator", market=f"mkt_{market.id}", event_name=market.event, what=what)


def _live(row: MarketRow, event: str) -> LiveMarket:
    return LiveMarket(
        id=row.id,
        event=event,
        name=row.terms.name,
        runners=row.terms.runners,
        removed=frozenset(row.removals),
        status=row.status,
        winners=tuple(map(RunnerId, row.shares)),
    )
