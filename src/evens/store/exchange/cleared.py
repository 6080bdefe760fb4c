"""What a customer's orders came to, page by page: the tables choose, sort and sum, however many orders there are.

Amounts are in minor units, times in nanoseconds since 1970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from evens.core.values.betting import Side
from evens.core.values.ids import CustomerId
from evens.core.values.odds import ODDS_UNIT
from evens.store.database import Database
from evens.store.exchange.queries import OrderRow, read_order
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

Ending = Literal["settled", "void", "lapsed", "cancelled"]
GroupedBy = Literal["EVENT_TYPE", "EVENT", "MARKET", "RUNNER", "SIDE", "STRATEGY"]

ROLLED_UP_MAX: Final = 20_000
"""How many orders are summed up at once."""

EVENTS_MAX: Final = 10_000
"""Among how many markets those of event types and events are looked for."""

_SQL: Final = statements("exchange", "cleared")
_NO_PROFITS: Final = "SELECT NULL::bigint AS id, 0::numeric AS profit WHERE false"


@dataclass(frozen=True, slots=True)
class ClearedConditions:
    """Which orders are asked for: those of which something ended so, within a time (both moments count).

    The time is that of the market's settlement; of orders that lapsed or were cancelled, that of their placing.
    ``runners`` are pairs of a market and a runner of it.
    """

    ending: Ending
    since: int
    until: int
    markets: Sequence[int] | None = None
    ids: Sequence[int] | None = None
    client_refs: Sequence[str] | None = None
    strategy_refs: Sequence[str] | None = None
    side: Side | None = None
    runners: Sequence[tuple[int, int]] | None = None

    @property
    def is_of_matched(self) -> bool:
        """Whether it is about what was matched."""
        return self.ending in ("settled", "void")


@dataclass(frozen=True, slots=True)
class Cleared:
    """Orders together, or a single one: the ``first`` of them, how many they are, and what they came to.

    ``settled_at`` is the latest, ``None`` if it is not about what was matched. ``matched_at`` is told of single orders,
    ``commission_minor`` of several: all that was booked in their markets.
    """

    first: OrderRow
    bets: int
    size_minor: int
    profit_minor: int
    settled_at: int | None
    matched_at: int | None = None
    commission_minor: int = 0


class TooManyOrders(Exception):
    """There are more orders, or markets, than are looked at in one question."""


class ClearedQueries:
    """Read-only questions about what orders came to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, customer: CustomerId, asked: ClearedConditions, *, skip: int, limit: int) -> list[Cleared]:
        """Return single orders: in the order of their markets' settlement, or of their placing."""
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            rows = await wire.fetch(_page(is_of_matched=asked.is_of_matched), *_values(customer, asked), skip, limit)
            profits: Mapping[int, int] = {}
            if asked.ending == "settled":
                markets, ids = list({row["market"] for row in rows}), [row["id"] for row in rows]
                profits = {row["id"]: row["profit"] for row in await wire.fetch(_profits(), customer, markets, ids)}
        return [_single(row, asked.ending, profits.get(row["id"], 0)) for row in rows]

    async def groups(
        self, customer: CustomerId, asked: ClearedConditions, by: GroupedBy, no_type: str, *, skip: int, limit: int
    ) -> list[Cleared]:
        """Return what orders come to together; ``no_type`` names the event type of markets that name none.

        Raises :class:`TooManyOrders` for more than :data:`ROLLED_UP_MAX`.
        """
        values = _values(customer, asked)
        async with self._database.connection() as wire, wire.transaction(isolation="repeatable_read", readonly=True):
            count = _how_many(is_of_matched=asked.is_of_matched)
            if await wire.fetchval(count, *values, ROLLED_UP_MAX + 1) > ROLLED_UP_MAX:
                raise TooManyOrders
            rows = await wire.fetch(_groups(asked.ending), *values, skip, limit, by, no_type)
        return [
            Cleared(
                read_order(row), row["bets"], row["size"], row["profit"], row["settled_at"],
                commission_minor=row["commission"] if asked.ending == "settled" else 0,
            )
            for row in rows
        ]  # fmt: skip

    async def events(self, customer: CustomerId, asked: ClearedConditions) -> list[tuple[int, str | None, str | None]]:
        """Return markets in which a customer had orders, with their event types and events.

        Raises :class:`TooManyOrders` for more than :data:`EVENTS_MAX`.
        """
        markets = None if asked.markets is None else list(asked.markets)
        since = asked.since if asked.is_of_matched else None
        async with self._database.connection() as wire:
            rows = await wire.fetch(_events(), customer, markets, since, asked.until, EVENTS_MAX + 1)
        if len(rows) > EVENTS_MAX:
            raise TooManyOrders
        return [(market, event_type, event) for market, event_type, event in rows]


