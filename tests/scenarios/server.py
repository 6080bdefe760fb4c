"""A sequencer that runs on a journal, started and stopped as a scenario asks."""

import asyncio
from collections.abc import Callable

from evens.sequencer.inbox import Inbox
from evens.sequencer.journal import Journal
from evens.sequencer.observer import Unobserved
from evens.sequencer.sequencer import Sequencer

PATIENCE_S = 30


class Server(Unobserved):
    """Runs from the moment it is made."""

    def __init__(self, journal: Journal, inbox: Inbox, clock: Callable[[], int]) -> None:
        self.inbox = inbox
        self.sequencer = Sequencer(journal, inbox, clock, observer=self)
        self._led = asyncio.Event()
        self._running = asyncio.create_task(self.sequencer.run())

    def leading(self, seq: int, seconds: float) -> None:
        """Hear that it leads."""
        self._led.set()

    async def leads(self) -> None:
        """Wait until it leads."""
        await asyncio.wait_for(self._led.wait(), PATIENCE_S)

    async def stop(self) -> None:
        """Stop it and wait for its end."""
        self.sequencer.stop()
        await self._running
