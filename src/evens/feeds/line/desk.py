"""Books what providers say: fixture by fixture in order, and several fixtures at a time.

A fixture whose market is being settled answers that it is busy. What is said of it meanwhile waits, in order, and is
asked again after a pause; the other fixtures go on. Who is patient waits for that, and so hears of nothing as booked
before it is; what the impatient leave behind is asked again with :meth:`LineDesk.ask_again`.

When an operator decides about a fixture, its record is read anew (:meth:`LineDesk.ruled`), by whoever is in the middle
of it, too. What was said and is not booked then is said to the new record, and what the provider says now is read once
more, though nothing of it may have changed (:meth:`LineDesk.unread`): a decided market's line was left out.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final

import structlog

from evens.core.commands.fixed_odds import DisputeFixture
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import FixtureId
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import KnownFixtures, LineCommands
from evens.feeds.line.record import Ask, FixtureRecord
from evens.feeds.line.sayings import Saying

RECORDS_MAX: Final = 20_000
"""How many fixtures' records are kept. Of those that are at rest, the ones unused for longest are dropped."""

IN_HAND_MAX: Final = 16
"""Of how many fixtures a page is booked at a time: who bets meanwhile waits for these, and not for the whole page."""

BUSY_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""How long to wait before a busy fixture is asked again; the last pause repeats."""

_NOTHING_NEW: Final = frozenset({SharedReason.NOTHING_CHANGES, FixedOddsReason.RESULTS_CONTRADICT})

_OUTDATED: Final = frozenset(
    {FixedOddsReason.LINE_OUTDATED, FixedOddsReason.OPERATOR_DECIDED, FixedOddsReason.EVENT_UNKNOWN}
)
"""Refusals that say that the house knows more than the record does; an unknown event has become history."""

_TRIES: Final = 3

_log: Final = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class _Outcome(Enum):
    """What came of asking the house."""

    BOOKED = "booked"
    BUSY = "busy"
    OUTDATED = "outdated"


class _Lane:
    """One fixture: its record, once loaded, who is working on it, and what was said that may not be booked."""

    __slots__ = ("lock", "record", "unbooked", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.record: FixtureRecord | None = None
        self.users = 0
        self.unbooked: list[Saying] = []


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
        self._rulings = 0
        self._unread: dict[tuple[str, str], int] = {}
        """The fixtures about which an operator has decided since their line was read, each with which ruling it was."""
        self._all_unread = 0
        """The last ruling about a fixture of which no record was kept, so that it may be any."""

    async def order_of(self, source: str, key: str) -> tuple[int, bool] | None:
        """Return the order of the newest saying of a fixture, and whether all of it is booked for sure.

        ``None`` for a fixture that the house has never had.
        """
        async with self._lane(source, key) as lane:
            record = await self._record(lane, source, key)
            return (record.order, record.settled) if record is not None and record.is_known else None

    async def offered(self, source: str, now: int) -> list[str]:
        """Return the source's fixtures that can be bet on ``now``, as far as their records are kept."""
        for name, key in [name for name, lane in self._lanes.items() if name[0] == source and lane.record is None]:
            # It was dropped because the tables know more.
            await self.order_of(name, key)
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
        if patient:
            await _all([self._take_patiently((source, key), said) for key, said in by_key.items()])
            return
        in_hand = asyncio.Semaphore(IN_HAND_MAX)

        async def take(key: str, said: list[Saying]) -> None:
            async with in_hand:
                await self._take_all((source, key), said)

        await _all([take(key, said) for key, said in by_key.items()])

    async def ask_again(self) -> None:
        """Ask again about the fixtures that were busy. Raises what :meth:`take` does."""
        await _all([self._take_all(name, []) for name in tuple(self._waiting)])

    def forget(self, source: str) -> None:
        """Drop what is known of a source's fixtures, because the house may have been led by another server."""
        for name in [name for name in self._lanes if name[0] == source]:
            self._drop(name)

    def ruled(self, fixture: FixtureId) -> None:
        """Read a fixture anew before anything is said of it again: an operator has decided about it."""
        self._rulings += 1
        names = [name for name, lane in self._lanes.items() if lane.record is not None and lane.record.id == fixture]
        for name in names:
            self._lanes[name].record = None
            self._unread[name] = self._rulings
        if not names:
            self._all_unread = self._rulings

    def archived(self, fixture: FixtureId) -> None:
        """Know nothing of a fixture that has become history: its line, published again, would be another fixture's."""
        for lane in self._lanes.values():
            if lane.record is not None and lane.record.id == fixture:
                lane.record = None

    @property
    def rulings(self) -> int:
        """How often an operator has decided, for :meth:`unread`."""
        return self._rulings

    def unread(self, source: str, read_up_to: int) -> Collection[str] | None:
        """Return the source's fixtures that operators decided about since so many rulings; ``None``: any of them.

        A reading that began after a ruling counts as one.
        """
        self._unread = {
            name: ruling for name, ruling in self._unread.items() if name[0] != source or ruling > read_up_to
        }
        if self._all_unread > read_up_to:
            return None
        return {key for name, key in self._unread if name == source}

    async def _take_patiently(self, name: tuple[str, str], sayings: list[Saying]) -> None:
        waited = 0
        # Said again, because what others said or decided meanwhile may have had the record loaded anew.
        while not await self._take_all(name, sayings):
            await self._sleep(BUSY_PAUSES_S[min(waited, len(BUSY_PAUSES_S) - 1)])
            waited += 1

    async def _take_all(self, name: tuple[str, str], sayings: list[Saying]) -> bool:
        """Take sayings in, and return whether they and all before them are booked."""
        async with self._lane(*name) as lane:
            lane.unbooked += [saying for saying in sayings if saying not in lane.unbooked]
            try:
                is_booked = await self._book_all(lane, name, sayings)
            except BaseException:
                # Nobody knows what is booked: the tables tell, the next time that something is said.
                lane.record = None
                self._note(name, lane)
                raise
            if is_booked:
                lane.unbooked = []
            self._note(name, lane)
            return is_booked

    async def _book_all(self, lane: _Lane, name: tuple[str, str], sayings: Sequence[Saying]) -> bool:
        outdated = 0
        new: Sequence[Saying] = sayings if lane.record is not None else lane.unbooked
        while outdated < _TRIES:
            rulings = self._rulings
            record = await self._record(lane, *name)
            if record is None:
                # The fixture is history, and nothing that is said of it counts.
                return True
            outcome = await self._book_each(lane, record, new)
            if outcome is not _Outcome.OUTDATED:
                return outcome is _Outcome.BOOKED
            # Another server has led meanwhile, or an operator has decided: the house knows more than the record does.
            outdated += rulings == self._rulings
            lane.record, new = None, lane.unbooked
        _log.error("line_outdated", source=name[0], fixture=name[1], order=max([each.order for each in new], default=0))
        return True

    async def _book_each(self, lane: _Lane, record: FixtureRecord, sayings: Sequence[Saying]) -> _Outcome:
        outcome = _Outcome.BOOKED
        # With nothing new, what was left is asked again.
        for saying in sayings or (None,):
            if saying is not None:
                record.take(saying)
            outcome = await self._book(lane, record)
            if outcome is _Outcome.OUTDATED:
                break
        return outcome

    def _note(self, name: tuple[str, str], lane: _Lane) -> None:
        if lane.unbooked:
            self._waiting[name] = None
        else:
            self._waiting.pop(name, None)

    async def _record(self, lane: _Lane, source: str, key: str) -> FixtureRecord | None:
        """Return the fixture's record; ``None`` if the fixture is history and nothing said of it counts."""
        while lane.record is None:
            rulings = self._rulings
            known = await self._fixtures.find(source, key)
            if known is not None and known.archived:
                return None
            if rulings == self._rulings:
                # Otherwise an operator may have decided about this fixture, which had no record to be told by.
                lane.record = FixtureRecord(source, key, known)
        return lane.record

    async def _book(self, lane: _Lane, record: FixtureRecord) -> _Outcome:
        """Ask the house until it has what was said, is busy, or knows newer things."""
        while asks := record.asks():
            ask = asks[0]
            booked = await self._commands.submit(ask)
            if booked.refused in _OUTDATED or lane.record is not record:
                return _Outcome.OUTDATED
            if booked.refused is FixedOddsReason.EVENT_BUSY:
                self._metrics.waited()
                return _Outcome.BUSY
            if booked.refused is not None and booked.refused not in _NOTHING_NEW:
                self._complain(record, ask, str(booked.refused))
            if isinstance(ask, DisputeFixture):
                _log.error("line_disputed", source=record.source, fixture=record.key)
            self._metrics.asked(type(ask).__name__, is_refused=booked.refused is not None)
            record.booked(ask, booked.fixture)
        if record.is_known:
            record.done()
        return _Outcome.BOOKED

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


async def _all(works: Sequence[Awaitable[object]]) -> None:
    """Await all of these, and then raise what went wrong with the first."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
