"""Prices from a file, a JSON or CSV document, which is read anew for each question.

It is best replaced by renaming a new one over it: a file that changes while it is read is away until it is whole.
"""

import asyncio
import os
from pathlib import Path

from evens.core.values.pool_running import PriceSource
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.sources.documents import DOCUMENT_BYTES_MAX, Read
from evens.feeds.rounds.sources.http import filled
from evens.feeds.rounds.sources.source import Quote
from evens.feeds.upstream import SourceAway, SourceFailed


class FileReader:
    """A file with prices, read on a thread. ``read`` is how its document is read."""

    def __init__(self, source: PriceSource, read: Read) -> None:
        self._source = source
        self._read = read

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    async def closing(self, symbol: str, session: Session) -> Quote:
        """Read the price of a symbol at the close of a session."""
        path = Path(filled(self._source.url or "", symbol, session, safe="^=+$& :"))
        return await asyncio.to_thread(self._read_file, path, session)

    def _read_file(self, path: Path, session: Session) -> Quote:
        try:
            if not path.is_file():
                # Opening what is no file, such as a pipe, could wait for ever.
                raise SourceFailed("has no file where its prices should be")
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                document = file.read(DOCUMENT_BYTES_MAX + 1)
                after = os.fstat(file.fileno())
        except OSError as error:
            raise SourceFailed(f"has a file that cannot be read: {error.strerror or type(error).__name__}") from error
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise SourceAway("has a file that is being written")
        return self._read(document, session)
