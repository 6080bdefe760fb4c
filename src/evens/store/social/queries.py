"""What profiles and the leaderboard show, read from what is kept of records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import CustomerId
from evens.core.values.records import Figures, RecordPeriod, RecordProduct, first_day
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("social", "profiles")


class Visibility(StrEnum):
    """What others see of a customer: all, figures without single bets, or nothing."""

    PUBLIC = "public"
    FIGURES = "figures"
    PRIVATE = "private"


class Metric(StrEnum):
    """What the leaderboard is ordered by."""

    PROFIT = "profit"
    ROI = "roi"
    WIN_RATE = "win_rate"
    SHARPE = "sharpe"
    DRAWDOWN = "drawdown"


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """What a customer shows of themselves. ``registered_at`` is in nanoseconds since 1970."""

    customer: CustomerId
    username: str
    registered_at: int
    display_name: str | None
    bio: str | None
    visibility: Visibility
    listed: bool
    copyable: bool


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The figures of a customer for a product and a period; ``day`` is its first one, counted from 1970."""

    customer: CustomerId
    product: RecordProduct
    period: RecordPeriod
    day: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class LeaderRow:
    """A place of the leaderboard."""

    record: RecordRow
    username: str
    display_name: str | None
    copyable: bool


@dataclass(frozen=True, slots=True)
class RecentRow:
    """Something that was settled for a customer.

    ``event`` is the public id of an event on whose market singles were; ``pool`` and ``code`` name a round.
    """

    product: RecordProduct
    thing: int
    part: str
    settled_at: int
    profit_minor: int
    turnover_minor: int
    title: str | None
    event: str | None
    pool: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class _Order:
    """How an index orders figures: by a column, which rows it has, and which end comes first."""

    value: str
    only: str = "f.ranked"
    direction: str = "DESC"


_ORDERS: Final[Mapping[Metric, _Order]] = {
    Metric.PROFIT: _Order("f.profit", "true"),
    Metric.ROI: _Order("f.roi_ppm"),
    Metric.WIN_RATE: _Order("f.win_rate_ppm"),
    Metric.SHARPE: _Order("f.sharpe", "f.ranked AND f.sharpe IS NOT NULL"),
    Metric.DRAWDOWN: _Order("f.max_drawdown", direction="ASC"),
}


class SocialQueries:
    """Read-only questions, and what customers choose to show. Raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def profile(self, username: str) -> ProfileRow | None:
        """Return the profile of whoever has a username, in whatever case."""
        return _profile(await self._fetch(_SQL["profile"], username))

    async def own_profile(self, customer: CustomerId) -> ProfileRow | None:
        """Return a customer's profile."""
        return _profile(await self._fetch(_SQL["own_profile"], customer))

    async def choose(self, chosen: ProfileRow) -> None:
        """Keep what a customer chooses to show."""
        shown = chosen.display_name, chosen.bio, chosen.visibility, chosen.listed, chosen.copyable
        await self._fetch(_SQL["choose"], chosen.customer, *shown)

    async def known_up_to(self) -> int:
        """Return the moment up to which records are known, in nanoseconds since 1970; 0 if none is."""
        return (await self.place())[1]

    async def place(self) -> tuple[int, int]:
        """Return the place in the journal up to which records are known, and its moment."""
        rows = await self._fetch(_SQL["place"])
        return (rows[0]["seq"], rows[0]["at"]) if rows else (0, 0)

    async def records(self, customer: CustomerId, currency_number: int, day: int) -> list[RecordRow]:
        """Return a customer's figures in a currency, by product and period, of the periods that a day lies in."""
        periods = list(RecordPeriod)
        first_days = [first_day(period, day) for period in periods]
        rows = await self._fetch(_SQL["figures"], customer, currency_number, periods, first_days)
        return [_record(row) for row in rows]

    async def equity(
        self, customer: CustomerId, currency_number: int, product: RecordProduct, most: int
    ) -> list[tuple[int, int]]:
        """Return the latest days with their profits, oldest first."""
        rows = await self._fetch(_SQL["equity"], customer, currency_number, product, most)
        return [(row["day"], row["profit"]) for row in reversed(rows)]

    async def recent(self, customer: CustomerId, currency_number: int, most: int) -> list[RecentRow]:
        """Return what was settled for a customer last, newest first."""
        rows = await self._fetch(named(_SQL["settled_last"]), customer, currency_number, most)
        return [read_recent(row) for row in rows]

    async def leaders(
        self, metric: Metric, record: tuple[RecordProduct, int, RecordPeriod, int], limit: int
    ) -> list[LeaderRow]:
        """Return the first places by a metric; who has the same, in the order in which they registered.

        ``record`` is a product, the number of a currency, a period, and a day that lies in it.
        """
        order = _ORDERS[metric]
        product, currency_number, period, day = record
        sql = _SQL["leaders"].format(value=order.value, only=order.only, direction=order.direction)
        rows = await self._fetch(sql, product, currency_number, period, first_day(period, day), limit)
        return [LeaderRow(_record(row), row["username"], row["display_name"], row["copyable"]) for row in rows]

    async def _fetch(self, sql: str, *arguments: Any) -> "Sequence[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def named(outcomes: str) -> str:
    """Return the question for outcomes that also says what they are called and where that is, newest first."""
    return _SQL["named"].format(outcomes=outcomes)


def read_recent(row: "asyncpg.Record") -> RecentRow:
    """Return an outcome with its name."""
    return RecentRow(
        RecordProduct(row["product"]),
        row["thing"],
        row["part"],
        row["settled_at"],
        row["profit"],
        row["turnover"],
        row["title"],
        row["event"],
        row["pool"],
        row["code"],
    )


def _profile(rows: "Sequence[asyncpg.Record]") -> ProfileRow | None:
    if not rows:
        return None
    row = rows[0]
    return ProfileRow(
        customer=CustomerId(row["id"]),
        username=row["username"],
        registered_at=row["registered_at"],
        display_name=row["display_name"],
        bio=row["bio"],
        visibility=Visibility(row["visibility"]),
        listed=row["listed"],
        copyable=row["copyable"],
    )


def _record(row: "asyncpg.Record") -> RecordRow:
    figures = Figures(
        profit_minor=row["profit"],
        turnover_minor=row["turnover"],
        bets=row["bets"],
        settled=row["settled"],
        won=row["won"],
        longest_streak=row["longest_streak"],
        max_drawdown_minor=row["max_drawdown"],
        roi_ppm=row["roi_ppm"],
        win_rate_ppm=row["win_rate_ppm"],
        sharpe=row["sharpe"],
        closing_ppm=row["closing_ppm"],
    )
    return RecordRow(
        CustomerId(row["customer"]), RecordProduct(row["product"]), RecordPeriod(row["period"]), row["day"], figures
    )
