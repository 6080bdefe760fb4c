"""Formatting of amounts and times."""

import pytest

from evens.edges.cli.failures import Misused
from evens.edges.cli.wording import amount_text, count_text, day_begin, day_end, moment_text, next_day_begin


def test_thousands_are_set_apart_and_nothing_is_rounded() -> None:
    amounts = ["0.00", "-0.50", "999.99", "1000.00", "-1234567.000001", "123456789012345678"]
    shown = ["0.00", "-0.50", "999.99", "1,000.00", "-1,234,567.000001", "123,456,789,012,345,678"]
    assert [amount_text(amount) for amount in amounts] == shown


def test_midnight_is_shown_as_the_day() -> None:
    assert moment_text("2024-02-29T00:00:00Z") == "2024-02-29"
    assert moment_text("2024-02-29T00:00:00.000000001Z") == "2024-02-29 00:00:00"
    assert moment_text("2024-02-29T13:05:09.5Z") == "2024-02-29 13:05:09"


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
