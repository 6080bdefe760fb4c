"""How a round ended, asked of its sources: the price at its close against the price at the close before.

The reference is the close of the session before:

1. while the round of that session has no result, what it will be is not known, and this round waits for it;
2. if its evidence has a price that was decided by its sources or told by an operator, that price is the reference;
3. otherwise the sources are asked for it, too: a session without a round has a close all the same.

A round's own close is asked for in any case. So a round that is void for want of a reference has its close in its
evidence, and the next one is compared with that: one void round is enough. Where nobody ever knew an earlier close (the
first session of all), a round is void at once.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pool_running import PoolRunning
from evens.core.values.pools import PoolTerms, RoundResult
from evens.feeds.rounds.calendar import Session, calendar_of, prepare
from evens.feeds.rounds.exchange_days import NoSession
from evens.feeds.rounds.oracle import Oracle
from evens.feeds.rounds.verdicts import Answer, Before, Decided, Disagree, Verdict, evidence, format_evidence, result_of

_KEPT_MAX: Final = 10_000
"""Of how many rounds answers are kept at most."""


@dataclass(frozen=True, slots=True)
class RoundToJudge:
    """A round as far as its result depends on it. ``settles_at`` is in nanoseconds since 1970."""

    id: RoundId
    pool: PoolId
    pool_key: str
    code: str
    terms: PoolTerms
    locks_at: int
    settles_at: int
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What a round came to. ``result`` is ``None`` while it waits: ``why`` says for what.

    ``needs_operator`` where only a person can say whether the price is to be believed, however long that takes.
    ``waits_for`` is the code of the round before, if its own close is known and only the result of that one is not.
    """

    result: RoundResult | None
    evidence: str
    why: str
    needs_operator: bool = False
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class _Reference:
    """The price at the close before, ``None`` if it is not known; ``why`` says for what it waits, if it does."""

    price: Decimal | None
    before: Before
    why: str = ""
    waits_for: str = ""


class RoundHistory(Protocol):
    """What was decided before."""

    async def evidence_before(self, pool: PoolId, code: str) -> Sequence[tuple[str, str]]:
        """Return code and evidence of the last decided rounds before one, the newest first."""
        ...

    async def is_undecided(self, pool: PoolId, code: str) -> bool:
        """Return whether there is a round with this code that has no result."""
        ...


class Judge:
    """Asks the sources of rounds. ``oracle_of`` returns that of a pool (id, key); ``clock`` nanoseconds since 1970."""

    def __init__(
        self, history: RoundHistory, oracle_of: Callable[[PoolRunning, PoolId, str], Oracle], clock: Callable[[], int]
    ) -> None:
        self._history = history
        self._oracle_of = oracle_of
        self._clock = clock
        # What was heard of rounds that wait for the one before: a source may show only the latest close.
        self._kept: dict[RoundId, tuple[Answer, ...]] = {}

    def forget(self, number: RoundId) -> None:
        """Forget what was heard of a round that has its result."""
        self._kept.pop(number, None)

    async def judge(self, asked: RoundToJudge, running: PoolRunning) -> Judged:
        """Return how a round ended. Raises :class:`NoSession` for a round with a code of an operator's own."""
        now = self._clock()
        await prepare(running, now)
        calendar = calendar_of(running)
        session = calendar.session(asked.code)
        oracle = self._oracle_of(running, asked.pool, asked.pool_key)
        if now < session.settles_at:
            early = await oracle.decide(asked.terms.symbol, session, None, now)
            return Judged(None, _said(early, asked, session, None), getattr(early, "why", ""))
        answers, reference = await asyncio.gather(
            self._own(asked, session, oracle),
            self._reference(asked, calendar.previous(asked.code), oracle),
        )
        verdict = oracle.weigh(answers, reference.price)
        if isinstance(verdict, Disagree) and asked.id in self._kept:
            self.forget(asked.id)
            verdict = oracle.weigh(await self._own(asked, session, oracle), reference.price)
        said = _said(verdict, asked, session, reference.price, reference.before)
        if not isinstance(verdict, Decided):
            return Judged(None, said, verdict.why, needs_operator=verdict.name == "jump")
        if reference.why:
            self._keep(asked.id, verdict.answers)
            return Judged(None, said, reference.why, waits_for=reference.waits_for)
        result = result_of(verdict.price, reference.price)
        without = "there is no earlier close to compare with" if result is RoundResult.VOID else ""
        return Judged(result, said, without)

    async def _own(self, asked: RoundToJudge, session: Session, oracle: Oracle) -> tuple[Answer, ...]:
        return self._kept.get(asked.id) or await oracle.hear(asked.terms.symbol, session)

    def _keep(self, number: RoundId, answers: tuple[Answer, ...]) -> None:
        self._kept.setdefault(number, answers)
        while len(self._kept) > _KEPT_MAX:
            del self._kept[next(iter(self._kept))]

    async def _reference(self, asked: RoundToJudge, before: Session, oracle: Oracle) -> _Reference:
        if await self._history.is_undecided(asked.pool, before.code):
            why = f"round {before.code}, the one before, has no result yet"
            return _Reference(None, Before(before), why, before.code)
        decided = dict(await self._history.evidence_before(asked.pool, asked.code))
        price = _price_in(decided.get(before.code))
        if price is not None:
            return _Reference(price, Before(before))
        verdict = await oracle.decide(asked.terms.symbol, before, None, self._clock())
        heard = Before(before, verdict.answers)
        if isinstance(verdict, Decided):
            return _Reference(verdict.price, heard)
        if decided:
            return _Reference(None, heard, f"the close before ({before.code}) is not known: {verdict.why}")
        return _Reference(None, heard)


def _said(
    verdict: Verdict, asked: RoundToJudge, session: Session, reference: Decimal | None, before: Before | None = None
) -> str:
    return format_evidence(evidence(verdict, asked.terms.symbol, session, reference, before))


def has_session(running: PoolRunning, code: str) -> bool:
    """Return whether a code is one of the pool's calendar, so that its sources know of it."""
    try:
        calendar_of(running).session(code)
    except NoSession:
        return False
    return True


def _price_in(text: str | None) -> Decimal | None:
    """Return the price in a round's evidence, if it has one that was decided, or told by an operator."""
    said: dict[str, Any] = {} if text is None else json.loads(text)
    price = said.get("price")
    if said.get("verdict", Decided.name) != Decided.name:
        return None
    try:
        return Decimal(price) if isinstance(price, str) else None
    except InvalidOperation:
        return None
