"""Preferences and favourites of customers: what they chose for their pages, kept by the server."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from evens.core.values.ids import CustomerId, MarketId
from evens.core.values.public_ids import format_event_id, format_market_id, parse_market_id
from evens.store.database import Database
from evens.store.identity.room import lock_owner
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

FAVOURITES_MAX: Final = 200
"""How many favourites a customer can have."""

FavouriteKind = Literal["market", "event", "pool"]

_SQL: Final = statements("account", "choices")


@dataclass(frozen=True, slots=True)
class FavouriteRow:
    """A favourite by its public id, with what it is called and what it is part of."""

    kind: FavouriteKind
    public_id: str
    title: str
    within: str | None
    since: datetime


class Choices:
    """The tables of what customers chose. Every method raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def preferences(self, customer: CustomerId) -> str | None:
        """Return a customer's preferences as JSON, ``None`` if they never chose any."""
        rows = await self._fetch("preferences", customer)
        return rows[0][0] if rows else None

    async def prefer(self, customer: CustomerId, chosen: str) -> None:
        """Keep a customer's preferences, JSON, in the place of the ones before."""
        await self._fetch("prefer", customer, chosen)

    async def favourites(self, customer: CustomerId) -> list[FavouriteRow]:
        """Return a customer's favourites, the latest first."""
        return [_read(row) for row in await self._fetch("favourites", customer)]

    async def find(self, kind: FavouriteKind, public_id: str) -> int | None:
        """Return the number of what a public id means, ``None`` if there is no such thing."""
        if kind == "market":
            asked = (parse_market_id(public_id),)
        elif kind == "event":
            source, _, key = public_id.partition(":")
            asked = (public_id, source, key)
        else:
            asked = (public_id,)
        rows = await self._fetch(kind, *asked)
        return rows[0]["id"] if rows else None

    async def add(self, customer: CustomerId, kind: FavouriteKind, thing: int) -> bool:
        """Make something a favourite if it is none; return whether it is one now, which fails if there are too many."""
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, f"favourites:{customer}")
            await connection.execute(_SQL["add"], customer, kind, thing, FAVOURITES_MAX)
            return bool(await connection.fetchval(_SQL["is_favourite"], customer, kind, thing))

    async def remove(self, customer: CustomerId, kind: FavouriteKind, thing: int) -> None:
        """Make something no favourite."""
        await self._fetch("remove", customer, kind, thing)

    async def _fetch(self, name: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(_SQL[name], *arguments)


def _read(row: "asyncpg.Record") -> FavouriteRow:
    kind, key = row["kind"], row["key"]
    if kind == "market":
        key = format_market_id(MarketId(int(key)))
    elif kind == "event":
        key = format_event_id(row["source"], key)
    return FavouriteRow(kind, key, row["title"], row["within"], row["since"])
