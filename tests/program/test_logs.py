"""Log lines go to one place as JSON, and a file of them does not grow without end."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from evens.program.logs import FILES_KEPT, configure


@pytest.fixture(autouse=True)
def logging_restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def lines_of(file: Path) -> list[str]:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [f"{line['event']} {line['number']}" if "number" in line else line["event"] for line in lines]


def test_a_log_file_is_renamed_before_it_becomes_long(tmp_path: Path) -> None:
    """Hold 28: the log rotates, whole lines stay whole, and only so many files are kept."""
    file = tmp_path / "server.log"
    configure("info", file, file_bytes_max=1_000)
    log = structlog.get_logger("test")
    for number in range(500):
        log.info("booking", number=number)
    logging.getLogger("library").warning("a library warns")
    files = sorted(tmp_path.iterdir())
    assert [each.name for each in files] == ["server.log", *(f"server.log.{age}" for age in range(1, FILES_KEPT + 1))]
    assert all(each.stat().st_size <= 1_000 for each in files)
    kept = [line for each in (*reversed(files[1:]), files[0]) for line in lines_of(each)]
    assert kept[-1] == "a library warns"
    assert kept[:-1] == [f"booking {number}" for number in range(500 - len(kept) + 1, 500)]


def test_a_log_file_goes_on_where_the_last_start_left_it(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    for word in ("first", "second"):
        configure("info", file)
        structlog.get_logger("test").info(word)
        structlog.reset_defaults()
    assert lines_of(file) == ["first", "second"]


def test_a_line_that_cannot_be_written_is_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    file = folder / "server.log"
    configure("info", file, file_bytes_max=200)
    log = structlog.get_logger("test")
    log.info("before")
    file.unlink()
    folder.rmdir()
    for _ in range(5):
        log.info("a line that makes the file long enough to be renamed, which cannot be done any more")
    folder.mkdir()
    log.info("after")
    assert lines_of(file)[-1] == "after"
