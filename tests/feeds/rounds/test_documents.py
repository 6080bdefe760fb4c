"""Prices in documents: the shapes that publishers use, days as they write them, and nonsense that is never a price."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.pool_running import PoolRunning, running_of
from evens.feeds.rounds.calendar import calendar_of
from evens.feeds.rounds.sources.documents import DOCUMENT_BYTES_MAX, csv_document, json_document
from evens.feeds.rounds.sources.paths import parse_path
from evens.feeds.rounds.sources.source import NotYet, Quote
from evens.feeds.rounds.sources.texts import observed_on, price_of
from evens.feeds.upstream import SourceFailed
from tests.feeds.rounds.asking import FRIDAY, MINUTE, quote

EOD = (
    b'{"symbol": "IXIC", "currency": "USD", "datetime": "2021-03-12", "timestamp": 1615559400, "close": "13319.86035"}'
)
CHART = b"""{"chart": {"result": [{"meta": {"symbol": "^IXIC"}, "timestamp": [1615386600, 1615473000, 1615559400],
 "indicators": {"quote": [{"close": [13068.830078125, 13398.669921875, 13319.8603515625]}],
 "adjclose": [{"adjclose": [1, 2, 3]}]}}], "error": null}}"""
LISTED = b"""[{"date": "2021-03-11T00:00:00.000Z", "close": 13398.67},
 {"date": "2021-03-12T00:00:00.000Z", "close": 13319.87}, {"note": "no date"}]"""
QUOTED = b'{"Global Quote": {"05. price": "13319.86", "07. latest trading day": "2021-03-12"}}'
TABLE = (
    b"Date,Open,High,Low,Close,Volume\r\n2021-03-11,13305.17,13433.63,13278.74,13398.67,5820480000\r\n"
    b"2021-03-12,13194.46,13323.47,13165.02,13319.87,5092600000\r\n"
)
MACRO = b"\xef\xbb\xbfobservation_date,NASDAQCOM\n2021-03-11,13398.67\n2021-03-12,13319.86\n"


@pytest.mark.parametrize(
    ("document", "price", "date", "expected"),
    [
        (EOD, "close", "datetime", "13319.86035"),
        (EOD, "close", "timestamp", "13319.86035"),
        (
            CHART,
            "chart.result[0].indicators.quote[0].close[*]",
            "chart.result[0].timestamp[*]",
            "13319.8603515625",
        ),
        (CHART, "chart.result[0].indicators.quote[0].close[-1]", "chart.result[0].timestamp[-1]", "13319.8603515625"),
        (LISTED, "[*].close", "[*].date", "13319.87"),
        (QUOTED, '["Global Quote"]["05. price"]', '["Global Quote"]["07. latest trading day"]', "13319.86"),
    ],
)
def test_the_sessions_price_is_found_in_json(document: bytes, price: str, date: str, expected: str) -> None:
    assert json_document(price, date)(document, FRIDAY) == quote(expected)


@pytest.mark.parametrize(
    ("document", "price", "date", "expected"),
    [(TABLE, "Close", "Date", "13319.87"), (MACRO, "NASDAQCOM", "observation_date", "13319.86")],
)
def test_the_sessions_price_is_found_in_csv(document: bytes, price: str, date: str, expected: str) -> None:
    assert csv_document(price, date)(document, FRIDAY) == quote(expected)


@pytest.mark.parametrize(
    "text", ["2021-03-12", "2021-03-12T00:00:00Z", "2021-03-12 16:00:00", "20210312", "1615582800"]
)
def test_days_are_taken_as_publishers_write_them(text: str) -> None:
    assert observed_on(text, FRIDAY) == "2021-03-12"


def test_a_number_is_a_moment_in_the_sessions_zone_and_midnight_utc_the_day_that_begins() -> None:
    assert observed_on("1615582800000", FRIDAY) == "2021-03-12"
    # 2021-03-13T01:00:00Z is still Friday evening in New York.
    assert observed_on("1615597200", FRIDAY) == "2021-03-12"
    assert observed_on("1615507200", FRIDAY) == "2021-03-12"
    assert observed_on("1615593600", FRIDAY) == "2021-03-13"
    tokyo = calendar_of(PoolRunning(calendar="XTKS")).session("20210312")
    assert observed_on("1615507200", tokyo) == "2021-03-12"


@pytest.mark.parametrize(
    "value", ["03/12/2021", "12.03.2021", "2021-02-30", "20211301", "1", "", None, True, ["2021-03-12"]]
)
def test_a_date_that_could_mean_another_day_is_none(value: object) -> None:
    with pytest.raises(SourceFailed):
        observed_on(value, FRIDAY)


def test_rounds_of_intervals_need_the_moment_of_their_close() -> None:
    bars = b'[{"t": 1795860060, "c": 1.5}, {"t": "2026-11-28T10:00:00Z", "c": 2.5}, {"t": 1795860059, "c": 3.5}]'
    assert MINUTE.observed_on == "2026-11-28T10:00:00Z"
    assert json_document("[*].c", "[*].t")(bars, MINUTE) == Quote(Decimal("2.5"), MINUTE.observed_on)
    with pytest.raises(SourceFailed):
        observed_on("2026-11-28", MINUTE)


def test_yesterdays_close_is_not_yet() -> None:
    """Pools 3: a source that still shows yesterday's close is "not yet", never a tie."""
    monday = calendar_of(PoolRunning()).session("20210315")
    for read, document in (
        (json_document("close", "datetime"), EOD),
        (json_document("[*].close", "[*].date"), LISTED),
        (csv_document("Close", "Date"), TABLE),
    ):
        with pytest.raises(NotYet, match="shows 2021-03-12, not 2021-03-15"):
            read(document, monday)


