"""Results from a real file: read again when it changes, and never by halves."""

import os
from pathlib import Path

import pytest

from evens.core.commands.exchange import SettleMarket
from evens.core.values.ids import RunnerId
from evens.feeds.results.document import DOCUMENT_BYTES_MAX
from evens.feeds.results.file import FileSource
from evens.feeds.results.sources import SourceFailed
from tests.feeds.simulated_results import SimulatedExchange, WatcherHarness

pytestmark = pytest.mark.anyio

DERBY = '{"event": "derby", "market": "Winner", "winners": ["Alpha"]}\n'
OAKS = '{"event": "oaks", "winners": ["Beta"]}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


@pytest.fixture
def source(path: Path) -> FileSource:
    return FileSource("desk", path)


async def events(source: FileSource) -> list[str]:
    return [result.event for result in await source.fetch()]


async def test_a_file_is_read_and_signed_with_the_sources_name(path: Path, source: FileSource) -> None:
    path.write_text(DERBY)
    (result,) = await source.fetch()
    assert (result.source, result.event, result.winners) == ("desk", "derby", ("Alpha",))


async def test_an_appended_line_is_seen(path: Path, source: FileSource) -> None:
    path.write_text(DERBY)
    assert await events(source) == ["derby"]
    with path.open("a") as file:
        file.write(OAKS)
    assert await events(source) == ["derby", "oaks"]


async def test_a_replaced_file_of_the_same_size_and_time_is_read_again(path: Path, source: FileSource) -> None:
    path.write_text(DERBY)
    assert await events(source) == ["derby"]
    status = path.stat()
    other = path.with_name("other")
    other.write_text(DERBY.replace("derby", "trial"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert await events(source) == ["trial"]


async def test_a_file_that_did_not_change_is_not_read_again(path: Path, source: FileSource) -> None:
    path.write_text(DERBY)
    assert await source.fetch() is await source.fetch()


async def test_a_malformed_file_is_named_with_its_line_and_field_until_it_is_mended(
    path: Path, source: FileSource
) -> None:
    path.write_text(DERBY + '{"event": "oaks", "winners": 7}\n')
    for _ in range(2):
        with pytest.raises(SourceFailed) as failure:
            await source.fetch()
        assert str(failure.value).startswith(f"{path}: line 2: ")
        assert "$.winners" in str(failure.value)
    path.write_text(DERBY + OAKS)
    assert await events(source) == ["derby", "oaks"]


async def test_a_file_that_breaks_after_it_was_read_fails_and_is_not_taken_for_what_it_was(
    path: Path, source: FileSource
) -> None:
    path.write_text(DERBY)
    assert await events(source) == ["derby"]
    path.write_text(DERBY + OAKS[:20])
    for _ in range(2):
        with pytest.raises(SourceFailed, match="line 2"):
            await source.fetch()
    path.unlink()
    with pytest.raises(SourceFailed, match="No such file"):
        await source.fetch()


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="directory"):
        await FileSource("desk", tmp_path).fetch()


async def test_a_file_that_is_too_long_is_refused(path: Path, source: FileSource) -> None:
    path.write_bytes(b"\n" * (DOCUMENT_BYTES_MAX + 1))
    with pytest.raises(SourceFailed, match="more than"):
        await source.fetch()


async def test_a_half_written_file_settles_nothing_and_a_whole_one_does(
    path: Path, source: FileSource, exchange: SimulatedExchange
) -> None:
    market, other = exchange.open(), exchange.open(event="oaks")
    harness = WatcherHarness(exchange, (source,))
    path.write_text(DERBY + OAKS[:20])
    await harness.poll_through()
    assert exchange.commands == []
    assert "line 2" in harness.watcher.failing["desk"]
    path.write_text(DERBY + OAKS)
    await harness.poll_through()
    assert exchange.commands == [
        SettleMarket(market, (RunnerId(1),)),
        SettleMarket(other, (RunnerId(2),)),
    ]


async def test_a_file_that_is_written_to_while_it_is_read_fails_until_it_is_at_rest(
    path: Path, source: FileSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = os.fstat

    def write_before_the_second_look(descriptor: int) -> os.stat_result:
        nonlocal looks
        looks += 1
        if looks == 2:
            path.write_text(DERBY + OAKS)
        return look(descriptor)

    path.write_text(DERBY)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", write_before_the_second_look)
        with pytest.raises(SourceFailed, match="was written to"):
            await source.fetch()
    assert await events(source) == ["derby", "oaks"]
