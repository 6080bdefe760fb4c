"""Runs a rail beside a server: reads and pays, pass after pass, as the only one to do so.

Every server of a house has this job. A pass is made by whoever has the rail's lock and leads; the others look again a
little later. A pass that fails changes nothing that the next one could not go on from.
"""

import asyncio
from typing import Final

import structlog

from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import Books, ChainUnavailable, Rail
from evens.sequencer.errors import NotBooked
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.withdrawals import ChainWithdrawals
from evens.store.errors import StoreUnavailable

_WORDS: Final = {"watch": "Reading the chain", "pay": "paying out", "store": "keeping its tables"}
_log: Final = structlog.get_logger(__name__)


class ChainJob:
    """Makes the passes of one rail, ``every_s`` apart."""

    def __init__(
        self,
        rail: Rail,
        books: Books,
        deposits: ChainDeposits,
        withdrawals: ChainWithdrawals,
        metrics: ChainMetrics,
        every_s: float,
    ) -> None:
        self._rail = rail
        self._books = books
        self._deposits = deposits
        self._withdrawals = withdrawals
        self._metrics = metrics
        self._every_s = every_s
        self._stopping = asyncio.Event()
        self._trouble: dict[str, str] = {}

    def stop(self) -> None:
        """End behind the pass that is being made."""
        self._stopping.set()

    def in_words(self) -> str | None:
        """Return how the rail is, for whoever asks whether the house is ready; ``None`` while this server stands by.

        Anybody may read it, so why a part waits is for the log.
        """
        if not self._books.is_open:
            return None
        waiting = [_WORDS[part] for part in _WORDS if part in self._trouble]
        behind = self._metrics.behind
        said = [f"{' and '.join(waiting)} cannot work; the log says why."] if waiting else []
        if behind:
            said.append(f"{behind} blocks that are deep enough were not read yet.")
        return " ".join(said) or "It reads and pays."

    def trouble(self) -> dict[str, str]:
        """Return what keeps each part from its work; empty if all is well."""
        return dict(self._trouble)

    async def run(self) -> None:
        """Make passes until :meth:`stop`."""
        while not self._stopping.is_set():
            if self._books.is_open and self._books.scale is not None:
                await self.once()
            try:
                await asyncio.wait_for(self._stopping.wait(), self._every_s)
            except TimeoutError:
                continue

    async def once(self) -> None:
        """Make one pass, unless somebody else makes one. What fails is logged when it begins and when it ends."""
        try:
            async with self._deposits.alone(self._rail.name) as is_alone:
                if is_alone:
                    # A node that is behind or away for one of the two must not stop the other.
                    await self._try("watch")
                    await self._try("pay")
                    self._metrics.pending(await self._withdrawals.counts(self._rail.name))
            self._trouble.pop("store", None)
        except StoreUnavailable as error:
            self._say("store", str(error))

    async def _try(self, part: str) -> None:
        try:
            await (self._rail.watch() if part == "watch" else self._rail.pay())
        except (ChainUnavailable, NotBooked, StoreUnavailable) as error:
            self._say(part, str(error) or type(error).__name__)
        else:
            if self._trouble.pop(part, None) is not None:
                _log.info("chain_works_again", part=part)
        self._metrics.asked(part, is_failing=part in self._trouble)

    def _say(self, part: str, why: str) -> None:
        if part not in self._trouble:
            _log.warning("chain_waits", part=part, why=why)
        self._trouble[part] = why
