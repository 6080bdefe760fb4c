"""Moments and their text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evens.core.values.moments import (
    MOMENT_MAX,
    MOMENT_MIN,
    SECOND_NS,
    TimeInvalid,
    format_datetime,
    format_time,
    parse_date,
    parse_time,
)

moments = st.integers(MOMENT_MIN, MOMENT_MAX)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
datetimes = st.timedeltas(timedelta(days=-90_000), timedelta(days=90_000)).map(EPOCH.__add__)


@given(moments)
@example(MOMENT_MIN)
@example(MOMENT_MAX)
@example(-1)
@example(0)
def test_what_is_written_is_read_back_to_the_nanosecond(moment: int) -> None:
    assert parse_time(format_time(moment)) == moment


@given(moments)
def test_times_are_written_in_utc_without_needless_digits(moment: int) -> None:
    text = format_time(moment)
    whole, _, fraction = text.removesuffix("Z").partition(".")
    assert text.endswith("Z")
    assert len(whole) == len("2026-11-20T09:30:00")
    assert fraction == f"{moment % SECOND_NS:09d}".rstrip("0")


@given(
    datetimes,
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_an_offset_is_taken_into_account(wall_clock: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    expected = (wall_clock - timedelta(minutes=minutes) - EPOCH) // timedelta(microseconds=1) * 1000
    assert parse_time(wall_clock.replace(tzinfo=None).isoformat() + offset) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:30:00Z",
        "2026-11-20t09:30:00z",
        "2026-11-20T10:30:00+01:00",
        "2026-11-20T09:30:00.000Z",
        "2026-11-20T09:30:00.000000000-00:00",
    ],
)
def test_one_moment_can_be_written_in_several_ways(text: str) -> None:
    assert format_time(parse_time(text)) == "2026-11-20T09:30:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:30:00",  # no offset
        "2026-11-20T09:30:00 01:00",  # a + that a URL turned into a blank
        "2026-11-20 09:30:00Z",
        "2026-11-20",
        "2026-11-20T09:30Z",
        "2026-11-20T09:30:00.Z",
        "2026-11-20T09:30:00.1234567890Z",
        "2026-11-20T09:30:00,5Z",
        "2026-11-20T24:00:00Z",
        "2026-11-20T09:60:00Z",
        "2026-11-20T09:30:60Z",
        "2026-02-29T09:30:00Z",
        "2026-13-01T09:30:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-20T09:30:00+24:00",
        "2026-11-20T09:30:00+01:60",
        "2026-11-20T09:30:00+0100",
        "1677-09-21T00:12:43Z",
        "2262-04-11T23:47:17Z",
        "9999-12-31T23:59:59Z",
        "٢٠٢٦-11-20T09:30:00Z",
        "1795080600",
        "now",
        " 2026-11-20T09:30:00Z",
        "2026-11-20T09:30:00Z\n",
        "",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(TimeInvalid):
        parse_time(text)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        moment = parse_time(text)
    except TimeInvalid:
        return
    assert MOMENT_MIN <= moment <= MOMENT_MAX


def test_a_day_begins_at_midnight_in_utc() -> None:
    assert format_time(parse_date("1993-01-21")) == "1993-01-21T00:00:00Z"


@pytest.mark.parametrize("text", ["1993-1-21", "21.01.1993", "1993-02-30", "1993-01-21T00:00:00Z", "930121", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(TimeInvalid):
        parse_date(text)


@given(datetimes)
def test_the_databases_times_are_written_to_the_microsecond(moment: datetime) -> None:
    assert parse_time(format_datetime(moment)) == (moment - EPOCH) // timedelta(microseconds=1) * 1000
