"""Formatting of amounts and times."""

import time
from collections.abc import Callable, Iterator

import pytest

from evens.edges.cli.failures import Misused
from evens.edges.cli.wording import (
    amount_text,
    clock_text,
    count_text,
    day_begin,
    day_end,
    moment_text,
    next_day_begin,
    show_times_in_utc,
    value_date_text,
)


def test_thousands_are_set_apart_and_nothing_is_rounded() -> None:
    amounts = ["0.00", "-0.50", "999.99", "1000.00", "-1234567.000001", "123456789012345678"]
    shown = ["0.00", "-0.50", "999.99", "1,000.00", "-1,234,567.000001", "123,456,789,012,345,678"]
    assert [amount_text(amount) for amount in amounts] == shown


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what puts this process into a time zone, for the duration of the test."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()
    show_times_in_utc(wanted=False)


def test_times_are_in_the_terminals_zone_with_its_name(zone: Callable[[str], None]) -> None:
    """Hold 24: times in the terminal's zone with its name (`--utc`)."""
    zone("Europe/Prague")
    assert moment_text("2024-02-29T23:05:09.5Z") == "2024-03-01 00:05:09 CET"
    assert moment_text("2024-07-01T00:00:00Z") == "2024-07-01 02:00:00 CEST"
    assert clock_text("2024-07-01T00:00:00Z") == "02:00:00 CEST"
    zone("America/New_York")
    assert moment_text("2024-02-29T00:00:00Z") == "2024-02-28 19:00:00 EST"
    show_times_in_utc()
    assert moment_text("2024-02-29T13:05:09.5Z") == "2024-02-29 13:05:09 UTC"


def test_a_value_date_at_midnight_is_shown_as_the_day(zone: Callable[[str], None]) -> None:
    zone("America/New_York")
    assert value_date_text("2024-02-29T00:00:00Z") == "2024-02-29"
    assert value_date_text("2024-02-29T00:00:00.000000001Z") == "2024-02-28 19:00:00 EST"


def test_one_is_not_many() -> None:
    assert [count_text(count, "row") for count in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert count_text(2, "entry", "entries") == "2 entries"


def test_a_day_becomes_its_moments_and_a_time_stays_as_it_is() -> None:
    assert day_begin("2024-02-29") == "2024-02-29T00:00:00Z"
    assert day_end("2024-02-29") == "2024-02-29T23:59:59.999999999Z"
    assert next_day_begin("2024-02-29") == "2024-03-01T00:00:00Z"
    for read in (day_begin, day_end, next_day_begin):
        assert read("2024-02-29T10:00:00+02:00") == "2024-02-29T10:00:00+02:00"


@pytest.mark.parametrize("text", ["", "yesterday", "2023-02-29", "20240229", "2024-2-29", "9999-12-31"])
def test_what_is_neither_day_nor_time_is_a_misuse(text: str) -> None:
    for read in (day_begin, day_end, next_day_begin):
        with pytest.raises(Misused, match="is no day and no time"):
            read(text)
