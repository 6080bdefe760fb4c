"""What is to be copied: leaders' matches and bets behind the copier's place, once for each follow.

A window is a stretch of the journal. Its bets are read in pages, with one statement for a page whatever the number of
followers, and the place moves on once every copy of the window is decided. A copier that dies before begins the window
again: the commands are the same, under the same ids, so nothing is decided twice.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.commands.following import CopyBet, CopyMatch, CopyPoolBet
from evens.core.values.betting import Side
from evens.core.values.fixed_odds import BetLeg
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.core.values.pools import PoolSide
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

Copying = CopyMatch | CopyBet | CopyPoolBet

WINDOW: Final = 200
"""How many records of the journal a window has at most: each page of it puts what is left of it in order."""

PAGE: Final = 100
"""How many copies are read at a time: nobody else in the process is served while rows become commands."""

_SQL: Final = statements("following", "queries")


@dataclass(frozen=True, slots=True)
class Window:
    """Records behind ``seq`` up to and with ``last_seq``, recorded behind ``at`` up to ``last_at``."""

    seq: int
    at: int
    last_seq: int
    last_at: int


class CopiesDue:
    """Reads what is to be copied, and keeps the copier's place. Raises ``StoreUnavailable``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def window(self) -> Window | None:
        """Return the next window; ``None`` if the copier has looked at the whole journal."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["window"], WINDOW)
        return None if row is None else Window(*row)

    async def pages(self, window: Window) -> AsyncIterator[Sequence[Copying]]:
        """Yield what is to be copied in a window, a page at a time: of each product in the order of its bets."""
        moments = window.at + TRANSFERS_PER_COMMAND_MAX, window.last_at + TRANSFERS_PER_COMMAND_MAX
        seqs = window.seq, window.last_seq
        for name, span, read in (("matches", moments, _match), ("bets", seqs, _bet), ("pool_bets", seqs, _pool_bet)):
            async for page in self._pages(name, span, read):
                yield page

    async def looked_at(self, window: Window) -> None:
        """Move the place on to behind a window."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["looked_at"], window.last_seq, window.last_at)

    async def _pages(
        self, name: str, span: tuple[int, int], read: "Callable[[asyncpg.Record], Copying]"
    ) -> AsyncIterator[Sequence[Copying]]:
        last = 0, 0
        while True:
            async with self._database.connection() as connection:
                rows = await connection.fetch(_SQL[name], *span, *last, PAGE)
            if rows:
                yield [read(row) for row in rows]
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"], rows[-1]["follow"]


def _match(row: "asyncpg.Record") -> CopyMatch:
    return CopyMatch(
        row["follow"],
        row["id"],
        row["market"],
        row["runner"],
        Side(row["side"]),
        row["odds"],
        row["stake"],
        row["size"],
        row["before"],
        row["id"],
        row["is_copy"],
        row["permitted"],
    )


def _bet(row: "asyncpg.Record") -> CopyBet:
    columns = row["fixtures"], row["markets"], row["selections"], row["all_odds"]
    legs = tuple([BetLeg(*leg) for leg in zip(*columns, strict=True)])
    return CopyBet(
        row["follow"],
        row["id"],
        row["currency_number"],
        legs,
        row["stake"],
        row["placed_at"],
        row["is_copy"],
        row["permitted"],
    )


def _pool_bet(row: "asyncpg.Record") -> CopyPoolBet:
    return CopyPoolBet(
        row["follow"],
        row["id"],
        row["round"],
        PoolSide(row["side"]),
        row["stake"],
        row["placed_at"],
        row["is_copy"],
        row["permitted"],
    )
