"""What the routes know of the providers behind the line: how fresh it is, and what they publish for operators."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, Protocol

from evens.core.values.fixed_odds import Line, LineChange
from evens.core.values.moments import SECOND_NS

FRESH_NS: Final = 3 * SECOND_NS
"""How old a line may be for a bet to be taken on it."""


IfTaken = Literal["refuse", "same", "any"]
"""What to do if the provider has an event with the id already: refuse it, take it if it is the same, or take it."""


class Publishing(Enum):
    """What became of something that a provider was to publish."""

    DONE = "done"
    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What became of something that a provider was to publish, and ``detail``, why it was not.

    A refusal has the provider's ``status`` and ``code``, and ``errors`` with the fields of a ``Line`` that it names,
    each with what is wrong. If the provider was unavailable, nobody knows whether it was published.
    """

    outcome: Publishing
    detail: str = ""
    status: int = 0
    code: str = ""
    errors: tuple[tuple[str, str], ...] = ()


class LineView(Protocol):
    """What is known of the providers, as whoever reads them knows it, and how to publish at them."""

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

    def sources(self) -> Mapping[str, bool]:
        """Return the names of the providers, each with whether it publishes what it is sent."""
        ...

    async def create(self, source: str, key: str, line: Line, if_taken: IfTaken) -> PublishResult:
        """Have a provider publish a new event under a key. Once that is done, the house has it.

        Raises what the gateway does; then nobody knows whether it was published.
        """
        ...

    async def change(self, source: str, key: str, change: LineChange) -> PublishResult:
        """Have a provider publish a change of an event, likewise."""
        ...


class NoProviders:
    """Implements :class:`LineView` for a house without providers: whatever is in the line was put there by hand."""

    async def refresh(self) -> None:
        """Do nothing."""

    def as_of(self, source: str) -> int | None:
        """Return now."""
        return time.time_ns()

    def sources(self) -> Mapping[str, bool]:
        """Return nothing."""
        return {}

    async def create(self, source: str, key: str, line: Line, if_taken: IfTaken) -> PublishResult:
        """Refuse it: there is nobody to publish it."""
        return PublishResult(Publishing.NOT_ALLOWED, "is not there")

    async def change(self, source: str, key: str, change: LineChange) -> PublishResult:
        """Refuse it: there is nobody to publish it."""
        return PublishResult(Publishing.NOT_ALLOWED, "is not there")


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