def _values(customer: CustomerId, asked: ClearedConditions) -> list[Any]:
    """Return the first eleven parameters of every statement about orders."""

    def listed(values: Sequence[Any] | None) -> list[Any] | None:
        return None if values is None else list(values)

    runners = asked.runners
    return [
        customer,
        asked.since,
        asked.until,
        listed(asked.markets),
        listed(asked.ids),
        listed(asked.client_refs),
        listed(asked.strategy_refs),
        asked.side,
        None if runners is None else [market for market, _ in runners],
        None if runners is None else [runner for _, runner in runners],
        asked.ending in ("void", "cancelled"),
    ]


def _single(row: "asyncpg.Record", ending: Ending, profit_minor: int) -> Cleared:
    order = read_order(row)
    sizes: dict[Ending, int] = {"lapsed": order.lapsed_minor, "cancelled": order.cancelled_minor}
    size_minor = sizes.get(ending, order.matched_minor)
    return Cleared(order, 1, size_minor, profit_minor, row["settled_at"], row["matched_at"])


def _fill(name: str, **parts: str) -> str:
    """Return a statement with other ones, or ``parts``, in its braces."""
    text = _SQL[name]
    for part, value in (_SQL | parts).items():
        mark = f"{{{part}}}"
        if mark in text:
            text = text.replace(mark, value if part in parts else _fill(part, **parts))
    return text


@cache
def _page(*, is_of_matched: bool) -> str:
    if is_of_matched:
        order, placed = "m.settled_at, m.id, o.id", "o.settled_at, o.market, o.id"
        return _fill("page", orders=_fill("settled"), order=order, sorted=placed)
    return _fill("page", orders=_fill("ended"), order="o.id", sorted="o.id")


@cache
def _profits() -> str:
    return _fill("profits_of", markets="$2::bigint[]", unit=str(ODDS_UNIT))


@cache
def _how_many(*, is_of_matched: bool) -> str:
    return _fill("how_many", orders=_fill("settled" if is_of_matched else "ended"))


@cache
def _groups(ending: Ending) -> str:
    orders = _fill("settled" if ending in ("settled", "void") else "ended")
    size = {"lapsed": "lapsed", "cancelled": "cancelled"}.get(ending, "matched")
    markets, unit = "ARRAY(SELECT DISTINCT market FROM asked)", str(ODDS_UNIT)
    profits = _fill("profits", markets=markets, unit=unit) if ending == "settled" else _NO_PROFITS
    return _fill("groups", orders=orders, profits=profits, size=size)


@cache
def _events() -> str:
    return _fill("events")


def questions() -> Mapping[str, str]:
    """Return the statements as the database is asked them, by names."""
    return {
        "settled bets": _page(is_of_matched=True),
        "ended orders": _page(is_of_matched=False),
        "profits of bets": _profits(),
        "bets rolled up": _groups("settled"),
        "ended orders rolled up": _groups("lapsed"),
        "settled bets counted": _how_many(is_of_matched=True),
        "events of bets": _events(),
    }
