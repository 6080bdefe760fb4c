"""The oracle: asks all sources of a pool for the price at the close of a session, and says what that comes to.

All are asked at once. Each has a time within which it may be asked again if it is away; one that fails, hangs or says
nonsense never keeps another from being heard. A price counts only if it is dated as the session is: a source that still
shows yesterday's does not know yet. What is decided then is a matter of :mod:`evens.feeds.rounds.verdicts` alone.

Nothing is kept between questions. Whoever asks does so again until the pool's grace is over.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import stamina
import structlog

from evens.core.values.moments import SECOND_NS, format_time
from evens.core.values.pool_running import PoolRunning
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.metrics import PoolOracleMetrics
from evens.feeds.rounds.sources.manual import Words
from evens.feeds.rounds.sources.opening import open_readers
from evens.feeds.rounds.sources.secrets import SecretFolder
from evens.feeds.rounds.sources.source import NotYet, PriceReader
from evens.feeds.rounds.verdicts import Answer, NoPrice, Observation, Rule, Verdict, Waiting, judge
from evens.feeds.upstream import SourceAway, SourceFailed

DEADLINE_S: Final = 10.0
"""How long a source is asked, however often, before the others decide without it."""

_ATTEMPTS: Final = 3
_WHY_MAX: Final = 300
_log: Final = structlog.get_logger(__name__)


class Oracle:
    """The sources of one pool. ``clock`` returns nanoseconds since 1970, and says when an answer was seen."""

    def __init__(
        self,
        readers: Sequence[PriceReader],
        rule: Rule,
        metrics: PoolOracleMetrics,
        clock: Callable[[], int] = time.time_ns,
        *,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._readers = tuple(readers)
        self._rule = rule
        self._metrics = metrics
        self._clock = clock
        self._deadline_s = deadline_s

    async def decide(self, symbol: str, session: Session, reference: Decimal | None, now: int) -> Verdict:
        """Return what the sources say about a session's close, which moved from ``reference``.

        Before the session is to be settled nobody is asked. Raises nothing: what goes wrong is an answer, too.
        """
        if now < session.settles_at:
            return Waiting(f"it is settled from {format_time(session.settles_at)} on")
        return self.weigh(await self.hear(symbol, session), reference)

    async def hear(self, symbol: str, session: Session) -> tuple[Answer, ...]:
        """Return what each source says about a session's close. Raises nothing."""
        return tuple(await asyncio.gather(*[self._ask(reader, symbol, session) for reader in self._readers]))

    def weigh(self, answers: Sequence[Answer], reference: Decimal | None) -> Verdict:
        """Return what answers come to, also some that were heard before."""
        verdict = judge(answers, reference, self._rule)
        self._metrics.judged(verdict.name)
        return verdict

    async def _ask(self, reader: PriceReader, symbol: str, session: Session) -> Answer:
        try:
            answer = await self._quote(reader, symbol, session)
        except NotYet as error:
            return self._without(reader, str(error), has_failed=False)
        except TimeoutError:
            return self._without(reader, f"did not answer within {self._deadline_s:g} s", has_failed=True)
        except SourceFailed as error:
            return self._without(reader, str(error), has_failed=True)
        except Exception as error:
            _log.exception("price_not_read", source=reader.name)
            return self._without(reader, f"failed: {type(error).__name__}", has_failed=True)
        self._metrics.answered(reader.name, "price")
        return answer

    async def _quote(self, reader: PriceReader, symbol: str, session: Session) -> Observation:
        async with asyncio.timeout(self._deadline_s):
            async for attempt in stamina.retry_context(
                on=SourceAway,
                attempts=_ATTEMPTS,
                timeout=self._deadline_s,
                wait_initial=0.2,
                wait_max=2,
                wait_jitter=0.2,
            ):
                with attempt:
                    quote = await reader.closing(symbol, session)
                    if quote.observed_on != session.observed_on:
                        raise NotYet(f"shows {quote.observed_on}, not {session.observed_on}")
                    if not quote.price.is_finite() or quote.price <= 0:
                        raise SourceFailed("gives no price above zero")
                    return Observation(reader.name, quote.price, quote.observed_on, self._clock(), quote.reason)
        raise AssertionError("the last attempt returns or raises")

    def _without(self, reader: PriceReader, why: str, *, has_failed: bool) -> NoPrice:
        self._metrics.answered(reader.name, "failed" if has_failed else "not_yet")
        return NoPrice(reader.name, why[:_WHY_MAX], self._clock(), has_failed)


def open_oracle(
    running: PoolRunning,
    metrics: PoolOracleMetrics,
    words: Words,
    secrets: SecretFolder | None = None,
    clock: Callable[[], int] = time.time_ns,
) -> Oracle:
    """Return the oracle of a pool that is run like this. It holds nothing open.

    Raises :class:`evens.core.values.pool_running.RunningInvalid` if a source cannot be read as its terms say.
    """
    rule = Rule(running.quorum, running.tolerance_bps, running.jump_bps)
    return Oracle(open_readers(running, words, secrets, clock), rule, metrics, clock)


def is_past_grace(running: PoolRunning, settles_at: int, now: int) -> bool:
    """Return whether a round that was to be settled at a moment has waited for its price as long as it may."""
    return now >= settles_at + running.grace_s * SECOND_NS
