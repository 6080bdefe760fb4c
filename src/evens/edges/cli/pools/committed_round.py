"""What a round committed to about its days, its sources and its result, as its proof says it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from evens.core.values.moments import SECOND_NS, format_time, parse_time

Proof = dict[str, Any]

FORM: Final = 2
"""The form of terms since which a round says where its reference is from, and who voided it. Rounds commit to it."""

TELLS_ALL_FROM: Final = parse_time("2027-01-01T00:00:00Z")
"""Rounds that open from then on say so whatever their form; earlier ones of an earlier form need not."""

EARLIER_MAX: Final = 14
"""How many sessions back the round before is looked for: no exchange is closed for longer."""

CLOSED: Final = "The exchange did not open on this day."


@dataclass(frozen=True, slots=True)
class Published:
    """What is known of a round's days beside its proof.

    ``closed`` are the days on which the exchange did not open, as the house lists them now with the pool. ``before`` is
    the code of the session before this round's, once by the calendar as the round knew it and once with these days left
    out, and ``is_session`` whether there was one on the round's day: by a calendar of the verifier's own. ``None`` is
    that nobody could be asked.
    """

    closed: frozenset[str] | None = None
    before: frozenset[str] | None = None
    is_session: bool | None = None


@dataclass(frozen=True, slots=True)
class CommittedRound:
    """What a round committed to about its results. ``people`` are the sources whose prices operators say.

    ``closed`` are the days of which it was announced before it opened that there is no session.
    """

    symbol: str
    code: str
    calendar: str
    closed: frozenset[str]
    tells_all: bool
    names: tuple[str, ...]
    people: frozenset[str]
    quorum: int
    tolerance_bps: int
    jump_bps: int
    grace_ns: int
    interval_s: int | None
    lock_before_s: int
    times: tuple[int, int, int]

    def dated(self, code: str) -> str:
        """Return how sources date the close of a session. Raises ``ValueError`` for a code that is none."""
        if self.interval_s is None:
            return datetime.strptime(code, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
        locks = datetime.strptime(code, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return format_time(int((locks + timedelta(seconds=self.lock_before_s)).timestamp()) * SECOND_NS)

    @property
    def day(self) -> str:
        """The day on which the round locks: of an exchange in its own zone, of intervals in UTC."""
        return datetime.strptime(self.code[:8], "%Y%m%d").replace(tzinfo=UTC).date().isoformat()

    def interval_before(self, closed: frozenset[str]) -> str:
        """Return the code of the interval before, passing over whole days that are ``closed``."""
        assert self.interval_s is not None
        locks = datetime.strptime(self.code, "%Y%m%dT%H%M%S").replace(tzinfo=UTC) - timedelta(seconds=self.interval_s)
        while locks.date().isoformat() in closed:
            locks -= timedelta(seconds=self.interval_s)
        return locks.strftime("%Y%m%dT%H%M%S")


def committed_round(said: dict[str, Any]) -> CommittedRound:
    """Return what a proof says that its round committed to. Raises what reading what is none raises."""
    running = json.loads(said["running"])
    calendar = running.get("calendar", "XNAS")
    sources = running.get("sources", [{"name": "desk", "kind": "manual"}])
    return CommittedRound(
        symbol=said["symbol"],
        code=said["code"],
        calendar=calendar,
        closed=frozenset(running.get("closed", ())),
        tells_all=running.get("form", 1) >= FORM or said["opens_at_ns"] >= TELLS_ALL_FROM,
        names=tuple(sorted(source["name"] for source in sources)),
        people=frozenset(source["name"] for source in sources if source["kind"] == "manual"),
        quorum=running.get("quorum", 1),
        tolerance_bps=running.get("tolerance_bps", 10),
        jump_bps=running.get("jump_bps", 2_000),
        grace_ns=running.get("grace_s", 1_800) * SECOND_NS,
        interval_s=int(calendar.removeprefix("every:")) if calendar.startswith("every:") else None,
        lock_before_s=running.get("lock_before_close_s", 1),
        times=(said["opens_at_ns"], said["locks_at_ns"], said["settles_at_ns"]),
    )


def earlier_codes(proof: Proof) -> list[str]:
    """Return the codes among which the round before this one is, the newest first, down to the one that is named.

    Whoever has the proofs of the pool's rounds takes the first of these that :func:`had_session`. Of what is no proof,
    none.
    """
    try:
        known = committed_round(proof["committed"])
        # Who corrects a result says nothing of the reference: the result before it does.
        named = next(each["evidence"]["before"]["round"] for each in proof["results"] if "before" in each["evidence"])
        form, step = ("%Y%m%d", timedelta(days=1))
        if known.interval_s is not None:
            form, step = "%Y%m%dT%H%M%S", timedelta(seconds=known.interval_s)
        at = datetime.strptime(known.code, form).replace(tzinfo=UTC)
        codes = [(at - step * back).strftime(form) for back in range(1, EARLIER_MAX + 1)]
        return [code for code in codes if code > named] + [named]
    except (LookupError, StopIteration, TypeError, ValueError, OverflowError, AttributeError):
        return []


def had_session(proof: Proof) -> bool:
    """Return whether a round is one with a close: not one of a day on which it turned out that nothing opened."""
    results: list[dict[str, Any]] = proof["results"]
    return not results or results[0]["reason"] != CLOSED
