"""Tells every webhook, every ten seconds, that the service is there and which change was the last.

Whoever hears nothing for thirty seconds knows that something is wrong. These messages are not stored: one that is lost
is followed by the next.
"""

import asyncio
import secrets
import time
from typing import Final

import structlog

from evens.edges.jobs.messages import Message
from evens.edges.jobs.sending import Sender
from evens.store.errors import StoreUnavailable
from line_provider.shapes import Topic
from line_provider.store import LineStore

EVERY_S: Final = 10.0

_log = structlog.get_logger(__name__)


class Alive:
    """Sends the messages until it is told to stop."""

    def __init__(self, store: LineStore, sender: Sender, every_s: float = EVERY_S) -> None:
        self._store = store
        self._sender = sender
        self._every_s = every_s
        self._wake = asyncio.Event()
        self._stopping = False
        self._sending: set[asyncio.Task[object]] = set()

    async def run(self) -> None:
        """Send until :meth:`stop`. A receiver that does not answer keeps no other one waiting."""
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self._send_all()
                except StoreUnavailable as error:
                    _log.warning("alive_waits_for_database", error=str(error))
                try:
                    async with asyncio.timeout(self._every_s):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._sending:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)

    def hurry(self) -> None:
        """Send at once: there is somebody new."""
        self._wake.set()

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping = True
        self._wake.set()

    async def _send_all(self) -> None:
        webhooks, last = await self._store.webhooks(), await self._store.last_change()
        for webhook in webhooks:
            name = f"msg_alive_{secrets.token_hex(8)}"
            message = Message.of_event(name, Topic.ALIVE, time.time_ns(), f'{{"change":{last}}}')
            task: asyncio.Task[object] = asyncio.create_task(self._sender.send(webhook.id, webhook.url, message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
