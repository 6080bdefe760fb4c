"""Customers as operators look for them, notes about them, what waits to be decided, and figures of the house."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from evens.core.values.ids import CustomerId, MarketId, TransferId, account_holder
from evens.store.database import Database
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("console", "customers")


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer with what marks them; ``balances`` are those that are not zero, by account."""

    id: CustomerId
    username: str
    email: str | None
    frozen: bool
    registered_at: int
    excluded_until: int | None
    tags: Sequence[str]
    notes: int
    balances: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class CustomerNote:
    """What an operator noted about a customer; struck out notes stay."""

    id: int
    customer: CustomerId
    text: str
    scope: str
    name: str
    at: datetime
    struck_by: str | None
    struck_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingWithdrawal:
    """A withdrawal that waits, with how far a rail has come with it and the proposal about it."""

    id: TransferId
    customer: CustomerId
    username: str
    currency_number: int
    amount: int
    destination: str | None
    reference: str | None
    rail: str | None
    rail_status: str | None
    approval: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for an operator, each counted up to a hundred."""

    withdrawals: int
    payouts: int
    approvals: int
    challenges: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class AtStake:
    """What is at stake on a round or matched in a market."""

    label: str
    currency_number: int
    minor: int
    market: MarketId | None = None


@dataclass(frozen=True, slots=True)
class WebhookState:
    """How a webhook is: when it last took a notice; of what is due longest, the tries, and when the next one is."""

    url: str
    delivered_at: datetime | None
    next_at: datetime | None
    attempts: int
    last_error: str | None
    due_since: int | None

    @property
    def lag_s(self) -> float:
        """For how long the oldest notice that is due has waited, in seconds."""
        return 0.0 if self.due_since is None else round((time.time_ns() - self.due_since) / 10**9, 1)


class ConsoleQueries:
    """Questions of the console. Every method raises ``StoreUnavailable`` while there is no database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def customers(
        self, *, text: str | None, tag: str | None, frozen: bool, before: int, limit: int
    ) -> list[FoundCustomer]:
        """Return customers, newest first: all, or by the beginning of name or e-mail address, or a tag, or frozen."""
        if text is not None:
            pattern = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            by_name = await self._fetch(_SQL["by_name"], pattern, before, limit)
            rows = by_name + await self._fetch(_SQL["by_email"], pattern, before, limit)
        elif tag is not None:
            rows = await self._fetch(_SQL["by_tag"], tag.lower(), before, limit)
        else:
            rows = await self._fetch(_SQL["frozen" if frozen else "all"], before, limit)
        return await self.customers_by_id(sorted({row["id"] for row in rows}, reverse=True)[:limit])

    async def customers_by_id(self, numbers: Sequence[int]) -> list[FoundCustomer]:
        """Return these customers, newest first."""
        balances: dict[int, dict[int, int]] = {}
        for row in await self._fetch(_SQL["balances"], numbers):
            balances.setdefault(account_holder(row["account"]), {})[row["account"]] = row["balance"]
        return [
            FoundCustomer(
                row["id"],
                row["username"],
                row["email"],
                row["frozen"],
                row["registered_at"],
                row["excluded_until"],
                row["tags"].split(),
                row["notes"],
                balances.get(row["id"], {}),
            )
            for row in await self._fetch(_SQL["found"], numbers)
        ]

    async def notes(self, customer: CustomerId, *, before: int, limit: int) -> list[CustomerNote]:
        """Return what was noted about a customer, newest first."""
        return [CustomerNote(*row) for row in await self._fetch(_SQL["notes"], customer, before, limit)]

    async def add_note(self, customer: CustomerId, text: str, scope: str, name: str) -> CustomerNote | None:
        """Note something about a customer; ``None`` if there is no such customer."""
        rows = await self._fetch(_SQL["add_note"], customer, text, scope, name)
        return CustomerNote(*rows[0]) if rows else None

    async def strike_note(self, customer: CustomerId, note: int, by: str) -> None:
        """Strike a note out, once."""
        await self._fetch(_SQL["strike_note"], customer, note, by)

    async def waiting_withdrawals(self, *, after: int, limit: int) -> list[WaitingWithdrawal]:
        """Return withdrawals that wait, the oldest first."""
        return [WaitingWithdrawal(*row) for row in await self._fetch(_SQL["waiting_withdrawals"], after, limit)]

    async def pending_withdrawals(self) -> dict[tuple[int, bool], int]:
        """Return how many withdrawals are pending, by the number of their currency and whether a rail has them."""
        return {
            (number, by_rail): pending for number, by_rail, pending in await self._fetch(_SQL["pending_withdrawals"])
        }

    async def waiting(self) -> Waiting:
        """Return how much waits."""
        return Waiting(*(await self._fetch(_SQL["waiting"]))[0])

    async def balances_at(self, account: int, moments: Sequence[int]) -> list[int]:
        """Return what an account held before each of these moments, in their order."""
        return [row["balance"] for row in await self._fetch(_SQL["day_ends"], account, moments)]

    async def staked_on_rounds(self, limit: int) -> list[AtStake]:
        """Return the rounds without a result, those with the largest stakes first."""
        return [AtStake(*row) for row in await self._fetch(_SQL["staked_on_rounds"], limit)]

    async def matched_on_markets(self, limit: int) -> list[AtStake]:
        """Return the markets without a result, those with the largest matched stakes first."""
        rows = await self._fetch(_SQL["matched_on_markets"], limit)
        return [AtStake(row["label"], row["currency_number"], row["matched"], row["id"]) for row in rows]

    async def webhooks(self) -> list[WebhookState]:
        """Return how each live webhook is."""
        rows = await self._fetch(_SQL["webhooks"])
        return [
            WebhookState(url, delivered, following, attempts or 0, error, since)
            for url, delivered, following, attempts, error, since in rows
        ]

    async def contested_markets(self, actor: str, limit: int) -> list[tuple[MarketId, str]]:
        """Return markets without a result on which this watcher of results has stopped betting, with their names."""
        return [(row["id"], row["label"]) for row in await self._fetch(_SQL["contested_markets"], actor, limit)]

    async def _fetch(self, sql: str, *arguments: object) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)
