"""Keeping records: what was settled becomes outcomes, outcomes become days, and days the figures of each period.

Theory of operation
-------------------
Nobody who bets should wait for a leaderboard, so no event writes a record: they are worked out in the background, in
three steps, each a transaction of its own, so that a crash between any two loses nothing and does nothing twice.

1. *Read*: the journal's index leads to the records behind the place up to which was read that can change a record
   (:mod:`evens.store.social.due`). What they settled is due.
2. *Look*: the outcomes of something that is due are worked out anew from the tables of its product, and replace those
   before. Whatever the results were before, and however often they were corrected, what counts is what the tables say
   now; so the order in which things are looked at makes no difference. An outcome keeps the moment at which it was
   settled first: a correction changes the record of that day.
3. *Sum*: the days whose outcomes changed are summed up anew, and of them the figures of the periods that they lie in.

Each step takes what is there and replaces what follows from it, so emptying the tables and reading the journal from its
beginning gives the same rows.

Example: ann's market is settled on Monday at +40.00, and corrected on Wednesday to −10.00. On Wednesday the market is
due again; its outcome is −10.00 and still Monday's; Monday's day, this week, its month and all time are summed anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from evens.core.receipts import Receipt
from evens.core.values.records import (
    Day,
    Figures,
    Outcome,
    RecordPeriod,
    RecordProduct,
    day_number,
    figures_of,
    first_day,
    sum_day,
)
from evens.store.database import Database
from evens.store.encoding.codec import decode
from evens.store.identity.room import lock_owner
from evens.store.social.due import COMMANDS, Due, PaidTo, Tagged, due_of
from evens.store.social.rings import Hop, RingFinder
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Connection

READ_AT_ONCE: Final = 500
"""How many records of the journal one step reads."""

LOOKED_AT_ONCE: Final = 20
"""How many things one step looks at, unless many customers have bet on them."""

CUSTOMERS_AT_ONCE: Final = 1_000
"""After so many customers a step looks at nothing more."""

SUMMED_AT_ONCE: Final = 50
"""For how many customers and products one step sums days up: while it does, nobody else in the process is served."""

MATCHES_AT_ONCE: Final = 2_000
"""How many matches are looked at for rings at a time."""

_SQL: Final = statements("social", "keeping")
_OUTCOMES: Final = statements("social", "outcomes")
_KINDS: Final = [command.__name__ for command in COMMANDS]
_OWNER: Final = "records"

Key = tuple[int, int, int]
"""A customer, the number of a currency, and a product."""


class RecordKeeping:
    """Keeps the records. Servers that do so at once wait for each other.

    Every method raises :class:`evens.store.errors.StoreUnavailable`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_next(self) -> bool:
        """Take the next of each step; return whether there may be more."""
        return any([await self.read_next(), await self.look_next(), await self.sum_next()])

    async def read_next(self) -> bool:
        """Read the next records of the journal, as far as its index goes; return whether there may be more."""
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, _OWNER)
            read, indexed = await connection.fetchrow(_SQL["place"]) or (0, 0)
            if read >= indexed:
                return False
            rows = await connection.fetch(_SQL["records"], _KINDS, read, indexed, READ_AT_ONCE)
            for row in rows:
                await _note(connection, Receipt(row["seq"], row["at"], b"", *decode(row["payload"])))
            more = len(rows) == READ_AT_ONCE
            await connection.execute(_SQL["read"], rows[-1]["seq"] if more else indexed)
            return more

    async def look_next(self) -> bool:
        """Work the outcomes of the next things out that are due; return whether there may be more."""
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, _OWNER)
            customers = 0
            rows = await connection.fetch(_SQL["next_due"], LOOKED_AT_ONCE)
            for row in rows:
                due = Due(RecordProduct(row["product"]), row["thing"], row["part"])
                customers += await _look_at(connection, due, row["since"])
                if customers >= CUSTOMERS_AT_ONCE:
                    return True
            return len(rows) == LOOKED_AT_ONCE

    async def sum_next(self) -> bool:
        """Sum the next days up whose outcomes have changed; return whether there may be more."""
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, _OWNER)
            stale = [tuple(row) for row in await connection.fetch(_SQL["next_days"], SUMMED_AT_ONCE)]
            if not stale:
                return False
            await _sum_days(connection, stale)
            await _sum_periods(connection, stale)
            return True

    async def begin_again(self) -> None:
        """Forget every record, so that all are worked out anew from the journal's beginning."""
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, _OWNER)
            for name in ("no_due", "no_outcomes", "no_days_due", "no_days", "no_figures", "no_places"):
                await connection.execute(_SQL[name])
            await connection.execute(_SQL["read"], 0)


async def _note(connection: "Connection", receipt: Receipt) -> None:
    """Keep what is due after a record."""
    found = due_of(receipt)
    due = [each for each in found if isinstance(each, Due)]
    if due:
        things = [each.product for each in due], [each.thing for each in due], [each.part for each in due]
        await connection.execute(_SQL["due"], *things, [receipt.at] * len(due))
    for each in found:
        if isinstance(each, Tagged):
            await connection.execute(_SQL["tagged"], each.customer, receipt.at)
        elif isinstance(each, PaidTo):
            await connection.execute(_SQL["paid_to"], each.customer, each.place, receipt.at)


