"""What the edges read of pools, rounds and bets: amounts in minor units, times in nanoseconds since 1970."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import CustomerId, PoolBetId, PoolId, RoundId
from evens.core.values.moments import MOMENT_MAX
from evens.core.values.pools import PoolSide, RoundResult, RoundStatus, dividend
from evens.store.database import Database
from evens.store.pools.rows import PoolRow, RoundRow, read_pool, read_round
from evens.store.pools.told_prices import ToldPrices
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("pools", "queries")
_STAKES_AT_ONCE: Final = 10_000
_IN_STATUS: Final = " AND r.status = ANY (${0}::smallint[])"
_NEWEST_IN_STATUS: Final = """ AND r.id IN (
    SELECT newest.id FROM unnest($3::smallint[]) AS wanted (status) CROSS JOIN LATERAL (
        SELECT o.id FROM evens.rounds AS o WHERE o.status = wanted.status AND o.id < $1 ORDER BY o.id DESC LIMIT $2
    ) AS newest
)"""
_IN_POOLS_ABOUT: Final = " AND r.pool = ANY (ARRAY(SELECT id FROM evens.pools WHERE words @@ evens.search_query(${0})))"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A result that a round had, its ``settlement``-th."""

    settlement: int
    result: RoundResult
    evidence: str
    reason: str | None
    decided_at: int


@dataclass(frozen=True, slots=True)
class StakeRow:
    """A bet as everybody may see it: what was staked on which side, not by whom."""

    bet: PoolBetId
    side: PoolSide
    stake_minor: int


@dataclass(frozen=True, slots=True)
class PoolBetRow:
    """A bet as recorded. ``returned_minor`` and ``result`` are ``None`` until it is booked."""

    id: PoolBetId
    customer: CustomerId
    pool_key: str
    round: RoundId
    code: str
    currency_number: int
    side: PoolSide
    stake_minor: int
    placed_at: int
    result: RoundResult | None
    returned_minor: int | None
    is_refunded: bool
    booked_at: int | None


@dataclass(frozen=True, slots=True)
class PoolLocked:
    """What is staked in a pool's rounds that have no result, by side."""

    pool_key: str
    currency_number: int
    up_minor: int
    down_minor: int


