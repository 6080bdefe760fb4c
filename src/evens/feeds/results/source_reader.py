"""Reads all sources, and keeps the last results of each."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.sources import OfficialResult, ResultSource, SourceFailed

_log: Final = structlog.get_logger(__name__)


class SourceReader:
    """Reads sources concurrently. One that fails counts as saying what it said last, and is listed as failing.

    Raises ``ValueError`` if two sources share a name, since their claims could not be told apart.
    """

    def __init__(self, sources: Sequence[ResultSource], metrics: ResultsMetrics) -> None:
        if len({source.name for source in sources}) < len(sources):
            raise ValueError("sources of results need different names")
        self._sources = tuple(sources)
        self._metrics = metrics
        self._results: dict[str, Sequence[OfficialResult]] = {}
        self._errors: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """The names of the sources."""
        return [source.name for source in self._sources]

    @property
    def failing(self) -> Mapping[str, str]:
        """What was wrong with each source that could not be read the last time, by name."""
        return self._errors

    async def read(self) -> dict[str, list[OfficialResult]]:
        """Read all sources and return their results by event; of those that fail, their last results."""
        await asyncio.gather(*[self._read(source) for source in self._sources])
        by_event: dict[str, list[OfficialResult]] = {}
        for source in self._sources:
            for result in self._results.get(source.name, ()):
                by_event.setdefault(result.event, []).append(result)
        return by_event

    async def _read(self, source: ResultSource) -> None:
        try:
            self._results[source.name] = await source.fetch()
        except SourceFailed as error:
            error_text = str(error)
            if self._errors.get(source.name) != error_text:
                _log.warning("results_not_read", source=source.name, error=error_text)
            self._errors[source.name] = error_text
        except Exception as error:
            # A source that raises an unexpected error must not keep the others from being read.
            if self._errors.get(source.name) != repr(error):
                _log.exception("results_not_read", source=source.name)
            self._errors[source.name] = repr(error)
        else:
            if self._errors.pop(source.name, None) is not None:
                _log.info("results_read_again", source=source.name)
        self._metrics.source_read(source.name, is_failing=source.name in self._errors)
