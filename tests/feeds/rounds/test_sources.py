"""Sources that are really asked: HTTP on loopback, files, operators, and a price that wanders by itself."""

import asyncio
import csv
import gzip
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from evens.core.values.pool_running import PoolRunning, PriceSource
from evens.core.values.pools import RoundResult
from evens.feeds.rounds.calendar import calendar_of
from evens.feeds.rounds.sources.documents import DOCUMENT_BYTES_MAX, json_document
from evens.feeds.rounds.sources.http import HttpReader
from evens.feeds.rounds.sources.manual import OperatorWords
from evens.feeds.rounds.sources.opening import open_readers
from evens.feeds.rounds.sources.secrets import SecretFolder
from evens.feeds.rounds.sources.simulated import simulated_price
from evens.feeds.rounds.sources.source import NotYet, PriceReader
from evens.feeds.rounds.verdicts import Decided, NoPrice, Waiting, result_of
from evens.feeds.upstream import SourceAway, SourceFailed
from tests.feeds.rounds.asking import CLOSES, FRIDAY, MINUTE, Asking, http_source, quote
from tests.jobs.receiver import Receiver, Reply, Request

pytestmark = pytest.mark.anyio

CLOSE = b'{"date": "2021-03-12", "close": 13319.86}'


@pytest.fixture
async def publisher() -> AsyncIterator[Receiver]:
    async with Receiver.open() as publisher:
        yield publisher


def reader_of(source: PriceSource, secrets: Path | None = None) -> PriceReader:
    (reader,) = open_readers(PoolRunning(sources=(source,)), OperatorWords(), SecretFolder(secrets))
    return reader


async def failure(reader: PriceReader) -> str:
    with pytest.raises(SourceFailed) as failed:
        await reader.closing("^IXIC", FRIDAY)
    return str(failed.value)


async def test_json_is_asked_for_by_symbol_and_date(publisher: Receiver) -> None:
    publisher.replies = [Reply(200, body=CLOSE)]
    source = http_source(publisher.url + "/{symbol}?from={date}&code={code}")
    assert await reader_of(source).closing("^IXIC", FRIDAY) == quote("13319.86")
    (request,) = publisher.requests
    assert request.path == "/hook/%5EIXIC?from=2021-03-12&code=20210312"


async def test_csv_is_asked_for_and_unpacked(publisher: Receiver) -> None:
    table = gzip.compress(b"Date,Close\n2021-03-11,13398.67\n2021-03-12,13319.87\n")
    publisher.replies = [Reply(200, {"content-encoding": "gzip"}, table)]
    source = http_source(publisher.url, "http_csv", "Close", "Date")
    assert await reader_of(source).closing("^IXIC", FRIDAY) == quote("13319.87")


@pytest.mark.parametrize("status", [204, 302, 304, 400, 401, 403, 404, 429, 500, 503])
async def test_any_other_answer_is_a_failure_and_busy_ones_may_pass(publisher: Receiver, status: int) -> None:
    publisher.replies = [Reply(status)]
    with pytest.raises(SourceFailed, match=r"answered|is no JSON") as failed:
        await reader_of(http_source(publisher.url)).closing("^IXIC", FRIDAY)
    assert isinstance(failed.value, SourceAway) == (status in {429, 500, 503})


async def test_a_redirect_leads_nowhere(publisher: Receiver) -> None:
    async with Receiver.open() as elsewhere:
        publisher.replies = [Reply(302, {"location": elsewhere.url})]
        assert await failure(reader_of(http_source(publisher.url))) == "answered 302"
        assert elsewhere.connections == 0


@pytest.mark.parametrize("is_packed", [False, True])
async def test_an_endless_answer_is_cut_off(publisher: Receiver, is_packed: bool) -> None:
    """Pools 3: 20 MB are no price."""
    body = b" " * (20 * 1024 * 1024)
    headers = {"content-encoding": "gzip"} if is_packed else {}
    publisher.replies = [Reply(200, headers, gzip.compress(body, 1) if is_packed else body)]
    assert await failure(reader_of(http_source(publisher.url))) == f"answered with more than {DOCUMENT_BYTES_MAX} bytes"


async def test_a_source_that_does_not_answer_in_time_is_away(publisher: Receiver) -> None:
    async def hang(_request: Request) -> Reply:
        await asyncio.Event().wait()
        return Reply()

    publisher.behave = hang
    reader = HttpReader(http_source(publisher.url), json_document("close", "date"), SecretFolder(), timeout_s=0.1)
    with pytest.raises(SourceAway, match=r"^did not answer within 0.1 s$"):
        await reader.closing("^IXIC", FRIDAY)


async def test_a_source_that_nobody_listens_for_is_away() -> None:
    async with Receiver.open() as closed:
        url = closed.url
    with pytest.raises(SourceAway, match=r"^could not be asked: ConnectError$"):
        await reader_of(http_source(url)).closing("^IXIC", FRIDAY)


