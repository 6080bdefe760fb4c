"""Connects the line feeds to the gateway, the tables, Redis and the HTTP edge."""

import os
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import HearSource
from evens.core.events.fixed_odds import FixtureArchived, LinePublished, MarketRuled
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.fixed_odds import Line, LineChange, LineMarket, SelectionResult
from evens.core.values.ids import FixtureId
from evens.edges.gateway import Gateway
from evens.edges.http.sportsbook.line import IfTaken, Publishing, PublishResult
from evens.edges.http.sportsbook.webhooks import Intake, IntakeResult
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.feed import LineFeed
from evens.feeds.line.intake import LineIntake, NotSigned
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import Booked, KnownFixtures
from evens.feeds.line.record import Ask
from evens.feeds.line.sayings import SayingInvalid, Window
from evens.feeds.line.sharing import NoShelf, Shelf
from evens.feeds.line.sources.evens import EvensSource
from evens.feeds.line.sources.oddsapi import OddsApiSource
from evens.feeds.line.sources.source import LineSource, PublishNotAllowed, PublishRefused
from evens.feeds.line.sources.uof import UofSource
from evens.feeds.line.wanted import KnownFixture
from evens.feeds.upstream import SourceFailed, Upstream
from evens.line_settings import LineKey, LinePlace, parse_line_keys, parse_line_sources
from evens.settings import Settings
from evens.store.fixed_odds.rows import FixtureRow

WEBHOOK_PATH: Final = "/v1/sportsbook/webhooks/line"

_ACTOR: Final = "feed:line"
_ID_BYTES: Final = 16

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LineParts:
    """What reads the line: the feed, which is a job, the edge's view of it, and the intake of messages."""

    feed: LineFeed
    view: "EdgeLine"
    intake: "EdgeIntake"
    shelf: Shelf

    async def close(self) -> None:
        """Close every connection."""
        await self.feed.close()
        await self.shelf.close()


def open_line(
    settings: Settings, gateway: Gateway, fixtures: KnownFixtures, registry: CollectorRegistry, url: str
) -> LineParts | None:
    """Return what reads the line of the sources in the settings; ``None`` if there are none.

    ``url`` is this server's address, at which providers reach it.
    """
    places, keys = parse_line_sources(settings.line_sources), parse_line_keys(settings.line_keys)
    if not places:
        return None
    shelf = _open_shelf(settings.redis_url)
    metrics, commands = LineMetrics(registry), GatewayLineCommands(gateway)
    desk = LineDesk(commands, fixtures, metrics)
    gateway.follow(Rulings(desk))
    sources = [_source(name, place, keys.get(name), desk, fixtures, url, shelf) for name, place in places.items()]
    feed = LineFeed(sources, desk, commands, metrics)
    return LineParts(feed, EdgeLine(feed), EdgeIntake(LineIntake(feed, metrics)), shelf)


def _open_shelf(redis_url: str | None) -> Shelf:
    """Return where processes share documents. Only a house that has Redis imports its library."""
    return NoShelf() if redis_url is None else import_module("evens.feeds.line.redis_shelf").RedisShelf(redis_url)


def _source(
    name: str,
    place: LinePlace,
    key: LineKey | None,
    desk: LineDesk,
    fixtures: KnownFixtures,
    url: str,
    shelf: Shelf,
) -> LineSource:
    upstream, options = Upstream(place.url), place.options
    read_key = (key or LineKey("")).read
    match place.dialect:
        case "evens":
            webhook = url.rstrip("/") + WEBHOOK_PATH
            return EvensSource(name, upstream, desk, fixtures, webhook, key and key.read, shelf=shelf)
        case "oddsapi":
            return OddsApiSource(
                name,
                upstream,
                desk,
                fixtures,
                read_key,
                sports=options.get("sport", ()),
                regions=",".join(options.get("regions", ("eu",))),
                bookmaker=next(iter(options.get("bookmaker", ())), None),
            )
        case "uof":
            return UofSource(name, upstream, desk, fixtures, read_key, products=options.get("product", ("1", "3")))


class GatewayLineCommands:
    """Implements :class:`evens.feeds.line.protocols.LineCommands` on the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        return self._gateway.closed_because is None

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Book a command."""
        # A command that is asked twice changes nothing the second time, so its id need not be found again.
        receipt, _ = await self._gateway.submit(ask, command_id=os.urandom(_ID_BYTES), actor=_ACTOR, unseen=True)
        first = receipt.events[0]
        if isinstance(first, Rejected):
            return Booked(refused=first.reason)
        return Booked(fixture=first.fixture if isinstance(first, LinePublished) else None)


