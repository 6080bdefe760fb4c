"""The sums of all balances: to read every account is too much for a request.

:class:`RecentTotals` remembers for some seconds what the tables said. :class:`LiveTotals` brings that up to date with
what was committed since, on the server that writes: it keeps the batches that were committed after the tables were
read, and adds their transfers when somebody asks. Example: at seq 70 the tables say 100.00 of cash; seq 71 deposits
5.00; whoever asks next is told 105.00, and the tables are not read.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from evens.core.events.ledger import Transferred
from evens.core.receipts import Receipt
from evens.core.values.ids import HOUSE, AccountClass, account_class, account_currency, account_holder
from evens.store.wallets.queries import Queries

AGE_S_MAX: Final = 5.0
"""How old the sums may become, as long as it takes little time to work them out."""

COMMANDS_KEPT_MAX: Final = 20_000
"""How many commands are remembered for whoever asks next."""

_PAUSE_FACTOR: Final = 50
"""After working them out, the database is left alone for so many times as long as that took: 2 % of it, at most."""

_PAUSE_S_MAX: Final = 60.0

Totals = Mapping[tuple[int, AccountClass], int]
"""Minor units by currency number and account class; what the house has reserved for bets counts as its bank."""


class RecentTotals:
    """Asks the database at most once in :data:`AGE_S_MAX`, however many want to know, and less often if it is slow."""

    def __init__(self, queries: Queries, clock: Callable[[], float] = time.monotonic) -> None:
        self._queries = queries
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: Totals | None = None
        self._good_until = 0.0

    async def get(self) -> Totals:
        """Return the totals as of some seconds ago at most. Raises ``StoreUnavailable``."""
        async with self._asking:
            if self._known is None or self._clock() > self._good_until:
                began = self._clock()
                self._known = await self._queries.totals()
                ended = self._clock()
                self._good_until = began + min(max(AGE_S_MAX, (ended - began) * _PAUSE_FACTOR), _PAUSE_S_MAX)
            return self._known


class LiveTotals:
    """Totals of this moment on the server that writes, recent ones elsewhere.

    Implements :class:`evens.edges.gateway.Follower`. Between two who ask at most :data:`COMMANDS_KEPT_MAX` commands are
    kept; when there were more, the tables are read again, but no more often than recent totals are.
    """

    def __init__(self, queries: Queries, recent: RecentTotals) -> None:
        self._queries = queries
        self._recent = recent
        self._asking = asyncio.Lock()
        self._leads = False
        self._known: Counter[tuple[int, AccountClass]] | None = None
        self._seq = 0
        self._later: list[Sequence[Receipt]] | None = None
        self._kept = 0

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Keep a batch for whoever asks next."""
        if self._later is None:
            return
        self._later.append(receipts)
        self._kept += len(receipts)
        if self._kept > COMMANDS_KEPT_MAX:
            self._forget()

    def leading(self, seq: int) -> None:
        """Begin to follow what is committed."""
        self._forget()
        self._leads = True

    def idle(self, because: str) -> None:
        """Stop following: another server may write."""
        self._forget()
        self._leads = False

    async def get(self) -> Totals:
        """Return the totals. Raises ``StoreUnavailable``."""
        async with self._asking:
            if not self._leads:
                return await self._recent.get()
            if self._known is None:
                # What is committed while the tables are read is kept; its seq tells whether they had it.
                self._later, self._kept = [], 0
                self._seq, totals = await self._queries.totals_at()
                self._known = Counter(totals)
            known = self._known
            for receipts in self._later or ():
                for receipt in receipts:
                    if receipt.seq > self._seq:
                        _add(known, receipt)
            if self._later is None:
                # More came meanwhile than is kept.
                self._known = None
            else:
                self._later, self._kept = [], 0
            return dict(known)

    def _forget(self) -> None:
        self._known, self._later, self._kept = None, None, 0


def _add(totals: Counter[tuple[int, AccountClass]], receipt: Receipt) -> None:
    for event in receipt.events:
        if isinstance(event, Transferred):
            number = account_currency(event.debit)
            totals[number, _counted_as(event.debit)] -= event.amount_minor
            totals[number, _counted_as(event.credit)] += event.amount_minor


def _counted_as(account: int) -> AccountClass:
    kept = account_class(account)
    # Escrow in a total is what customers have at stake, and this is the house's own money.
    return AccountClass.BANK if kept is AccountClass.ESCROW and account_holder(account) == HOUSE else kept
