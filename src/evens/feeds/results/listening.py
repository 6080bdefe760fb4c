"""Hearing all sources, and keeping what each of them said last."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.sources import OfficialResult, ResultSource, SourceFailed

_log: Final = structlog.get_logger(__name__)


class Listener:
    """Reads sources side by side. One that fails is taken to stand by what it said last, and named as failing.

    Raises ``ValueError`` if two sources share a name: nobody could tell which of them said what.
    """

    def __init__(self, sources: Sequence[ResultSource], metrics: ResultsMetrics) -> None:
        if len({source.name for source in sources}) < len(sources):
            raise ValueError("sources of results need different names")
        self._sources = tuple(sources)
        self._metrics = metrics
        self._said: dict[str, Sequence[OfficialResult]] = {}
        self._troubles: dict[str, str] = {}

    @property
    def failing(self) -> Mapping[str, str]:
        """What was wrong with each source that could not be read the last time, by name."""
        return self._troubles

    async def listen(self) -> dict[str, list[OfficialResult]]:
        """Read all sources and return what they say, by event, those that fail with what they said last."""
        await asyncio.gather(*[self._hear(source) for source in self._sources])
        by_event: dict[str, list[OfficialResult]] = {}
        for source in self._sources:
            for result in self._said.get(source.name, ()):
                by_event.setdefault(result.event, []).append(result)
        return by_event

    async def _hear(self, source: ResultSource) -> None:
        try:
            self._said[source.name] = await source.fetch()
        except SourceFailed as error:
            trouble = str(error)
            if self._troubles.get(source.name) != trouble:
                _log.warning("results_not_read", source=source.name, error=trouble)
            self._troubles[source.name] = trouble
        except Exception as error:
            # One source that breaks must not make the others unheard.
            if self._troubles.get(source.name) != repr(error):
                _log.exception("results_not_read", source=source.name)
            self._troubles[source.name] = repr(error)
        else:
            if self._troubles.pop(source.name, None) is not None:
                _log.info("results_read_again", source=source.name)
        self._metrics.heard(source.name, is_failing=source.name in self._troubles)
