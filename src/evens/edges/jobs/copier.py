"""The copier: gives, for each bet of a leader and each follow, the command that copies it or says why not.

It reads what was committed behind its place, so people's bets come first by nature. Its commands go in small batches,
each awaited before the next, so that whoever bets meanwhile waits for one batch of copies at most. The id of a command
is derived from the follow and the leader's bet. A copier that is killed anywhere begins its window again: what was
decided is answered from the journal, and what was not is decided now, or told as expired.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Final

import structlog

from evens.core.commands.every import Command
from evens.core.commands.following import CopyBet, CopyMatch
from evens.core.values.records import RecordProduct
from evens.edges.gateway import Gateway
from evens.sequencer.errors import CommandFailed, NotBooked
from evens.store.following.due import CopiesDue, Copying

BATCH: Final = 12
"""How many copies are asked for at once. Whoever bets meanwhile waits for so many, about as long as for a commit, and
the copies of a thousand followers are still there within a second."""

EVERY_S: Final = 0.1
"""How often the copier looks for what was committed, while there is nothing."""

ACTOR: Final = "copier"

_log = structlog.get_logger(__name__)


class Copier:
    """Copies what leaders bet, a window of the journal at a time."""

    def __init__(self, gateway: Gateway, due: CopiesDue) -> None:
        self._gateway = gateway
        self._due = due

    async def copy_next(self) -> bool:
        """Copy what the next window has; return whether there may be more. Raises ``StoreUnavailable``."""
        if self._gateway.closed_because is not None:
            return False
        window = await self._due.window()
        if window is None:
            return False
        try:
            async for page in self._due.pages(window):
                await submit_in_batches(self._gateway, [(copy_id(command), command) for command in page])
        except NotBooked as error:
            _log.warning("copies_wait", error=str(error))
            return False
        await self._due.looked_at(window)
        return True


async def submit_in_batches(gateway: Gateway, commands: Sequence[tuple[bytes, Command]]) -> None:
    """Give commands with their ids, a small batch after the other.

    A command that the rules broke on is set aside for the operator and never tried again, so all others go on without
    it. Raises whatever else ``Gateway.submit`` does.
    """
    for start in range(0, len(commands), BATCH):
        batch = commands[start : start + BATCH]
        answers = await asyncio.gather(*gateway.submit_all(batch, actor=ACTOR), return_exceptions=True)
        for (_id, command), answer in zip(batch, answers, strict=True):
            if isinstance(answer, CommandFailed):
                _log.error("copy_set_aside", command=repr(command))
            elif isinstance(answer, BaseException):
                raise answer


def copy_id(command: Copying) -> bytes:
    """Return the id of the command that copies a bet for a follow: the same whenever it is given."""
    if isinstance(command, CopyMatch):
        product, source = RecordProduct.EXCHANGE, int(command.match)
    else:
        product = RecordProduct.SPORTSBOOK if isinstance(command, CopyBet) else RecordProduct.POOLS
        source = int(command.bet)
    return hashlib.sha256(f"{ACTOR}\0{command.follow}\0{product}\0{source}".encode()).digest()[:16]
