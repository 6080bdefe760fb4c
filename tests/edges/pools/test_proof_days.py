"""Which session is the one before, and whether a day was one at all: what a proof is held against beside itself."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from evens.core.values.pool_running import PoolRunning, format_running
from evens.edges.cli.pools.committed_round import CLOSED, Proof, Published, earlier_codes, had_session
from evens.edges.cli.pools.verifying import check_proof
from evens.program.rounds import round_days
from tests.edges.pools.proven_rounds import changed
from tests.edges.pools.test_proof_fields import FILE, REFUNDED

FRIDAY = "20270312"
EVIDENCE = ["results", 0, "evidence"]


def kept() -> dict[str, Proof]:
    """Return the proofs of rounds that really ran."""
    return json.loads(FILE.read_text(encoding="utf-8"))["proofs"]


def untrue(
    proof: Proof, before: Proof | None = None, published: Published | None = None, code: str = FRIDAY
) -> list[str]:
    """Return what does not hold of a round."""
    return [each.text for each in check_proof(proof, "daily", code, before, published) if not each.holds]


def published(proof: Proof, closed: Sequence[str] = ()) -> Published:
    """Return what the command knows of a round's days."""
    said = proof["committed"]
    days = round_days(said["running"], closed, said["code"])
    assert days is not None
    return Published(frozenset(closed), frozenset(days.before), days.is_session)


@pytest.mark.parametrize("code", ["20270310", "20270307", "20270306"])
def test_a_session_before_that_is_not_the_calendars_is_refused(code: str) -> None:
    day = f"{code[:4]}-{code[4:6]}-{code[6:]}"
    sources = [
        {"name": name, "price": "100.10", "date": day, "seen_at": "2027-03-15T19:59:59Z"}
        for name in ("desk", "paper", "wire")
    ]
    told = {"round": code, "date": day, "sources": sources}
    lie = changed(kept()[FRIDAY], {"changes": [{"at": [*EVIDENCE, "before"], "to": told}]})
    assert untrue(lie, published=published(lie)) == [
        f"{code} is not the session before: by the calendar it is 20270311."
    ]
    # Who has no calendar says whose word it is.
    said = [each.text for each in check_proof(lie, "daily", FRIDAY)]
    assert f"That {code} is the session of XNAS before is the operator's word here." in said


def test_a_round_in_between_is_not_passed_over_because_it_has_no_price() -> None:
    proofs = kept()
    between = changed(
        proofs["20270311"],
        {
            "changes": [
                {"at": [*EVIDENCE], "to": {"by": "operator"}},
                {"at": ["results", 0, "reason"], "to": "Because."},
            ]
        },
    )
    told = {"round": "20270310", "date": "2027-03-10"}
    lie = changed(proofs[FRIDAY], {"changes": [{"at": [*EVIDENCE, "before"], "to": told}]})
    assert had_session(between)
    assert untrue(lie, between) == ["20270310 is not the session before."]


def test_the_days_of_a_real_round_hold_by_the_calendar() -> None:
    proofs = kept()
    for code, proof in proofs.items():
        assert untrue(proof, published=published(proof), code=code) == []
    assert "By the calendar, 20270311 is the session before." in [
        each.text for each in check_proof(proofs[FRIDAY], "daily", FRIDAY, None, published(proofs[FRIDAY]))
    ]
    late = round_days(format_running(PoolRunning()), ["2027-03-11"], FRIDAY)
    assert late is not None
    assert set(late.before) == {"20270311", "20270310"}


@pytest.mark.parametrize(
    ("code", "date", "is_right"),
    [
        ("20270310T235959", "2027-03-11T00:00:00Z", True),
        ("20270311T235959", "2027-03-12T00:00:00Z", False),
        ("20270311T000059", "2027-03-11T00:01:00Z", False),
        ("20270312T000058", "2027-03-12T00:00:59Z", False),
    ],
)
def test_of_intervals_the_one_before_is_worked_out(code: str, date: str, is_right: bool) -> None:
    proof = kept()[FRIDAY]
    running = format_running(PoolRunning(calendar="every:60", closed=("2027-03-11",)))
    proof["committed"].update(code="20270312T000059", running=running)
    proof["results"][0]["evidence"]["before"] = {"round": code, "date": date}
    checks = {each.text: each.holds for each in check_proof(proof, "daily", "20270312T000059")}
    right = f"By the calendar, {code} is the session before."
    wrong = f"{code} is not the session before: by the calendar it is 20270310T235959."
    assert [checks.get(right), checks.get(wrong)] == ([True, None] if is_right else [None, False])


