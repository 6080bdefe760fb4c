"""Importing a payments history: each row a command whose id follows from account and reference, whoever sends it.

So a row is booked once, however often and by whomever it is sent, and a broken run continues where it ended. A row that
was refused is tried again when it comes again, under the next id of its own.

An account is a username, or a user's id, which stands for that user's name. A reference that is the id of the user's
own transaction, as in our statements, names a row that this house has booked already.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.wallets import Deposit, RegisterCustomer, Withdraw
from evens.core.events.ledger import Rejected, Transferred
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import AccountClass, CustomerId, Rail, account_id
from evens.core.values.moments import TimeInvalid, parse_date, parse_time
from evens.core.values.money import AmountInvalid, Currency, format_minor, parse_amount
from evens.core.values.public_ids import format_transaction_id, parse_transaction_id, parse_user_id
from evens.edges.gateway import Answer
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.idempotency import command_id
from evens.edges.http.protocol.names import check_new_username
from evens.edges.http.protocol.proposing import APPROVAL_NEEDED
from evens.edges.http.protocol.texts import check_text, check_username
from evens.edges.http.wallets.bodies import ImportRowBody
from evens.edges.http.wallets.services import WalletServices
from evens.edges.http.wallets.shapes import ImportedRow
from evens.sequencer.errors import KeyReused

TRIES_MAX: Final = 50
"""How often a row that was refused is tried again, over all runs."""

_INVALID: Final = "validation_failed"
_REFERENCE_REUSED: Final = "reference_reused"
_COMMANDS: Final[Mapping[str, type[Deposit | Withdraw]]] = {"deposit": Deposit, "withdrawal": Withdraw}


class CellInvalid(ValueError):
    """A row's value is not one; ``str()`` says why and what to write instead, beginning with the field's name."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose values are right. ``position`` counts from 0 in the request."""

    position: int
    account: str
    command: type[Deposit | Withdraw]
    currency: Currency
    amount_minor: int
    effective_at: int
    reference: str


