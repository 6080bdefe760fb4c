"""What the sequencer needs of a journal. The protocol sits here, with its consumer; the store implements it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from evens.core.commands import Command
from evens.core.events import Event
from evens.core.state import House


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a command: its place in the journal, and its events. The same each time it is asked for.

    ``command_id`` is 16 bytes, ``at`` nanoseconds since 1970 (UTC), ``actor`` who asked.
    """

    seq: int
    at: int
    command_id: bytes
    actor: str
    command: Command
    events: tuple[Event, ...]


class JournalLost(Exception):
    """The journal cannot be written now, or somebody else writes it. What was sent last may or may not be stored."""


class Journal(Protocol):
    """An append-only record of commands and their events, which one writer at a time may extend."""

    async def lead(self, standing_by: Callable[[], None]) -> None:
        """Become the only writer; wait for as long as another one leads, after calling ``standing_by`` once.

        Raises :class:`JournalLost` if the journal cannot be reached.
        """
        ...

    async def load(self) -> House:
        """Return the house as of the last record. Only the leader may ask."""
        ...

    async def find(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Return the receipts of those commands that are stored."""
        ...

    def prepare(self, receipts: Sequence[Receipt]) -> Any:
        """Return the receipts in the form in which they are stored, following everything prepared before."""
        ...

    async def append(self, prepared: Any) -> None:
        """Store what was prepared, durably and as a whole.

        Raises :class:`JournalLost` on any doubt; the writer must then lead and load again.
        """
        ...

    async def quarantine(self, command_id: bytes, actor: str, command: Command, error: str) -> None:
        """Keep a command that broke the rules, for the operator to look at."""
        ...

    def lost(self) -> Awaitable[None]:
        """Return something that completes when leadership is known to be lost."""
        ...

    async def resign(self) -> None:
        """Stop leading and let go of every connection. Safe to call at any time."""
        ...
