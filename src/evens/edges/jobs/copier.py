"""The copier: gives, for each bet of a leader and each follow, the command that copies it or says why not.

How it works
------------
It reads what was committed, so people's bets come first by nature. It works in rounds. In a round each leader with bets
that are not decided has a turn of the same size, and their commands go alternately, so that whoever bets much is behind
by themselves: a leader's next copies are asked for within the copies of one round, however much the others bet. Rounds
have a bounded size. With more leaders than a round has turns, the next round goes on behind the last one of this round.

The commands of a round go in the background at once. People's commands overtake them there, and the sequencer takes as
many of them into each batch as do not make its commit much longer, so that whoever bets meanwhile waits at most about
twice as long. The id of a command is derived from the follow and the leader's bet. Bets that cannot be copied whatever
their market says are skipped together, once everything else of the round is decided. A copier that is killed anywhere
reads again what was not decided; what was is answered from the journal, or in the tables and not read again.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final

import structlog

from evens.core.commands.every import Command
from evens.core.commands.following import CopyBet, CopyMatch, SkipBets
from evens.core.events.following import BetsSkipped
from evens.core.receipts import Receipt
from evens.core.values.following import SkippedBets, SkipReason
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.records import RecordProduct
from evens.edges.gateway import Gateway
from evens.edges.jobs.turns import LEADERS_PER_ROUND, alternate, next_turns, turn_sizes
from evens.sequencer.errors import CommandFailed, NotBooked
from evens.store.following.due import CopiesDue, Copying, Page

AT_ONCE: Final = 512
"""How many commands a job submits at once. The jobs share a lane, so what another one submits waits for so many."""

SKIPPED_AT_ONCE: Final = 500
"""How many follows a command that skips bets names at most."""

EVERY_S: Final = 0.1
"""How often the copier looks for what was committed, while there is nothing."""

LOOKS_PER_ROUND: Final = 20
"""How many stretches of the journal are looked at before each round: more than can be written meanwhile."""

ACTOR: Final = "copier"

_log = structlog.get_logger(__name__)


class Copier:
    """Copies what leaders bet, a round at a time."""

    def __init__(self, gateway: Gateway, due: CopiesDue, now: Callable[[], int] = time.time_ns) -> None:
        self._gateway = gateway
        self._due = due
        self._now = now
        self._last = CustomerId(0)

    async def copy_next(self) -> bool:
        """Give every leader whose turn it is in this round a turn; return whether there may be more.

        Raises ``StoreUnavailable``.
        """
        if self._gateway.closed_because is not None:
            return False
        looks = 0
        while looks < LOOKS_PER_ROUND and await self._due.look():
            looks += 1
        leaders = await self._next_leaders()
        try:
            await self._round(leaders)
        except NotBooked as error:
            _log.warning("copies_wait", error=str(error))
            return False
        return bool(leaders) or looks == LOOKS_PER_ROUND

    async def _next_leaders(self) -> Sequence[CustomerId]:
        behind = await self._due.leaders(self._last, LEADERS_PER_ROUND)
        if len(behind) == LEADERS_PER_ROUND:
            return behind
        return next_turns(behind, await self._due.leaders(CustomerId(0), LEADERS_PER_ROUND))

    async def _round(self, leaders: Sequence[CustomerId]) -> None:
        if not leaders:
            return
        turns, now = await self._due.turns(leaders), self._now()
        sizes = turn_sizes([turn.leader for turn in turns])
        # A turn is for both pages together; one of it is kept for the one behind, which goes on in each round, too.
        ahead = [await self._due.ahead(turn, size - 1, now) for turn, size in zip(turns, sizes, strict=True)]
        await self._copy(ahead)
        self._last = leaders[-1]
        left = [size - len(page.copies) for size, page in zip(sizes, ahead, strict=True)]
        turns = [await self._due.asked(page) for page in ahead]
        pages = [await self._due.page(turn, size, now) for turn, size in zip(turns, left, strict=True)]
        failed = await self._copy(pages)
        for product in RecordProduct:
            own = [page for page in pages if page.turn.product is product]
            bets = [bets for page in own for bets in page.skipped]
            bets += failures([each for each in failed if _source_of(each)[0] is product])
            open_ = await self._skip(product, bets)
            for page in own:
                if open_.isdisjoint([each.follow for each in (*page.copies, *page.skipped)]):
                    await self._due.decided(page)

    async def _copy(self, pages: Sequence[Page]) -> Sequence[Copying]:
        """Have bets copied; return those on which the rules broke."""
        of_leaders = groupby(pages, lambda page: page.turn.leader)
        copies = alternate([alternate([page.copies for page in own]) for _leader, own in of_leaders])
        answers = await submit_some_at_once(
            self._gateway, [(copy_id(command), command) for command in copies], background=True
        )
        return [command for command, answer in zip(copies, answers, strict=True) if answer is None]

    async def _skip(self, product: RecordProduct, bets: Sequence[SkippedBets]) -> set[FollowId]:
        """Skip what cannot be copied; return the follows for which that is not decided, and is read again.

        If the rules break on what is skipped together, each follow's is skipped by itself, and if they do again, as
        bets that failed: whoever follows sees what became of the leader's bets.
        """
        together = skipping(product, bets)
        open_, broken = await self._try_to_skip(together)
        alone = by_follow(each for command in together for each in command.bets if each.follow in broken)
        for retry in (alone, [(as_failed(own),) for own in alone]):
            again = [SkipBets(product, own) for own in retry if own[0].follow in broken]
            still_open, broken = await self._try_to_skip(again)
            open_ |= still_open
        for follow in broken:
            _log.error("bets_not_skipped", follow=int(follow), product=int(product))
        return open_

    async def _try_to_skip(self, commands: Sequence[SkipBets]) -> tuple[set[FollowId], set[FollowId]]:
        """Return the follows for which nothing was skipped, and those of commands on which the rules broke."""
        open_: set[FollowId] = set()
        broken: set[FollowId] = set()
        answers = await submit_some_at_once(
            self._gateway, [(os.urandom(16), command) for command in commands], background=True
        )
        for command, answer in zip(commands, answers, strict=True):
            follows = {each.follow for each in command.bets}
            if answer is None:
                broken |= follows
            else:
                skipped = [event for event in answer.events if isinstance(event, BetsSkipped)]
                open_ |= follows.difference([each.follow for event in skipped for each in event.bets])
        return open_, broken


async def submit_some_at_once(
    gateway: Gateway, commands: Sequence[tuple[bytes, Command]], *, background: bool
) -> Sequence[Receipt | None]:
    """Give commands with their ids in one of the lanes, :data:`AT_ONCE` together, and return the receipts.

    A command that the rules broke on has none: it is set aside for the operator and never tried again, so all others go
    on without it. Raises whatever else ``Gateway.submit`` does.
    """
    receipts: list[Receipt | None] = []
    for start in range(0, len(commands), AT_ONCE):
        some = commands[start : start + AT_ONCE]
        futures = gateway.submit_all(some, actor=ACTOR, background=background)
        answers = await asyncio.gather(*futures, return_exceptions=True)
        for (_id, command), answer in zip(some, answers, strict=True):
            if isinstance(answer, CommandFailed):
                _log.error("copy_set_aside", command=repr(command))
                receipts.append(None)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                receipts.append(answer[0])
    return receipts


def skipping(product: RecordProduct, skipped: Iterable[SkippedBets]) -> Sequence[SkipBets]:
    """Return the commands that skip these bets. All that is skipped for a follow is in one of them."""
    commands: list[SkipBets] = []
    together: list[SkippedBets] = []
    for own in by_follow(skipped):
        together += own
        if len(together) >= SKIPPED_AT_ONCE:
            commands.append(SkipBets(product, tuple(together)))
            together = []
    return [*commands, SkipBets(product, tuple(together))] if together else commands


def by_follow(skipped: Iterable[SkippedBets]) -> list[tuple[SkippedBets, ...]]:
    """Return what is skipped, together for each follow."""
    ordered = sorted(skipped, key=lambda each: (each.follow, each.reason))
    return [tuple(own) for _follow, own in groupby(ordered, lambda each: each.follow)]


def as_failed(own: Sequence[SkippedBets]) -> SkippedBets:
    """Return all bets that are skipped for a follow as bets on which something went wrong."""
    first, last = min([each.first for each in own]), max([each.last for each in own])
    return SkippedBets(own[0].follow, SkipReason.FAILED, first, last, sum([each.count for each in own]))


def failures(commands: Iterable[Copying]) -> list[SkippedBets]:
    """Return, together for each follow, the bets of copies on which the rules broke, so that followers see them."""
    sources: dict[FollowId, list[int]] = {}
    for command in commands:
        sources.setdefault(command.follow, []).append(_source_of(command)[1])
    return [SkippedBets(follow, SkipReason.FAILED, min(bets), max(bets), len(bets)) for follow, bets in sources.items()]


def _source_of(command: Copying) -> tuple[RecordProduct, int]:
    if isinstance(command, CopyMatch):
        return RecordProduct.EXCHANGE, int(command.match)
    return RecordProduct.SPORTSBOOK if isinstance(command, CopyBet) else RecordProduct.POOLS, int(command.bet)


def copy_id(command: Copying) -> bytes:
    """Return the id of the command that copies a bet for a follow: the same whenever it is given."""
    product, source = _source_of(command)
    return hashlib.sha256(f"{ACTOR}\0{command.follow}\0{product}\0{source}".encode()).digest()[:16]
