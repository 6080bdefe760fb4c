"""Reads the chain block after block, and records what has arrived once it is deep enough.

A block is taken in when ``confirmations`` blocks, itself counted, are on the chain. The cursor is the last block that
was taken in, with its hash. Going on behind it takes a block whose parent is that very block, with a receipt for each
of its transactions. So a node that lags, or answers for another branch, moves nothing: whoever asks again later gets
it all.

A reorganisation of blocks that are not deep enough was never seen here. One that is deeper is found because a parent
is not the cursor. Then the cursor goes back to the newest block that both have, everything behind it is ``orphaned``
until it is found again, and operators are told: what was credited stays credited, because only they can judge whether
somebody spends coins twice. An arrival that comes back in another block is the same arrival, and is not credited
again.

Worked example, with 3 confirmations: the head is 12, so 10 is deep enough. The cursor is (9, a). Block 10 has the
parent a, so it is read, and the cursor is (10, b). Now 10 and 11 are replaced, the head is 14. Block 11 has the parent
c. The node's block 10 is c, its block 9 is a: the cursor goes back to (9, a), and 10, 11 and 12 are read anew.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from evens.core.values.ids import CustomerId
from evens.core.values.money import AMOUNT_MINOR_MAX
from evens.feeds.chain.evm.node import EvmNode, Header, Transaction
from evens.feeds.chain.evm.token import Scales, read_transfer
from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import ChainUnavailable, Reports
from evens.store.chain.deposits import BLOCKS_KEPT, ChainDeposits
from evens.store.chain.rows import COINS, Arrival, Block

BLOCKS_PER_PASS: Final = 500
"""How many blocks are read before payouts have their turn."""


class Watcher:
    """Reads one token's transfers to customers' addresses. ``start`` is the first block of all; by default the next."""

    def __init__(
        self,
        rail: str,
        node: EvmNode,
        token: str,
        tables: ChainDeposits,
        reports: Reports,
        metrics: ChainMetrics,
        *,
        confirmations: int,
        start: int | None = None,
    ) -> None:
        self._rail = rail
        self._node = node
        self._token = token.lower()
        self._tables = tables
        self._reports = reports
        self._metrics = metrics
        self._confirmations = confirmations
        self._start = start

    async def read(self, scales: Scales) -> None:
        """Take in every block that is deep enough, at most :data:`BLOCKS_PER_PASS`."""
        head = await self._node.head()
        deep = head - self._confirmations + 1
        cursor = await self._tables.cursor(self._rail) or await self._begin(deep)
        taken = 0
        while cursor is not None and cursor.number < deep and taken < BLOCKS_PER_PASS:
            cursor = await self._next(cursor, scales)
            taken += 1
        if cursor is not None:
            self._metrics.read(head, max(0, deep - cursor.number))

    async def _begin(self, deep: int) -> Block | None:
        number = deep if self._start is None else self._start - 1
        header = await self._node.header(number) if number >= 0 else None
        if header is None:
            return None
        block = Block(header.number, header.hash)
        await self._tables.take_in(self._rail, block, ())
        return block

    async def _next(self, cursor: Block, scales: Scales) -> Block:
        header = await self._node.header(cursor.number + 1)
        if header is None or header.number != cursor.number + 1:
            raise ChainUnavailable(f"the node does not have block {cursor.number + 1}")
        if header.parent != cursor.hash:
            return await self._go_back(cursor)
        block = Block(header.number, header.hash)
        transactions = await self._node.transactions(header)
        # After the block: whoever is shown an address later than this has nothing in it.
        addresses = await self._tables.owners(self._rail, _recipients(transactions))
        arrivals = [each for sent in transactions for each in self._arrivals(sent, header, addresses, scales)]
        contradicted = await self._tables.take_in(self._rail, block, arrivals, cursor)
        for each in arrivals:
            if each.reason is not None:
                self._metrics.arrived("ignored")
                self._report("chain_arrival_ignored", each, reason=each.reason)
        for each in contradicted:
            self._report("chain_arrival_contradicts_an_earlier_one", each)
        return block

    async def _go_back(self, cursor: Block) -> Block:
        """Return to the newest block that the chain still has."""
        for block in await self._tables.blocks_read(self._rail):
            header = await self._node.header(block.number)
            if header is None:
                raise ChainUnavailable(f"the node does not have block {block.number}")
            if header.hash == block.hash:
                break
        else:
            raise ChainUnavailable(
                f"none of the last {BLOCKS_KEPT} blocks is on the node's chain; is it another chain than before?"
            )
        if block.number == cursor.number:
            raise ChainUnavailable("the node contradicts itself about its last blocks")
        orphans, again, returned = await self._tables.go_back(self._rail, block, cursor)
        self._reports.report(
            "chain_reorganised_deeper_than_confirmations",
            blocks=cursor.number - block.number,
            orphaned=[each.arrival.tx_hash for each in orphans if each.transfer is not None],
            sent_again=[f"txn_{each}" for each in again],
            returned_and_perhaps_paid=[f"txn_{each}" for each in returned],
        )
        for _ in orphans:
            self._metrics.arrived("orphaned")
        return block

    def _arrivals(
        self, sent: Transaction, header: Header, addresses: Mapping[str, CustomerId], scales: Scales
    ) -> list[Arrival]:
        """Return what a transaction brought to customers' addresses, be it of any worth or not."""
        if not sent.succeeded:
            return []
        block = Block(header.number, header.hash)
        found: list[Arrival] = []
        to, customer = sent.recipient, addresses.get(sent.recipient or "")
        if sent.value and to is not None and customer is not None:
            found.append(
                Arrival(sent.hash, COINS, block, None, sent.sender, to, customer, sent.value, None, 0, "coins")
            )
        for ordinal, log in enumerate(sent.logs):
            moved = read_transfer(log)
            if moved is None or moved.recipient not in addresses:
                continue
            amount_minor, dust, reason = self._worth(moved.contract, moved.units, scales)
            found.append(
                Arrival(
                    tx_hash=sent.hash,
                    ordinal=ordinal,
                    block=block,
                    token=moved.contract,
                    sender=moved.sender,
                    address=moved.recipient,
                    customer=addresses[moved.recipient],
                    units=moved.units,
                    amount_minor=amount_minor,
                    dust=dust,
                    reason=reason,
                )
            )
        return found

    def _worth(self, contract: str, units: int, scales: Scales) -> tuple[int | None, int, str | None]:
        """Return the minor units to credit, the dust, and why nothing is to be credited."""
        if contract != self._token:
            return None, 0, "other_token"
        if units == 0:
            return None, 0, "zero_value"
        amount_minor, dust = scales.minor(units)
        if amount_minor > AMOUNT_MINOR_MAX:
            return None, 0, "too_large"
        return (amount_minor, dust, None) if amount_minor else (None, dust, "dust")

    def _report(self, what: str, arrival: Arrival, **facts: object) -> None:
        self._reports.report(
            what,
            tx=arrival.tx_hash,
            ordinal=arrival.ordinal,
            token=arrival.token,
            units=arrival.units,
            user=f"usr_{arrival.customer}",
            **facts,
        )


def _recipients(transactions: Sequence[Transaction]) -> set[str]:
    """Return every address that got anything: coins, or what some contract calls a transfer."""
    moved = [read_transfer(log) for sent in transactions for log in sent.logs]
    coins = {sent.recipient for sent in transactions if sent.value and sent.recipient is not None}
    return coins | {each.recipient for each in moved if each is not None}
