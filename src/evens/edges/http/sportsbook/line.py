"""How fresh the line is: what the routes know of the providers behind it."""

import time
from typing import Final, Protocol

from evens.core.values.moments import SECOND_NS

FRESH_NS: Final = 3 * SECOND_NS
"""How old a line may be for a bet to be taken on it."""


class LineView(Protocol):
    """What is known of the providers, as whoever reads them knows it."""

    async def refresh(self) -> None:
        """See to it that the line is as fresh as it can be, with at most one request to each provider in 3 seconds.

        All who ask meanwhile share it. Raises nothing: what could not be read stays as old as it was.
        """
        ...

    def as_of(self, source: str) -> int | None:
        """Return when a provider last confirmed its line, in nanoseconds since 1970; ``None`` if it never did.

        A source that nobody is configured for has nothing to confirm, and is as of now.
        """
        ...


class NoProviders:
    """Implements :class:`LineView` for a house without providers: whatever is in the line was put there by hand."""

    async def refresh(self) -> None:
        """Do nothing."""

    def as_of(self, source: str) -> int | None:
        """Return now."""
        return time.time_ns()


def is_stale(line: LineView, source: str, at: int) -> bool:
    """Return whether nobody can bet on what came from a provider, because it was not known to be so still.

    ``at`` is when the line was refreshed for whoever asks, in nanoseconds since 1970: what is read in the meantime
    takes its time, and a line that was fresh enough then is no older for it.
    """
    as_of = line.as_of(source)
    return as_of is None or at - as_of > FRESH_NS


async def refreshed(line: LineView) -> int:
    """Refresh the line, and return when that was done, in nanoseconds since 1970."""
    await line.refresh()
    return time.time_ns()
