"""What the sequencer needs of a journal. The protocol sits here, with its consumer; the store implements it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.core.state import House


class JournalLost(Exception):
    """The journal is no longer ours to write."""


class Journal(Protocol):
    """An append-only record of commands and their events, which one writer at a time may extend.

    Any exception from any of these means that the journal is lost for now; the writer must lead and load again.
    """

    async def lead(self, standing_by: Callable[[], None]) -> int:
        """Become the only writer; wait for as long as another one leads, after calling ``standing_by`` once.

        Returns the time of the last record, in nanoseconds since 1970; 0 if there is none.
        """
        ...

    async def load(self) -> House:
        """Return the house as of the last record. Only the leader may ask."""
        ...

    async def find(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Return the receipts of those commands that are stored."""
        ...

    async def recall(self, wanted: Any) -> Any:
        """Return what a command has to know of the past, as :class:`evens.core.rules.Rules` says; all is stored."""
        ...

    def prepare(self, receipts: Sequence[Receipt]) -> Any:
        """Return the receipts in the form in which they are stored, following everything prepared before.

        Raises ``ValueError`` if one of them cannot be stored at all.
        """
        ...

    async def append(self, prepared: Any) -> None:
        """Store what was prepared, durably and as a whole.

        Raises ``ValueError`` if it was refused for what it is, and so was not stored; any other exception may mean
        either.
        """
        ...

    async def quarantine(self, command_id: bytes, actor: str, command: Command, error: str) -> None:
        """Keep a command that broke the rules, for the operator to look at."""
        ...

    async def quarantined(self) -> Collection[bytes]:
        """Return the ids of all commands in quarantine."""
        ...

    def lost(self) -> Awaitable[object]:
        """Return something that completes when leadership is known to be lost."""
        ...

    async def resign(self) -> None:
        """Stop leading and let go of every connection. Safe to call at any time."""
        ...
