"""Opens the sources that a pool's terms name."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from evens.core.values.pool_running import PoolRunning, PriceSource, RunningInvalid
from evens.feeds.rounds.sources.documents import Read, csv_document, json_document
from evens.feeds.rounds.sources.file import FileReader
from evens.feeds.rounds.sources.http import HttpReader
from evens.feeds.rounds.sources.manual import ManualReader, Words
from evens.feeds.rounds.sources.secrets import SecretFolder
from evens.feeds.rounds.sources.simulated import SimulatedReader
from evens.feeds.rounds.sources.source import PriceReader


def open_readers(
    running: PoolRunning,
    words: Words,
    secrets: SecretFolder | None = None,
    clock: Callable[[], int] = time.time_ns,
) -> Sequence[PriceReader]:
    """Return a pool's sources. They hold nothing open. Raises :class:`RunningInvalid` naming a path that is none."""
    folder = SecretFolder() if secrets is None else secrets
    return [_open(source, f"sources[{place}]", words, folder, clock) for place, source in enumerate(running.sources)]


def _open(
    source: PriceSource, where: str, words: Words, secrets: SecretFolder, clock: Callable[[], int]
) -> PriceReader:
    if source.kind == "manual":
        return ManualReader(source, words)
    if source.kind == "simulated":
        return SimulatedReader(source, clock, secrets.simulation)
    read = _document(source, where)
    return FileReader(source, read) if source.kind == "file" else HttpReader(source, read, secrets)


def _document(source: PriceSource, where: str) -> Read:
    """Return how documents of a source are read. A file that does not end in .json is CSV."""
    price, date = source.price or "close", source.date or "date"
    is_json = source.kind == "http_json" or (source.kind == "file" and Path(source.url or "").suffix == ".json")
    if not is_json:
        return csv_document(price, date)
    try:
        return json_document(price, date)
    except ValueError as error:
        raise RunningInvalid(f"{where}.price", f"or date is wrong: {error}") from error
