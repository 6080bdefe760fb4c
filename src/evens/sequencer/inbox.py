"""The inbox: where commands wait to be decided, each with a future for its receipt.

It has two lanes, each a bounded queue in which what came first is taken first. In the *foreground* is what somebody
waits for. In the *background* is work that nobody waits for at a screen. The sequencer takes the foreground first, and
beside it so much of the background as does not make commits much longer (:mod:`evens.sequencer.pacing`).
"""

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

BACKGROUND_CAPACITY: Final = 10_000
"""How many commands may wait in the background: several times as many as all jobs together submit at once."""

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
    is_background: bool = False
    """Whether it came by the background lane."""

    @property
    def identity(self) -> bytes | Command:
        """What is the same when it is submitted again: its id; for a chore the command, which gets new ids."""
        return self.command if self.actor == HOUSE_ACTOR else self.command_id

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


class _Lane:
    """Submissions in the order of their arrival, up to a capacity."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Submission] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def check_room(self, count: int) -> None:
        """Raise :class:`Overloaded` unless there is room for so many more."""
        if len(self._waiting) + count > self._capacity:
            raise Overloaded

    def add(self, submission: Submission) -> None:
        """Queue a submission behind the others."""
        self._waiting.append(submission)

    def take(self, most: int) -> list[Submission]:
        """Return up to ``most`` submissions in order of arrival, and what depends on the last of them."""
        waiting = self._waiting
        if len(waiting) <= most:
            taken = list(waiting)
            waiting.clear()
            return taken
        taken = [waiting.popleft() for _ in range(most)]
        while taken and waiting and waiting[0].condition is not None:
            taken.append(waiting.popleft())
        return taken

    def refuse_all(self, because: str) -> None:
        """Tell everybody who waits that nothing is booked now."""
        while self._waiting:
            answer = self._waiting.popleft().answer
            if not answer.done():
                answer.set_exception(NotLeading(because))


class Inbox:
    """Two bounded lanes of submissions. Open while its server leads; closed with a reason otherwise.

    ``capacity`` is how many commands may wait in the foreground, ``background_capacity`` how many in the background.
    """

    def __init__(self, capacity: int, background_capacity: int = BACKGROUND_CAPACITY) -> None:
        self._foreground = _Lane(capacity)
        self._background = _Lane(background_capacity)
        self._arrival = asyncio.Event()
        self._closed_because: str | None = "it is starting"

    @property
    def waiting(self) -> int:
        """How many commands wait in the foreground."""
        return len(self._foreground)

    @property
    def waiting_in_background(self) -> int:
        """How many commands wait in the background."""
        return len(self._background)

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
        self._foreground.refuse_all(because)
        self._background.refuse_all(because)

    def submit(
        self, command: Command, *, command_id: bytes, actor: str, unseen: bool = False
    ) -> asyncio.Future[Answer]:
        """Queue one command in the foreground and return the future of its receipt.

        Raises :class:`Overloaded` or :class:`NotLeading` at once; the future raises what
        :mod:`evens.sequencer.errors` lists.
        """
        self._check_open(self._foreground, 1)
        submission = Submission(command_id, actor, command, unseen, asyncio.get_running_loop().create_future())
        self._foreground.add(submission)
        self._arrival.set()
        return submission.answer

    def submit_all(
        self,
        commands: Sequence[tuple[bytes, Command]],
        *,
        actor: str,
        unseen: bool = False,
        conditions: int = 0,
        background: bool = False,
    ) -> list[asyncio.Future[Answer]]:
        """Queue several commands with their ids in one lane, next to each other and in order, or none of them.

        So many of the first are ``conditions``: what is behind one is decided only if it is accepted, and all are
        stored as a whole.
        """
        lane, loop = self._background if background else self._foreground, asyncio.get_running_loop()
        self._check_open(lane, len(commands))
        condition: Submission | None = None
        futures: list[asyncio.Future[Answer]] = []
        for place, (command_id, command) in enumerate(commands):
            submission = Submission(command_id, actor, command, unseen, loop.create_future(), is_background=background)
            submission.condition = condition
            if place < conditions:
                condition = submission
            lane.add(submission)
            futures.append(submission.answer)
        self._arrival.set()
        return futures

    async def take(self, most: int, wait_s: float | None = None) -> list[Submission]:
        """Wait for something, then return up to ``most`` submissions of the foreground, and what depends on them.

        Returns nothing if only the background has something (:meth:`take_background`), once closed, or after ``wait_s``
        seconds in which nothing came. Even without any wait, whoever is about to submit something gets the chance to.
        """
        if not self._foreground and not self._background and self._closed_because is None:
            self._arrival.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._arrival.wait()
        return self._foreground.take(most)

    def take_background(self, most: int) -> list[Submission]:
        """Return up to ``most`` submissions of the background in order of arrival, and what depends on them."""
        return self._background.take(most)

    def _check_open(self, lane: _Lane, count: int) -> None:
        if self._closed_because is not None:
            raise NotLeading(self._closed_because)
        lane.check_room(count)