async def test_no_proxy_is_used_on_loopback(publisher: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    publisher.replies = [Reply(200, body=CLOSE)]
    assert await reader_of(http_source(publisher.url)).closing("^IXIC", FRIDAY) == quote("13319.86")


async def test_secrets_are_sent_in_headers_and_queries(publisher: Receiver, tmp_path: Path) -> None:
    (tmp_path / "ny").write_text("hunter 2&\n")
    publisher.replies = [Reply(200, body=CLOSE), Reply(200, body=CLOSE)]
    source = replace(http_source(publisher.url + "?key={@ny}"), headers={"Authorization": "apikey {@ny}"})
    await reader_of(source, tmp_path).closing("^IXIC", FRIDAY)
    assert publisher.requests[0].path == "/hook?key=hunter%202%26"
    assert publisher.requests[0].headers["authorization"] == "apikey hunter 2&"
    (tmp_path / "ny").write_text("another")
    await reader_of(source, tmp_path).closing("^IXIC", FRIDAY)
    assert publisher.requests[1].path == "/hook?key=another"


async def test_no_failure_shows_a_secret(publisher: Receiver, tmp_path: Path) -> None:
    (tmp_path / "ny").write_text("hunter2")
    publisher.replies = [Reply(status) for status in (401, 404, 500, 500, 500)]
    source = replace(http_source(publisher.url + "/{@ny}?key={@ny}"), headers={"Authorization": "apikey {@ny}"})
    reader = reader_of(source, tmp_path)
    assert [await failure(reader), await failure(reader)] == ["answered 401", "answered 404"]
    with stamina.set_testing(True, attempts=3), capture_logs() as logs:
        verdict = await Asking(reader).oracle.decide("^IXIC", FRIDAY, None, FRIDAY.settles_at)
    assert isinstance(verdict, Waiting)
    assert len(publisher.requests) == 5
    assert "hunter2" not in repr((verdict, logs))


@pytest.mark.parametrize("content", [None, b"", b"two\nlines", "gehëim".encode(), b"x" * 2_000])
async def test_a_secret_that_is_none_is_named_and_nobody_is_asked(
    publisher: Receiver, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "ny").write_bytes(content)
    source = replace(http_source(publisher.url), headers={"X-Key": "{@ny}"})
    assert "needs the secret 'ny'" in await failure(reader_of(source, tmp_path))
    assert "no folder of secrets" in await failure(reader_of(source))
    assert publisher.connections == 0


def test_secrets_are_read_from_their_folder_and_from_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "pools").mkdir()
    for name in ("../secret", "/etc/hostname", "", "..", "."):
        with pytest.raises(SourceFailed):
            SecretFolder(tmp_path / "pools").read(name)


async def test_prices_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "closes.csv").write_bytes(b"date,close\n2021-03-12,13319.86\n")
    (tmp_path / "^IXIC-2021-03-12.json").write_bytes(CLOSE)
    table = PriceSource("f", "file", str(tmp_path / "closes.csv"))
    daily = PriceSource("f", "file", str(tmp_path / "{symbol}-{date}.json"), "close", "date")
    for source in (table, daily):
        assert await reader_of(source).closing("^IXIC", FRIDAY) == quote("13319.86")


async def test_a_file_is_read_anew_for_each_question(tmp_path: Path) -> None:
    path = tmp_path / "closes.csv"
    path.write_bytes(b"date,close\n2021-03-11,13398.67\n")
    reader = reader_of(PriceSource("f", "file", str(path)))
    with pytest.raises(NotYet, match="shows 2021-03-11"):
        await reader.closing("^IXIC", FRIDAY)
    path.write_bytes(b"date,close\n2021-03-11,13398.67\n2021-03-12,13319.86\n")
    assert await reader.closing("^IXIC", FRIDAY) == quote("13319.86")


async def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    large, pipe = tmp_path / "large.csv", tmp_path / "pipe.csv"
    large.write_bytes(b"\n" * (DOCUMENT_BYTES_MAX + 1))
    os.mkfifo(pipe)
    assert "has more than" in await failure(reader_of(PriceSource("f", "file", str(large))))
    for path in (tmp_path / "gone.csv", tmp_path, pipe):
        assert "no file" in await failure(reader_of(PriceSource("f", "file", str(path))))


async def test_a_symbol_names_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "closes").mkdir()
    (tmp_path / "other.json").write_bytes(CLOSE)
    reader = reader_of(PriceSource("f", "file", str(tmp_path / "closes" / "{symbol}.json"), "close", "date"))
    with pytest.raises(SourceFailed, match="no file"):
        await reader.closing("../other", FRIDAY)


async def test_an_operators_word_counts_for_its_session_alone() -> None:
    words = OperatorWords()
    (reader,) = open_readers(PoolRunning(), words)
    with pytest.raises(NotYet, match="waits for an operator's word"):
        await reader.closing("^IXIC", FRIDAY)
    words.say("desk", "^IXIC", FRIDAY, Decimal("13319.86"))
    assert await reader.closing("^IXIC", FRIDAY) == quote("13319.86")
    for symbol, session in (("^NDX", FRIDAY), ("^IXIC", MINUTE)):
        with pytest.raises(NotYet):
            await reader.closing(symbol, session)


