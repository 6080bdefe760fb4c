"""Official results, and the protocol of their sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfficialResult:
    """What one source says about one contest, with the names that the source uses.

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
    """A publisher of official results, with a name that no other source has."""

    @property
    def name(self) -> str:
        """The name under which alerts, logs and metrics speak of this source."""
        ...

    async def fetch(self) -> Sequence[OfficialResult]:
        """Return every result that the source stands by at this moment.

        Raises :class:`SourceFailed`; a source is read as a whole or not at all.
        """
        ...
