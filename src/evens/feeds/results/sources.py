"""What an official result is, and who tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfficialResult:
    """What one source says of one contest, in the source's own words.

    ``event`` names the contest and ``market`` what was bet on; ``market`` is ``None`` if the event has only one.
    ``winners`` are names of runners: at least one, or none if the result is ``void``.
    """

    source: str
    event: str
    market: str | None
    winners: tuple[str, ...]
    void: bool = False
    dead_heat: bool = False


class SourceFailed(Exception):
    """A source could not be read, wholly and well-formed. ``str()`` says what is wrong, and where."""


class ResultSource(Protocol):
    """Somebody who publishes official results, under a name of their own."""

    @property
    def name(self) -> str:
        """The name under which alerts, logs and metrics speak of this source."""
        ...

    async def fetch(self) -> Sequence[OfficialResult]:
        """Return every result that the source stands by at this moment.

        Raises :class:`SourceFailed`; a source is read as a whole or not at all.
        """
        ...
