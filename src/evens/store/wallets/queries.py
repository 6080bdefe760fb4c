"""What the edges read: current and past balances, histories, receipts and totals.

Everything is read from tables that are written in the transaction of the command itself, so a caller who was answered
finds the change here. Every method raises :class:`evens.store.errors.StoreUnavailable` while the database cannot
be reached.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.receipts import Receipt
from evens.core.values.deposit_limits import NO_DEPOSIT_LIMITS, DepositLimit
from evens.core.values.ids import AccountClass, CustomerId, TransferId, account_class, account_id
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.money import Currency
from evens.store.database import Database
from evens.store.encoding.codec import decode
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_CUSTOMERS: Final = statements("wallets", "customers")
_DEPOSITS: Final = statements("wallets", "deposits")
_TRANSACTIONS: Final = statements("wallets", "transactions")
_HOUSE: Final = statements("wallets", "house")

_NEWEST_FIRST: Final = {"beyond": "<", "direction": "DESC"}
_OLDEST_FIRST: Final = {"beyond": ">", "direction": "ASC"}
_NEWEST_RECORDED: Final = _TRANSACTIONS["customer_transactions"].format(**_NEWEST_FIRST)
_OLDEST_RECORDED: Final = _TRANSACTIONS["customer_transactions"].format(**_OLDEST_FIRST)
_NEWEST_EFFECTIVE: Final = _TRANSACTIONS["customer_statement"].format(**_NEWEST_FIRST)
_OLDEST_EFFECTIVE: Final = _TRANSACTIONS["customer_statement"].format(**_OLDEST_FIRST)

Place = tuple[int, int]
"""Where a transfer stands in a history: its value date and its id. By recording, only the id counts."""

FIRST_PLACE: Final[Place] = (MOMENT_MIN, MOMENT_MIN)
LAST_PLACE: Final[Place] = (MOMENT_MAX, MOMENT_MAX)

WALLET_CLASSES: Final = (AccountClass.CASH, AccountClass.ESCROW, AccountClass.WITHDRAWING)
"""The accounts that a customer may have in each currency."""

OWED_CLASS: Final = AccountClass.RECEIVABLE
"""The account whose balance is below zero by what a customer owes the house."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as recorded. ``registered_at`` is in nanoseconds since 1970."""

    id: CustomerId
    username: str
    email: str | None
    frozen: bool
    registered_at: int


