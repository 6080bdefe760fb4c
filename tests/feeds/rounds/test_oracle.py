"""The oracle asks everybody at once, hears whoever answers in time, and never takes yesterday's price for today's."""

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
import stamina
from structlog.testing import capture_logs

from evens.core.values.pool_running import PoolRunning, PriceSource, RunningInvalid
from evens.core.values.pools import RoundResult
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.oracle import is_past_grace, open_oracle
from evens.feeds.rounds.sources.manual import OperatorWords
from evens.feeds.rounds.sources.source import NotYet, Quote
from evens.feeds.rounds.verdicts import (
    Answer,
    Decided,
    Disagree,
    Jump,
    NoPrice,
    Observation,
    Rule,
    Verdict,
    Waiting,
    evidence,
    format_evidence,
    result_of,
)
from evens.feeds.upstream import SourceAway, SourceFailed
from tests.feeds.rounds.asking import FRIDAY, MINUTE, Asking, Said, quote

pytestmark = pytest.mark.anyio

REFERENCE = Decimal("13000.00")


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


async def ask(asking: Asking, reference: Decimal | None = REFERENCE) -> Verdict:
    return await asking.oracle.decide("^IXIC", FRIDAY, reference, FRIDAY.settles_at)


async def test_a_source_with_the_sessions_own_date_decides() -> None:
    asking = Asking(Said("ny", quote("13319.86")))
    verdict = await ask(asking)
    assert isinstance(verdict, Decided)
    assert verdict.price == Decimal("13319.86")
    assert asking.count("evens_oracle_answers_total", pool="ny-daily", source="ny", outcome="price") == 1
    assert asking.count("evens_oracle_verdicts_total", pool="ny-daily", verdict="decided") == 1


async def test_a_source_that_still_shows_yesterday_is_not_yet_and_never_a_tie() -> None:
    """Pools 3: yesterday's close is the reference; taken for today's it would be a tie, which is down."""
    asking = Asking(Said("ny", quote("13000.00", "2021-03-11"), quote("13319.86")))
    first = await ask(asking)
    assert isinstance(first, Waiting)
    assert first.why == "0 of 1 sources have a price: ny shows 2021-03-11, not 2021-03-12"
    assert asking.count("evens_oracle_answers_total", pool="ny-daily", source="ny", outcome="not_yet") == 1
    assert asking.count("evens_oracle_errors_total", pool="ny-daily", source="ny") is None
    assert isinstance(await ask(asking), Decided)


async def test_an_unchanged_price_with_a_new_date_is_a_fact() -> None:
    """Pools 3: a tie is down."""
    verdict = await ask(Asking(Said("ny", quote("13000"))))
    assert isinstance(verdict, Decided)
    assert result_of(verdict.price, REFERENCE) is RoundResult.DOWN


async def test_nobody_is_asked_before_the_session_is_settled() -> None:
    source = Said("ny", quote("13319.86"))
    verdict = await Asking(source).oracle.decide("^IXIC", FRIDAY, REFERENCE, FRIDAY.settles_at - 1)
    assert isinstance(verdict, Waiting)
    assert "2021-03-12T21:05:00Z" in verdict.why
    assert source.asked == 0


@pytest.mark.parametrize(
    "trouble", [SourceFailed("is no JSON"), SourceAway("answered 503"), ZeroDivisionError(), NotYet("has none")]
)
async def test_one_source_in_trouble_keeps_no_other_from_being_heard(trouble: Exception) -> None:
    with capture_logs():
        verdict = await ask(
            Asking(Said("bad", trouble), Said("ny", quote("13319.86")), Said("stuck", hangs=True), deadline_s=0.2)
        )
    assert isinstance(verdict, Decided)
    silent = [answer for answer in verdict.answers if isinstance(answer, NoPrice)]
    assert [(answer.source, answer.has_failed) for answer in silent] == [
        ("bad", not isinstance(trouble, NotYet)),
        ("stuck", True),
    ]
    assert silent[1].why == "did not answer within 0.2 s"


async def test_all_are_asked_at_once() -> None:
    """Each waits until the other was asked: one after the other they would never answer."""
    meeting = asyncio.Barrier(2)

    class Meets(Said):
        async def closing(self, symbol: str, session: Session) -> Quote:
            await meeting.wait()
            return await super().closing(symbol, session)

    verdict = await ask(Asking(Meets("a", quote("13319.86")), Meets("b", quote("13319.86")), rule=Rule(2, 10, 0)))
    assert isinstance(verdict, Decided)


async def test_a_source_that_is_away_is_asked_again() -> None:
    source = Said("ny", SourceAway("answered 503"), SourceAway("answered 503"), quote("13319.86"))
    with capture_logs():
        verdict = await ask(Asking(source))
    assert isinstance(verdict, Decided)
    assert source.asked == 3


