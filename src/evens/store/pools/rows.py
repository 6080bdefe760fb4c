"""Rows of pools and rounds as values of the core, for loading and for whoever asks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pools import Dividend, PoolSide, PoolTerms, RoundResult, RoundStage, RoundStatus, dividend

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool as recorded. ``created_at`` is in nanoseconds since 1970, ``last_code`` empty before the first round."""

    id: PoolId
    key: str
    currency_number: int
    terms: PoolTerms
    created_at: int
    last_code: str


@dataclass(frozen=True, slots=True)
class SideRow:
    """What is staked on a side of a round, in minor units, by how many bets."""

    staked_minor: int = 0
    bets: int = 0


NOTHING_STAKED: Final = SideRow()


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round as recorded, with what is staked on its sides. Times are in nanoseconds since 1970.

    ``fee_minor`` and ``rounding_minor`` are what the house has booked of it. ``evidence`` is what the present result
    was told from, ``reason`` why it is void.
    """

    id: RoundId
    pool: PoolId
    pool_key: str
    currency_number: int
    code: str
    terms: PoolTerms
    opens_at: int
    locks_at: int
    settles_at: int
    status: RoundStatus
    stage: RoundStage
    commitment: str | None
    locked_at: int | None
    settlement: int
    result: RoundResult | None
    decided_at: int | None
    fee_minor: int
    rounding_minor: int
    up: SideRow
    down: SideRow
    evidence: str | None
    reason: str | None

    def dividend(self, result: RoundResult, more: dict[PoolSide, int] | None = None) -> Dividend:
        """Return what the round pays under a result, with ``more`` staked on some sides, in minor units."""
        added = more or {}
        up_minor = self.up.staked_minor + added.get(PoolSide.UP, 0)
        down_minor = self.down.staked_minor + added.get(PoolSide.DOWN, 0)
        return dividend(up_minor, down_minor, self.terms.fee_bps, result)


def read_terms(row: "asyncpg.Record") -> PoolTerms:
    """Return the terms in a row of pools or rounds."""
    return PoolTerms(row["name"], row["symbol"], row["fee_bps"], row["min_stake"], row["max_stake"], row["running"])


def read_pool(row: "asyncpg.Record") -> PoolRow:
    """Return the pool in a row of its table."""
    return PoolRow(
        PoolId(row["id"]), row["key"], row["currency_number"], read_terms(row), row["created_at"], row["last_code"]
    )


def read_round(row: "asyncpg.Record") -> RoundRow:
    """Return the round in a row that ``queries.sql`` selects."""
    result = row["result"]
    return RoundRow(
        id=RoundId(row["id"]),
        pool=PoolId(row["pool"]),
        pool_key=row["pool_key"],
        currency_number=row["currency_number"],
        code=row["code"],
        terms=read_terms(row),
        opens_at=row["opens_at"],
        locks_at=row["locks_at"],
        settles_at=row["settles_at"],
        status=RoundStatus(row["status"]),
        stage=RoundStage(row["stage"]),
        commitment=row["commitment"],
        locked_at=row["locked_at"],
        settlement=row["settlement"],
        result=None if result is None else RoundResult(result),
        decided_at=row["decided_at"],
        fee_minor=row["fee"],
        rounding_minor=row["rounding"],
        up=SideRow(row["up_staked"] or 0, row["up_bets"] or 0),
        down=SideRow(row["down_staked"] or 0, row["down_bets"] or 0),
        evidence=row["evidence"],
        reason=row["reason"],
    )
