"""What a server can say of itself: its parts that died, its clock, what it listens to, and who audits it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evens.core.values.moments import SECOND_NS, format_time
from evens.edges.http.operator.services import Condition
from evens.edges.http.operator.shapes import FeedState
from evens.feeds.results.watcher import ResultsWatcher
from evens.program.auditing import AuditProcess
from evens.program.chain import ChainParts
from evens.program.line import LineParts
from evens.program.rounds import RoundParts
from evens.program.supervisor import Supervisor
from evens.sequencer.steady_clock import SteadyClock

_AGAIN: Final = "It is tried again by itself."
_BY_HAND: Final = "It is asked again by itself; where it waits for an operator, settle or void the round by hand."


class FeedStates:
    """Tells how everything is that a server listens to."""

    def __init__(self, line: LineParts | None, rounds: RoundParts, chain: ChainParts | None) -> None:
        self._line = line
        self._rounds = rounds
        self._chain = chain
        self._results: ResultsWatcher | None = None

    def watch_results(self, watchers: Mapping[str, ResultsWatcher]) -> Mapping[str, ResultsWatcher]:
        """Tell of this watcher from now on, too; return what was given."""
        self._results = next(iter(watchers.values()), None)
        return watchers

    def __call__(self) -> Sequence[FeedState]:
        """Return how each is."""
        return [*self._lines(), *self._result_sources(), *self._pools(), *self._rails()]

    def _lines(self) -> Iterator[FeedState]:
        if self._line is None:
            return
        feed, now = self._line.feed, time.time_ns()
        trouble = feed.trouble()
        for name in feed.sources:
            as_of = feed.as_of(name)
            lag_s = None if as_of is None else round((now - as_of) / SECOND_NS, 1)
            heard = None if as_of is None else format_time(as_of)
            error = trouble.get(name)
            yield FeedState("line", name, error is None, heard, lag_s, error, error and _AGAIN)

    def _result_sources(self) -> Iterator[FeedState]:
        if self._results is not None:
            failing = self._results.failing
            for name in self._results.sources:
                error = failing.get(name)
                yield FeedState("results", name, error is None, None, None, error, error and _AGAIN)

    def _pools(self) -> Iterator[FeedState]:
        for pool, error in sorted(self._rounds.scheduler.trouble().items()):
            yield FeedState("oracle", pool or "the database", False, None, None, error, _BY_HAND)

    def _rails(self) -> Iterator[FeedState]:
        if self._chain is not None:
            error = "; ".join(f"{part}: {why}" for part, why in sorted(self._chain.job.trouble().items())) or None
            yield FeedState("chain", self._chain.rail.name, error is None, None, None, error, error and _AGAIN)


def condition_of(
    supervisor: Supervisor,
    clock: SteadyClock,
    line: LineParts | None,
    rounds: RoundParts,
    chain: ChainParts | None,
    feeds: FeedStates,
    auditor: AuditProcess,
) -> Condition:
    """Return what the server can say of itself when it is asked."""
    return Condition(
        lambda: supervisor.dead,
        lambda: clock.trouble,
        lambda: None if line is None else line.feed.age_in_words(),
        rounds.scheduler.in_words,
        lambda: None if chain is None else chain.job.in_words(),
        auditor,
        feeds,
    )