@dataclass(frozen=True, slots=True)
class Marks:
    """What marks a customer: until when they have excluded themselves, if they have, and their sorted tags."""

    excluded_until: int | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer that touched a customer's cash; ``withdrawal_status`` if it set money aside to be paid out.

    ``reverses`` is the transfer that it takes back, ``reversed_by`` the one that takes it back. ``withdrawal_rail`` is
    by which rail such money has left, ``None`` until it has. ``counterparty`` is the username of the other customer in
    a transfer, known in histories of one customer. ``seq`` is the number of the record that it belongs to.
    """

    transfer: Transferred
    withdrawal_status: str | None
    reverses: TransferId | None = None
    reversed_by: TransferId | None = None
    withdrawal_rail: int | None = None
    counterparty: str | None = None
    seq: int = field(kw_only=True)

    @property
    def place(self) -> Place:
        """Where it stands in a history."""
        return self.transfer.effective_at, self.transfer.transfer


@dataclass(frozen=True, slots=True)
class Span:
    """Which entries of a history are wanted: value dates lie at or after the first bound and before the second.

    ``by_value_date`` puts them in the order of their value dates, each with the customer's balance at that date; else
    they are in the order of recording, with the balance when they were recorded.
    """

    currency_number: int | None = None
    kinds: Sequence[TransferKind] = tuple(TransferKind)
    effective_from: int = MOMENT_MIN
    effective_before: int = MOMENT_MAX
    by_value_date: bool = False


class Queries:
    """Read-only questions to the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """What is asked, for those who ask further questions of it."""
        return self._database

    async def currencies(self) -> list[Currency]:
        """Return the registry, in order of definition."""
        return [Currency(*row) for row in await self._fetch(_CUSTOMERS["currencies"])]

    async def customer(self, customer: CustomerId) -> Customer | None:
        """Return the customer with this id."""
        rows = await self._fetch(_CUSTOMERS["customer"], customer)
        return Customer(*rows[0]) if rows else None

    async def customer_by_username(self, username: str) -> Customer | None:
        """Return the customer with this username, in any case."""
        rows = await self._fetch(_CUSTOMERS["customer_by_username"], username)
        return Customer(*rows[0]) if rows else None

    async def customers(self, *, before: int = MOMENT_MAX, limit: int) -> list[Customer]:
        """Return customers, newest first, from before the one with id ``before``."""
        return [Customer(*row) for row in await self._fetch(_CUSTOMERS["customers"], before, limit)]

    async def customer_ids(self, usernames: Sequence[str], command_id: bytes | None = None) -> dict[str, CustomerId]:
        """Return the customers with these usernames, by username in lower case; unknown ones are left out.

        With the id of a command that is in the journal, those who had the usernames when it was decided, so that a
        repeated request means what it meant the first time.
        """
        folded = [username.lower() for username in usernames]
        repeated = None if command_id is None else uuid.UUID(bytes=command_id)
        rows = await self._fetch(_CUSTOMERS["customer_ids"], folded, repeated)
        return {row["folded"]: row["id"] for row in rows}

    async def marks(self, customer: CustomerId) -> Marks | None:
        """Return what marks a customer, ``None`` if there is no such customer."""
        rows = await self._fetch(_CUSTOMERS["marks"], customer)
        return Marks(rows[0]["excluded_until"], tuple(rows[0]["tags"].split())) if rows else None

    async def share_destination(self, customer: CustomerId, others: Sequence[CustomerId]) -> bool:
        """Return whether a customer has withdrawn to a destination that one of the others has withdrawn to."""
        return bool((await self._fetch(_CUSTOMERS["share_destination"], customer, list(others)))[0]["found"])

    async def balances(self, customer: CustomerId) -> Mapping[int, int] | None:
        """Return the customer's balances in minor units by account id, ``None`` if there is no such customer."""
        rows = await self._fetch(_CUSTOMERS["balances"], customer)
        if not rows:
            return None
        return {row["account"]: row["balance"] for row in rows if row["account"] is not None}

    async def balances_at(self, customer: CustomerId, currency_number: int, moment: int) -> Mapping[int, int] | None:
        """Return the balances in one currency as of a value date, inclusive; ``None`` if there is no such customer."""
        accounts = [account_id(customer, currency_number, kept) for kept in (*WALLET_CLASSES, OWED_CLASS)]
        # The query adds one nanosecond, which would not fit after the last moment. Nothing is recorded that late.
        rows = await self._fetch(_CUSTOMERS["balances_at"], customer, accounts, min(moment, MOMENT_MAX - 1))
        return {row["account"]: int(row["balance"]) for row in rows} if rows else None

    async def deposit_limits(self, customer: CustomerId, currency_number: int) -> tuple[DepositLimit, ...] | None:
        """Return the customer's deposit limits, one for each period; ``None`` if there is no such customer."""
        rows = await self._fetch(_DEPOSITS["deposit_limits"], customer, currency_number)
        if not rows:
            return None
        limits = tuple([DepositLimit(*row[1:]) for row in rows if row["period"] is not None])
        return limits or NO_DEPOSIT_LIMITS

    async def deposited_minor(self, customer: CustomerId, currency_number: int, since: int) -> int:
        """Return the gross deposits of a customer with a value date from ``since`` on, in minor units."""
        cash = account_id(customer, currency_number, AccountClass.CASH)
        return int((await self._fetch(_DEPOSITS["deposited"], cash, since))[0][0])

    async def entry(self, transfer: TransferId) -> Entry | None:
        """Return one transfer if it touched a customer's cash."""
        rows = await self._fetch(_TRANSACTIONS["transaction"], transfer)
        entry = _read_entry(rows[0]) if rows else None
        return entry if entry is not None and _touches_cash(entry.transfer) else None

    async def newest_entries(
        self, customer: CustomerId, span: Span, *, before: Place = LAST_PLACE, limit: int
    ) -> list[Entry]:
        """Return what touched the customer's cash, newest first, from before a place."""
        sql = _NEWEST_EFFECTIVE if span.by_value_date else _NEWEST_RECORDED
        return await self._entries(sql, customer, span, before, limit)

    async def oldest_entries(
        self, customer: CustomerId, span: Span, *, after: Place = FIRST_PLACE, limit: int
    ) -> list[Entry]:
        """Return what touched the customer's cash, oldest first, from behind a place."""
        sql = _OLDEST_EFFECTIVE if span.by_value_date else _OLDEST_RECORDED
        return await self._entries(sql, customer, span, after, limit)

    async def withdrawals(self, status: str | None, *, before: int = MOMENT_MAX, limit: int) -> list[Entry]:
        """Return requested withdrawals, newest first, from before the one with id ``before``."""
        return [_read_entry(row) for row in await self._fetch(_TRANSACTIONS["withdrawals"], before, status, limit)]

    async def receipt(self, command_id: bytes) -> Receipt | None:
        """Return what became of a command, ``None`` if the journal never saw it."""
        return (await self.receipts([command_id])).get(command_id)

    async def receipts(self, command_ids: Sequence[bytes]) -> dict[bytes, Receipt]:
        """Return what became of commands, by their ids; those the journal never saw are left out."""
        found: dict[bytes, Receipt] = {}
        for row in await self._fetch(_HOUSE["receipts"], [uuid.UUID(bytes=each) for each in command_ids]):
            command_id: bytes = row["command_id"].bytes
            found[command_id] = Receipt(row["seq"], row["at"], command_id, *decode(row["payload"]))
        return found

    async def totals(self) -> dict[tuple[int, AccountClass], int]:
        """Return the sum of all balances in minor units, by currency number and account class.

        What the house has reserved for bets counts as its bank, so that escrow is what customers have at stake.
        """
        rows = await self._fetch(_HOUSE["totals"])
        return {(row["currency_number"], AccountClass(row["account_class"])): int(row["total"]) for row in rows}

    async def totals_at(self) -> tuple[int, dict[tuple[int, AccountClass], int]]:
        """Return the same with the seq of the last command that they contain."""
        rows = await self._fetch(_HOUSE["totals_at"])
        totals = {
            (row["currency_number"], AccountClass(row["account_class"])): int(row["total"])
            for row in rows
            if row["total"] is not None
        }
        return rows[0]["seq"], totals

    async def applied_migrations(self) -> set[int]:
        """Return the numbers of the migrations that this database has."""
        return {row["number"] for row in await self._fetch(_HOUSE["migrations"])}

    async def _entries(self, sql: str, customer: CustomerId, span: Span, beyond: Place, limit: int) -> list[Entry]:
        effective_at, transfer = beyond
        rows = await self._fetch(
            sql,
            customer,
            span.currency_number,
            transfer,
            span.effective_from,
            span.effective_before,
            list(span.kinds),
            limit,
            *((effective_at,) if span.by_value_date else ()),
        )
        return [_read_entry(row, row["counterparty"]) for row in rows]

    async def _fetch(self, sql: str, *arguments: Any) -> "list[asyncpg.Record]":
        async with self._database.connection() as connection:
            return await connection.fetch(sql, *arguments)


def _read_entry(row: "asyncpg.Record", counterparty: str | None = None) -> Entry:
    parts = row["reference"], row["memo"], row["destination"]
    transfer = Transferred(
        row["id"],
        TransferKind(row["kind"]),
        row["debit"],
        row["credit"],
        row["amount"],
        row["debit_after"],
        row["credit_after"],
        row["effective_at"],
        None if parts == (None, None, None) else Note(*parts),
    )
    more = row["reverses"], row["reversed_by"], row["rail"], counterparty
    return Entry(transfer, row["status"], *more, seq=row["seq"])


def _touches_cash(transfer: Transferred) -> bool:
    cash = AccountClass.CASH
    return account_class(transfer.debit) is cash or account_class(transfer.credit) is cash
