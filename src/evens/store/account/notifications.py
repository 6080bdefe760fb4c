"""What happened to a customer, newest first, from the tables that say so, and up to when they have read it.

Nothing is written when something happens: bets, matches, payments and challenges are in the tables of their products as
it is, so a notification can be neither lost nor told of what was never booked. What is older than :data:`KEPT_DAYS` is
not told any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from evens.core.commands.wallets import CompleteWithdrawal, RejectWithdrawal
from evens.core.values.ids import CustomerId
from evens.core.values.moments import MOMENT_MAX
from evens.store.database import Database
from evens.store.encoding.codec import decode
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

KEPT_DAYS: Final = 30

LOOKED_AT: Final = 1_000
"""How many of the newest things of each kind are looked at."""

Place = tuple[int, int]
"""When something happened, and a number that is unique among what happened then."""

LAST_PLACE: Final[Place] = (MOMENT_MAX, MOMENT_MAX)

_SQL: Final = statements("account", "notifications")


class Happening(IntEnum):
    """What can happen to a customer; the numbers are part of cursors."""

    DEPOSIT_ARRIVED = 1
    TRANSFER_RECEIVED = 2
    WITHDRAWAL_PAID = 3
    WITHDRAWAL_RETURNED = 4
    ORDER_MATCHED = 5
    MARKET_SETTLED = 6
    SINGLES_SETTLED = 7
    BET_SETTLED = 8
    BET_CASHED_OUT = 9
    BET_RETURNED = 10
    CHALLENGE_TAKEN = 11
    CHALLENGE_RESOLVED = 12
    CHALLENGE_SETTLED = 13
    CHALLENGE_EXPIRED = 14
    ROUND_SETTLED = 15
    LOGIN_FROM_NEW_PLACE = 16
    BET_COPIED = 17
    BET_SKIPPED = 18


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """Something that happened. ``subject`` is the number of what it is about; of a withdrawal, its own.

    ``amount_minor`` is what it brought (of markets and challenges a profit, or a loss below zero), ``staked_minor``
    what was staked for it. ``part`` names further what it is about: the market of an order, the public id of an event,
    the pool and code of a round, the id of a session.
    """

    what: Happening
    subject: int
    place: Place
    currency_number: int | None
    amount_minor: int | None
    staked_minor: int | None
    title: str | None
    part: str | None


class Notifications:
    """Read-only questions about what happened, and the mark. Raises :class:`evens.store.errors.StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def happened(
        self, customer: CustomerId, since: int, *, before: Place = LAST_PLACE, limit: int
    ) -> list[NotificationRow]:
        """Return what happened to a customer from ``since`` on, newest first, from before a place."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_SQL["happened"], customer, since, *before, LOOKED_AT, limit)
            closing = [row["seq"] for row in rows if row["source"] in _CLOSING]
            records = await connection.fetch(_SQL["records"], closing) if closing else []
        closed = _withdrawals(records)
        return [
            NotificationRow(
                Happening(row["source"]),
                closed.get(row["seq"], row["subject"]) if row["source"] in _CLOSING else row["subject"],
                (row["at"], row["tie"]),
                row["currency_number"],
                row["amount"],
                row["staked"],
                row["title"],
                row["part"],
            )
            for row in rows
        ]

    async def read_up_to(self, customer: CustomerId) -> int:
        """Return up to when a customer has read what happened, 0 if they never said."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_SQL["read_up_to"], customer) or 0

    async def mark_read(self, customer: CustomerId, up_to: int) -> None:
        """Keep that a customer has read what happened up to a moment; what was read stays read."""
        async with self._database.connection() as connection:
            await connection.execute(_SQL["mark_read"], customer, up_to)


_CLOSING: Final = frozenset({Happening.WITHDRAWAL_PAID, Happening.WITHDRAWAL_RETURNED})


def _withdrawals(records: "Sequence[asyncpg.Record]") -> dict[int, Any]:
    """Return which withdrawal each of these records closed: the transfers beside it do not say."""
    commands = {row["seq"]: decode(row["payload"])[1] for row in records}
    return {
        seq: command.withdrawal
        for seq, command in commands.items()
        if isinstance(command, CompleteWithdrawal | RejectWithdrawal)
    }
