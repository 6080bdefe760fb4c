"""Checking the results of a round from its proof: moments, sources, prices, the reference, and why it is void.

Whatever the answers of the sources come to is worked out anew, by the rule that the round committed to. It is written
here a second time, in fractions, so that a mistake of the house's own rule is seen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from evens.core.values.moments import SECOND_NS, parse_time
from evens.edges.cli.pools.committed_round import (
    CLOSED,
    CommittedRound,
    Proof,
    Published,
    committed_round,
    had_session,
)

APART_NS: Final = 60 * SECOND_NS
"""By how much the clock that hears sources may be ahead of the one that dates results."""

NO_PRICE: Final = "No price could be had in time: "
NO_EARLIER: Final = "there is no earlier close to compare with"
_BPS: Final = 10_000
_PRICE: Final = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_BY: Final = frozenset({"operator", "admin", "service"})
_TOLD: Final = frozenset({"symbol", "date", "verdict", "sources", "price", "why", "reference", "before"})
_SAID: Final = frozenset({"by", "price", "reason", "against_sources"})


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was checked, in words, and whether it holds."""

    holds: bool
    text: str


def check_results(proof: Proof, before: Proof | None, published: Published) -> list[Check]:
    """Return what is to be said of the moments and results of a locked round; ``before`` proves the round before."""
    known, results = committed_round(proof["committed"]), proof["results"]
    checks = [_check_order(proof, known)]
    for place, each in enumerate(results):
        checks += _check_result(known, each, before, published, is_first=place == 0)
    return checks


def _check_order(proof: Proof, known: CommittedRound) -> Check:
    """Check that the round locked and was decided in this order, none of it before its time."""
    opens_at, locks_at, settles_at = known.times
    locked_at = parse_time(proof["locked_at"])
    decided = [parse_time(each["decided_at"]) for each in proof["results"]]
    wrong = ""
    if not opens_at <= locked_at:
        wrong = "It was locked before it was opened."
    elif sorted(decided) != decided or (decided and decided[0] < locked_at):
        wrong = "It was decided before it was locked, or its results are not in their order."
    elif locked_at < locks_at and not (decided == [locked_at] or decided[:1] == [locked_at]):
        wrong = "It was locked before its time, and not because it was void."
    elif decided and proof["results"][0]["result"] != "void" and decided[0] < settles_at:
        wrong = "It was settled before its time."
    return Check(not wrong, wrong or "It was opened, locked and decided in this order, each in its time.")


def _check_result(
    known: CommittedRound, said: dict[str, Any], before: Proof | None, published: Published, *, is_first: bool
) -> list[Check]:
    evidence: dict[str, Any] = said["evidence"]
    result, reason, decided_at = said["result"], said["reason"], parse_time(said["decided_at"])
    if type(evidence) is not dict:
        raise TypeError("what a result is told from must be names with values")
    if result not in ("up", "down", "void"):
        return [Check(holds=False, text=f"{result} is no result.")]
    if result != "void" and reason is not None:
        return [Check(holds=False, text="A reason is given for a result that needs none.")]
    if "by" in evidence and evidence["by"] not in _BY:
        return [Check(holds=False, text=f"{evidence['by']} is nobody who could say so.")]
    if not is_first and "by" not in evidence:
        return [Check(holds=False, text="Only a person corrects a result, and none is named.")]
    if "sources" in evidence:
        return _check_told(known, said, before, published, decided_at)
    return [_check_word(known, said, published, is_first=is_first)]


def _check_word(known: CommittedRound, said: dict[str, Any], published: Published, *, is_first: bool) -> Check:
    """Check a result that is somebody's word."""
    result, reason, evidence = said["result"], said["reason"], said["evidence"]
    if strange := sorted(set(evidence) - _SAID):
        return Check(holds=False, text=f"{strange[0]} is given without what the sources said.")
    if ("reason" in evidence and is_first) or ("against_sources" in evidence and not is_first):
        return Check(holds=False, text="The reason that is given does not go with this result.")
    if "price" in evidence:
        _price(evidence["price"])
    if result != "void":
        return Check("by" in evidence, f"The result {result} is an operator's word: its sources were not heard.")
    if "by" not in evidence and reason == CLOSED:
        return _check_closed(known, published)
    if known.tells_all and "by" not in evidence:
        return Check(holds=False, text="It is not said who made the round void.")
    return Check("by" in evidence or reason is not None, f"The house's word: void, {reason or 'by correction'}")