async def test_a_simulated_price_is_not_known_before_its_time() -> None:
    now = MINUTE.closes_at - 1
    source = PriceSource("walk", "simulated", seed=7)
    (reader,) = open_readers(PoolRunning(sources=(source,)), OperatorWords(), clock=lambda: now)
    with pytest.raises(NotYet):
        await reader.closing("SIM", MINUTE)
    now += 1
    told = await reader.closing("SIM", MINUTE)
    assert (told.price, told.observed_on) == (simulated_price(7, "SIM", MINUTE.closes_at), MINUTE.observed_on)


async def test_a_simulated_price_cannot_be_worked_out_from_what_is_public(tmp_path: Path) -> None:
    source = PriceSource("walk", "simulated", seed=7)
    running = PoolRunning(sources=(source,))

    async def told(folder: Path) -> Decimal:
        (reader,) = open_readers(running, OperatorWords(), SecretFolder(folder))
        return (await reader.closing("SIM", MINUTE)).price

    first = await told(tmp_path / "one")
    assert first == await told(tmp_path / "one")
    assert len({first, await told(tmp_path / "two"), simulated_price(7, "SIM", MINUTE.closes_at)}) == 3
    secret = tmp_path / "one" / ".simulation"
    assert (secret.stat().st_mode & 0o777, len(secret.read_bytes())) == (0o600, 32)
    with pytest.raises(SourceFailed):
        SecretFolder(tmp_path / "one").read(".simulation")


@given(st.integers(0, 2**62), st.integers())
def test_a_simulated_price_wanders_and_never_jumps(at: int, seed: int) -> None:
    price, later = simulated_price(seed, "SIM", at), simulated_price(seed, "SIM", at + 60 * 10**9)
    assert price == simulated_price(seed, "SIM", at)
    assert 14550 < price < 15450
    assert abs(later - price) < 30


def test_a_simulated_price_goes_both_ways() -> None:
    walk = [simulated_price(7, "SIM", MINUTE.closes_at + minute * 60 * 10**9) for minute in range(500)]
    ups = sum(later > earlier for earlier, later in pairwise(walk))
    assert 150 < ups < 350
    assert walk != [simulated_price(8, "SIM", MINUTE.closes_at + minute * 60 * 10**9) for minute in range(500)]


async def test_sources_over_http_agree_with_a_file(publisher: Receiver, tmp_path: Path) -> None:
    """Pools 3: a quorum of several kinds of sources, one of which still shows yesterday."""
    publisher.replies = [Reply(200, body=CLOSE)]
    (tmp_path / "closes.csv").write_bytes(b"date,close\n2021-03-12,13319.86\n")
    (tmp_path / "late.csv").write_bytes(b"date,close\n2021-03-11,13398.67\n")
    sources = (
        http_source(publisher.url),
        PriceSource("file", "file", str(tmp_path / "closes.csv")),
        PriceSource("late", "file", str(tmp_path / "late.csv")),
    )
    readers = open_readers(PoolRunning(sources=sources, quorum=2), OperatorWords())
    verdict = await Asking(*readers).oracle.decide("^IXIC", FRIDAY, Decimal("13398.67"), FRIDAY.settles_at)
    assert isinstance(verdict, Decided)
    assert verdict.price == Decimal("13319.86")
    assert [answer.source for answer in verdict.answers if isinstance(answer, NoPrice)] == ["late"]


@pytest.mark.skipif(not CLOSES.exists(), reason="the recorded closes are not here")
async def test_the_recorded_closes_say_up_down_and_one_tie() -> None:
    """Pools 3: 1,346 up and 1,033 down, with one tie among them, and the first without a reference."""
    with CLOSES.open(newline="") as file:
        closes = [(row["date"], Decimal(row["close"])) for row in csv.DictReader(file)]
    assert result_of(closes[0][1], None) is RoundResult.VOID
    moves = {day: result_of(price, before) for (_, before), (day, price) in pairwise(closes)}
    assert Counter(moves.values()) == {RoundResult.UP: 1_346, RoundResult.DOWN: 1_033}
    ties = [day for (_, before), (day, price) in pairwise(closes) if price == before]
    assert ties == ["2018-11-13"]
    calendar, asking = calendar_of(PoolRunning()), Asking(reader_of(PriceSource("recorded", "file", str(CLOSES))))
    for (_, before), (day, price) in [*pairwise(closes)][::200] + [
        pair for pair in pairwise(closes) if pair[1][0] in ties
    ]:
        session = calendar.session(day.replace("-", ""))
        verdict = await asking.oracle.decide("^IXIC", session, before, session.settles_at)
        assert isinstance(verdict, Decided)
        assert (verdict.price, result_of(verdict.price, before)) == (price, moves[day])