async def test_a_source_that_stays_away_is_asked_a_few_times_only() -> None:
    source = Said("ny", SourceAway("answered 503"))
    with capture_logs():
        verdict = await ask(asking := Asking(source))
    assert isinstance(verdict, Waiting)
    assert source.asked == 3
    assert asking.count("evens_oracle_errors_total", pool="ny-daily", source="ny") == 1


async def test_a_source_that_makes_no_sense_is_not_asked_again_at_once() -> None:
    source = Said("ny", SourceFailed("is no JSON"))
    assert isinstance(await ask(Asking(source)), Waiting)
    assert source.asked == 1


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-1", "0"])
async def test_a_price_that_is_none_is_a_failure_whoever_made_it(price: str) -> None:
    asking = Asking(Said("ny", quote(price)))
    assert isinstance(await ask(asking), Waiting)
    assert asking.count("evens_oracle_errors_total", pool="ny-daily", source="ny") == 1


async def test_two_sources_that_differ_wait_for_an_operator() -> None:
    asking = Asking(Said("ny", quote("13319.86")), Said("london", quote("13500")))
    verdict = await ask(asking)
    assert isinstance(verdict, Disagree)
    assert verdict.why == "the sources differ: london has 13500, ny has 13319.86"
    assert asking.count("evens_oracle_verdicts_total", pool="ny-daily", verdict="disagree") == 1


async def test_a_jump_waits_for_an_operator() -> None:
    verdict = await ask(Asking(Said("ny", quote("133.19"))))
    assert isinstance(verdict, Jump)
    assert verdict.price == Decimal("133.19")


async def test_evidence_has_every_answer_as_canonical_text_without_floats() -> None:
    sources = [
        Said("ny", quote("13319.860")),
        Said("bad", SourceFailed("is no JSON")),
        Said("late", NotYet("has none")),
    ]
    said = evidence(await ask(Asking(*sources)), "^IXIC", FRIDAY, REFERENCE)
    text = format_evidence(said)
    assert json.loads(text) == said
    seen_at = "2021-03-12T21:05:00Z"
    assert said == {
        "symbol": "^IXIC",
        "date": "2021-03-12",
        "verdict": "decided",
        "price": "13319.860",
        "reference": "13000.00",
        "sources": [
            {"name": "bad", "seen_at": seen_at, "error": "is no JSON"},
            {"name": "late", "seen_at": seen_at, "not_yet": "has none"},
            {"name": "ny", "seen_at": seen_at, "price": "13319.860", "date": "2021-03-12"},
        ],
    }


async def test_evidence_of_what_waits_says_for_what() -> None:
    said = evidence(await ask(Asking(Said("ny", NotYet("has none"))), None), "^IXIC", FRIDAY, None)
    assert said["why"] == "0 of 1 sources have a price: ny has none"
    assert "price" not in said
    assert "reference" not in said


async def test_an_oracle_is_opened_as_the_terms_say() -> None:
    sources = (PriceSource("desk", "manual"), PriceSource("walk", "simulated", seed=7))
    running = PoolRunning(calendar="every:60", quorum=2, tolerance_bps=0, sources=sources)
    words, asking = OperatorWords(), Asking()
    oracle = open_oracle(running, asking.metrics, words, clock=lambda: MINUTE.settles_at)
    first = await oracle.decide("SIM", MINUTE, None, MINUTE.settles_at)
    assert isinstance(first, Waiting)
    assert "desk waits for an operator's word" in first.why
    (price,) = [answer.price for answer in first.answers if not isinstance(answer, NoPrice)]
    words.say("desk", "SIM", MINUTE, price)
    assert await oracle.decide("SIM", MINUTE, None, MINUTE.settles_at) == Decided(price, _with_desk(first, price))
    words.forget("SIM", MINUTE)
    assert isinstance(await oracle.decide("SIM", MINUTE, None, MINUTE.settles_at), Waiting)


def _with_desk(waiting: Waiting, price: Decimal) -> tuple[Answer, ...]:
    desk, walk = waiting.answers
    return (Observation("desk", price, MINUTE.observed_on, desk.seen_at), walk)


async def test_a_path_that_is_none_is_named_when_the_oracle_is_opened() -> None:
    source = PriceSource("ny", "http_json", "https://example.com/", "a..b", "date")
    with pytest.raises(RunningInvalid, match=r"sources\[0\]\.price"):
        open_oracle(PoolRunning(sources=(source,)), Asking().metrics, OperatorWords())


def test_grace_is_over_when_it_is() -> None:
    running = PoolRunning(grace_s=1_800)
    over = FRIDAY.settles_at + 1_800 * 10**9
    assert not is_past_grace(running, FRIDAY.settles_at, over - 1)
    assert is_past_grace(running, FRIDAY.settles_at, over)
