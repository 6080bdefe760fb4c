"""Which copies are over: of what the journal says was settled, and of orders that waited for a market's bet delay.

Like the records (:mod:`evens.store.social.keeping`), this follows the journal's index: the few kinds of commands that
settle something lead to markets, bets and rounds, and these to the copies in them.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.receipts import Receipt
from evens.core.values.betting import Side
from evens.core.values.following import lay_order_risk_minor
from evens.core.values.ids import FollowId
from evens.core.values.records import RecordProduct
from evens.store.database import Database
from evens.store.encoding.codec import decode
from evens.store.social.due import COMMANDS, Due, due_of
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

READ_AT_ONCE: Final = 500
"""How many records of the journal are read at a time."""

COPIES_AT_ONCE: Final = 1_000
"""How many copies are looked at together."""

FEES_AT_ONCE: Final = 500
"""For how many follows fees are looked for together."""

_SQL: Final = statements("following", "queries")
_KINDS: Final = [command.__name__ for command in COMMANDS]


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """A copy with what is booked of it: how often, what it risks, and what it won or lost, if it was settled."""

    id: int
    follow: FollowId
    settlements: int
    risk_minor: int
    result_minor: int | None


@dataclass(frozen=True, slots=True)
class WaitedCopy:
    """A copy whose order waited and is over; ``matched_risk_minor`` is what the order can lose, 0 without a match."""

    copy: KnownCopy
    matched_risk_minor: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What records up to ``last_seq`` settled; ``more`` says that there may be further ones."""

    things: tuple[Due, ...]
    last_seq: int
    more: bool


class CopiesOver:
    """Finds copies that are over, and keeps the place up to which the journal was read. Raises ``StoreUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read_next(self) -> Settled | None:
        """Return what the next records settled; ``None`` if the index leads to no further ones."""
        async with self._database.connection() as connection:
            place, indexed = await connection.fetchrow(_SQL["settle_place"]) or (0, 0)
            if place >= indexed:
                return None
            rows = await connection.fetch(_SQL["records"], _KINDS, place, indexed, READ_AT_ONCE)
        things: dict[Due, None] = {}
        for row in rows:
            found = due_of(Receipt(row["seq"], row["at"], b"", *decode(row["payload"])))
            things |= dict.fromkeys(each for each in found if isinstance(each, Due))
        more = len(rows) == READ_AT_ONCE
        return Settled(tuple(things), rows[-1]["seq"] if more else indexed, more)

    async def looked_at(self, settled: Settled) -> None:
        """Move the place on to behind these records."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["settled_up_to"], settled.last_seq)

    async def copies_of(self, thing: Due) -> AsyncIterator[Sequence[KnownCopy]]:
        """Yield the copies in a market, a bet or a round, a page at a time."""
        which, arguments = _which(thing)
        bets = {RecordProduct.EXCHANGE: "orders", RecordProduct.SPORTSBOOK: "bets"}.get(thing.product, "pool_bets")
        sql = _SQL["copies_of"].format(bets=bets, product=int(thing.product), which=which)
        last = 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(sql, last, COPIES_AT_ONCE, *arguments)
            if rows:
                yield [_read_copy(row) for row in rows]
            if len(rows) < COPIES_AT_ONCE:
                return
            last = rows[-1]["id"]

    async def fees_due(self) -> Sequence[FollowId]:
        """Return some follows whose leader is to be paid of their fee, one for each account with money for it."""
        async with self._database.connection() as connection:
            return [row["id"] for row in await connection.fetch(_SQL["fees_due"], FEES_AT_ONCE)]

    async def done_waiting(self) -> AsyncIterator[Sequence[WaitedCopy]]:
        """Yield the copies whose orders waited for a bet delay and are over, a page at a time."""
        last = 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_SQL["done_waiting"], last, COPIES_AT_ONCE)
            if rows:
                yield [WaitedCopy(_read_copy(row), _matched_risk_minor(row)) for row in rows]
            if len(rows) < COPIES_AT_ONCE:
                return
            last = rows[-1]["id"]


def _which(thing: Due) -> tuple[str, tuple[int | str, ...]]:
    if thing.product is RecordProduct.EXCHANGE:
        return "b.market = $3", (thing.thing,)
    if thing.product is RecordProduct.POOLS:
        return "b.round = $3", (thing.thing,)
    return (
        ("b.fixture = $3 AND b.market = $4", (thing.thing, thing.part)) if thing.part else ("b.id = $3", (thing.thing,))
    )


def _matched_risk_minor(row: "asyncpg.Record") -> int:
    if Side(row["side"]) is Side.BACK:
        return row["matched"]
    return lay_order_risk_minor(row["matched"], row["matched_value"])


def _read_copy(row: "asyncpg.Record") -> KnownCopy:
    return KnownCopy(row["id"], row["follow"], row["settlements"], row["open_risk"], row["result"])
