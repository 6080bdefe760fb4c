"""Credits what has arrived: each arrival once, however often it is read.

The identity of an arrival is its transaction and the ordinal of its log within the transaction's receipt. Both are the
same in whatever block a reorganisation puts the transaction, while the number of a log within its block is not. The
command's id follows from them, so the journal itself refuses to book one a second time.

What the house refuses to book (a limit on deposits, for example) stays refused, with the reason, and operators are
told: the coins are there, and they decide whether to book them by hand.
"""

from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import Books, Reports
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.rows import ChainDeposit


def deposit_key(rail: str, tx_hash: str, ordinal: int) -> str:
    """Return the name of the command that credits an arrival."""
    return f"{rail}/{tx_hash}/{ordinal}"


class Crediting:
    """Credits the arrivals of one rail."""

    def __init__(self, rail: str, tables: ChainDeposits, books: Books, reports: Reports, metrics: ChainMetrics) -> None:
        self._rail = rail
        self._tables = tables
        self._books = books
        self._reports = reports
        self._metrics = metrics

    async def credit_all(self) -> None:
        """Credit everything that was found and is not credited yet."""
        while found := await self._tables.uncredited(self._rail):
            for deposit in found:
                await self.credit(deposit)

    async def credit(self, deposit: ChainDeposit) -> ChainDeposit:
        """Credit one arrival, unless that is done; return what is recorded of it then."""
        arrival = deposit.arrival
        if deposit.status != "found" or arrival.amount_minor is None:
            return deposit
        key = deposit_key(self._rail, arrival.tx_hash, arrival.ordinal)
        booked = await self._books.credit(arrival.customer, arrival.amount_minor, arrival.tx_hash, key=key)
        if booked.refused is not None:
            return await self._refuse(deposit, booked.refused)
        self._metrics.arrived("credited")
        return await self._tables.decide(deposit.id, "credited", transfer=booked.transfer)

    async def _refuse(self, deposit: ChainDeposit, reason: str) -> ChainDeposit:
        arrival = deposit.arrival
        self._metrics.arrived("refused")
        self._reports.report(
            "chain_deposit_refused",
            tx=arrival.tx_hash,
            ordinal=arrival.ordinal,
            user=f"usr_{arrival.customer}",
            amount_minor=arrival.amount_minor,
            reason=reason,
        )
        return await self._tables.decide(deposit.id, "refused", reason=reason)
