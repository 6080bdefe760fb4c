"""Books what providers say: fixture by fixture in order, and as many fixtures at a time as there are.

A fixture whose market is being settled answers that it is busy. What is said of it meanwhile waits, in order, and is
asked again after a pause; the other fixtures go on. Who is patient waits for that, and so hears of nothing as booked
before it is; what the impatient leave behind is asked again with :meth:`LineDesk.ask_again`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import FixtureId
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import KnownFixtures, LineCommands
from evens.feeds.line.record import Ask, FixtureRecord
from evens.feeds.line.sayings import Saying

RECORDS_MAX: Final = 20_000
"""How many fixtures' records are kept. Of those that are at rest, the ones unused for longest are dropped."""

BUSY_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How long to wait before a busy fixture is asked again; the last pause repeats."""

_NOTHING_NEW: Final = frozenset({SharedReason.NOTHING_CHANGES, FixedOddsReason.RESULTS_CONTRADICT})

_TRIES: Final = 3

_log: Final = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class _Lane:
    """One fixture: its record, once loaded, and who is working on it."""

    __slots__ = ("lock", "record", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.record: FixtureRecord | None = None
        self.users = 0


class LineDesk:
    """Takes sayings of all sources, and returns once the house has booked them or knew them already."""

    def __init__(
        self, commands: LineCommands, fixtures: KnownFixtures, metrics: LineMetrics, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._commands = commands
        self._fixtures = fixtures
        self._metrics = metrics
        self._sleep = sleep
        self._lanes: OrderedDict[tuple[str, str], _Lane] = OrderedDict()
        self._waiting: dict[tuple[str, str], None] = {}

    async def order_of(self, source: str, key: str) -> tuple[int, bool] | None:
        """Return the order of the newest saying of a fixture, and whether all of it is booked for sure.

        ``None`` for a fixture that the house has never had.
        """
        async with self._lane(source, key) as lane:
            record = await self._record(lane, source, key)
            return (record.order, record.settled) if record is not None and record.is_known else None

    def offered(self, source: str, now: int) -> list[str]:
        """Return the source's fixtures that can be bet on ``now``, as far as their records are kept."""
        return [
            key
            for (name, key), lane in self._lanes.items()
            if name == source and lane.record is not None and lane.record.is_offered(now)
        ]

    async def take(self, source: str, sayings: Iterable[Saying], *, patient: bool = False) -> None:
        """Book what was said, in the order given for each fixture.

        Raises :class:`evens.sequencer.errors.NotBooked` or :class:`evens.store.errors.StoreUnavailable` after all that
        could be booked is.
        """
        by_key: dict[str, list[Saying]] = {}
        for saying in sayings:
            by_key.setdefault(saying.key, []).append(saying)
        take = self._take_patiently if patient else self._take_all
        await _all([take((source, key), said) for key, said in by_key.items()])

    async def ask_again(self) -> None:
        """Ask again about the fixtures that were busy. Raises what :meth:`take` does."""
        await _all([self._take_all(name, []) for name in tuple(self._waiting)])

    def forget(self, source: str) -> None:
        """Drop what is known of a source's fixtures, because the house may have been led by another server."""
        for name in [name for name in self._lanes if name[0] == source]:
            self._drop(name)

    def ruled(self, fixture: FixtureId) -> None:
        """Read a fixture anew before anything is said of it again: an operator has decided about it."""
        names = [name for name, lane in self._lanes.items() if lane.record is not None and lane.record.id == fixture]
        for name in names:
            self._drop(name)

    async def _take_patiently(self, name: tuple[str, str], sayings: list[Saying]) -> None:
        waited = 0
        await self._take_all(name, sayings)
        while name in self._waiting:
            await self._sleep(BUSY_PAUSES_S[min(waited, len(BUSY_PAUSES_S) - 1)])
            waited += 1
            # Said again, because what others said meanwhile may have had the record loaded anew.
            await self._take_all(name, sayings)

    async def _take_all(self, name: tuple[str, str], sayings: list[Saying]) -> None:
        async with self._lane(*name) as lane:
            try:
                for saying in sayings:
                    if not await self._take(lane, name, saying):
                        return
                if not sayings and lane.record is not None:
                    await self._book(lane.record)
            except BaseException:
                # Nobody knows what is booked: the tables tell, the next time that something is said.
                lane.record = None
                raise
            finally:
                self._note(name, lane)

    async def _take(self, lane: _Lane, name: tuple[str, str], saying: Saying) -> bool:
        """Book a saying; return false if the fixture is history and nothing that is said of it counts."""
        for _ in range(_TRIES):
            record = await self._record(lane, *name)
            if record is None:
                return False
            record.take(saying)
            if await self._book(record):
                return True
            # Another server has led meanwhile, so the house knows more than the record does.
            lane.record = None
        _log.error("line_outdated", source=name[0], fixture=name[1], order=saying.order)
        return True

    def _note(self, name: tuple[str, str], lane: _Lane) -> None:
        if lane.record is not None and lane.record.is_known and lane.record.asks():
            self._waiting[name] = None
        else:
            self._waiting.pop(name, None)

    async def _record(self, lane: _Lane, source: str, key: str) -> FixtureRecord | None:
        """Return the fixture's record; ``None`` if the fixture is history and nothing said of it counts."""
        if lane.record is None:
            known = await self._fixtures.find(source, key)
            if known is not None and known.archived:
                return None
            lane.record = FixtureRecord(source, key, known)
        return lane.record

    async def _book(self, record: FixtureRecord) -> bool:
        """Ask the house until it has what was said, or is busy; return false if it knows newer things."""
        while asks := record.asks():
            ask = asks[0]
            booked = await self._commands.submit(ask)
            if booked.refused is FixedOddsReason.LINE_OUTDATED:
                return False
            if booked.refused is FixedOddsReason.EVENT_BUSY:
                self._metrics.waited()
                return True
            if booked.refused is not None and booked.refused not in _NOTHING_NEW:
                self._complain(record, ask, str(booked.refused))
            self._metrics.asked(type(ask).__name__, is_refused=booked.refused is not None)
            record.booked(ask, booked.fixture)
        if record.is_known:
            record.done()
        return True

    def _complain(self, record: FixtureRecord, ask: Ask, reason: str) -> None:
        """Log a refusal. It is not asked again: what the house does not take now it would not take then."""
        _log.warning(
            "line_refused", source=record.source, fixture=record.key, command=type(ask).__name__, reason=reason
        )

    @asynccontextmanager
    async def _lane(self, source: str, key: str) -> AsyncGenerator[_Lane]:
        """Hold a fixture's lane, so that nobody else asks about the fixture and the lane is not dropped."""
        name = (source, key)
        lane = self._lanes.setdefault(name, _Lane())
        self._lanes.move_to_end(name)
        lane.users += 1
        try:
            async with lane.lock:
                yield lane
        finally:
            lane.users -= 1
            self._drop_idle()

    def _drop_idle(self) -> None:
        if len(self._lanes) > RECORDS_MAX:
            idle = (name for name, lane in self._lanes.items() if lane.users == 0 and name not in self._waiting)
            name = next(idle, None)
            if name is not None:
                del self._lanes[name]

    def _drop(self, name: tuple[str, str]) -> None:
        lane = self._lanes[name]
        self._waiting.pop(name, None)
        if lane.users == 0:
            del self._lanes[name]
        else:
            lane.record = None


async def _all(works: Sequence[Awaitable[None]]) -> None:
    """Await all of these, and then raise what went wrong with the first."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
