"""The shared cache of 3 seconds: one request to a provider, however many ask, in one process or in several.

In a process, whoever asks while a request is under way waits for that one, and whoever asks within 3 seconds of its
beginning gets what it led to, a failure too. The request belongs to nobody who waits: if one of them is cancelled, the
others have their answer. Between processes a *shelf* holds the document that was read last, an empty one too.

What was found on the shelf is shared for the rest of *its* 3 seconds, and not for 3 more.

Example: this process asked at 12:00:00.000. At 12:00:02.900 it has begun anew, because it was started again, and finds
that answer on the shelf: it is good until 12:00:03.000, and whoever asks then makes the next request.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

SHARED_S: Final = 3
SHARED_NS: Final = SHARED_S * 10**9
"""How long an answer is shared, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a provider answered to a request that was made ``at`` a moment, in nanoseconds since 1970."""

    at: int
    body: bytes


class Shelf(Protocol):
    """Where the processes of a house put documents for each other. It raises nothing, and may lose everything."""

    async def read(self, name: str) -> Document | None:
        """Return the last document of this name, if it is younger than 3 s."""
        ...

    async def claim(self, name: str) -> bool:
        """Return whether this process should make the request; else another one is making it."""
        ...

    async def write(self, name: str, document: Document) -> None:
        """Put a document there."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class NoShelf:
    """A house of one process has nobody to share with."""

    async def read(self, name: str) -> Document | None:
        """Return nothing."""
        return None

    async def claim(self, name: str) -> bool:
        """Return true."""
        return True

    async def write(self, name: str, document: Document) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""


class SingleFlight:
    """Does a work at most once in 3 s, whoever asks. ``clock`` returns nanoseconds and never goes back.

    The work returns how old what it led to is already, in nanoseconds; ``None`` if it led to nothing.
    """

    def __init__(self, work: Callable[[], Awaitable[int | None]], clock: Callable[[], int]) -> None:
        self._work = work
        self._clock = clock
        self._began: int | None = None
        self._flight: asyncio.Task[None] | None = None

    @property
    def is_done(self) -> bool:
        """Whether the work of these 3 s is done, so that there is nothing to wait for."""
        return self._flight is not None and self._flight.done() and not self._is_over()

    async def __call__(self) -> None:
        """Return once the work of these 3 s is done. Raises nothing that the work raises."""
        if self._flight is None or (self._flight.done() and self._is_over()):
            self._begin()
        if self._flight is not None and not self._flight.done():
            # Whoever waits may be cancelled, and the work goes on for the others.
            await asyncio.wait([self._flight])

    async def close(self) -> None:
        """End a work that is under way."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait([self._flight])

    def _is_over(self) -> bool:
        return self._began is None or self._clock() - self._began >= SHARED_NS

    def _begin(self) -> None:
        self._began = self._clock()
        self._flight = asyncio.create_task(self._fly())

    async def _fly(self) -> None:
        age = await self._work()
        if age is not None:
            # Where the wall clock was set back it is negative.
            self._began = self._clock() - max(age, 0)
