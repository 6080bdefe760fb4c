"""What edges and jobs need of whoever books commands, in this process or in another one.

An edge submits a command and awaits its receipt, asks for the receipt of an earlier command by its id, or follows the
journal as it grows. It knows no queue, no batch and no database connection, so where the sequencer runs can change
without a change here. :mod:`evens.program.in_process` has the implementation for a sequencer in the same process.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from evens.core.commands.every import Command
from evens.core.receipts import Receipt

Answer = tuple[Receipt, bool]
"""A receipt, and whether it was given before (a replay)."""


class Follower(Protocol):
    """Hears what is committed from now on. Every call must be quick, and must not raise."""

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Take in a committed batch, in the order of the journal."""
        ...

    def leading(self, seq: int) -> None:
        """Hear that every commit after ``seq`` will be told here, until :meth:`idle`."""
        ...

    def idle(self, because: str) -> None:
        """Hear that commits are not told here any more, and why, as the end of a sentence."""
        ...


class Gateway(Protocol):
    """Books commands, and tells what became of them."""

    @property
    def closed_because(self) -> str | None:
        """Why no command is taken now, as the end of a sentence; ``None`` while commands are taken."""
        ...

    @property
    def waiting(self) -> int:
        """How many commands wait to be decided, without those in the background."""
        ...

    @property
    def waiting_in_background(self) -> int:
        """How many commands wait in the background."""
        ...

    def submit(
        self, command: Command, *, command_id: bytes, actor: str, unseen: bool = False
    ) -> asyncio.Future[Answer]:
        """Submit one command, and return the future of its receipt.

        ``command_id`` is 16 bytes: the same id with the same command gets the same receipt, however often it is
        submitted. ``actor`` is who asks. ``unseen`` promises that the id was drawn at random just now.

        Raises :class:`evens.sequencer.errors.Overloaded` or :class:`evens.sequencer.errors.NotLeading` at once; the
        future raises what :mod:`evens.sequencer.errors` lists.
        """
        ...

    def submit_all(
        self,
        commands: Sequence[tuple[bytes, Command]],
        *,
        actor: str,
        unseen: bool = False,
        conditions: int = 0,
        background: bool = False,
    ) -> list[asyncio.Future[Answer]]:
        """Submit several commands with their ids, next to each other and in order, or none of them.

        So many of the first are ``conditions``: what is behind one is decided only if it is accepted, and all of them
        are stored at once. If it is not, the futures of the others raise
        :class:`evens.sequencer.errors.ConditionRefused`.

        What nobody waits for goes in the ``background``: it keeps its order there, and whatever else is submitted
        overtakes it. There is room of its own for it, and some of it goes on however much else there is.

        Returns and raises what :meth:`submit` does, with one future for each command.
        """
        ...

    async def receipt(self, command_id: bytes) -> Receipt | None:
        """Return what became of a command, ``None`` if none with this id was ever decided.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...

    async def receipts(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Return what became of several commands by their ids, without those that were never decided.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of commits from now on, for as long as this gateway lives."""
        ...
