"""What the edges read of following: amounts in minor units, odds in hundredths, times in nanoseconds since 1970."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.values.following import FollowStatus, FollowTerms, SkipReason
from evens.core.values.ids import CustomerId, FollowId, MarketId
from evens.core.values.moments import MOMENT_MAX
from evens.core.values.records import RecordProduct
from evens.store.database import Database
from evens.store.following.rows import read_terms
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("following", "queries")


@dataclass(frozen=True, slots=True)
class FollowRow:
    """A follow as recorded; the names are usernames. ``day_used_minor`` is of UTC day ``day``.

    ``result_minor`` is what settled copies have won or lost; ``stopped_minor`` is ``None`` unless the stop-loss paused
    it. The leader takes ``performance_fee_bps`` of ``high_water_minor``, and had ``fees_paid_minor`` of that.
    """

    id: FollowId
    customer: CustomerId
    username: str
    leader: CustomerId
    leader_name: str
    currency_number: int
    terms: FollowTerms
    started_at: int
    status: FollowStatus = FollowStatus.ACTIVE
    used_minor: int = 0
    day: int = 0
    day_used_minor: int = 0
    result_minor: int = 0
    stopped_minor: int | None = None
    ended_at: int | None = None
    performance_fee_bps: int = 0
    high_water_minor: int = 0
    fees_paid_minor: int = 0


@dataclass(frozen=True, slots=True)
class FollowerRow:
    """Somebody who follows, and since when."""

    follow: FollowId
    username: str
    started_at: int


@dataclass(frozen=True, slots=True)
class CopyRow:
    """What became of a leader's match or bet (``source``): skipped for a reason, or the follower's order or bet.

    If ``bets`` of them were skipped together, ``source`` is the last one. ``title`` is what its
    market, events or round are called. ``place`` is where the row stands among all
    of its follow. ``id`` is the order's or bet's. On the exchange, ``matched_minor`` is what was matched of it, worth
    ``matched_value_cents``, and ``open`` says that it may still be. ``refusal`` is the product's own reason;
    ``risk_minor`` is what it still risks, and ``result_minor`` what it won or lost, once it is settled.
    """

    place: int
    id: int
    product: RecordProduct
    source: int
    bets: int
    at: int
    reason: SkipReason | None
    refusal: str | None
    stake_minor: int | None
    risk_minor: int | None
    matched_minor: int | None
    matched_value_cents: int | None
    open: bool
    result_minor: int | None
    title: str | None


class FollowingQueries:
    """Read-only questions to the tables of following. Raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, follow: FollowId) -> FollowRow | None:
        """Return one follow."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_SQL["follow"], follow)
        return None if row is None else _read_follow(row)

    async def customers_own(self, customer: CustomerId, *, before: int = MOMENT_MAX, limit: int) -> list[FollowRow]:
        """Return the follows of a customer, newest first, from before ``before``."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["customers_own"], customer, before, limit)
        return [_read_follow(row) for row in rows]

    async def followers(self, leader: CustomerId, *, before: int = MOMENT_MAX, limit: int) -> list[FollowerRow]:
        """Return who follows a customer and does not keep their profile private, newest first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["followers"], leader, before, limit)
        return [FollowerRow(*row) for row in rows]

    async def count_followers(self, leader: CustomerId) -> int:
        """Return how many follow a customer, paused or not."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SQL["count_followers"], leader)

    async def copies(self, follow: FollowId, *, before: int = MOMENT_MAX, limit: int) -> list[CopyRow]:
        """Return what became of the leader's bets, newest first, from before ``before``."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["copies"], follow, before, limit)
        return [_read_copy(row) for row in rows]

    async def find_places(self, markets: Mapping[str, MarketId | None]) -> dict[str, list[int]]:
        """Return the numbers of what these names stand for: markets of the exchange, events and pools.

        The names come with the markets whose public ids they could be. A name that stands for nothing is left out.
        """
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["places"], list(markets), list(markets.values()))
        found: dict[str, list[int]] = {}
        for name, place in rows:
            found.setdefault(name, []).append(place)
        return found

    async def place_names(self, places: Iterable[int]) -> dict[int, str]:
        """Return how markets, events and pools are called outside."""
        asked = sorted(set(places))
        if not asked:
            return {}
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["place_names"], asked)
        return {row["id"]: row["name"] for row in rows}

    async def is_operator(self, customer: CustomerId) -> bool:
        """Return whether a customer logs in as an operator."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SQL["is_operator"], customer)


def _read_follow(row: "asyncpg.Record") -> FollowRow:
    return FollowRow(
        row["id"],
        row["customer"],
        row["username"],
        row["leader"],
        row["leader_name"],
        row["currency_number"],
        read_terms(row),
        row["started_at"],
        FollowStatus(row["status"]),
        row["used"],
        row["day"],
        row["day_used"],
        row["result"],
        row["stopped"],
        row["ended_at"],
        row["performance_fee_bps"],
        row["high_water"],
        row["fees_paid"],
    )


def _read_copy(row: "asyncpg.Record") -> CopyRow:
    return CopyRow(
        row["place"],
        row["id"],
        RecordProduct(row["product"]),
        row["source"],
        row["bets"],
        row["at"],
        None if row["reason"] is None else SkipReason(row["reason"]),
        row["refusal"],
        row["stake"],
        row["open_risk"],
        row["matched"],
        row["matched_value"],
        row["open"],
        row["result"],
        row["title"],
    )