class Rulings:
    """Tells the desk when an operator has decided, or an event is history.

    Implements :class:`evens.edges.gateway.Follower`.
    """

    def __init__(self, desk: LineDesk) -> None:
        self._desk = desk

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Look for what operators decided, and for what is archived."""
        for receipt in receipts:
            # An operator's decision is told last, behind what it changed.
            last = receipt.events[-1]
            if isinstance(last, MarketRuled):
                self._desk.ruled(last.fixture)
            elif isinstance(last, FixtureArchived):
                self._desk.archived(last.fixture)

    def leading(self, seq: int) -> None:
        """Do nothing: the feed begins anew by itself."""

    def idle(self, because: str) -> None:
        """Do nothing: the feed stands by by itself."""


class EdgeLine:
    """Implements :class:`evens.edges.http.sportsbook.line.LineView` on the feed."""

    def __init__(self, feed: LineFeed) -> None:
        self._feed = feed

    async def refresh(self) -> None:
        """Have each source pulled at most once in 3 s, together with all who ask meanwhile. Raises nothing."""
        await self._feed.refresh()

    def as_of(self, source: str) -> int | None:
        """Return when a source last confirmed its line, in nanoseconds since 1970; now for one that is not read."""
        return self._feed.as_of(source)

    def sources(self) -> Mapping[str, bool]:
        """Return the names of the sources, each with whether it publishes what it is sent."""
        return {name: source.publisher is not None for name, source in self._feed.sources.items()}

    async def create(self, source: str, key: str, line: Line, if_taken: IfTaken) -> PublishResult:
        """Have a source publish a new event."""
        return await _publish(self._feed.create(source, key, line, if_taken))

    async def change(self, source: str, key: str, change: LineChange) -> PublishResult:
        """Have a source publish a change of an event."""
        return await _publish(self._feed.change(source, key, change))


async def _publish(work: Awaitable[None]) -> PublishResult:
    try:
        await work
    except PublishRefused as refused:
        return PublishResult(Publishing.REFUSED, str(refused), refused.status, refused.code, refused.errors)
    except PublishNotAllowed as error:
        return PublishResult(Publishing.NOT_ALLOWED, str(error))
    except SourceFailed as error:
        _log.warning("line_not_published", error=str(error))
        return PublishResult(Publishing.UNAVAILABLE, str(error))
    return PublishResult(Publishing.DONE)


class EdgeIntake:
    """Implements :class:`evens.edges.http.sportsbook.webhooks.LineIntake` on the feed's intake."""

    def __init__(self, intake: LineIntake) -> None:
        self._intake = intake

    async def take(self, headers: Mapping[str, str], body: bytes) -> IntakeResult:
        """Take a message."""
        try:
            await self._intake.take(headers, body)
        except NotSigned:
            return IntakeResult(Intake.UNSIGNED)
        except SayingInvalid as error:
            field, _, why = str(error).partition(": ")
            return IntakeResult(Intake.INVALID, field, why)
        except SourceFailed:
            return IntakeResult(Intake.UNAVAILABLE)
        return IntakeResult(Intake.TAKEN)


class FixtureTables(Protocol):
    """What the feeds ask the tables; the store's queries have it."""

    async def fixture(self, source: str, key: str) -> FixtureRow | None:
        """Return the fixture that its provider calls this, an archived one too."""
        ...

    async def unfinished(self, source: str) -> Sequence[FixtureRow]:
        """Return the source's fixtures that are new."""
        ...

    async def contradictions(self, fixture: FixtureId) -> Mapping[str, tuple[SelectionResult, ...]]:
        """Return by market what its provider said last in contradiction to a result."""
        ...


class TableFixtures:
    """Implements :class:`evens.feeds.line.protocols.KnownFixtures` on the tables."""

    def __init__(self, tables: FixtureTables) -> None:
        self._tables = tables

    async def find(self, source: str, key: str) -> KnownFixture | None:
        """Return a fixture."""
        row = await self._tables.fixture(source, key)
        if row is None:
            return None
        known = _known(row)
        # Where no operator has decided, the house itself knows that it was told.
        return replace(known, told=await self._tables.contradictions(row.id)) if known.ruled else known

    async def unfinished(self, source: str) -> Sequence[KnownFixture]:
        """Return those that have not ended."""
        return [_known(row) for row in await self._tables.unfinished(source)]


def _known(row: FixtureRow) -> KnownFixture:
    line = Line(
        title=row.title,
        deadline=row.deadline,
        sport=row.sport,
        competition=row.competition,
        starts_at=row.starts_at,
        suspended=row.suspended,
        markets=tuple(
            LineMarket(each.key, each.name, each.selections, each.suspended, each.winners, each.group)
            for each in row.markets
        ),
    )
    return KnownFixture(
        id=row.id,
        key=row.key,
        version=row.version,
        line=line,
        status=row.status,
        removed=frozenset((market.key, selection) for market in row.markets for selection, _, _ in market.removals),
        results={market.key: market.results for market in row.markets if market.results},
        cancelled=frozenset(Window(market.key, *window) for market in row.markets for window in market.cancelled),
        archived=row.archived,
        ruled={market.key: market.ruled for market in row.markets if market.ruled is not None},
    )
