"""The feed: keeps every source prepared, recovered, heard and reconciled, and tells the house when one falls silent.

A source is *complete* once everything that may have been missed is recovered. From then on it is heard whenever a
message comes or a pull succeeds. After 30 s in which neither happened the house is told that the source is silent, and
nobody can bet on what came from it; so it is at once if the provider says that something was missed. Then, and after a
start, recovery is tried until it is complete. Only then is the house told that the source is heard again, and only then
does the line count as fresh.

Example, a provider whose messages are all lost from 12:00:00 on, and which cannot be reached:

========  ==============================================================================
12:00:10  nothing heard for 10 s: it is pulled, which fails
12:00:30  silent: ``HearSource(silent=True)``
12:04:00  the provider answers: every change since the last one seen is read and booked
12:04:01  complete: ``HearSource(silent=False)``; its fixtures can be bet on again
========  ==============================================================================
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from evens.core.commands.fixed_odds import HearSource
from evens.core.values.fixed_odds import Line, LineChange
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import LineCommands
from evens.feeds.line.sharing import SingleFlight
from evens.feeds.line.sources.source import IfTaken, LinePublisher, LineSource, PublishNotAllowed
from evens.feeds.upstream import SourceAway, SourceFailed
from evens.sequencer.errors import NotBooked
from evens.store.errors import StoreUnavailable

S: Final = 10**9
SILENCE_NS: Final = 30 * S
"""After how long without a message or an answer a source is silent, in nanoseconds."""

PULL_AFTER_NS: Final = 10 * S
RECONCILE_EVERY_NS: Final = 60 * S
RECOVER_EVERY_NS: Final = 2 * S
TICK_S: Final = 1.0

_STANDS_BY: Final = "another server writes"

_TROUBLE: Final = (SourceFailed, NotBooked, StoreUnavailable)
_log: Final = structlog.get_logger(__name__)


class _Channel:
    """One source, and how it is. Moments are those of the monotonic clock."""

    def __init__(self, source: LineSource, now: int, flight: SingleFlight) -> None:
        self.source = source
        self.flight = flight
        self.is_complete = False
        self.is_silent = False
        self.heard_at = now
        self.recovered_at: int | None = None
        self.reconciled_at = now
        self.as_of: int | None = None
        self.trouble = ""
        self.prepared_at: int | None = None


class LineFeed:
    """Reads the sources and publishes at them; runs as a job. ``clock`` never goes back; both count nanoseconds."""

    def __init__(
        self,
        sources: Sequence[LineSource],
        desk: LineDesk,
        commands: LineCommands,
        metrics: LineMetrics,
        *,
        clock: Callable[[], int] = time.monotonic_ns,
        wall_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._desk = desk
        self._commands = commands
        self._metrics = metrics
        self._clock = clock
        self._wall_clock = wall_clock
        self._channels = {source.name: self._channel(source) for source in sources}
        self._stopping = asyncio.Event()

    @property
    def sources(self) -> Mapping[str, LineSource]:
        """The sources by name."""
        return {name: channel.source for name, channel in self._channels.items()}

    async def create(self, source: str, key: str, line: Line, if_taken: IfTaken) -> None:
        """Publish a new fixture at a source, and return once the house has it.

        Raises what :meth:`evens.feeds.line.sources.source.LinePublisher.create` does.
        """
        await self._publisher(source).create(key, line, if_taken)

    async def change(self, source: str, key: str, change: LineChange) -> None:
        """Publish a change of a fixture at a source, and return once the house has it. Raises as :meth:`create`."""
        await self._publisher(source).change(key, change)

    def trouble(self) -> Mapping[str, str]:
        """Return what is wrong with each source that is not complete; empty if all is well."""
        return {
            name: channel.trouble or "what was missed is being recovered"
            for name, channel in self._channels.items()
            if not channel.is_complete
        }

    def age_in_words(self) -> str:
        """Return how old the line of each source is, as sentences."""
        now, trouble = self._wall_clock(), self.trouble()
        return " ".join(
            f"{name} cannot be bet on: {trouble[name]}."
            if channel.as_of is None or name in trouble
            else f"{name} is {(now - channel.as_of) / S:.0f} s old."
            for name, channel in self._channels.items()
        )

    async def refresh(self) -> None:
        """Have each source pulled at most once in 3 s, together with all who ask meanwhile. Raises nothing."""
        flights = [channel.flight for channel in self._channels.values() if not channel.flight.is_done]
        if flights:
            await asyncio.gather(*[flight() for flight in flights])

    def as_of(self, source: str) -> int | None:
        """Return when a source last confirmed its line, in nanoseconds since 1970; now for one that is not read."""
        channel = self._channels.get(source)
        return self._wall_clock() if channel is None else channel.as_of

    def heard(self, source: str) -> None:
        """Note a message of a source."""
        self._channels[source].heard_at = self._clock()

    async def run(self) -> None:
        """Keep every source until :meth:`stop`."""
        try:
            await asyncio.gather(*[self._keep(channel) for channel in self._channels.values()])
        finally:
            for channel in self._channels.values():
                await channel.flight.close()

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def close(self) -> None:
        """Close every connection."""
        for channel in self._channels.values():
            await channel.source.close()

    def _publisher(self, source: str) -> LinePublisher:
        publisher = self._channels[source].source.publisher if source in self._channels else None
        if publisher is None:
            raise PublishNotAllowed("is only read")
        if not self._commands.is_open:
            # What is published now could not be taken into the house by this server.
            raise SourceAway("cannot be written to by this server, which stands by for another")
        return publisher

    async def tick(self, name: str) -> None:
        """Do what a source needs now. What goes wrong is logged, and tried again by a later tick."""
        channel = self._channels[name]
        try:
            if not self._commands.is_open:
                self._stand_by(channel)
                return
            if channel.trouble == _STANDS_BY:
                # This server writes now: what is waited for is the recovery, which can take a while.
                channel.trouble = ""
            await self._see_to(channel)
            await self._desk.ask_again()
        except _TROUBLE as error:
            self._complain(channel, str(error))
        except Exception as error:
            # What one source says must not keep the others from being heard.
            if channel.trouble != repr(error):
                _log.exception("line_broke", source=name)
            channel.trouble = repr(error)
        finally:
            self._show(channel)

    def _channel(self, source: LineSource) -> _Channel:
        async def pull() -> int | None:
            return await self._pull(self._channels[source.name])

        return _Channel(source, self._clock(), SingleFlight(pull, self._clock))

    async def _keep(self, channel: _Channel) -> None:
        while not self._stopping.is_set():
            await self.tick(channel.source.name)
            try:
                async with asyncio.timeout(TICK_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _see_to(self, channel: _Channel) -> None:
        now = self._clock()
        await self._prepare(channel, now)
        if channel.source.has_missed or now - channel.heard_at >= SILENCE_NS:
            await self._fall_silent(channel)
        if not channel.is_complete:
            if channel.recovered_at is None or now - channel.recovered_at >= RECOVER_EVERY_NS:
                channel.recovered_at = now
                await self._recover(channel)
            return
        if now - channel.reconciled_at >= RECONCILE_EVERY_NS:
            channel.reconciled_at = now
            await channel.source.reconcile()
        if now - channel.heard_at >= PULL_AFTER_NS:
            await channel.flight()

    async def _prepare(self, channel: _Channel, now: int) -> None:
        """Have messages sent here. Without them the line is as fresh, and results come with the next reconciliation."""
        if channel.prepared_at is not None and now - channel.prepared_at < PULL_AFTER_NS:
            return
        channel.prepared_at = now
        try:
            await channel.source.prepare()
        except SourceFailed as error:
            _log.warning("line_webhook_not_registered", source=channel.source.name, error=str(error))

    async def _fall_silent(self, channel: _Channel) -> None:
        channel.is_complete, channel.as_of = False, None
        if not channel.is_silent:
            _log.warning("line_silent", source=channel.source.name, trouble=channel.trouble)
            await self._commands.submit(HearSource(channel.source.name, silent=True))
            channel.is_silent = True

    async def _recover(self, channel: _Channel) -> None:
        source = channel.source
        if not await source.recover():
            return
        as_of = await source.pull()
        await source.reconcile()
        await self._commands.submit(HearSource(source.name, silent=False))
        now = self._clock()
        channel.is_complete, channel.is_silent, channel.trouble = True, False, ""
        channel.heard_at = channel.reconciled_at = now
        channel.as_of = as_of or self._wall_clock()
        _log.info("line_complete", source=source.name)

    async def _pull(self, channel: _Channel) -> int | None:
        """Confirm a source's line, if it is complete, and return how old it is; raises nothing."""
        if not channel.is_complete or not self._commands.is_open:
            return None
        try:
            as_of = await channel.source.pull()
        except _TROUBLE as error:
            self._metrics.pulled(channel.source.name, "failed")
            self._complain(channel, str(error))
            return None
        except Exception:
            self._metrics.pulled(channel.source.name, "failed")
            _log.exception("line_broke", source=channel.source.name)
            return None
        if as_of is None:
            # A source that only sends messages is fresh as long as it is not silent.
            channel.as_of = self._wall_clock()
            return None
        self._metrics.pulled(channel.source.name, "read")
        if channel.trouble:
            _log.info("line_read_again", source=channel.source.name)
            channel.trouble = ""
        if channel.is_complete:
            channel.as_of, channel.heard_at = as_of, self._clock()
        return self._wall_clock() - as_of

    def _stand_by(self, channel: _Channel) -> None:
        """Leave the line to the server that writes, and begin anew if this one does."""
        channel.source.restart()
        channel.is_complete, channel.as_of, channel.recovered_at = False, None, None
        channel.heard_at = self._clock()
        channel.trouble = _STANDS_BY

    def _complain(self, channel: _Channel, trouble: str) -> None:
        if channel.trouble != trouble:
            _log.warning("line_not_read", source=channel.source.name, error=trouble)
        channel.trouble = trouble

    def _show(self, channel: _Channel) -> None:
        age = None if channel.as_of is None else (self._wall_clock() - channel.as_of) / S
        self._metrics.show(channel.source.name, age, is_silent=channel.is_silent)
