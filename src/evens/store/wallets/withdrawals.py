"""What the edges read of withdrawals that customers asked for, with how far each has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import CustomerId, TransferId
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("wallets", "withdrawals")


@dataclass(frozen=True, slots=True)
class WithdrawalRow:
    """A requested withdrawal; ``id`` is the transfer that set the money aside, ``status`` what the books say.

    ``rail`` and what follows is ``None`` for what no rail has taken up; ``payout`` is where it stands with the rail, a
    :data:`evens.store.chain.rows.PayoutStatus`.
    """

    id: TransferId
    customer: CustomerId
    currency_number: int
    amount_minor: int
    status: str
    reference: str | None
    destination: str | None
    rail: str | None
    payout: str | None
    reason: str | None
    tx_hash: str | None
    block_number: int | None
    approved_at: datetime | None
    sent_at: datetime | None


class WithdrawalQueries:
    """Read-only questions about withdrawals. Every method raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def withdrawal(self, withdrawal: TransferId) -> WithdrawalRow | None:
        """Return one withdrawal."""
        rows = await self._fetch("withdrawal", withdrawal)
        return WithdrawalRow(*rows[0]) if rows else None

    async def withdrawals(
        self, customer: CustomerId, status: str | None, *, before: int = MOMENT_MAX, limit: int
    ) -> list[WithdrawalRow]:
        """Return a customer's withdrawals, newest first, from before the one with id ``before``."""
        rows = await self._fetch("withdrawals", customer, before, status, limit)
        return [WithdrawalRow(*row) for row in rows]

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(_SQL[name], *arguments)
