"""Delivers notices to webhooks, each at least once.

Theory of operation
-------------------
The transaction that commits a command also writes its notices, and one *delivery* for each webhook that wants the
notice. A delivery has a due time. The deliverer repeats these steps:

1. *Record* the outcomes of finished attempts.
2. *Claim* due deliveries, those due longest first: the claim counts the attempt and moves the due time ``lease_s`` into
   the future. Nobody else takes the delivery until then. If this process dies, nothing has to be cleaned up: the
   delivery falls due again by itself. So a receiver may get a notice twice, and tells by ``webhook-id``, which stays
   the same.
3. *Attempt* the claimed ones concurrently: sign, post, wait for the answer. 2xx is success. 410 removes the webhook.
   Anything else is a failure: the delivery falls due again after the next wait of :data:`BACKOFF_S`, changed by up to
   20 % at random so that deliveries that failed together do not return together. After the last wait and one more
   failure it is given up.
4. *Wait* until the next delivery falls due, an attempt ends, or the database reports a new notice.

*Isolation.* Each webhook has at most ``in_flight_max`` attempts at a time, and only one after a failure until an
attempt succeeds. A slow or dead receiver therefore cannot use up the claims of the others.

*Order.* A new notice is due when it is recorded, so notices are claimed in that order. But several are sent at a time,
and a failed one is tried again after newer ones. So receivers must not rely on the order.

Example. Notices 7 and 8 are recorded at 12:00:00.0 for webhook W, whose receiver is down.

==========  =============================================================================================
12:00:00.0  7 and 8 are claimed, attempt 1, due again at 12:00:30 in case nobody records an outcome
12:00:00.1  both fail (connection refused); they fall due about 5 s later, say 7 at 12:00:05.6, 8 at 12:00:04.7
12:00:04.7  8 is claimed alone, since W has failed; it fails again and falls due about 30 s later
12:00:05.6  7 is claimed: the receiver is back, 200; W may have 8 attempts at a time again
12:00:34    8 is claimed and delivered, after 7: the order has changed
==========  =============================================================================================

Had the receiver stayed down, each notice would have been tried nine times over about 45 hours and then given up.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from random import SystemRandom
from typing import Final, Protocol

import structlog

from evens.edges.jobs.messages import Message
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Answer, Sender
from evens.store.deliveries import CLAIMS_MAX, Claim, DeliveryStatus, Outcome, Outlook
from evens.store.errors import StoreUnavailable

BACKOFF_S: Final = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait after the first, second… failed attempt. The attempt after the last wait is the last."""

_IDLE_S: Final = 30.0
_COLLECT_S: Final = 0.02
_RECONNECT_S: Final = 1.0
_GRACE_S: Final = 2.0

_chance = SystemRandom()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The deliverer's rates and limits.

    ``jitter`` is the fraction by which each wait is lengthened or shortened at random; none is longer than the longest
    of ``backoff_s``. ``lease_s`` is how long a claim lasts: longer than any attempt. ``in_flight_max`` is the most
    concurrent attempts for one webhook; after a failure it is one, until an attempt succeeds.
    """

    backoff_s: Sequence[float] = BACKOFF_S
    jitter: float = 0.2
    lease_s: float = 30.0
    in_flight_max: int = 8

    def wait_s(self, failures: int) -> float | None:
        """Return how long to wait after this many failures; ``None`` if the delivery is to be given up."""
        if failures > len(self.backoff_s):
            return None
        wait_s, longest_s = self.backoff_s[failures - 1], max(self.backoff_s)
        return _chance.uniform(wait_s * (1 - self.jitter), min(wait_s * (1 + self.jitter), longest_s))


class DeliverySession(Protocol):
    """A queue of deliveries while one deliverer works on it."""

    async def claim(self, free: Mapping[str, int], most_each: int, lease_s: float) -> list[Claim]:
        """Take due deliveries: as many as ``free`` says for a webhook, ``most_each`` if it says nothing."""
        ...

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Store how attempts ended."""
        ...

    async def remove(self, webhooks: Sequence[str]) -> None:
        """Stop delivering to these webhooks."""
        ...

    async def outlook(self) -> Outlook:
        """Return how late deliveries are, and when the next is due."""
        ...


class DeliveryQueue(Protocol):
    """Where deliveries wait. Everything may raise ``StoreUnavailable``."""

    def session(self, wake: Callable[[], None]) -> AbstractAsyncContextManager[DeliverySession]:
        """Begin to work; ``wake`` is called when there may be more to claim."""
        ...


@dataclass(slots=True)
class _Lane:
    """The attempts for one webhook."""

    in_flight: int = 0
    has_failed: bool = False