def test_a_corrected_round_is_still_held_against_the_one_before() -> None:
    proofs = kept()
    correction = {
        "result": "down",
        "reason": None,
        "decided_at": "2027-03-16T00:00:00Z",
        "evidence": {"by": "operator", "reason": "The paper was wrong."},
    }
    first = proofs[FRIDAY]["results"][0]
    corrected = changed(proofs[FRIDAY], {"changes": [{"at": ["results"], "to": [first, correction]}]})
    assert earlier_codes(corrected) == ["20270311"]
    before = changed(proofs["20270311"], {"changes": [{"at": [*EVIDENCE, "price"], "to": "104"}]})
    assert "The reference is the close of round 20270311." in untrue(corrected, before)


def test_a_correction_of_the_round_before_that_tells_no_price_leaves_the_reference_checked() -> None:
    proofs = kept()
    correction = {
        "result": "void",
        "reason": None,
        "decided_at": "2027-03-20T00:00:00Z",
        "evidence": {"by": "operator", "reason": "A slip."},
    }
    first = proofs["20270311"]["results"][0]
    before = changed(proofs["20270311"], {"changes": [{"at": ["results"], "to": [first, correction]}]})
    assert had_session(before)
    assert untrue(proofs[FRIDAY], before) == []
    lie = changed(proofs[FRIDAY], {"changes": [{"at": [*EVIDENCE, "reference"], "to": "100.11"}]})
    assert "The reference is the close of round 20270311." in untrue(lie, before)


@pytest.mark.parametrize(
    ("known", "said", "is_true"),
    [
        (None, "The operator's word: void, because XNAS did not open on 2027-03-12.", True),
        (Published(frozenset()), "2027-03-12 is no day on which XNAS did not open: the pool lists no such.", False),
        (
            Published(frozenset({"2027-03-11"}), is_session=True),
            "2027-03-12 is no day on which XNAS did not open",
            False,
        ),
        (Published(frozenset({"2027-03-12"}), is_session=True), "The operator's word: XNAS did not open", True),
        (Published(frozenset(), is_session=False), "The round is void: by the calendar, XNAS did not open", True),
    ],
)
def test_that_the_exchange_did_not_open_is_looked_up(known: Published | None, said: str, is_true: bool) -> None:
    changes: list[dict[str, Any]] = [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": CLOSED},
        {"at": EVIDENCE, "to": {}},
        *REFUNDED,
    ]
    proof = changed(kept()[FRIDAY], {"changes": changes})
    assert not had_session(proof)
    checks = [each for each in check_proof(proof, "daily", FRIDAY, None, known) if "did not open" in each.text]
    assert [(each.text[: len(said)], each.holds) for each in checks] == [(said, is_true)]


def test_a_closed_day_that_the_terms_name_needs_nobodys_word() -> None:
    changes: list[dict[str, Any]] = [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": CLOSED},
        {"at": EVIDENCE, "to": {}},
    ]
    proof = changed(kept()[FRIDAY], {"changes": changes})
    proof["committed"]["running"] = format_running(PoolRunning(closed=("2027-03-12",)))
    told = [each.text for each in check_proof(proof, "daily", FRIDAY)]
    assert "The round is void: 2027-03-12 was closed, as its own terms say." in told


@pytest.mark.parametrize("text", ["", "[]", '{"calendar": "every:60"}', '{"calendar": "XNONE"}', '{"nonsense": 1}'])
def test_of_what_no_calendar_knows_nothing_is_said(text: str) -> None:
    assert round_days(text, (), FRIDAY) is None
