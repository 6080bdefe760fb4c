"""Official results from a file, in the form that :mod:`evens.feeds.results.document` describes.

The file is read again when it changes. It is best replaced by renaming a new file over it: a file that changes while it
is read counts as failed until it is complete. A missing file counts as failed; an empty one has no results yet.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from evens.feeds.results.document import DOCUMENT_BYTES_MAX, parse_results
from evens.feeds.results.sources import OfficialResult, SourceFailed

_Stamp = tuple[int, int, int, int, int]


class FileSource:
    """A file of results, read on a thread so that reading blocks nothing else."""

    def __init__(self, name: str, path: Path) -> None:
        self._name = name
        self._path = path
        self._stamp: _Stamp | None = None
        self._results: tuple[OfficialResult, ...] = ()

    @property
    def name(self) -> str:
        """The name under which alerts, logs and metrics speak of this source."""
        return self._name

    async def fetch(self) -> Sequence[OfficialResult]:
        """Return the results in the file. Raises :class:`SourceFailed`."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> tuple[OfficialResult, ...]:
        try:
            if _stamp(self._path.stat()) == self._stamp:
                return self._results
            document, stamp = self._read_whole()
        except OSError as error:
            raise SourceFailed(f"{self._path}: {error.strerror or error}") from error
        try:
            results = parse_results(document, self._name)
        except SourceFailed as error:
            raise SourceFailed(f"{self._path}: {error}") from error
        self._results, self._stamp = results, stamp
        return results

    def _read_whole(self) -> tuple[bytes, _Stamp]:
        with self._path.open("rb") as file:
            before = _stamp(os.fstat(file.fileno()))
            document = file.read(DOCUMENT_BYTES_MAX + 1)
            if _stamp(os.fstat(file.fileno())) != before:
                raise SourceFailed(f"{self._path}: was written to while it was read")
        return document, before


def _stamp(status: os.stat_result) -> _Stamp:
    """Return what differs after every change, be it in place or by renaming."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
