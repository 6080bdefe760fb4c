"""Heartbeats: a program that asks for it has all its customer's unmatched orders taken back once it falls silent.

What was asked for is kept in this server's memory, as with Betfair: whoever is still there after a start asks again,
and until then nothing is taken back. An order is never taken back because a server was down. A server that books
nothing, because another one leads or the database is away, promises nothing either: it refuses heartbeats, and forgets
those it has heard, because a program goes on at the server that leads.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from evens.core.commands.exchange import CancelOrders
from evens.core.events.ledger import Rejected
from evens.core.values.ids import CustomerId
from evens.edges.betfair.calls import Call, Number, Operation, Params
from evens.edges.betfair.errors import ApiError
from evens.edges.gateway import Gateway
from evens.edges.http.protocol.idempotency import random_command_id
from evens.sequencer.errors import CommandFailed, NotBooked

TIMEOUT_S_MIN: Final = 10
TIMEOUT_S_MAX: Final = 300

NOTHING_DONE: Final = "NONE"
ALL_CANCELLED: Final = "ALL_BETS_CANCELLED"
ERROR: Final = "CANCELLATION_REQUEST_ERROR"

_EVERY_S: Final = 1.0
_log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    """A customer whose program sends heartbeats; ``due_s`` is when its silence counts, ``None`` once it did."""

    timeout_s: int
    due_s: float | None


class Heartbeats:
    """Knows whose programs are to be heard, and takes orders back where one is not. ``clock`` is in seconds."""

    def __init__(self, gateway: Gateway, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway = gateway
        self._clock = clock
        self._watched: dict[CustomerId, _Watched] = {}
        self._done: dict[CustomerId, str] = {}
        """What was done and not told yet. A program can be heard while its orders are being taken back."""
        self._stopping = asyncio.Event()

    def beat(self, customer: CustomerId, seconds: int) -> tuple[str, int]:
        """Hear a customer's program; 0 seconds end the watch.

        Return what was done since it was heard before, and after how many seconds of silence something will be.
        Raises :class:`ApiError` while nothing could be taken back.
        """
        if self._gateway.closed_because is not None:
            raise ApiError("SERVICE_BUSY", f"Nothing could be taken back now: {self._gateway.closed_because}")
        self._watched.pop(customer, None)
        done = self._done.pop(customer, NOTHING_DONE)
        if seconds == 0:
            return done, 0
        timeout_s = min(max(seconds, TIMEOUT_S_MIN), TIMEOUT_S_MAX)
        self._watched[customer] = _Watched(timeout_s, self._clock() + timeout_s)
        return done, timeout_s

    def hears(self, customer: CustomerId) -> bool:
        """Whether a customer's program is to be heard."""
        return customer in self._watched

    async def run(self) -> None:
        """Look once a second whose time is over, until :meth:`stop`."""
        while not self._stopping.is_set():
            await self.look()
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def look(self) -> None:
        """Take back the orders of everybody whose program is silent for too long. What fails is tried again.

        What the rules cannot decide is not: it would fail each time, and each time be set aside for the operator.
        """
        if self._gateway.closed_because is not None:
            self._watched.clear()
            self._done.clear()
            return
        now = self._clock()
        for customer, watched in list(self._watched.items()):
            # Meanwhile others were waited for, and a program that was heard again has another entry, or none.
            is_silent = self._watched.get(customer) is watched and watched.due_s is not None and watched.due_s <= now
            if is_silent:
                await self._cancel(customer, watched)

    async def _cancel(self, customer: CustomerId, watched: _Watched) -> None:
        try:
            receipt, _ = await self._gateway.submit(
                CancelOrders(customer), command_id=random_command_id(), actor=f"customer:{customer}", unseen=True
            )
        except NotBooked as trouble:
            self._done[customer] = ERROR
            if isinstance(trouble, CommandFailed):
                watched.due_s = None
            _log.warning("heartbeat_cancellation_failed", customer=customer, error=str(trouble))
            return
        watched.due_s = None
        done = NOTHING_DONE if isinstance(receipt.events[0], Rejected) else ALL_CANCELLED
        if done == NOTHING_DONE:
            # What was done before and not told yet, or may have been, is still to be told.
            self._done.setdefault(customer, done)
        else:
            self._done[customer] = done
        _log.info("heartbeat_missed", customer=customer, done=done)


class Heartbeat(Params, kw_only=True, frozen=True):
    """After how many seconds of silence orders are to be taken back; 0 ends that."""

    preferred_timeout_seconds: Number


async def heartbeat(call: Call[Heartbeat]) -> dict[str, Any]:
    """Hear a program, and say what was done since it was heard before."""
    seconds = call.params.preferred_timeout_seconds
    if seconds < 0:
        raise ApiError("INVALID_INPUT_DATA", f"preferredTimeoutSeconds is 0, or {TIMEOUT_S_MIN} to {TIMEOUT_S_MAX}.")
    done, timeout_s = call.dialect.heartbeats.beat(call.customer, seconds)
    return {"actionPerformed": done, "actualTimeoutSeconds": timeout_s}


HEARTBEAT: Final[Mapping[str, Operation[Any]]] = {"heartbeat": Operation(Heartbeat, heartbeat)}
