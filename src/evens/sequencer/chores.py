"""Chores: what the house has to do of itself, made into submissions that nobody waits for.

They follow from the house: whoever loads it again finds them again. Only what must not be tried again is kept here.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.exchange import AdvanceMarket
from evens.core.events.ledger import Rejected
from evens.core.exchange.markets import Chore, Exchange
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.sequencer.errors import ChoreRefused
from evens.sequencer.inbox import HOUSE_ACTOR, Answer, Submission

ADVANCES_PER_BATCH_MAX: Final = 4
"""Most markets whose long work goes on in one batch. Each part is as much as hundreds of payments."""

LOOK_WAIT_S_MAX: Final = 1.0
"""Longest wait for a due time. The clock may jump over it, so it is read again after this long."""

_S_NS: Final = 10**9


class Chores:
    """Offers the chores of a house as they fall due.

    ``clock`` returns nanoseconds since 1970 (UTC). ``due_max`` is how many of those with a due time go into one batch;
    it should be as many as callers can bring about with one.

    What was set aside is not offered again, not even by a house that was loaded anew, but by a server that starts: it
    may run better rules.
    """

    def __init__(self, clock: Callable[[], int], due_max: int) -> None:
        self._clock = clock
        self._due_max = due_max
        self._set_aside: set[Command] = set()
        self._turn = 0

    def wait_s(self, house: House) -> float | None:
        """Return how long there is surely nothing to do, in seconds; ``None`` if that is until somebody asks."""
        due_at = self._next_due_at(house.exchange)
        if due_at is None:
            return None
        # A second of the clock may not be a second of the timer. Whoever has waited this long looks at the clock again.
        return min(max(due_at - self._now(house), 0) / _S_NS, LOOK_WAIT_S_MAX)

    def take(self, house: House) -> list[Submission]:
        """Return what has to be done now, some of it if it is much; the next call goes on."""
        due_at = self._next_due_at(house.exchange)
        if due_at is None or due_at > (now := self._now(house)):
            return []
        nobody: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        # Answers pass over a caller who went away, and so there is no failure that nobody retrieves.
        nobody.cancel()
        return [
            Submission(os.urandom(16), HOUSE_ACTOR, chore, True, nobody, not_before=now)
            for chore in self._offered(house.exchange, now)
        ]

    def set_aside(self, chore: Command) -> None:
        """Do not offer a chore again."""
        self._set_aside.add(chore)

    def refused(self, house: House, receipts: Iterable[Receipt]) -> Iterator[ChoreRefused]:
        """Set aside what was refused and would be offered again and again; yield each for the operator to hear of.

        What falls due is offered once, and may well be refused: an order may have been cancelled at the last moment.
        """
        for receipt in receipts:
            command, event = receipt.command, receipt.events[0]
            if (
                isinstance(command, AdvanceMarket)
                and isinstance(event, Rejected)
                and command.market in house.exchange.busy
            ):
                self.set_aside(command)
                yield ChoreRefused(command, event.reason)

    def _offered(self, exchange: Exchange, now: int) -> list[Chore]:
        """Return a few parts of long work, with each market in its turn, and then what is due."""
        # What is due leaves the exchange with this call, so none of it may be left out; a busy market stays busy.
        chores = exchange.chores(now, len(exchange.busy) + self._due_max)
        if self._set_aside:
            chores = [chore for chore in chores if chore not in self._set_aside]
        advances = [chore for chore in chores if isinstance(chore, AdvanceMarket)]
        if len(advances) <= ADVANCES_PER_BATCH_MAX:
            return chores
        first = self._turn % len(advances)
        self._turn = first + ADVANCES_PER_BATCH_MAX
        in_turn = (advances[first:] + advances[:first])[:ADVANCES_PER_BATCH_MAX]
        return [*in_turn, *chores[len(advances) :]]

    def _next_due_at(self, exchange: Exchange) -> int | None:
        if not self._set_aside or any(AdvanceMarket(market) not in self._set_aside for market in exchange.busy):
            return exchange.next_due_at()
        return exchange.due[0][0] if exchange.due else None

    def _now(self, house: House) -> int:
        return max(self._clock(), house.at)
