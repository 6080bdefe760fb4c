"""A sequencer that runs on a journal, started and stopped as a scenario asks."""

import asyncio
from collections.abc import Callable, Sequence

from evens.core.receipts import Receipt
from evens.sequencer.inbox import Inbox
from evens.sequencer.journal import Journal
from evens.sequencer.observer import Observer, Unobserved
from evens.sequencer.sequencer import Sequencer

PATIENCE_S = 30


class Server(Unobserved):
    """Runs from the moment it is made. ``receipts`` are all that it has committed, in order.

    ``passed_on_to`` observes it, too.
    """

    def __init__(
        self, journal: Journal, inbox: Inbox, clock: Callable[[], int], passed_on_to: Observer | None = None
    ) -> None:
        self._other = passed_on_to or Unobserved()
        self.inbox = inbox
        self.sequencer = Sequencer(journal, inbox, self._look_at_clock, observer=self)
        self.receipts: list[Receipt] = []
        self._committed_seq = 0
        self._clock = clock
        self._led = asyncio.Event()
        self._stirred = asyncio.Event()
        self._running = asyncio.create_task(self.sequencer.run())

    def _look_at_clock(self) -> int:
        # Whatever is due is done, or found to matter no more, right after a look at the clock.
        self._stirred.set()
        return self._clock()

    def leading(self, seq: int, seconds: float) -> None:
        """Hear that it leads, and from where on."""
        self._committed_seq = seq
        self._other.leading(seq, seconds)
        self._led.set()

    async def leads(self) -> None:
        """Wait until it leads."""
        await asyncio.wait_for(self._led.wait(), PATIENCE_S)

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Keep what was committed."""
        self.receipts += receipts
        self._other.committed(receipts, seconds)
        self._committed_seq = receipts[-1].seq
        self._stirred.set()

    async def rests(self) -> None:
        """Wait until all that was decided is committed, and the house has nothing to do of itself."""
        async with asyncio.timeout(PATIENCE_S):
            while not self._rests():
                self._stirred.clear()
                await self._stirred.wait()

    def _rests(self) -> bool:
        house = self.sequencer.house
        due_at = house.agenda.next_due_at()
        if self._committed_seq != house.seq:
            return False
        return due_at is None or due_at > max(self._clock(), house.at)

    async def stop(self) -> None:
        """Stop it and wait for its end."""
        self.sequencer.stop()
        await self._running
