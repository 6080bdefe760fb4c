"""Reads and writes the addresses of a rail, how far its chain was read, and what arrived."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import CustomerId, TransferId
from evens.store.chain.filters import filtered
from evens.store.chain.rows import Arrival, Block, ChainDeposit
from evens.store.database import Database
from evens.store.errors import StoreUnavailable
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

    from evens.store.database import Connection

_SQL: Final = statements("chain", "deposits")

BLOCKS_KEPT: Final = 1_000
"""How many of the newest blocks are remembered: a reorganisation that is deeper cannot be followed."""

FOUND_AT_ONCE: Final = 500
"""How many arrivals are credited at a time."""


class ChainDeposits:
    """The tables of one database. Every method raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def alone(self, rail: str) -> AsyncGenerator[bool]:
        """Yield whether this is the only one to work on a rail, in whatever process, until the end of the block."""
        async with self._database.session() as connection:
            name = f"evens chain {rail}"
            won = await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", name)
            try:
                yield bool(won)
            finally:
                if won:
                    await connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 0))", name)

    async def keep_address(self, rail: str, customer: CustomerId, address: str) -> str:
        """Watch an address for a customer from now on, and return it; the one they have, if they have one."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["keep_address"], rail, customer, address)
            return str(await connection.fetchval(_SQL["address"], rail, customer))

    async def owners(self, rail: str, addresses: Collection[str]) -> dict[str, CustomerId]:
        """Return whose those of these addresses are that somebody has, all in lower case."""
        if not addresses:
            return {}
        return {row["address"]: row["customer"] for row in await self._fetch(_SQL["owners"], rail, list(addresses))}

    async def cursor(self, rail: str) -> Block | None:
        """Return the last block that was read, ``None`` if none was."""
        rows = await self._fetch(_SQL["cursor"], rail)
        return Block(*rows[0]) if rows else None

    async def blocks_read(self, rail: str) -> list[Block]:
        """Return the blocks that are remembered, the newest first."""
        return [Block(*row) for row in await self._fetch(_SQL["blocks_read"], rail)]

    async def take_in(
        self, rail: str, block: Block, arrivals: Sequence[Arrival], cursor: Block | None = None
    ) -> list[Arrival]:
        """Record what arrived in a block and go on behind it, both or neither. ``cursor`` is the one before it.

        Returns those arrivals that are known with another content, which change nothing. Raises
        :class:`evens.store.errors.StoreUnavailable` if another server has moved the cursor meanwhile.
        """
        async with self._moving(rail, cursor) as connection:
            await connection.execute(_SQL["advance"], rail, block.number, block.hash)
            await connection.execute(_SQL["forget_old"], rail, block.number - BLOCKS_KEPT)
            return [each for each in arrivals if not await connection.fetch(_SQL["find"], *_values(rail, each))]

    async def find(self, rail: str, arrival: Arrival) -> ChainDeposit | None:
        """Record one arrival outside of any block; ``None`` if it is known with another content."""
        rows = await self._fetch(_SQL["find"], *_values(rail, arrival))
        return _read(rows[0]) if rows else None

    async def go_back(
        self, rail: str, block: Block, cursor: Block
    ) -> tuple[list[ChainDeposit], list[TransferId], list[TransferId]]:
        """Forget all that was read behind a block which the chain still has, up to the cursor.

        Returns the arrivals that are not on the chain any more, until they are found again; the payouts that have to be
        sent again; and those that were returned or reversed because of a block that is no more. Raises
        :class:`evens.store.errors.StoreUnavailable` if another server has moved the cursor meanwhile.
        """
        async with self._moving(rail, cursor) as connection:
            await connection.execute(_SQL["go_back"], rail, block.number)
            orphans = await connection.fetch(_SQL["orphan"], rail, block.number)
            again = await connection.fetch(_SQL["send_again"], rail, block.number)
            returned = await connection.fetch(_SQL["returned_after"], rail, block.number)
        return [_read(row) for row in orphans], [row["id"] for row in again], [row["id"] for row in returned]

    @asynccontextmanager
    async def _moving(self, rail: str, cursor: Block | None) -> AsyncGenerator["Connection"]:
        """Hold a rail's cursor in a transaction, if it still is where the caller has found it."""
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(_SQL["lock_rail"], rail)
            rows = await connection.fetch(_SQL["cursor"], rail)
            if (Block(*rows[0]) if rows else None) != cursor:
                raise StoreUnavailable(f"Another server has read {rail} meanwhile.")
            yield connection

    async def uncredited(self, rail: str) -> list[ChainDeposit]:
        """Return arrivals that are still to be credited, the oldest first, at most :data:`FOUND_AT_ONCE`."""
        return [_read(row) for row in await self._fetch(_SQL["uncredited"], rail, FOUND_AT_ONCE)]

    async def decide(
        self, deposit: int, status: str, *, reason: str | None = None, transfer: TransferId | None = None
    ) -> ChainDeposit:
        """Record what became of an arrival, and return it."""
        return _read((await self._fetch(_SQL["decide"], deposit, status, reason, transfer))[0])

    async def deposit(self, rail: str, tx_hash: str, ordinal: int) -> ChainDeposit | None:
        """Return one arrival."""
        rows = await self._fetch(_SQL["deposit"], rail, tx_hash, ordinal)
        return _read(rows[0]) if rows else None

    async def deposits(
        self, customer: CustomerId | None, status: str | None, *, ignored: bool, before: int, limit: int
    ) -> list[ChainDeposit]:
        """Return arrivals, newest first, from before an id: one customer's or everybody's, ``ignored`` ones or not."""
        shown = "" if ignored else "AND status <> 'ignored'"
        sql, values = filtered(_SQL["deposits"], {"customer": customer, "status": status}, also=shown)
        return [_read(row) for row in await self._fetch(sql, before, limit, *values)]

    async def _fetch(self, sql: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _values(rail: str, arrival: Arrival) -> tuple[Any, ...]:
    return (
        rail,
        arrival.tx_hash,
        arrival.ordinal,
        arrival.block.number,
        arrival.block.hash,
        arrival.token,
        arrival.sender,
        arrival.address,
        arrival.customer,
        arrival.units,
        arrival.amount_minor,
        arrival.dust,
        "ignored" if arrival.amount_minor is None else "found",
        arrival.reason,
    )


def _read(row: "asyncpg.Record") -> ChainDeposit:
    arrival = Arrival(
        tx_hash=row["tx_hash"],
        ordinal=row["ordinal"],
        block=Block(row["block_number"], row["block_hash"]),
        token=row["token"],
        sender=row["sender"],
        address=row["address"],
        customer=row["customer"],
        units=int(row["units"]),
        amount_minor=row["amount"],
        dust=int(row["dust"]),
        reason=row["reason"],
    )
    return ChainDeposit(row["id"], row["rail"], arrival, row["status"], row["reason"], row["transfer"], row["found_at"])
