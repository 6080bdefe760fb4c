"""What the line feeds need of the server: asking the house, and seeing what it has of a source's fixtures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evens.core.commands.fixed_odds import HearSource
from evens.core.values.ids import FixtureId
from evens.core.values.reasons import Reason
from evens.feeds.line.record import Ask
from evens.feeds.line.wanted import KnownFixture


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a command: the reason if it was refused, and the fixture if a line was published."""

    refused: Reason | None = None
    fixture: FixtureId | None = None


class LineCommands(Protocol):
    """Asks the house."""

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        ...

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Return what became of a command, once that is durable.

        Raises :class:`evens.sequencer.errors.NotBooked` if there is no answer yet; the command may be booked then.
        """
        ...


class KnownFixtures(Protocol):
    """Sees what the house has. All raise :class:`evens.store.errors.StoreUnavailable`."""

    async def find(self, source: str, key: str) -> KnownFixture | None:
        """Return a fixture, an archived one too."""
        ...

    async def unfinished(self, source: str) -> Sequence[KnownFixture]:
        """Return the source's fixtures that have not ended."""
        ...
