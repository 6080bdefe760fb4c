"""Reading the journal, and the index that leads into it: by command, by actor, and by whom or what a record is about.

The index is worked out of the journal in the background (:meth:`JournalQueries.index_next`), because nobody who bets
should wait for it; it is seconds behind at most while a server writes. Orders, bets and payments are many and have
tables with indexes of their own, so they have no subjects here.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from evens.core.commands.exchange import PlaceOrder
from evens.core.commands.fixed_odds import PlaceBet
from evens.core.commands.pools import PlacePoolBet
from evens.core.commands.wallets import Transfer, TransferBatch
from evens.core.events.exchange import MarketStatusChanged
from evens.core.events.fixed_odds import FixtureStageFinished
from evens.core.events.pools import RoundBooked
from evens.core.receipts import Receipt
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.encoding.chain import GENESIS
from evens.store.encoding.codec import decode
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

INDEXED_AT_ONCE: Final = 1_000
"""How many records one step of indexing takes."""

_SQL: Final = statements("console", "journal")
_DOWN: Final = {"beyond": "<", "direction": "DESC"}
_UP: Final = {"beyond": ">", "direction": "ASC"}
_BY_TABLES: Final = (PlaceOrder, PlaceBet, PlacePoolBet, Transfer, TransferBatch)
"""Commands that the tables of orders, bets and transfers lead to."""

_HOUSE: Final = "house"
_MILESTONES: Final = (MarketStatusChanged, FixtureStageFinished, RoundBooked)
"""What of the parts of long work is part of a story."""

SUBJECTS: Final = {
    "market": "market",
    "fixture": "event",
    "round": "round",
    "pool": "pool",
    "challenge": "challenge",
    "order": "order",
    "bet": "bet",
    "customer": "customer",
    "payer": "customer",
    "payee": "customer",
    "acceptor": "customer",
    "resolver": "customer",
    "withdrawal": "transaction",
    "transaction": "transaction",
}
"""What a field of a command or event names, as a word of a subject."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the journal, with its hash and the one before it; ``payload`` is what is hashed of it."""

    receipt: Receipt
    payload: bytes
    hash: bytes
    hash_before: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit: who began it, and what was found, once it has come to an end."""

    id: int
    started_at: Any
    started_by: str
    ended_at: Any
    seq: int | None
    hash: bytes | None
    transfers: int | None
    accounts: int | None
    problems: Sequence[str] | None
    trouble: str | None


class JournalQueries:
    """Reads records and keeps the index. Every method raises ``StoreUnavailable`` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, *, beyond: int, newest_first: bool, limit: int) -> list[Record]:
        """Return records before a place, newest first, or behind it, oldest first."""
        rows = await self._fetch(_SQL["newest" if newest_first else "oldest"], beyond, limit)
        return await self._read(rows)

    async def found(self, by: str, value: str | int, *, beyond: int, newest_first: bool, limit: int) -> list[Record]:
        """Return the same of those that an index leads to.

        ``by`` is ``kind``, ``actor`` or ``subject`` with its text, or ``market``, ``round``, ``order``, ``bet`` or
        ``customer`` with its number.
        """
        sql = _SQL[f"by_{by}"].format(**(_DOWN if newest_first else _UP))
        arguments: list[Any] = [beyond, limit, value]
        if by == "customer":
            arguments.append(await self._moment(beyond, newest_first=newest_first))
        numbers = [row["seq"] for row in await self._fetch(sql, *arguments)]
        records = await self._read(await self._fetch(_SQL["some"], numbers))
        return records if newest_first else records[::-1]

    async def record(self, seq: int) -> Record | None:
        """Return one record."""
        found = await self._read(await self._fetch(_SQL["some"], [seq]))
        return found[0] if found else None

    async def index_next(self) -> bool:
        """Index the next records; return whether there may be more."""
        place = (await self._fetch(_SQL["place"]))[0]
        if place["indexed"] >= place["seq"]:
            return False
        rows = await self._fetch(_SQL["oldest"], place["indexed"], INDEXED_AT_ONCE)
        receipts = [Receipt(row["seq"], row["at"], b"", *decode(row["payload"])) for row in rows]
        pairs = [(subject, receipt.seq) for receipt in receipts for subject in subjects_of(receipt)]
        await self._fetch(
            _SQL["index"],
            [receipt.seq for receipt in receipts],
            [type(receipt.command).__name__ for receipt in receipts],
            [receipt.actor for receipt in receipts],
            [subject for subject, _ in pairs],
            [seq for _, seq in pairs],
        )
        return len(rows) == INDEXED_AT_ONCE

    async def begin_audit(self, by: str) -> int:
        """Note that an audit begins; return its number."""
        return int((await self._fetch(_SQL["audit_begun"], by))[0]["id"])

    async def end_audit(self, number: int, *found: Any) -> None:
        """Note what was found: seq, hash, transfers, accounts, problems, and what kept it from its end."""
        await self._fetch(_SQL["audit_ended"], number, *found)

    async def audits(self, *, before: int, limit: int) -> list[AuditRow]:
        """Return audits, newest first."""
        return [AuditRow(*row) for row in await self._fetch(_SQL["audits"], before, limit)]

    async def _moment(self, seq: int, *, newest_first: bool) -> int:
        """Return a moment beyond which no transfer of a record beyond ``seq`` lies."""
        rows = await self._fetch(_SQL["moment"], seq)
        if rows:
            return rows[0]["at"] if newest_first else rows[0]["at"] + TRANSFERS_PER_COMMAND_MAX - 1
        return MOMENT_MAX if newest_first else 0

    async def _read(self, rows: "Sequence[asyncpg.Record]") -> list[Record]:
        before = {row["seq"] - 1 for row in rows} - {0}
        hashes = {row["seq"]: row["hash"] for row in rows}
        missing = list(before - hashes.keys())
        hashes |= {row["seq"]: row["hash"] for row in await self._fetch(_SQL["hashes"], missing)} if missing else {}
        hashes[0] = GENESIS
        return [
            Record(
                Receipt(row["seq"], row["at"], row["command_id"].bytes, *decode(row["payload"])),
                row["payload"],
                row["hash"],
                hashes[row["seq"] - 1],
            )
            for row in rows
        ]

    async def _fetch(self, sql: str, *arguments: object) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def subjects_of(receipt: Receipt) -> list[str]:
    """Return whom and what a record is about, such as ``market 42``, each once."""
    if isinstance(receipt.command, _BY_TABLES):
        return []
    told: Iterable[Any] = (receipt.command, *receipt.events)
    if receipt.actor == _HOUSE and type(receipt.command).__name__.startswith("Advance"):
        # A part of long work concerns a hundred customers, whose transfers lead to it.
        told = [event for event in receipt.events if isinstance(event, _MILESTONES)]
    return list(dict.fromkeys(subject for each in told for subject in _subjects(each)))


def _subjects(told: Any) -> Iterator[str]:
    for field in dataclasses.fields(told):
        word, value = SUBJECTS.get(field.name), getattr(told, field.name)
        if word is not None and isinstance(value, int):
            yield f"{word} {value}"