async def _look_at(connection: "Connection", due: Due, since: int) -> int:
    """Replace the outcomes of something; return how many customers have one."""
    key = due.product, due.thing, due.part
    rows = await _outcomes(connection, due)
    before = await connection.fetch(_SQL["forget"], *key)
    settled_at = min([row["settled_at"] for row in before], default=since)
    day = day_number(settled_at)
    if rows:
        names = "customer", "currency_number", "counted", "profit", "turnover", "bets", "closing_value", "closing_stake"
        await connection.execute(_SQL["remember"], *key, settled_at, day, *_columns(rows, names))
    stale = list({(row["customer"], row["currency_number"], row["day"]) for row in before})
    stale += [(row["customer"], row["currency_number"], day) for row in rows]
    await connection.execute(_SQL["days_due"], *_transposed(stale, 3), due.product)
    await connection.execute(_SQL["looked_at"], *key)
    return len(rows)


async def _outcomes(connection: "Connection", due: Due) -> "Sequence[Any]":
    if due.product is RecordProduct.EXCHANGE:
        return await connection.fetch(_OUTCOMES["market"], due.thing, await _own_matches(connection, due.thing))
    if due.product is RecordProduct.POOLS:
        return await connection.fetch(_OUTCOMES["round"], due.thing)
    if due.part:
        return await connection.fetch(_OUTCOMES["singles"], due.thing, due.part)
    return await connection.fetch(_OUTCOMES["bet"], due.thing)


async def _own_matches(connection: "Connection", market: int) -> list[int]:
    """Return the matches of a market that customers made with themselves: between linked accounts, or in a ring."""
    own = {row["id"] for row in await connection.fetch(_OUTCOMES["linked"], market)}
    finder, last = RingFinder(), 0
    while rows := await connection.fetch(_OUTCOMES["matches"], market, last, MATCHES_AT_ONCE):
        own.update(finder.add([Hop(*row) for row in rows]))
        last = rows[-1]["id"]
    return sorted(own)


async def _sum_days(connection: "Connection", stale: Sequence[tuple[int, ...]]) -> None:
    """Replace days by what their outcomes come to."""
    keys = _transposed(stale, 4)
    rows = await connection.fetch(_SQL["outcomes"], *keys)
    days = [
        (*key[:3], sum_day(key[3], [_outcome(row) for row in same]))
        for key, same in groupby(rows, itemgetter("customer", "currency_number", "product", "day"))
    ]
    await connection.execute(_SQL["forget_days"], *keys)
    written = [(*key, *_written_day(day)) for *key, day in days]
    await connection.execute(_SQL["remember_days"], *_transposed(written, 14))


async def _sum_periods(connection: "Connection", stale: Sequence[tuple[int, ...]]) -> None:
    """Replace the figures of the periods that days lie in by what their days come to."""
    periods = {
        (*key, period, first_day(period, day)) for *key, day in stale for period in RecordPeriod
    }  # customer, currency, product, period, its first day
    rows = await connection.fetch(_SQL["days"], *_transposed(list({period[:3] for period in periods}), 3))
    scales = dict([tuple(row) for row in await connection.fetch(_SQL["scales"])])
    by_key: defaultdict[Key, list[Day]] = defaultdict(list)
    for customer, currency_number, product, *day in rows:
        by_key[customer, currency_number, product].append(_day(*day))
    await connection.execute(_SQL["forget_figures"], *_transposed(list(periods), 5))
    written: list[tuple[Any, ...]] = []
    for customer, currency_number, product, period, first in periods:
        days = [
            day
            for day in by_key[customer, currency_number, product]
            if first_day(RecordPeriod(period), day.day) == first
        ]
        if days:
            figures, key = figures_of(days), (customer, currency_number, product, period, first)
            written.append((*key, *_written(figures), figures.can_be_ranked(scales[currency_number])))
    await connection.execute(_SQL["remember_figures"], *_transposed(written, 17))


def _outcome(row: Any) -> Outcome:
    _customer, _currency, _product, _day, profit, turnover, bets, closing_value, closing_stake = row
    return Outcome(profit, turnover, bets, int(closing_value), closing_stake)


def _day(*columns: Any) -> Day:
    day, profit, turnover, bets, settled, won, first, last, longest, closing_value, closing_stake = columns
    runs = first, last, longest
    return Day(day, profit, turnover, bets, settled, won, *runs, int(closing_value), closing_stake)


def _written_day(day: Day) -> tuple[int, ...]:
    return (
        day.day,
        day.profit_minor,
        day.turnover_minor,
        day.bets,
        day.settled,
        day.won,
        day.leading,
        day.trailing,
        day.longest,
        day.closing_value,
        day.closing_stake_minor,
    )


def _written(figures: Figures) -> tuple[Any, ...]:
    return (
        figures.profit_minor,
        figures.turnover_minor,
        figures.bets,
        figures.settled,
        figures.won,
        figures.longest_streak,
        figures.max_drawdown_minor,
        figures.roi_ppm,
        figures.win_rate_ppm,
        figures.sharpe,
        figures.closing_ppm,
    )


def _columns(rows: Iterable[Any], names: Sequence[str]) -> list[list[Any]]:
    return [[row[name] for row in rows] for name in names]


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Return rows as columns, of which there are ``width`` even if there are no rows."""
    return [[row[place] for row in rows] for place in range(width)]