class PoolQueries:
    """Read-only questions to the pools' tables. ``told`` is what operators told of closes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.told = ToldPrices(database)

    async def pools(self, words: str | None = None) -> list[PoolRow]:
        """Return all pools, or those with words that begin with these, in order of their keys."""
        found = self._fetch(_SQL["pools"]) if words is None else self._fetch(_SQL["pools_about"], words)
        return [read_pool(row) for row in await found]

    async def pool(self, key: str) -> PoolRow | None:
        """Return the pool with this key."""
        rows = await self._fetch(_SQL["pool"], key)
        return read_pool(rows[0]) if rows else None

    async def round(self, pool: PoolId, code: str) -> RoundRow | None:
        """Return the round of a pool with this code."""
        rows = await self._rounds("r.pool = $1 AND r.code = $2", pool, code)
        return rows[0] if rows else None

    async def round_by_id(self, number: RoundId) -> RoundRow | None:
        """Return a round."""
        rows = await self._rounds("r.id = $1", number)
        return rows[0] if rows else None

    async def current(self, pool: PoolId, now: int) -> RoundRow | None:
        """Return the round of a pool in which one can bet at this moment and that locks first."""
        rows = await self._rounds(
            "r.pool = $1 AND r.status = 1 AND r.locks_at > $2 ORDER BY r.locks_at, r.id LIMIT 1", pool, now
        )
        return rows[0] if rows else None

    async def rounds(
        self, pool: PoolId, status: RoundStatus | None = None, *, before: int = MOMENT_MAX, limit: int
    ) -> list[RoundRow]:
        """Return a pool's rounds, newest first, from before the one with id ``before``."""
        if status is None:
            return await self._rounds("r.pool = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3", pool, before, limit)
        which = "r.pool = $1 AND r.id < $2 AND r.status = $4 ORDER BY r.id DESC LIMIT $3"
        return await self._rounds(which, pool, before, limit, status)

    async def rounds_of_all(
        self,
        statuses: Sequence[RoundStatus] | None = None,
        words: str | None = None,
        *,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[RoundRow]:
        """Return rounds of all pools, or of those with words that begin with ``words``, newest first.

        Each status is asked by its index, so that what runs is found among all that ever did, also if that is little.
        """
        which, arguments = "r.id < $1", list[Any]((before, limit))
        in_status = _NEWEST_IN_STATUS if words is None else _IN_STATUS
        for condition, value in ((in_status, statuses), (_IN_POOLS_ABOUT, words)):
            if value is not None:
                arguments.append(value)
                which += condition.format(len(arguments))
        return await self._rounds(f"{which} ORDER BY r.id DESC LIMIT $2", *arguments)

    async def unsettled(self, pool: PoolId) -> list[RoundRow]:
        """Return a pool's rounds without a result, in order of their codes."""
        return await self._rounds("r.pool = $1 AND r.status IN (1, 2) ORDER BY r.code", pool)

    async def decided_before(self, pool: PoolId, code: str, *, limit: int) -> list[RoundRow]:
        """Return a pool's rounds with a result before the one with this code, the newest first."""
        which = "r.pool = $1 AND r.code < $2 AND r.settlement > 0 ORDER BY r.code DESC LIMIT $3"
        return await self._rounds(which, pool, code, limit)

    async def locked(self) -> list[PoolLocked]:
        """Return what is staked in rounds without a result, for every pool, in order of their keys."""
        rows = await self._fetch(_SQL["locked"])
        return [PoolLocked(row["key"], row["currency_number"], int(row["up"]), int(row["down"])) for row in rows]

    async def results(self, number: RoundId) -> list[ResultRow]:
        """Return all results that a round had, the first one first."""
        rows = await self._fetch(_SQL["results"], number)
        return [
            ResultRow(row["settlement"], RoundResult(row["result"]), row["evidence"], row["reason"], row["decided_at"])
            for row in rows
        ]

    async def stakes(self, number: RoundId) -> AsyncIterator[Sequence[StakeRow]]:
        """Yield all bets in a round, in order of their ids, some at a time."""
        last = 0
        while rows := await self._fetch(_SQL["stakes"], number, last, _STAKES_AT_ONCE):
            yield [StakeRow(PoolBetId(row["id"]), PoolSide(row["side"]), row["stake"]) for row in rows]
            last = rows[-1]["id"]

    async def bet(self, bet: PoolBetId) -> PoolBetRow | None:
        """Return one bet."""
        rows = await self._bets("b.id = $1", bet)
        return rows[0] if rows else None

    async def bets_by_id(self, bets: Sequence[int]) -> list[PoolBetRow]:
        """Return these bets, in no order."""
        return await self._bets("b.id = ANY ($1::bigint[])", bets)

    async def bets(
        self,
        customer: CustomerId | None,
        *,
        pool: PoolId | None = None,
        in_round: RoundId | None = None,
        before: int = MOMENT_MAX,
        limit: int,
    ) -> list[PoolBetRow]:
        """Return bets of a customer, or everybody's in a round, newest first, from before the one with id ``before``.

        Raises ``ValueError`` if neither is named: there is no index for that.
        """
        if customer is None and in_round is None:
            raise ValueError("bets are those of a customer or in a round")
        named: list[tuple[str, int]] = [
            (f"{column} = ", value)
            for column, value in (("b.customer", customer), ("b.round", in_round), ("r.pool", pool))
            if value is not None
        ]
        which = " AND ".join([f"{text}${place}" for place, (text, _) in enumerate(named, 3)])
        ordered = f"b.id < $1 AND {which} ORDER BY b.id DESC LIMIT $2"
        return await self._bets(ordered, before, limit, *[value for _, value in named])

    async def _rounds(self, which: str, *arguments: Any) -> list[RoundRow]:
        return [read_round(row) for row in await self._fetch(_SQL["rounds"].replace("{which}", which), *arguments)]

    async def _bets(self, which: str, *arguments: Any) -> list[PoolBetRow]:
        return [_read_bet(row) for row in await self._fetch(_SQL["bets"].replace("{which}", which), *arguments)]

    async def _fetch(self, sql: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _read_bet(row: "asyncpg.Record") -> PoolBetRow:
    side, booked = PoolSide(row["side"]), row["booked_result"]
    result = None if booked is None else RoundResult(booked)
    returned_minor, is_refunded = None, False
    if result is not None:
        pays = dividend(row["up_staked"] or 0, row["down_staked"] or 0, row["fee_bps"], result)
        returned_minor, is_refunded = pays.returned_minor(side, row["stake"]), pays.side is None
    return PoolBetRow(
        PoolBetId(row["id"]),
        row["customer"],
        row["pool_key"],
        row["round"],
        row["code"],
        row["currency_number"],
        side,
        row["stake"],
        row["placed_at"],
        result,
        returned_minor,
        is_refunded,
        row["booked_at"],
    )
