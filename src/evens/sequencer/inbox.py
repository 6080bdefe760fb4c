"""The inbox: a bounded queue in which commands wait to be decided, each with a future for its receipt."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.sequencer.errors import NotLeading, Overloaded

Answer = tuple[Receipt, bool]
"""A receipt, and whether it was given before (a replay)."""


HOUSE_ACTOR: Final = "house"
"""The actor of the commands that the house gives itself."""


@dataclass(slots=True)
class Submission:
    """A command on its way. ``unseen`` promises that its id was drawn at random just now: it has no receipt yet."""

    command_id: bytes
    actor: str
    command: Command
    unseen: bool
    answer: asyncio.Future[Answer]
    followers: "list[Submission] | None" = None
    """Later submissions under the same id, which get the same receipt as a replay."""
    not_before: int = 0
    """The earliest time it may be recorded at, in nanoseconds since 1970; for what was found due then."""
    condition: "Submission | None" = None
    """What has to be accepted, or this one is not decided. It comes before this one, and they share a commit.

    Neither may depend on what only the tables know, for whatever does begins a batch of its own.
    """
    followed: "Submission | None" = None
    """The earlier one under the same id whose receipt this one waits for."""
    is_refused: bool = False
    """Whether it was refused, or cannot be booked, as far as it is decided."""

    @property
    def identity(self) -> bytes | Command:
        """What is the same when it is submitted again: its id; for a chore the command, which gets new ids."""
        return self.command if self.actor == HOUSE_ACTOR else self.command_id

    @property
    def root(self) -> "Submission":
        """The first of its conditions, or itself: all that have the same one are stored together."""
        root = self
        while root.condition is not None:
            root = root.condition
        return root

    def depends_on(self, other: "Submission") -> bool:
        """Return whether another one is its condition, or that of its condition."""
        condition = self.condition
        while condition is not None and condition is not other:
            condition = condition.condition
        return condition is not None

    @property
    def is_barred(self) -> bool:
        """Whether its condition is not met, or one of that condition, so that it must not be decided."""
        condition = self.condition
        while condition is not None:
            first = condition.followed
            if condition.is_refused or (first is not None and (first.is_refused or first.command != condition.command)):
                return True
            condition = condition.condition
        return False

    def follow(self, later: "Submission") -> None:
        """Let a later submission under the same id wait for this one's receipt."""
        later.followed = self
        if self.followers is None:
            self.followers = []
        self.followers.append(later)


class Inbox:
    """A bounded queue of submissions. Open while its server leads; closed with a reason otherwise."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Submission] = deque()
        self._arrival = asyncio.Event()
        self._closed_because: str | None = "it is starting"

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def closed_because(self) -> str | None:
        """Why nothing is accepted now, as the end of a sentence; ``None`` while open."""
        return self._closed_because

    def open(self) -> None:
        """Accept submissions."""
        self._closed_because = None

    def close(self, because: str) -> None:
        """Refuse submissions from now on, and everything that still waits; wake whoever takes."""
        self._closed_because = because
        self._arrival.set()
        while self._waiting:
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(NotLeading(because))

    def submit(
        self, command: Command, *, command_id: bytes, actor: str, unseen: bool = False
    ) -> asyncio.Future[Answer]:
        """Queue one command and return the future of its receipt.

        Raises :class:`Overloaded` or :class:`NotLeading` at once; the future raises what
        :mod:`evens.sequencer.errors` lists.
        """
        self._admit(1)
        return self._queue(command, command_id, actor, unseen)

    def submit_all(
        self,
        commands: Sequence[tuple[bytes, Command]],
        *,
        actor: str,
        unseen: bool = False,
        conditions: int = 0,
    ) -> list[asyncio.Future[Answer]]:
        """Queue several commands with their ids, next to each other and in order, or none of them.

        So many of the first are ``conditions``: what is behind one is decided only if it is accepted, and all are
        stored as a whole.
        """
        self._admit(len(commands))
        futures = [self._queue(command, command_id, actor, unseen) for command_id, command in commands]
        begin = len(self._waiting) - len(commands)
        for place in range(1, len(commands) if conditions else 0):
            self._waiting[begin + place].condition = self._waiting[begin + min(place, conditions) - 1]
        return futures

    async def take(self, most: int, wait_s: float | None = None) -> list[Submission]:
        """Wait for something, then return up to ``most`` submissions in order of arrival, and what depends on them.

        Returns nothing once closed, or after ``wait_s`` seconds in which nothing came. Even without any wait, whoever
        is about to submit something gets the chance to.
        """
        waiting = self._waiting
        if not waiting and self._closed_because is None:
            self._arrival.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._arrival.wait()
        if len(waiting) <= most:
            taken = list(waiting)
            waiting.clear()
            return taken
        taken = [waiting.popleft() for _ in range(most)]
        while waiting and waiting[0].condition is not None:
            taken.append(waiting.popleft())
        return taken

    def _admit(self, count: int) -> None:
        if self._closed_because is not None:
            raise NotLeading(self._closed_because)
        if len(self._waiting) + count > self._capacity:
            raise Overloaded

    def _queue(self, command: Command, command_id: bytes, actor: str, unseen: bool) -> asyncio.Future[Answer]:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(Submission(command_id, actor, command, unseen, answer))
        self._arrival.set()
        return answer