class Import:
    """One request's rows on their way into the books."""

    def __init__(self, caller: Caller[WalletServices], currency: Currency) -> None:
        self._gateway = caller.shared.gateway
        self._queries = caller.services.queries
        self._refusals = caller.shared.refusals
        self._actor = caller.principal.scope
        self._may_alone = partial(caller.shared.two_operators.may_alone, caller.principal)
        self._currency = currency
        self._currencies = caller.shared.currencies
        self._results: dict[int, ImportedRow] = {}

    async def run(self, bodies: Sequence[ImportRowBody]) -> list[ImportedRow]:
        """Book what can be booked and return what became of each row, in order.

        Raises what keeps any of them from being decided (:mod:`evens.sequencer.errors`); sending all again is safe.
        """
        rows = [row for position, body in enumerate(bodies) if (row := self._read(position, body)) is not None]
        rows = await self._name_accounts(rows)
        customers = await self._find_customers(sorted({row.account for row in rows}))
        known = [row for row in rows if self._has_customer(row, customers)]
        rows = await self._leave_out_own(known, customers)
        for attempt in range(TRIES_MAX):
            rows = await self._book(rows, customers, attempt)
            if not rows:
                break
        return [self._results[position] for position in range(len(bodies))]

    def _read(self, position: int, body: ImportRowBody) -> Row | None:
        try:
            currency = self._read_currency(body.currency)
            return Row(
                position,
                _read_account(body.account),
                _read_kind(body.kind),
                currency,
                _read_amount(body.amount, currency),
                _read_value_date(body),
                _read_reference(body.reference),
            )
        except CellInvalid as error:
            self._refuse(position, _INVALID, str(error), error.field)
            return None

    def _read_currency(self, code: str | None) -> Currency:
        if not code:
            return self._currency
        currency = self._currencies.find(code)
        if currency is None:
            known = ", ".join(each.code for each in self._currencies.all())
            raise CellInvalid("currency", f"must be a currency of this house: {known}")
        return currency

    async def _name_accounts(self, rows: Sequence[Row]) -> list[Row]:
        """Put usernames in the place of ids, so that a row is the same row under either; refuse ids of nobody."""
        ids = {row.account: parse_user_id(row.account) for row in rows}
        names: dict[str, str] = {}
        for account, customer in ids.items():
            found = None if customer is None else await self._queries.customer(customer)
            if found is not None:
                names[account] = found.username
        named: list[Row] = []
        for row in rows:
            if ids[row.account] is None:
                named.append(row)
            elif row.account in names:
                named.append(replace(row, account=names[row.account]))
            else:
                detail = "account is the id of no user; check it, or write a username"
                self._refuse(row.position, _INVALID, detail, "account")
        return named

    async def _find_customers(self, usernames: Sequence[str]) -> Mapping[str, CustomerId]:
        """Return the customers of these usernames by folded name, registering those who are unknown.

        Whoever has a name that nobody may begin to use is left out, unless they had it before.
        """
        known = await self._queries.customer_ids(usernames)
        unknown = {name.lower(): name for name in usernames if name.lower() not in known and _is_free(name)}
        if not unknown:
            return known
        commands = [(_registration_id(folded), RegisterCustomer(name)) for folded, name in unknown.items()]
        registered: dict[str, CustomerId] = {}
        for folded, answer in zip(unknown, await self._submit(commands), strict=True):
            event = None if isinstance(answer, KeyReused) else answer[0].events[0]
            if isinstance(event, CustomerRegistered):
                registered[folded] = event.customer
        # Whoever is missing now was registered by somebody else a moment ago.
        raced = [folded for folded in unknown if folded not in registered]
        return {**known, **registered, **(await self._queries.customer_ids(raced) if raced else {})}

    def _has_customer(self, row: Row, customers: Mapping[str, CustomerId]) -> bool:
        """Return whether a row's account is somebody's; refuse the row if nobody may have that name."""
        if row.account.lower() in customers:
            return True
        try:
            check_new_username(row.account)
        except ValueError as error:
            self._refuse(row.position, _INVALID, f"account {error}", "account")
        return False

    async def _leave_out_own(self, rows: Sequence[Row], customers: Mapping[str, CustomerId]) -> list[Row]:
        """Note rows that are these customers' own transactions in this house as booked, and return the others."""
        left: list[Row] = []
        for row in rows:
            transfer = parse_transaction_id(row.reference)
            entry = None if transfer is None else await self._queries.entry(transfer)
            cash = account_id(customers[row.account.lower()], row.currency.number, AccountClass.CASH)
            moved = None if entry is None else entry.transfer
            own = None if moved is None else (moved.credit if row.command is Deposit else moved.debit)
            if moved is not None and own == cash and moved.amount_minor == row.amount_minor:
                self._results[row.position] = ImportedRow("already_booked", row.reference, None, None, None)
            else:
                left.append(row)
        return left

    async def _book(self, rows: Sequence[Row], customers: Mapping[str, CustomerId], attempt: int) -> list[Row]:
        """Submit the rows, note what became of them, and return those to be tried again."""
        rows = [row for row in rows if await self._may_book(row, customers[row.account.lower()], attempt)]
        if not rows:
            return []
        commands = [(_row_id(row, attempt), self._command(row, customers[row.account.lower()])) for row in rows]
        again: list[Row] = []
        for row, answer in zip(rows, await self._submit(commands), strict=True):
            if isinstance(answer, KeyReused):
                if await self._was_refused(_row_id(row, attempt)):
                    again.append(row)
                else:
                    detail = "this account has another payment with this reference already; give each its own reference"
                    self._refuse(row.position, _REFERENCE_REUSED, detail, "reference")
            elif self._note(row, *answer):
                again.append(row)
        return again

    async def _may_book(self, row: Row, customer: CustomerId, attempt: int) -> bool:
        """Return whether this row is the caller's alone to book, or was booked before; else refuse it."""
        allowed = await self._may_alone(self._command(row, customer))
        if not allowed and await self._gateway.receipt(_row_id(row, attempt)) is None:
            self._refuse(row.position, APPROVAL_NEEDED, "takes two operators in this house; propose it by itself")
            return False
        return True

    def _note(self, row: Row, receipt: Receipt, replayed: bool) -> bool:
        """Note what became of a row; return whether it is to be tried again."""
        first = receipt.events[0]
        if isinstance(first, Rejected):
            refusal = self._refusals.present(first.reason, first.facts)
            self._refuse(row.position, refusal.code, refusal.detail)
            return replayed
        assert isinstance(first, Transferred)
        outcome = "already_booked" if replayed else "booked"
        self._results[row.position] = ImportedRow(outcome, format_transaction_id(first.transfer), None, None, None)
        return False

    def _refuse(self, position: int, reason: str, detail: str, field: str | None = None) -> None:
        self._results[position] = ImportedRow("refused", None, reason, detail, field)

    def _command(self, row: Row, customer: CustomerId) -> Deposit | Withdraw:
        return row.command(customer, row.currency.code, row.amount_minor, Rail.IMPORT, row.effective_at, row.reference)

    async def _was_refused(self, submitted: bytes) -> bool:
        receipt = await self._gateway.receipt(submitted)
        return receipt is not None and isinstance(receipt.events[0], Rejected)

    async def _submit(self, commands: Sequence[tuple[bytes, Command]]) -> list[Answer | KeyReused]:
        """Return what became of each command. Raises what keeps any of them from being decided."""
        futures = self._gateway.submit_all(commands, actor=self._actor)
        answers: list[Answer | KeyReused] = []
        for answer in await asyncio.gather(*futures, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, KeyReused):
                raise answer
            answers.append(answer)
        return answers


def _registration_id(folded: str) -> bytes:
    return command_id("import", folded)


def _row_id(row: Row, attempt: int) -> bytes:
    """Return the command id of a row's ``attempt``-th try. No text of a row contains the NUL that sets parts apart."""
    return command_id("import", "\0".join((row.account.lower(), row.reference, str(attempt))))


def _is_free(name: str) -> bool:
    try:
        check_new_username(name)
    except ValueError:
        return False
    return True


def _read_account(text: str) -> str:
    if parse_user_id(text) is not None:
        return text
    try:
        return check_username(text)
    except ValueError as error:
        raise CellInvalid("account", str(error)) from error


def _read_kind(text: str) -> type[Deposit | Withdraw]:
    kind = _COMMANDS.get(text)
    if kind is None:
        raise CellInvalid("kind", 'must be "deposit" or "withdrawal"')
    return kind


def _read_amount(text: str, currency: Currency) -> int:
    try:
        return parse_amount(text, currency.scale)
    except AmountInvalid as error:
        example = format_minor(12 * 10**currency.scale + 10**currency.scale // 2, currency.scale)
        raise CellInvalid("amount", f"{error}; {currency.code} is written like {example}") from error


def _read_reference(text: str) -> str:
    try:
        return check_text(text)
    except ValueError as error:
        raise CellInvalid("reference", str(error).removeprefix("reference ")) from error


def _read_value_date(body: ImportRowBody) -> int:
    if (body.effective_date is None) == (body.effective_at is None):
        raise CellInvalid("effective_date", "or effective_at must be given, and not both")
    field = "effective_date" if body.effective_at is None else "effective_at"
    try:
        return parse_time(body.effective_at) if body.effective_at is not None else parse_date(body.effective_date or "")
    except TimeInvalid as error:
        raise CellInvalid(field, str(error)) from error