def _check_closed(known: CommittedRound, published: Published) -> Check:
    """Check that the exchange did not open on the round's day."""
    day = known.day
    if day in known.closed:
        return Check(holds=True, text=f"The round is void: {day} was closed, as its own terms say.")
    if published.is_session is False:
        return Check(holds=True, text=f"The round is void: by the calendar, {known.calendar} did not open on {day}.")
    if published.closed is None:
        return Check(holds=True, text=f"The operator's word: void, because {known.calendar} did not open on {day}.")
    if day in published.closed:
        return Check(
            holds=True,
            text=f"The operator's word: {known.calendar} did not open on {day}. The pool lists it as a closed day.",
        )
    return Check(holds=False, text=f"{day} is no day on which {known.calendar} did not open: the pool lists no such.")


def _check_told(
    known: CommittedRound, said: dict[str, Any], before: Proof | None, published: Published, decided_at: int
) -> list[Check]:
    """Check a result that is told from what the sources said."""
    evidence: dict[str, Any] = said["evidence"]
    result, is_own = said["result"], "by" in evidence
    allowed = _TOLD | {"by"} if is_own else _TOLD
    if is_own and result != "void":
        return [Check(holds=False, text="An operator's result is given with what the sources said.")]
    if strange := sorted(set(evidence) - allowed):
        return [Check(holds=False, text=f"{strange[0]} is nothing that a result is told from.")]
    about = (evidence["symbol"], evidence["date"]) == (known.symbol, known.dated(known.code))
    checks = [Check(about, f"The sources were asked for {evidence['symbol']} of {evidence['date']}.")]
    checks.append(_check_answers(known, evidence["sources"], evidence["date"], decided_at))
    reference = _price(evidence["reference"]) if "reference" in evidence else None
    verdict, price = _judge(evidence["sources"], reference, known)
    stands = evidence.get("price")
    same = price is None if stands is None else price == _price(stands)
    fits = evidence["verdict"] == verdict and same and (("why" in evidence) is (verdict != "decided"))
    checks.append(Check(fits, f"What they said comes to: {verdict}{'' if stands is None else f', {stands}'}."))
    checks += _check_reference(known, said, before, published, decided_at)
    if is_own:
        return [*checks, Check(holds=True, text=f"An operator's word: void, {said['reason']}")]
    is_late = decided_at >= known.times[2] + known.grace_ns
    return [*checks, _check_outcome(said, verdict, price, reference, is_late=is_late)]


def _check_outcome(
    said: dict[str, Any], verdict: str, price: Fraction | None, reference: Fraction | None, *, is_late: bool
) -> Check:
    """Check what the round came to by its prices."""
    result, reason, evidence = said["result"], said["reason"], said["evidence"]
    if verdict == "decided" and price is not None and reference is not None:
        right = "up" if price > reference else "down"
        return Check(right == result, f"{evidence['reference']} to {evidence['price']} is {right}.")
    if result != "void":
        return Check(holds=False, text=f"It is {result} without two prices that its sources agree on.")
    if verdict == "decided":
        holds = reason == NO_EARLIER or (str(reason).startswith(NO_PRICE) and is_late)
    else:
        holds = verdict != "jump" and is_late and reason == NO_PRICE + evidence["why"]
    return Check(holds, f"The round is void: {reason}")


def _check_answers(known: CommittedRound, answers: Sequence[dict[str, Any]], date: str, decided_at: int) -> Check:
    """Check that each source of the round answered once, about this date, between the close and the result."""
    if tuple(each["name"] for each in answers) != known.names:
        return Check(holds=False, text="These are not the sources that the round committed to.")
    for each in answers:
        if not known.times[2] <= parse_time(each["seen_at"]) <= decided_at + APART_NS:
            return Check(holds=False, text=f"{each['name']} was not heard between the close and the result.")
        kinds = set(each) - {"name", "seen_at"}
        is_said = kinds == {"price", "date", "reason"} and each["name"] in known.people
        if not is_said and kinds not in ({"price", "date"}, {"not_yet"}, {"error"}):
            return Check(holds=False, text=f"{each['name']} gives neither a price nor why there is none.")
        if not all(isinstance(value, str) for value in each.values()):
            return Check(holds=False, text=f"{each['name']} does not speak in texts.")
        if "price" in each and each["date"] != date:
            return Check(holds=False, text=f"{each['name']} tells of {each['date']}, not of {date}.")
    every = "Its source" if len(answers) == 1 else f"All {len(answers)} sources"
    return Check(holds=True, text=f"{every} answered in time about {date}.")


