"""How a pool is run, as text: what is written is read back the same, and every refusal names its field."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.pool_running import (
    KINDS,
    SOURCES_MAX,
    PoolRunning,
    PriceSource,
    RunningInvalid,
    format_running,
    parse_running,
    running_of,
)

HTTP = PriceSource("ny", "http_json", "https://example.com/{symbol}?d={date}&k={@ny}", "close", "date")

DAYS = st.dates(date(1700, 1, 1), date(2200, 1, 1)).map(date.isoformat)
TIMES = st.times().map(lambda moment: f"{moment:%H:%M}")
HEADERS = st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True), st.just("Bearer {@ny}"))
SMALL = st.text(max_size=20)


@st.composite
def sources(draw: st.DrawFn) -> PriceSource:
    kind = draw(st.sampled_from(KINDS))
    name = draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,31}", fullmatch=True))
    seed = draw(st.none() | st.integers())
    price = draw(SMALL.filter(lambda text: text != "" and "adj" not in text.lower()))
    if kind in ("manual", "simulated"):
        return PriceSource(name, kind, seed=seed)
    if kind == "file":
        return PriceSource(name, kind, draw(st.sampled_from(["/srv/closes.csv", "/srv/{date}.json"])), price, price)
    url = draw(st.sampled_from(["http://127.0.0.1:1/x?s={symbol}", "https://example.com/{code}?key={@ny}"]))
    return PriceSource(name, kind, url, price, price, seed, draw(st.none() | HEADERS))


@st.composite
def runnings(draw: st.DrawFn) -> PoolRunning:
    listed = draw(st.lists(sources(), min_size=1, max_size=SOURCES_MAX, unique_by=lambda source: source.name))
    calendar = draw(st.sampled_from(["XNAS", "XLON"]) | st.integers(1, 99_999).map(lambda every: f"every:{every}"))
    least = int(calendar.removeprefix("every:")) - 1 if calendar.startswith("every:") else 86_400
    return PoolRunning(
        calendar=calendar,
        lock_before_close_s=draw(st.integers(0, min(least, 86_400))),
        settle_after_close_s=draw(st.integers(0, 86_400)),
        grace_s=draw(st.integers(0, 30 * 86_400)),
        quorum=draw(st.integers(1, len(listed))),
        tolerance_bps=draw(st.integers(0, 10_000)),
        jump_bps=draw(st.integers(0, 1_000_000)),
        closed=tuple(draw(st.lists(DAYS, max_size=5))),
        early=draw(st.dictionaries(DAYS, TIMES, max_size=5)),
        sources=tuple(listed),
    )


@given(runnings())
def test_what_is_written_is_read_back_the_same(running: PoolRunning) -> None:
    text = format_running(running)
    assert parse_running(text) == running
    assert format_running(parse_running(text)) == text
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) == text


def test_what_is_left_out_is_as_usual() -> None:
    assert parse_running("{}") == PoolRunning()
    assert PoolRunning().interval_s is None
    assert PoolRunning(calendar="every:60").interval_s == 60


def with_source(**said: Any) -> dict[str, Any]:
    return {"sources": [{"name": "ny", "kind": "manual"} | said]}


def http(**said: Any) -> dict[str, Any]:
    usual = {"kind": "http_json", "url": "https://example.com/", "price": "close", "date": "date"}
    return with_source(**(usual | said))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ([], "running"),
        ({"calender": "XNAS"}, "running.calender"),
        ({"calendar": "nasdaq"}, "calendar"),
        ({"calendar": "every:0"}, "calendar"),
        ({"calendar": 60}, "calendar"),
        ({"calendar": "every:60", "lock_before_close_s": 60}, "lock_before_close_s"),
        ({"lock_before_close_s": -1}, "lock_before_close_s"),
        ({"lock_before_close_s": True}, "lock_before_close_s"),
        ({"settle_after_close_s": 86_401}, "settle_after_close_s"),
        ({"grace_s": "1800"}, "grace_s"),
        ({"grace_s": 30.0}, "grace_s"),
        ({"quorum": 0}, "quorum"),
        ({"quorum": 2}, "quorum"),
        ({"tolerance_bps": 10_001}, "tolerance_bps"),
        ({"jump_bps": None}, "jump_bps"),
        ({"closed": "2025-01-09"}, "closed"),
        ({"closed": ["2025-02-30"]}, "closed"),
        ({"closed": ["20250109"]}, "closed"),
        ({"closed": ["2025-W02-4"]}, "closed"),
        ({"closed": [20250109]}, "closed"),
        ({"early": ["2024-12-24"]}, "early"),
        ({"early": {"2024-12-24": "1pm"}}, "early"),
        ({"early": {"2024-12-24": 13}}, "early"),
        ({"early": {"24.12.2024": "13:00"}}, "early"),
        ({"sources": {}}, "sources"),
        ({"sources": []}, "sources"),
        ({"sources": [{"name": f"s{place}", "kind": "manual"} for place in range(11)]}, "sources"),
        ({"sources": [{"name": "a", "kind": "manual"}] * 2}, "sources"),
        ({"sources": ["manual"]}, "sources[0]"),
        ({"sources": [{"kind": "manual"}]}, "sources[0].name"),
        ({"sources": [{"name": "a"}]}, "sources[0].kind"),
        (with_source(name="A"), "sources[0].name"),
        (with_source(kind="ftp"), "sources[0].kind"),
        (with_source(path="/x"), "sources[0].path"),
        (with_source(seed="1"), "sources[0].seed"),
        (with_source(url=1), "sources[0].url"),
        (with_source(kind="file"), "sources[0].url"),
        (with_source(kind="file", url="/srv/{@key}.csv"), "sources[0].url"),
        (with_source(headers={"X-Key": "{@ny}"}), "sources[0].headers"),
        (http(url="ftp://example.com/"), "sources[0].url"),
        (http(url="https:///closes"), "sources[0].url"),
        (http(url="https://me:hunter2@example.com/"), "sources[0].url"),
        (http(url="https://example.com/a b"), "sources[0].url"),
        (http(url="https://example.com/{user}"), "sources[0].url"),
        (http(url="https://example.com/{@../key}"), "sources[0].url"),
        (http(date=None), "sources[0].date"),
        ({"sources": [{"name": "a", "kind": "http_csv", "url": "https://example.com/"}]}, "sources[0].price"),
        (http(price="chart.adjclose"), "sources[0].price"),
        (http(price="Adj Close"), "sources[0].price"),
        (http(headers=[]), "sources[0].headers"),
        (http(headers={"X-Key": 1}), "sources[0].headers"),
        (http(headers={"X Key": "{@ny}"}), "sources[0].headers"),
        (http(headers={"X-Key": "{@ny}\n"}), "sources[0].headers"),
        (http(headers={"X-Key": "hunter2"}), "sources[0].headers"),
        (http(headers={"X-Key": "{symbol} {@ny}"}), "sources[0].headers"),
    ],
)
def test_a_refusal_names_the_field(said: Any, field: str) -> None:
    with pytest.raises(RunningInvalid) as refused:
        running_of(said)
    assert refused.value.field == field
    assert str(refused.value) == f"{field} {refused.value.why}"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "nothing", "[1", '{"quorum": NaN}'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(RunningInvalid):
        parse_running(text)


def test_secrets_are_named_and_never_written() -> None:
    source = replace(HTTP, headers={"Authorization": "apikey {@ny}"})
    text = format_running(PoolRunning(sources=(source,)))
    assert json.loads(text)["sources"][0]["headers"] == {"Authorization": "apikey {@ny}"}
    assert parse_running(text).sources == (source,)