def test_a_day_whose_price_is_not_filled_in_is_not_yet() -> None:
    with pytest.raises(NotYet, match="has no price for 2021-03-12 yet"):
        json_document("[*].close", "[*].date")(b'[{"date": "2021-03-12", "close": null}]', FRIDAY)
    with pytest.raises(NotYet):
        json_document("[*].close", "[*].date")(b'[{"date": "2021-03-12"}]', FRIDAY)


ABSURD = [
    "NaN",
    "nan",
    "Infinity",
    "1e999",
    "1e3",
    "-13319.86",
    "+1",
    "0",
    "0.00",
    "13,319.86",
    "",
    ".",
    "1" * 13,
    "0x10",
]


@pytest.mark.parametrize("text", [*ABSURD, "1." + "0" * 13, "１３", "13319.86 USD", "1_000"])
def test_an_absurd_text_is_no_price(text: str) -> None:
    with pytest.raises(SourceFailed):
        price_of(text)
    with pytest.raises(SourceFailed):
        csv_document("close", "date")(f'date,close\n2021-03-12,"{text}"\n'.encode(), FRIDAY)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-Infinity", "1e999", "-1", "0", "0.0", "true", "[]", "{}", "1" * 5000]
)
def test_an_absurd_number_is_no_price(text: str) -> None:
    with pytest.raises(SourceFailed):
        json_document("close", "date")(f'{{"date": "2021-03-12", "close": {text}}}'.encode(), FRIDAY)


@given(st.decimals("0.000000000001", "999999999999", places=12))
def test_every_digit_of_a_price_is_kept(price: Decimal) -> None:
    document = f'{{"date": "2021-03-12", "close": {price:f}}}'.encode()
    assert json_document("close", "date")(document, FRIDAY) == Quote(price, "2021-03-12")
    assert csv_document("close", "date")(f"date,close\n2021-03-12,{price:f}".encode(), FRIDAY).price == price


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (b"", "is no JSON"),
        (b"<html>", "is no JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[" * 100_000, "is nested without end"),
        (b"null", "has nothing at 'close'"),
        (b'"close"', "gives no date"),
        (b'{"close": "1"}', "has nothing at 'date'"),
        (b'{"close": "1", "date": "today"}', "gives no date that is understood"),
        (b" " * (DOCUMENT_BYTES_MAX + 1), "has more than"),
    ],
)
def test_a_json_document_that_makes_no_sense_has_failed(document: bytes, complaint: str) -> None:
    with pytest.raises(SourceFailed, match=complaint):
        json_document("close", "date")(document, FRIDAY)


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (b"", "has 0 columns of the name 'date'"),
        (b"date,close,close\n2021-03-12,1,2", "has 2 columns of the name 'close'"),
        (b"date,Close\n2021-03-12,1", "has 0 columns of the name 'close'"),
        (b"date,close\n", "gives no date"),
        (b"date,close\n2021-03-12\n", "gives no date"),
        (b'date,close\n"2021-03-12,1', "is no CSV"),
        (b"date,close\n2021-03-12,1\n2021-03-12,2", "gives several prices"),
        (b"date,close\n2021-03-12," + b"1" * 200_000, "is no CSV"),
    ],
)
def test_a_csv_document_that_makes_no_sense_has_failed(document: bytes, complaint: str) -> None:
    with pytest.raises(SourceFailed, match=complaint):
        csv_document("close", "date")(document, FRIDAY)


def test_a_line_without_a_date_is_passed_over() -> None:
    document = b"date,close\nSource: Example,\n2021-03-12,13319.86\n\n2021-03-12,13319.860\n"
    assert csv_document("close", "date")(document, FRIDAY) == quote("13319.86")


def test_lists_of_different_lengths_are_not_put_side_by_side() -> None:
    with pytest.raises(SourceFailed, match="has 2 prices and 1 dates"):
        json_document("c[*]", "t[*]")(b'{"c": [1, 2], "t": ["2021-03-12"]}', FRIDAY)
    with pytest.raises(SourceFailed, match="has no list"):
        json_document("c[*]", "t[*]")(b'{"c": {}, "t": []}', FRIDAY)


def test_nothing_of_a_document_is_quoted_in_what_went_wrong() -> None:
    """Evidence is public, and an operator may name the wrong address or file."""
    secret = "hunter2"
    for document in (f'{{"date": "2021-03-12", "close": "{secret}"}}', f'{{"date": "{secret}", "close": 1}}', secret):
        with pytest.raises(SourceFailed) as failed:
            json_document("close", "date")(document.encode(), FRIDAY)
        assert secret not in str(failed.value)


@pytest.mark.parametrize("text", ["a..b", "a[", "a[x]", "a[*][*]", '[""]', "a.[0]", 'a["b"'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"path|\[\*\]"):
        parse_path(text)


def test_the_operators_page_shows_what_is_read() -> None:
    """Pools 3: the two shapes on the page are read by the sources on the page."""
    page = (Path(__file__).parents[3] / "docs" / "operating-pools.md").read_text("utf-8")
    calendar, sources = (running_of(tomllib.loads(text)) for text in re.findall(r"```toml\n(.*?)```", page, re.DOTALL))
    assert calendar.closed == ("2025-01-09",)
    assert [source.name for source in sources.sources] == ["table", "chart", "desk"]
    table, chart, _ = sources.sources
    blocks = re.findall(r"(?:^ {4}.*\n)+", page, re.MULTILINE)
    assert csv_document(table.price or "", table.date or "")(_unindented(blocks[0]), FRIDAY) == quote("13319.87")
    assert json_document(chart.price or "", chart.date or "")(blocks[1].encode(), FRIDAY) == quote("13319.87")


def _unindented(block: str) -> bytes:
    return re.sub(r"^ {4}", "", block, flags=re.MULTILINE).encode()
