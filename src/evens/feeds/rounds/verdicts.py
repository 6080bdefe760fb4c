"""What the answers of a round's sources come to. Pure: the same answers always come to the same.

The rule
--------
The price is the median of all sources that have one; of an even number, the lower of the two in the middle, so that it
is always a price that somebody published. It is decided when

1. at least ``quorum`` sources, and more than half of those that have a price, lie within ``tolerance_bps`` of it,
2. these are of one mind whether the price rose above the reference, and
3. it did not move from the reference by more than ``jump_bps`` (0 is no limit).

Where fewer than ``quorum`` have a price, it waits for them. Where they differ, or without 2, they disagree; without 3
it is a jump. Sources are asked again until the grace is over, and then the round is void, also where they disagree.
Only a jump, on which they do agree, waits for an operator.

Example, with a quorum of 2, a tolerance of 10 bps (0.1 %) and a reference of 100: 101.00, 101.05 and 140.00 are decided
as 101.05. 101.00 and 140.00 disagree. 100.00 and 100.05 disagree, too: one of them says down, the other up. 101.00
alone waits for another one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Final

from evens.core.values.moments import format_time
from evens.core.values.pools import RoundResult
from evens.feeds.rounds.calendar import Session

_BPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Observation:
    """A price that a source gave: of which date, and when we heard it, in nanoseconds since 1970.

    ``reason`` is why a person said so.
    """

    source: str
    price: Decimal
    observed_on: str
    seen_at: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoPrice:
    """A source that gave no price, and why: it does not know it yet, or it failed."""

    source: str
    why: str
    seen_at: int
    has_failed: bool


Answer = Observation | NoPrice


@dataclass(frozen=True, slots=True)
class Decided:
    """The sources agree."""

    name: ClassVar = "decided"
    price: Decimal
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Too few sources have a price. They are asked again."""

    name: ClassVar = "waiting"
    why: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Disagree:
    """The sources differ. They are asked again, as long as the grace lasts."""

    name: ClassVar = "disagree"
    why: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """The sources agree on a price too far from the reference to be believed. It waits for an operator."""

    name: ClassVar = "jump"
    why: str
    price: Decimal
    answers: tuple[Answer, ...]


Verdict = Decided | Waiting | Disagree | Jump


@dataclass(frozen=True, slots=True)
class Rule:
    """When the answers of sources are a price: how many agree, how far apart, and how far from the reference."""

    quorum: int
    tolerance_bps: int
    jump_bps: int


def result_of(price: Decimal, reference: Decimal | None) -> RoundResult:
    """Return how a round ended: up if the price is above the reference, else down. A tie is down.

    Without a reference (the first round of a pool) it is void.
    """
    if reference is None:
        return RoundResult.VOID
    return RoundResult.UP if price > reference else RoundResult.DOWN


def judge(answers: Sequence[Answer], reference: Decimal | None, rule: Rule) -> Verdict:
    """Return what answers come to, by the rule above. Their order makes no difference."""
    told = tuple(sorted(answers, key=lambda answer: answer.source))
    seen = [answer for answer in told if isinstance(answer, Observation)]
    if len(seen) < rule.quorum:
        return Waiting(_missing(told, len(seen), rule.quorum), told)
    price = sorted(observation.price for observation in seen)[(len(seen) - 1) // 2]
    near = [one for one in seen if _is_within(one.price, price, rule.tolerance_bps)]
    if len(near) < rule.quorum or 2 * len(near) <= len(seen):
        return Disagree(f"the sources differ: {_prices(seen)}", told)
    if len({result_of(one.price, reference) for one in near}) > 1:
        return Disagree(f"the sources differ whether it is above {reference:f}: {_prices(near)}", told)
    if reference is not None and rule.jump_bps and not _is_within(price, reference, rule.jump_bps):
        return Jump(f"{price:f} is more than {rule.jump_bps} bps from {reference:f}", price, told)
    return Decided(price, told)


@dataclass(frozen=True, slots=True)
class Before:
    """The session before, whose close is the reference, and what sources said of that where they were asked.

    ``answers`` is ``None`` if the round of that session proves its close, or has no result yet.
    """

    session: Session
    answers: tuple[Answer, ...] | None = None


def evidence(
    verdict: Verdict, symbol: str, session: Session, reference: Decimal | None, before: Before | None = None
) -> dict[str, Any]:
    """Return what a result is told from: symbol, date, reference, price, and every source's answer.

    What is unknown is left out. Prices and moments are texts, so that no reader makes floats of them.
    """
    said: dict[str, Any] = {
        "symbol": symbol,
        "date": session.observed_on,
        "verdict": verdict.name,
        "sources": [_told(answer) for answer in verdict.answers],
    }
    if isinstance(verdict, Decided | Jump):
        said["price"] = f"{verdict.price:f}"
    if isinstance(verdict, Waiting | Disagree | Jump):
        said["why"] = verdict.why
    if reference is not None:
        said["reference"] = f"{reference:f}"
    if before is not None:
        earlier: dict[str, Any] = {"round": before.session.code, "date": before.session.observed_on}
        if before.answers is not None:
            told = sorted(before.answers, key=lambda answer: answer.source)
            earlier["sources"] = [_told(answer) for answer in told]
        said["before"] = earlier
    return said


def format_evidence(said: dict[str, Any]) -> str:
    """Return evidence as canonical JSON: keys in order, no blanks."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _told(answer: Answer) -> dict[str, str]:
    said = {"name": answer.source, "seen_at": format_time(answer.seen_at)}
    if isinstance(answer, Observation):
        reason = {"reason": answer.reason} if answer.reason else {}
        return said | {"price": f"{answer.price:f}", "date": answer.observed_on} | reason
    return said | {"error" if answer.has_failed else "not_yet": answer.why}


def _missing(answers: Sequence[Answer], have: int, quorum: int) -> str:
    silent = "; ".join(f"{answer.source} {answer.why}" for answer in answers if isinstance(answer, NoPrice))
    return f"{have} of {quorum} sources have a price" + (f": {silent}" if silent else "")


def _prices(seen: Sequence[Observation]) -> str:
    return ", ".join(f"{one.source} has {one.price:f}" for one in seen)


def _is_within(price: Decimal, centre: Decimal, bps: int) -> bool:
    # As fractions: decimals of this many digits would be rounded.
    return abs(Fraction(price) - Fraction(centre)) * _BPS <= Fraction(centre) * bps
