"""Delivering notices to webhooks: at least once, with patience, and no receiver at another one's expense.

Whatever was committed is delivered at least once: a delivery is claimed by moving its due time a little into the
future, so one that nobody reports on falls due again by itself. Receivers tell repeats by ``webhook-id``. Notices are
sent in the order in which they were recorded, but several at a time, and a failed one is tried again after newer ones:
the order is no promise.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

import structlog

from evens.edges.jobs.messages import Message
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Answer, Sender
from evens.store.errors import StoreUnavailable
from evens.store.outbox import CLAIMS_MAX, Claim, DeliveryStatus, Desk, Outbox, Outcome

BACKOFF_S: Final = (5, 30, 5 * 60, 30 * 60, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""How long to wait after the first, second… failed attempt. The attempt after the last wait is the last one."""

_IDLE_S: Final = 30.0
_ROUND_S: Final = 0.02
_RECONNECT_S: Final = 1.0
_GRACE_S: Final = 2.0

_chance = SystemRandom()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard the deliverer tries.

    ``jitter`` is the part by which each wait is stretched or shrunk at random, so that failures that came together do
    not come back together. ``lease_s`` is how long a claim lasts: longer than any attempt. ``in_flight_max`` is the
    number of attempts under way at once for one webhook; after a failure it is one, until something succeeds.
    """

    backoff_s: Sequence[float] = BACKOFF_S
    jitter: float = 0.2
    lease_s: float = 30.0
    in_flight_max: int = 8

    def wait_s(self, failures: int) -> float | None:
        """Return how long to wait after so many failures; ``None`` when it is time to give up."""
        if failures > len(self.backoff_s):
            return None
        return self.backoff_s[failures - 1] * _chance.uniform(1 - self.jitter, 1 + self.jitter)


@dataclass(slots=True)
class _Lane:
    """One webhook's share of the deliverer."""

    in_flight: int = 0
    ailing: bool = False


class Deliverer:
    """Claims what is due, sends it, and records what came of it. Several may work on one database at once."""

    def __init__(self, outbox: Outbox, sender: Sender, metrics: DeliveryMetrics, pace: Pace | None = None) -> None:
        self._outbox = outbox
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
        """Deliver until :meth:`stop`. Database trouble is waited out."""
        try:
            while not self._stopping:
                await self._work()
        finally:
            for attempt in self._attempts:
                attempt.cancel()
            await asyncio.gather(*self._attempts, return_exceptions=True)

    def stop(self) -> None:
        """Let :meth:`run` return soon: nothing new is begun, and what is under way gets a moment to finish."""
        self._stopping = True
        self._wake.set()

    async def _work(self) -> None:
        try:
            async with self._outbox.desk(self._wake.set) as desk:
                while not self._stopping:
                    await self._round(desk)
                await self._wind_down(desk)
        except StoreUnavailable as error:
            _log.warning("webhooks_wait_for_database", error=str(error))
        except Exception:
            # A job that dies in silence is worse than one that tries again and says so.
            _log.exception("webhooks_stumbled")
        if not self._stopping:
            await self._rest(_RECONNECT_S)

    async def _round(self, desk: Desk) -> None:
        self._wake.clear()
        await self._hand_in(desk)
        pace = self._pace
        # Before the claim: what falls due between the two must not be slept through.
        outlook = await desk.outlook()
        self._metrics.overdue(outlook.overdue_s)
        claims = await desk.claim(self._free(), pace.in_flight_max, pace.lease_s)
        for claim in claims:
            self._begin(claim)
        if len(claims) == CLAIMS_MAX:
            return
        await self._rest(_IDLE_S if outlook.next_s is None else min(outlook.next_s, _IDLE_S))
        # Many notices in a row, and many answers, are dealt with in one round.
        await asyncio.sleep(_ROUND_S)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _wind_down(self, desk: Desk) -> None:
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=_GRACE_S)
        await self._hand_in(desk)

    async def _hand_in(self, desk: Desk) -> None:
        outcomes, gone = self._outcomes[:], self._gone[:]
        if outcomes:
            await desk.record(outcomes)
            del self._outcomes[: len(outcomes)]
        if gone:
            await desk.remove(gone)
            del self._gone[: len(gone)]

    def _free(self) -> dict[str, int]:
        self._lanes = {webhook: lane for webhook, lane in self._lanes.items() if lane.in_flight or lane.ailing}
        return {webhook: self._free_in(lane) for webhook, lane in self._lanes.items()}

    def _free_in(self, lane: _Lane) -> int:
        return max((1 if lane.ailing else self._pace.in_flight_max) - lane.in_flight, 0)

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
            # Recorded like any failure: otherwise the notice would fall due again and again and never be given up.
            _log.exception("webhook_attempt_broke", webhook=claim.webhook, notice=claim.notice)
            answer = Answer(None, f"could not be sent: {type(error).__name__}")
        finally:
            lane.in_flight -= 1
        lane.ailing = answer.error is not None
        self._note(claim, answer)
        self._wake.set()

    def _note(self, claim: Claim, answer: Answer) -> None:
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
