"""What profiles and the leaderboard show, read from what is kept of records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import msgspec

from evens.core.values.ids import CustomerId
from evens.core.values.records import Figures, RecordPeriod, RecordProduct, first_day
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("social", "profiles")
_PERIODS: Final = list(RecordPeriod)


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
class Contents:
    """What a profile shows besides what its owner chose, in one currency.

    Records are by product and period. ``days`` are the latest days with their profits in one product, the oldest first.
    ``recent`` is what was settled last, newest first; ``None`` where single bets are not shown. ``known_up_to`` is the
    moment up to which all of it is known, in nanoseconds since 1970, or 0.
    """

    known_up_to: int
    records: list[RecordRow]
    days: list[tuple[int, int]]
    recent: list[RecentRow] | None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a profile: the number of a customer, and whether it is an operator."""

    customer: CustomerId | None
    is_operator: bool


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


_read_contents: Final = msgspec.json.Decoder(Contents).decode


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

    async def shown(
        self, username: str, asking: Asking, record: tuple[RecordProduct, int, int], most: tuple[int, int]
    ) -> tuple[ProfileRow, str | None] | None:
        """Return the profile of whoever has a username, with what it shows, as text for :func:`read_contents`.

        A private profile shows nothing to others. The same text says the same, so what follows from it can be kept.
        ``record`` is the product whose days are wanted, the number of a currency, and the present day; ``most`` says
        how many of the latest days there are at most, and how many of the things that were settled last.
        """
        product, currency_number, day = record
        days, recent = most
        who = asking.customer, asking.is_operator
        periods = _PERIODS, [first_day(period, day) for period in _PERIODS]
        rows = await self._fetch(_SHOWN, username, currency_number, *periods, product, days, *who, recent)
        found = _profile(rows)
        return None if found is None else (found, rows[0]["contents"])

    async def place(self) -> tuple[int, int]:
        """Return the place in the journal up to which records are known, and its moment."""
        rows = await self._fetch(_SQL["place"])
        return (rows[0]["seq"], rows[0]["at"]) if rows else (0, 0)

    async def records(self, customer: CustomerId, currency_number: int, day: int) -> list[RecordRow]:
        """Return a customer's figures in a currency, by product and period, of the periods that a day lies in."""
        first_days = [first_day(period, day) for period in _PERIODS]
        rows = await self._fetch(_SQL["figures"], customer, currency_number, _PERIODS, first_days)
        return [_record(row) for row in rows]

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


_SHOWN: Final = _SQL["shown"].format(named=named(_SQL["settled_last"]))


def read_contents(text: str) -> Contents:
    """Return what a profile shows."""
    return _read_contents(text)


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
