"""The ledger as operators explore it: accounts, their entries, and transfers with what led to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.values.ids import TransferId
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("console", "ledger")
_NEWEST: Final = _SQL["entries"].format(beyond="<", direction="DESC")
_OLDEST: Final = _SQL["entries"].format(beyond=">", direction="ASC")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A transfer with the record of the journal that it belongs to, and its reversal, either way."""

    seq: int
    transfer: Transferred
    reverses: TransferId | None = None
    reversed_by: TransferId | None = None


class LedgerQueries:
    """Read-only questions about accounts. Every method raises ``StoreUnavailable`` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accounts_of(self, holders: Sequence[int]) -> Mapping[int, int]:
        """Return every account of these holders, with its balance in minor units."""
        return {row["account"]: row["balance"] for row in await self._fetch(_SQL["accounts_of"], holders)}

    async def balance(self, account: int) -> int | None:
        """Return what an account holds; ``None`` if it never held anything."""
        rows = await self._fetch(_SQL["balance"], account)
        return rows[0]["balance"] if rows else None

    async def balance_at(self, account: int, moment: int) -> int:
        """Return what an account held after all that was recorded by a moment, in nanoseconds since 1970."""
        rows = await self._fetch(_SQL["balance_at"], account, moment)
        return rows[0]["balance"] if rows else 0

    async def entries(self, account: int, *, beyond: int, newest_first: bool, limit: int) -> list[Recorded]:
        """Return transfers to and from an account, before ``beyond`` or, oldest first, behind it."""
        return [_read(row) for row in await self._fetch(_NEWEST if newest_first else _OLDEST, account, beyond, limit)]

    async def transfer(self, transfer: TransferId) -> Recorded | None:
        """Return a transfer with its reversal."""
        rows = await self._fetch(_SQL["transfer"], transfer)
        return _read(rows[0], rows[0]["reverses"], rows[0]["reversed_by"]) if rows else None

    async def referenced(self, reference: str, limit: int) -> list[tuple[TransferId, str]]:
        """Return transfers whose reference begins so, with it."""
        pattern = reference.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        rows = await self._fetch(_SQL["referenced"], reference, pattern, limit)
        return [(row["transfer"], row["reference"]) for row in rows]

    async def holder(self, holder: int) -> tuple[str, str] | None:
        """Return what the holder of an account is, and what it is called."""
        rows = await self._fetch(_SQL["holders"], holder)
        return (rows[0]["kind"], rows[0]["label"]) if rows else None

    async def _fetch(self, sql: str, *arguments: object) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _read(row: "asyncpg.Record", reverses: TransferId | None = None, reversed_by: TransferId | None = None) -> Recorded:
    texts = row["reference"], row["memo"], row["destination"]
    transfer = Transferred(
        TransferId(row["id"]),
        TransferKind(row["kind"]),
        row["debit"],
        row["credit"],
        row["amount"],
        row["debit_after"],
        row["credit_after"],
        row["effective_at"],
        None if texts == (None, None, None) else Note(*texts),
    )
    return Recorded(row["seq"], transfer, reverses, reversed_by)
