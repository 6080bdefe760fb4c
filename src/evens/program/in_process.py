"""The gateway to a sequencer in this process: its inbox, its observers, and the receipts in the tables."""

import asyncio
from collections.abc import Mapping, Sequence

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.edges.gateway import Answer, Follower
from evens.sequencer.inbox import Inbox
from evens.store.wallets.queries import Queries


class InProcessGateway:
    """Implements :class:`evens.edges.gateway.Gateway`, and observes the sequencer to tell followers.

    It hands out the inbox's own futures, so a request waits for nothing but its commit. Followers hear of commits only
    if this gateway is the observer of the sequencer, or one of those that its observer passes everything on to.
    """

    def __init__(self, inbox: Inbox, queries: Queries) -> None:
        self._inbox = inbox
        self._queries = queries
        self._followers: list[Follower] = []
        self._seq: int | None = None

    @property
    def closed_because(self) -> str | None:
        """Why no command is taken now, as the end of a sentence; ``None`` while commands are taken."""
        return self._inbox.closed_because

    @property
    def waiting(self) -> int:
        """How many commands wait in the foreground of the inbox."""
        return self._inbox.waiting

    @property
    def waiting_in_background(self) -> int:
        """How many commands wait in the background of the inbox."""
        return self._inbox.waiting_in_background

    def submit(
        self, command: Command, *, command_id: bytes, actor: str, unseen: bool = False
    ) -> asyncio.Future[Answer]:
        """Queue one command. See :meth:`evens.edges.gateway.Gateway.submit`."""
        return self._inbox.submit(command, command_id=command_id, actor=actor, unseen=unseen)

    def submit_all(
        self,
        commands: Sequence[tuple[bytes, Command]],
        *,
        actor: str,
        unseen: bool = False,
        conditions: int = 0,
        background: bool = False,
    ) -> list[asyncio.Future[Answer]]:
        """Queue several commands, or none. See :meth:`evens.edges.gateway.Gateway.submit_all`."""
        return self._inbox.submit_all(
            commands, actor=actor, unseen=unseen, conditions=conditions, background=background
        )

    async def receipt(self, command_id: bytes) -> Receipt | None:
        """Read a receipt. See :meth:`evens.edges.gateway.Gateway.receipt`."""
        return await self._queries.receipt(command_id)

    async def receipts(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Read several receipts. See :meth:`evens.edges.gateway.Gateway.receipts`."""
        return await self._queries.receipts(command_ids)

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of commits from now on, beginning with where the journal is if this server writes."""
        self._followers.append(follower)
        if self._seq is not None:
            follower.leading(self._seq)

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Pass a committed batch on to the followers."""
        self._seq = receipts[-1].seq
        for follower in self._followers:
            follower.committed(receipts)

    def leading(self, seq: int, seconds: float) -> None:
        """Tell the followers that this server writes now, from ``seq`` on."""
        self._seq = seq
        for follower in self._followers:
            follower.leading(seq)

    def idle(self, because: str) -> None:
        """Tell the followers that this server does not write."""
        self._seq = None
        for follower in self._followers:
            follower.idle(because)

    def failed(self, error: Exception) -> None:
        """Ignore a failure: it changed nothing that a follower knows."""