def _judge(
    answers: Sequence[dict[str, Any]], reference: Fraction | None, known: CommittedRound
) -> tuple[str, Fraction | None]:
    """Return what answers come to, and the price if they give one."""
    seen = sorted(_price(each["price"]) for each in answers if "price" in each)
    if len(seen) < known.quorum:
        return "waiting", None
    middle = seen[(len(seen) - 1) // 2]
    near = [one for one in seen if abs(one - middle) * _BPS <= middle * known.tolerance_bps]
    agree = len(near) >= known.quorum and 2 * len(near) > len(seen)
    if not agree or (reference is not None and len({one > reference for one in near}) > 1):
        return "disagree", None
    if reference is not None and known.jump_bps and abs(middle - reference) * _BPS > reference * known.jump_bps:
        return "jump", middle
    return "decided", middle


def _check_reference(
    known: CommittedRound, said: dict[str, Any], before: Proof | None, published: Published, decided_at: int
) -> list[Check]:
    """Check the close before against the proof of its round, or against what sources said of it."""
    evidence = said["evidence"]
    reference = _price(evidence["reference"]) if "reference" in evidence else None
    proven = None if before is None else _proven_price(before, decided_at)
    proven_of = "" if before is None else str(before["committed"]["code"])
    if "before" not in evidence:
        if known.tells_all:
            return [Check(holds=False, text="It is not said where the reference is from.")]
        holds = proven is None or proven == reference
        return [Check(holds, "The reference is the close before." if proven else "The reference is the house's word.")]
    told = evidence["before"]
    if strange := sorted(set(told) - {"round", "date", "sources"}):
        return [Check(holds=False, text=f"{strange[0]} is nothing that a reference is told from.")]
    code = told["round"]
    is_skipped = before is not None and proven_of > code and (proven is not None or had_session(before))
    if not code < known.code or told["date"] != known.dated(code) or is_skipped:
        return [Check(holds=False, text=f"{code} is not the session before.")]
    session = _check_session(known, code, published)
    return [session, *_check_close(known, said, before, proven, decided_at)] if session.holds else [session]


def _check_session(known: CommittedRound, code: str, published: Published) -> Check:
    """Check that a code is that of the session before the round's."""
    closed = known.closed | (published.closed or frozenset())
    if known.interval_s is not None:
        expected: frozenset[str] | None = frozenset(
            {known.interval_before(known.closed), known.interval_before(closed)}
        )
    else:
        expected = published.before
    if expected is None:
        text = f"That {code} is the session of {known.calendar} before is the operator's word here."
        return Check(holds=True, text=text)
    if code not in expected:
        return Check(holds=False, text=f"{code} is not the session before: by the calendar it is {min(expected)}.")
    return Check(holds=True, text=f"By the calendar, {code} is the session before.")


def _check_close(
    known: CommittedRound, said: dict[str, Any], before: Proof | None, proven: Fraction | None, decided_at: int
) -> list[Check]:
    """Check the close of the session before, which is named rightly."""
    evidence = said["evidence"]
    reference = _price(evidence["reference"]) if "reference" in evidence else None
    proven_of = "" if before is None else str(before["committed"]["code"])
    told = evidence["before"]
    code = told["round"]
    if "sources" not in told:
        if reference is None:
            waited = proven is None and said["reason"] != NO_EARLIER
            return [Check(waited, f"The round before, {code}, had no result.")]
        if before is None:
            return [Check(holds=True, text=f"The reference is the close that round {code} proves; check that, too.")]
        return [Check(proven_of == code and proven == reference, f"The reference is the close of round {code}.")]
    if proven is not None and proven_of == code:
        return [Check(holds=False, text=f"The sources were asked for the close of {code}, which its round proves.")]
    verdict, price = _judge(told["sources"], None, known)
    found = price if verdict == "decided" else None
    return [
        _check_answers(known, told["sources"], told["date"], decided_at),
        Check(found == reference, f"What the sources said of {told['date']} gives the reference."),
    ]


def _proven_price(before: Proof, decided_at: int) -> Fraction | None:
    """Return the close that the round before had when this one was decided."""
    then = [each for each in before["results"] if parse_time(each["decided_at"]) <= decided_at]
    evidence: dict[str, Any] = then[-1]["evidence"] if then else {}
    if evidence.get("verdict", "decided") != "decided" or not isinstance(evidence.get("price"), str):
        return None
    return _price(evidence["price"])


def _price(text: Any) -> Fraction:
    if not isinstance(text, str) or _PRICE.fullmatch(text) is None or not Fraction(text):
        raise ValueError(f"{text!r} is no price")
    return Fraction(text)