class Deliverer:
    """Claims due deliveries, sends them, and records the outcomes. Several processes may use one database."""

    def __init__(
        self, queue: DeliveryQueue, sender: Sender, metrics: DeliveryMetrics, pace: Pace | None = None
    ) -> None:
        self._queue = queue
        self._sender = sender
        self._metrics = metrics
        self._pace = pace or Pace()
        self._lanes: dict[str, _Lane] = {}
        self._attempts: set[asyncio.Task[None]] = set()
        self._outcomes: list[Outcome] = []
        self._gone: list[str] = []
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Deliver until :meth:`stop`. While the database cannot be reached, try again every second."""
        try:
            while not self._stopping:
                await self._work()
        finally:
            for attempt in self._attempts:
                attempt.cancel()
            await asyncio.gather(*self._attempts, return_exceptions=True)

    def stop(self) -> None:
        """Make :meth:`run` return soon: no attempt is begun, and those in progress get a moment to finish."""
        self._stopping = True
        self._wake.set()

    async def _work(self) -> None:
        try:
            async with self._queue.session(self._wake.set) as session:
                while not self._stopping:
                    await self._round(session)
                await self._finish(session)
        except StoreUnavailable as error:
            _log.warning("webhooks_wait_for_database", error=str(error))
        except Exception:
            # An unexpected error must not end the job: it is logged, and the job tries again.
            _log.exception("webhooks_failed")
        if not self._stopping:
            await self._wait(_RECONNECT_S)

    async def _round(self, session: DeliverySession) -> None:
        self._wake.clear()
        await self._record_outcomes(session)
        pace = self._pace
        # Before the claim, so that the wait below ends in time for what falls due between the two.
        outlook = await session.outlook()
        self._metrics.overdue(outlook.overdue_s)
        claims = await session.claim(self._free(), pace.in_flight_max, pace.lease_s)
        for claim in claims:
            self._begin(claim)
        if len(claims) == CLAIMS_MAX:
            return
        await self._wait(_IDLE_S if outlook.next_s is None else min(outlook.next_s, _IDLE_S))
        # Collect notices and answers that come in quick succession, for one round.
        await asyncio.sleep(_COLLECT_S)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _finish(self, session: DeliverySession) -> None:
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=_GRACE_S)
        await self._record_outcomes(session)

    async def _record_outcomes(self, session: DeliverySession) -> None:
        outcomes, gone = self._outcomes[:], self._gone[:]
        if outcomes:
            await session.record(outcomes)
            del self._outcomes[: len(outcomes)]
        if gone:
            await session.remove(gone)
            del self._gone[: len(gone)]

    def _free(self) -> dict[str, int]:
        self._lanes = {webhook: lane for webhook, lane in self._lanes.items() if lane.in_flight or lane.has_failed}
        return {webhook: self._free_in(lane) for webhook, lane in self._lanes.items()}

    def _free_in(self, lane: _Lane) -> int:
        return max((1 if lane.has_failed else self._pace.in_flight_max) - lane.in_flight, 0)

    def _begin(self, claim: Claim) -> None:
        lane = self._lanes.setdefault(claim.webhook, _Lane())
        lane.in_flight += 1
        attempt = asyncio.create_task(self._attempt(claim, lane))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)

    async def _attempt(self, claim: Claim, lane: _Lane) -> None:
        message = Message.of_notice(claim.notice, claim.topic, claim.at, claim.data)
        try:
            answer = await self._sender.send(claim.webhook, claim.url, message)
        except Exception as error:
            # Recorded like any failure: otherwise the delivery would fall due again without end.
            _log.exception("webhook_attempt_broke", webhook=claim.webhook, notice=claim.notice)
            answer = Answer(None, f"could not be sent: {type(error).__name__}")
        finally:
            lane.in_flight -= 1
        lane.has_failed = answer.error is not None
        self._add_outcome(claim, answer)
        self._wake.set()

    def _add_outcome(self, claim: Claim, answer: Answer) -> None:
        status, wait_s = DeliveryStatus.DELIVERED, 0.0
        if answer.error is not None:
            next_s = None if answer.is_gone else self._pace.wait_s(claim.attempt)
            status, wait_s = (DeliveryStatus.GIVEN_UP, 0.0) if next_s is None else (DeliveryStatus.DUE, next_s)
            _log.info(
                "webhook_attempt_failed",
                webhook=claim.webhook,
                notice=claim.notice,
                attempt=claim.attempt,
                error=answer.error,
                retry_s=None if next_s is None else round(next_s, 1),
            )
        if answer.is_gone:
            self._gone.append(claim.webhook)
        self._metrics.attempted(status)
        self._outcomes.append(Outcome(claim.notice, claim.webhook, claim.attempt, status, wait_s, answer.error))
