"""Takes up withdrawals to addresses, approves what is within the limit, and gives back what is not to be paid."""

import time
from collections.abc import Callable

from evens.core.values.moments import format_time
from evens.feeds.chain.protocols import Books, Reports
from evens.feeds.chain.turns import Turns
from evens.store.chain.rows import ChainWithdrawal
from evens.store.chain.withdrawals import ChainWithdrawals

NOT_PENDING = "withdrawal_not_pending"
"""What the house says of a withdrawal that was decided before."""


class Approving:
    """The desk before the payouts of one rail.

    ``limit_minor`` tells how much of a customer's payouts within 24 hours needs no operator; 0 is nothing.
    """

    def __init__(
        self,
        rail: str,
        currency: str,
        tables: ChainWithdrawals,
        books: Books,
        reports: Reports,
        limit_minor: Callable[[], int],
    ) -> None:
        self._rail = rail
        self._currency = currency
        self._tables = tables
        self._books = books
        self._reports = reports
        self._limit_minor = limit_minor
        self._turns = Turns(rail, tables)

    async def take_up(self) -> None:
        """Take up what customers have asked for, and approve what needs no operator."""
        await self._tables.take_up(self._rail, self._currency)
        await self._tables.follow_the_books(self._rail)
        if limit_minor := self._limit_minor():
            for each in await self._turns.next("waiting"):
                await self._tables.approve_within(each.id, limit_minor)
        for each in await self._tables.rejected(self._rail):
            await self.give_back(each, "rejected")

    async def complete(self, payout: ChainWithdrawal, tx_hash: str, block_number: int) -> None:
        """Book that a payout was made; a second time it changes nothing."""
        booked = await self._books.complete(payout.id, key=f"{self._rail}/complete/{payout.id}")
        if booked.refused is not None:
            # It left on the chain and is not set aside in the books: somebody decided it otherwise meanwhile.
            self._reports.report("chain_payout_not_pending", withdrawal=f"txn_{payout.id}", tx=tx_hash)
        await self._tables.close(payout.id, "confirmed", tx_hash=tx_hash, block_number=block_number)

    async def give_back(
        self,
        payout: ChainWithdrawal,
        status: str,
        *,
        reason: str | None = None,
        tx_hash: str | None = None,
        block_number: int | None = None,
    ) -> None:
        """Return a payout's money to its customer, once; if it does not fit there now, another day will do."""
        day = format_time(time.time_ns())[:10]
        booked = await self._books.give_back(payout.id, key=f"{self._rail}/return/{payout.id}/{day}")
        if booked.refused not in {None, NOT_PENDING}:
            if await self._tables.note(payout.id, f"not_returned: {booked.refused}"):
                self._reports.report("chain_payout_not_returned", withdrawal=f"txn_{payout.id}", reason=booked.refused)
            return
        is_paid = booked.refused is not None and await self._tables.in_the_books(payout.id) == "completed"
        await self._tables.close(payout.id, status, reason=reason, tx_hash=tx_hash, block_number=block_number)
        if is_paid:
            # It was booked as paid before a reorganisation took it away, and then it failed. A person reverses it.
            self._reports.report("chain_payout_booked_and_not_paid", withdrawal=f"txn_{payout.id}", reason=reason)
        elif status == "returned":
            self._reports.report("chain_payout_returned", withdrawal=f"txn_{payout.id}", reason=reason)
