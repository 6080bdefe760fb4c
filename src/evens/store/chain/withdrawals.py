"""Reads and writes payouts: taking them up, approving them, and following each until it is mined or returned.

A payout's status changes only from what it is, in one statement. So whoever rejects one and whoever signs it can never
both succeed, in whatever processes they run.
"""

from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import CustomerId, TransferId
from evens.store.chain.filters import filtered
from evens.store.chain.rows import DESTINATION, ChainWithdrawal, Sending
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("chain", "withdrawals")

_COLUMNS: Final = (
    *("id", "rail", "customer", "destination", "amount", "status", "reason"),
    *("approved_by", "account", "nonce", "tx_hash", "block_number", "taken_at"),
)

AT_ONCE: Final = 100
"""How many payouts of one status are looked at in one pass."""


class ChainWithdrawals:
    """The tables of one database. Every method raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take_up(self, rail: str, currency: str, withdrawal: TransferId | None = None) -> None:
        """Take up every pending withdrawal to an address in a currency, or one of them, if it is such a one."""
        await self._fetch(_SQL["take_up"], rail, currency, DESTINATION, withdrawal)

    async def live(self, rail: str, status: str, *, after: int = 0) -> list[ChainWithdrawal]:
        """Return payouts of a status, the oldest first, from behind one: at most :data:`AT_ONCE`."""
        return [_read(row) for row in await self._fetch(_SQL["live"], rail, status, after, AT_ONCE)]

    async def promised(self, rail: str) -> int:
        """Return the sum of the payouts that were sent and are not confirmed, in minor units."""
        return int((await self._fetch(_SQL["promised"], rail))[0][0])

    async def follow_the_books(self, rail: str) -> None:
        """Let go of payouts that were decided without the rail, and hold those that froze after a limit let them go."""
        await self._fetch(_SQL["follow_the_books"], rail)
        await self._fetch(_SQL["hold_frozen"], rail)

    async def in_the_books(self, withdrawal: TransferId) -> str | None:
        """Return what the books say of a withdrawal: ``pending``, ``completed`` or ``rejected``."""
        rows = await self._fetch(_SQL["in_the_books"], withdrawal)
        return rows[0]["status"] if rows else None

    async def rejected(self, rail: str) -> list[ChainWithdrawal]:
        """Return payouts that were rejected here and are still pending in the books."""
        return [_read(row) for row in await self._fetch(_SQL["rejected"], rail, AT_ONCE)]

    async def one(self, withdrawal: TransferId) -> ChainWithdrawal | None:
        """Return a payout, ``None`` if no rail has taken it up."""
        return await self._one(_SQL["one"], withdrawal)

    async def many(
        self, customer: CustomerId | None, status: str | None, *, before: int, limit: int
    ) -> list[ChainWithdrawal]:
        """Return payouts, newest first, from before an id: one customer's or everybody's."""
        sql, values = filtered(_SQL["many"], {"customer": customer, "status": status})
        return [_read(row) for row in await self._fetch(sql, before, limit, *values)]

    async def counts(self, rail: str) -> dict[str, int]:
        """Return how many payouts are not finished, by their status."""
        return {row["status"]: row["number"] for row in await self._fetch(_SQL["counts"], rail)}

    async def approve_within(self, withdrawal: TransferId, limit_minor: int) -> ChainWithdrawal | None:
        """Approve a payout that waits if, with what was approved so in 24 hours, its customer stays within a limit."""
        return await self._one(_SQL["approve_within"], withdrawal, limit_minor)

    async def approve(self, withdrawal: TransferId, by: str) -> ChainWithdrawal | None:
        """Approve a payout that waits or is stuck; ``None`` if it is neither."""
        return await self._one(_SQL["approve"], withdrawal, by)

    async def claim(self, withdrawal: TransferId, status: str) -> ChainWithdrawal | None:
        """Keep a payout from being signed, as it is ``rejected`` or paid ``by_hand``; ``None`` if it is too late."""
        return await self._one(_SQL["claim"], withdrawal, status)

    async def begin(self, withdrawal: TransferId) -> ChainWithdrawal | None:
        """Begin an approved payout, so that nobody can reject it any more; ``None`` if it is not to be paid."""
        return await self._one(_SQL["begin"], withdrawal)

    async def next_nonce(self, rail: str, account: str) -> int:
        """Return the nonce behind all that were ever given to transactions of an account."""
        return int((await self._fetch(_SQL["next_nonce"], rail, account))[0][0])

    async def set_off(self, sending: Sending) -> bool:
        """Record the first signed transaction of an approved payout, from when on nobody can reject it.

        Returns whether it may be sent: not if the payout is not to be paid any more, or its nonce was given to another.
        """
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(_SQL["lock_account"], sending.account)
            if not await connection.fetch(_SQL["set_off"], sending.withdrawal, sending.account, sending.nonce):
                return False
            await connection.execute(_SQL["add_sending"], *_values(sending))
        return True

    async def add_sending(self, sending: Sending) -> None:
        """Record another signed transaction of a payout that is on its way, before it is sent."""
        await self._fetch(_SQL["add_sending"], *_values(sending))

    async def sendings(self, withdrawal: TransferId) -> list[Sending]:
        """Return a payout's signed transactions, the highest fee first."""
        rows = await self._fetch(_SQL["sendings"], withdrawal)
        return [
            Sending(
                row["tx_hash"],
                row["withdrawal"],
                row["account"],
                row["nonce"],
                row["raw"],
                int(row["fee_wei"]),
                int(row["tip_wei"]),
                row["sent_at"],
            )
            for row in rows
        ]

    async def close(
        self,
        withdrawal: TransferId,
        status: str,
        *,
        reason: str | None = None,
        tx_hash: str | None = None,
        block_number: int | None = None,
    ) -> None:
        """Record how a payout ended, or that it is ``stuck``."""
        await self._fetch(_SQL["close"], withdrawal, status, reason, tx_hash, block_number)

    async def note(self, withdrawal: TransferId, reason: str) -> bool:
        """Record why a payout does not go on; return whether that is new."""
        return bool(await self._fetch(_SQL["note"], withdrawal, reason))

    async def _one(self, sql: str, *arguments: Any) -> ChainWithdrawal | None:
        rows = await self._fetch(sql, *arguments)
        return _read(rows[0]) if rows else None

    async def _fetch(self, sql: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _values(sending: Sending) -> tuple[Any, ...]:
    who = sending.tx_hash, sending.withdrawal, sending.account, sending.nonce
    return *who, sending.raw, sending.fee_wei, sending.tip_wei


def _read(row: "asyncpg.Record") -> ChainWithdrawal:
    return ChainWithdrawal(*[row[name] for name in _COLUMNS])
