"""How a round ended, asked of its sources: the price at its close against the price at the close before.

The reference is the close of the session before. If the round of that session is decided, it is the price in its
evidence, which was revealed with it. Otherwise the sources are asked for it, too: a round that was void, or that there
never was, has a close all the same. Where nobody knows it (the first session of all), the round is void.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol

from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pool_running import PoolRunning
from evens.core.values.pools import PoolTerms, RoundResult
from evens.feeds.rounds.calendar import Session, calendar_of, prepare
from evens.feeds.rounds.exchange_days import NoSession
from evens.feeds.rounds.oracle import Oracle
from evens.feeds.rounds.verdicts import Decided, evidence, format_evidence, result_of


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
    """

    result: RoundResult | None
    evidence: str
    why: str
    needs_operator: bool = False


class RoundHistory(Protocol):
    """What was decided before."""

    async def evidence_before(self, pool: PoolId, code: str) -> Sequence[tuple[str, str]]:
        """Return code and evidence of the last decided rounds before one, the newest first."""
        ...


class Judge:
    """Asks the sources of rounds. ``oracle_of`` returns a pool's oracle; ``clock`` nanoseconds since 1970."""

    def __init__(
        self, history: RoundHistory, oracle_of: Callable[[PoolRunning], Oracle], clock: Callable[[], int]
    ) -> None:
        self._history = history
        self._oracle_of = oracle_of
        self._clock = clock

    async def judge(self, asked: RoundToJudge, running: PoolRunning) -> Judged:
        """Return how a round ended. Raises :class:`NoSession` for a round with a code of an operator's own."""
        now = self._clock()
        await prepare(running, now)
        calendar = calendar_of(running)
        session = calendar.session(asked.code)
        oracle = self._oracle_of(running)
        reference, why = await self._reference(asked, calendar.previous(asked.code), oracle)
        if why:
            return Judged(None, "{}", why)
        verdict = await oracle.decide(asked.terms.symbol, session, reference, now)
        said = format_evidence(evidence(verdict, asked.terms.symbol, session, reference))
        if isinstance(verdict, Decided):
            result = result_of(verdict.price, reference)
            without = "there is no earlier close to compare with" if result is RoundResult.VOID else ""
            return Judged(result, said, without)
        return Judged(None, said, verdict.why, needs_operator=verdict.name == "jump")

    async def _reference(self, asked: RoundToJudge, before: Session, oracle: Oracle) -> tuple[Decimal | None, str]:
        """Return the price at the close before, ``None`` if nobody knows it; and what it waits for, if it does."""
        decided = dict(await self._history.evidence_before(asked.pool, asked.code))
        price = _price_in(decided.get(before.code))
        if price is not None:
            return price, ""
        verdict = await oracle.decide(asked.terms.symbol, before, None, self._clock())
        if isinstance(verdict, Decided):
            return verdict.price, ""
        if decided:
            return None, f"the close before ({before.code}) is not known: {verdict.why}"
        return None, ""


def has_session(running: PoolRunning, code: str) -> bool:
    """Return whether a code is one of the pool's calendar, so that its sources know of it."""
    try:
        calendar_of(running).session(code)
    except NoSession:
        return False
    return True


def _price_in(text: str | None) -> Decimal | None:
    """Return the price in a round's evidence, if it has one."""
    price = None if text is None else json.loads(text).get("price")
    try:
        return Decimal(price) if isinstance(price, str) else None
    except InvalidOperation:
        return None
