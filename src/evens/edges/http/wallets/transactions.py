"""Histories: one transaction, a user's list, and the statement as a file."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from evens.core.values.ids import AccountClass, CustomerId, account_class, account_holder
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.public_ids import parse_transaction_id
from evens.edges.http.protocol.access import Caller, is_customer, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_forbidden, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.edges.http.protocol.times import Moment
from evens.edges.http.wallets.presenting import KINDS
from evens.edges.http.wallets.services import AnyCaller, WalletServices
from evens.edges.http.wallets.shapes import StatementLine, Transaction, TransactionKind
from evens.store.wallets.queries import Customer, Entry, Span

router = APIRouter(route_class=StrictRoute, tags=["Transactions"])

_ROWS_PER_CHUNK: Final = 250
_COLUMNS: Final = (
    "recorded_at",
    "effective_at",
    "id",
    "kind",
    "status",
    "direction",
    "amount",
    "currency",
    "balance_after",
    "counterparty_id",
    "reference",
    "memo",
    "destination",
    "account",
    "about",
)
_FORMULA_STARTS: Final = ("=", "+", "-", "@")

CurrencyFilter = Annotated[CurrencyCode | None, Query(description="Only in this currency. Left out: in all.")]
From = Annotated[Moment | None, Query(alias="from", description="Only with this value date or a later one.")]
Order = Annotated[
    Literal["value_date", "recorded"],
    Query(
        description="`value_date`: by value date, each with the balance at that date. `recorded`: by when it was "
        "recorded, each with the balance at that moment."
    ),
]
To = Annotated[Moment | None, Query(alias="to", description="Only with a value date before this one.")]


@router.get("/v1/transactions/{id}", response_model=Transaction, responses=problems(404))
async def read_transaction(caller: AnyCaller, id: str) -> Response:
    """Show one transaction: to its users as each sees it, to others as the payer does."""
    entry = await find_entry(caller, id)
    viewer = caller.principal.customer
    if viewer not in customers_of(entry):
        if is_customer(caller.principal):
            raise refuse_forbidden("This transaction is not one of yours.")
        viewer = None
    return answer(caller.services.presenter.entry(entry, viewer))


@router.get("/v1/users/{id}/transactions", response_model=Page[StatementLine], responses=problems(404))
async def list_transactions(
    caller: AnyCaller,
    id: str,
    page: AnyPage,
    currency: CurrencyFilter = None,
    kind: Annotated[TransactionKind | None, Query()] = None,
    effective_from: From = None,
    effective_before: To = None,
    order: Order = "value_date",
) -> Response:
    """List what moved a user's cash, newest first; `from` and `to` select by value date."""
    customer = resolve_customer(caller.principal, id)
    span = _span(caller, currency, kind, effective_from, effective_before, order)
    queries, presenter = caller.services.queries, caller.services.presenter
    rows = await queries.newest_entries(customer, span, before=page.before_place, limit=page.limit + 1)
    if not rows:
        await _check_known(caller, customer)
    about = await caller.services.subjects.about(rows)
    return answer(
        page_of(
            rows,
            page,
            lambda entry: entry.place,
            lambda entry: presenter.line(entry, customer, about.get(entry.seq)),
        )
    )


@router.get(
    "/v1/users/{id}/statement.csv",
    response_class=Response,
    responses={
        **problems(404),
        200: {"description": "The statement.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def read_statement(
    caller: AnyCaller,
    id: str,
    currency: CurrencyFilter = None,
    effective_from: From = None,
    effective_before: To = None,
    order: Order = "value_date",
) -> Response:
    """Write a user's statement as CSV, oldest first, so that balances follow line by line.

    `from` and `to` select by value date. Texts that a spreadsheet would take for a formula begin with an apostrophe.
    `account` is the user's name, so that `evens import` books the file as it is. `about` is the name of the market,
    event, round or challenge that a stake or payout was for.
    """
    customer = resolve_customer(caller.principal, id)
    span = _span(caller, currency, None, effective_from, effective_before, order)
    # Read before anything is sent, so that trouble with the first page is still an answer of its own.
    first = await caller.services.queries.oldest_entries(customer, span, limit=_ROWS_PER_CHUNK)
    account = await _check_known(caller, customer)
    headers = {"Content-Disposition": 'attachment; filename="statement.csv"'}
    return StreamingResponse(_write_statement(caller, account, span, first), headers=headers, media_type="text/csv")


async def find_entry(caller: Caller[WalletServices], id: str) -> Entry:
    """Return the transaction with this id. Raises a 404 if there is none."""
    transfer = parse_transaction_id(id)
    entry = None if transfer is None else await caller.services.queries.entry(transfer)
    if entry is None:
        raise refuse_not_found("transaction_unknown", "There is no transaction with this id.")
    return entry


def customers_of(entry: Entry) -> set[int]:
    """Return the customers whose cash an entry touched."""
    accounts = (entry.transfer.debit, entry.transfer.credit)
    return {account_holder(account) for account in accounts if account_class(account) is AccountClass.CASH}


async def _write_statement(
    caller: Caller[WalletServices], account: Customer, span: Span, first: Sequence[Entry]
) -> AsyncIterator[str]:
    customer = account.id
    yield _write_rows([_COLUMNS])
    rows = first
    while rows:
        about = await caller.services.subjects.about(rows)
        lines = [caller.services.presenter.line(entry, customer, about.get(entry.seq)) for entry in rows]
        yield _write_rows([_cells(line, account.username) for line in lines])
        if len(rows) < _ROWS_PER_CHUNK:
            return
        last = rows[-1].place
        rows = await caller.services.queries.oldest_entries(customer, span, after=last, limit=_ROWS_PER_CHUNK)


def _cells(line: StatementLine, account: str) -> Sequence[str]:
    values = {name: getattr(line, name) or "" for name in _COLUMNS[:-2]}
    values |= {"account": account, "about": "" if line.about is None else line.about.name}
    for name in ("reference", "memo", "destination", "about"):
        if values[name].startswith(_FORMULA_STARTS):
            values[name] = f"'{values[name]}"
    return tuple(values.values())


def _write_rows(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _span(
    caller: Caller[WalletServices],
    currency: str | None,
    kind: TransactionKind | None,
    first: int | None,
    before: int | None,
    order: str,
) -> Span:
    kinds = [each for each, name in KINDS.items() if kind in {None, name}]
    number = None if currency is None else read_currency(caller.shared, currency).number
    bounds = MOMENT_MIN if first is None else first, MOMENT_MAX if before is None else before
    return Span(number, kinds, *bounds, by_value_date=order == "value_date")


async def _check_known(caller: Caller[WalletServices], customer: CustomerId) -> Customer:
    found = await caller.services.queries.customer(customer)
    if found is None:
        raise refuse_unknown_customer()
    return found


ENDPOINTS: Final = Endpoints[WalletServices](router)
