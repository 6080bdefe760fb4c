"""Writes a settled market into a file of Betfair's historic data."""

import bz2
import os
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from evens.core.receipts import Receipt
from evens.core.values.ids import MarketId
from evens.edges.betfair.stream.history import HistoryWriter
from evens.edges.cli.operations import OperationRefused
from evens.store.console.journal import JournalQueries
from evens.store.database import Database
from evens.store.exchange.snapshots import Snapshots

_RECORDS_AT_ONCE: Final = 500
_COMPRESSED: Final = ".bz2"


async def export_market(dsn: str, market: MarketId, file: Path) -> int:
    """Write a market into a new file, and return how many lines it has.

    It is compressed if its name ends with ``.bz2``, and is there only as a whole.

    Raises :class:`OperationRefused` if there is no such market, or it is not settled, or there is such a file.
    """
    database = await Database.open(dsn)
    try:
        snapshot = await Snapshots(database).market(market)
        if snapshot is None:
            raise OperationRefused(f"There is no market 1.{market}.")
        settled_at = snapshot.market.settled_at
        if settled_at is None:
            raise OperationRefused(f"Market 1.{market} is not settled; export it once it is.")
        currency = next(each for each in snapshot.currencies if each.number == snapshot.market.currency_number)
        writer, lines = HistoryWriter(market, currency), 0
        with _new_file(file) as target:
            async for receipt in _records(database, market, settled_at):
                for text in writer.take(receipt):
                    target.write(text)
                    lines += 1
        return lines
    finally:
        await database.close()


async def _records(database: Database, market: MarketId, settled_at: int) -> AsyncIterator[Receipt]:
    """Yield the records of the journal from the one that created a market to the one that settled it."""
    journal, place = JournalQueries(database), market - 1
    while records := await journal.page(beyond=place, newest_first=False, limit=_RECORDS_AT_ONCE):
        for record in records:
            if record.receipt.at > settled_at:
                return
            yield record.receipt
        place = records[-1].receipt.seq


@contextmanager
def _new_file(file: Path) -> Generator[IO[bytes]]:
    """Open a file that has its name only once everything is in it."""
    if file.exists():
        raise OperationRefused(f"{file} is there already; name another file.")
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with bz2.open(partial, "wb") if file.suffix == _COMPRESSED else partial.open("wb") as target:
            yield target
        partial.rename(file)
    except OSError as error:
        raise OperationRefused(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)
