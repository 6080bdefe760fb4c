"""Lets payouts have their turn, however many of them cannot go on."""

from evens.store.chain.rows import ChainWithdrawal
from evens.store.chain.withdrawals import AT_ONCE, ChainWithdrawals


class Turns:
    """Looks at one rail's payouts of a status page by page, and begins again behind the last one.

    Example: 250 payouts are over the signer's limits, and one behind them is not. It has its turn in the third pass.
    """

    def __init__(self, rail: str, tables: ChainWithdrawals) -> None:
        self._rail = rail
        self._tables = tables
        self._after: dict[str, int] = {}

    async def next(self, status: str) -> list[ChainWithdrawal]:
        """Return the next page of payouts that stand so, the oldest first."""
        page = await self._tables.live(self._rail, status, after=self._after.get(status, 0))
        self._after[status] = page[-1].id if len(page) == AT_ONCE else 0
        return page
