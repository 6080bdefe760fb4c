"""Customers for operators: finding them, notes about them; what waits for a decision; finding anything by its id."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from evens.core.values.ids import AccountClass, CustomerId, account_class, account_currency
from evens.core.values.moments import format_datetime, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import (
    format_transaction_id,
    format_user_id,
    parse_market_id,
    parse_transaction_id,
    parse_user_id,
)
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.protocol.access import Caller, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, refuse_fields
from evens.edges.http.protocol.shapes import Amount, Code, Page, SignedAmount, Time, UserIdentity
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import Text
from evens.store.console.customers import CustomerNote, FoundCustomer

router = APIRouter(route_class=StrictRoute, tags=["Customers"])
queue_router = APIRouter(route_class=StrictRoute, tags=["Customers"])

_FOUND_MAX: Final = 10
_SEQ: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_PUBLIC: Final = {"order": re.compile(r"ord_[0-9]{1,18}"), "bet": re.compile(r"(bet|plb)_[0-9]{1,18}")}


@dataclass(frozen=True, slots=True)
class CustomerMoney:
    """What a customer has in one currency."""

    currency: Code
    cash: Amount
    in_play: Annotated[Amount, Field(description="What is held for open bets and orders: the most they can lose.")]
    withdrawing: Amount
    owed: Annotated[SignedAmount, Field(description="What they owe the house.")]


@dataclass(frozen=True, slots=True)
class CustomerFound:
    """A customer as operators see them in a list."""

    id: UserIdentity
    username: str
    email: str | None
    status: Annotated[str, Field(examples=["active", "frozen"])]
    excluded_until: Time | None
    registered_at: Time
    tags: list[str]
    notes: Annotated[int, Field(description="How many notes there are about them.")]
    money: list[CustomerMoney]


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator noted about a customer. It is kept when it is struck out."""

    id: int
    text: str
    by: str
    scope: str
    at: Time
    struck_by: str | None
    struck_at: Time | None


class NoteBody(Body):
    """Something that operators should know of a customer. The customer does not see it."""

    model_config = example(text="Called about the card; identity checked.")

    text: Text


@dataclass(frozen=True, slots=True)
class QueuedWithdrawal:
    """A withdrawal that waits to be paid, approved or rejected."""

    id: Annotated[str, Field(examples=["txn_1795080600123456789"])]
    user_id: UserIdentity
    username: str
    amount: Amount
    currency: Code
    destination: str | None
    reference: str | None
    requested_at: Time
    rail: Annotated[str | None, Field(description="Which rail pays it; null if somebody does by hand.")]
    rail_status: Annotated[str | None, Field(examples=["waiting"])]
    approval: Annotated[str | None, Field(description="The proposal about it that waits.", examples=["apr_12"])]


@dataclass(frozen=True, slots=True)
class WaitingThings:
    """How much waits for an operator; each is counted up to 100."""

    withdrawals: int
    payouts: Annotated[int, Field(description="Over a chain, that wait for an approval or are stuck.")]
    approvals: int
    disputed_challenges: int
    conflicts: int
    quarantined: Annotated[int, Field(description="Commands on which the rules broke; see the log.")]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Something that was found; `kind` says by which route it is read."""

    kind: Annotated[str, Field(examples=["user"])]
    id: Annotated[str, Field(examples=["usr_42"])]
    label: str | None


@router.get("/v1/customers", response_model=Page[CustomerFound])
async def list_customers(
    caller: OperatorCaller,
    page: AnyPage,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=200, description="An id, or the beginning of a username or e-mail address."),
    ] = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=100, description="Only with this tag.")] = None,
    frozen: Annotated[bool, Query(description="Only those who are frozen.")] = False,
) -> Response:
    """Find customers, newest first, by one filter at a time."""
    if (q is not None) + (tag is not None) + frozen > 1:
        raise refuse_fields(("q", "cannot be given together with tag or frozen"))
    reads = caller.services.console
    number = None if q is None else parse_user_id(q)
    if number is not None:
        rows = await reads.customers_by_id([number])
    else:
        rows = await reads.customers(text=q, tag=tag, frozen=frozen, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.id, lambda row: _present(caller, row)))


@router.get("/v1/users/{id}/notes", response_model=Page[Note], responses=problems(404))
async def list_notes(caller: OperatorCaller, id: str, page: AnyPage) -> Response:
    """List what operators noted about a user, newest first."""
    customer = await _customer(caller, id)
    rows = await caller.services.console.notes(customer, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.id, _present_note))


@router.post("/v1/users/{id}/notes", status_code=201, response_model=Note, responses=problems(404))
async def add_note(caller: OperatorCaller, id: str, body: NoteBody) -> Response:
    """Note something about a user."""
    who = caller.principal
    customer = resolve_customer(who, id)
    note = await caller.services.console.add_note(customer, body.text, who.scope, who.name)
    if note is None:
        raise refuse_unknown_customer()
    return answer(_present_note(note), 201)


@router.delete("/v1/users/{id}/notes/{note}", status_code=204, responses=problems(404))
async def strike_note(caller: OperatorCaller, id: str, note: Annotated[str, Field(pattern="^[0-9]+$")]) -> Response:
    """Strike a note out. It stays in the list, with who did that."""
    customer = await _customer(caller, id)
    if _SEQ.fullmatch(note):
        await caller.services.console.strike_note(customer, int(note), caller.principal.scope)
    return Response(status_code=204)


@queue_router.get("/v1/withdrawals/queue", response_model=Page[QueuedWithdrawal])
async def list_queue(caller: OperatorCaller, page: AnyPage) -> Response:
    """List withdrawals that wait, the oldest first, by hand and over a rail."""
    rows = await caller.services.console.waiting_withdrawals(after=page.after_id, limit=page.limit + 1)

    def present(row: Any) -> QueuedWithdrawal:
        currency = caller.shared.currencies.by_number(row.currency_number)
        return QueuedWithdrawal(
            id=format_transaction_id(row.id),
            user_id=format_user_id(row.customer),
            username=row.username,
            amount=format_minor(row.amount, currency.scale),
            currency=currency.code,
            destination=row.destination,
            reference=row.reference,
            requested_at=format_time(row.id),
            rail=row.rail,
            rail_status=row.rail_status,
            approval=None if row.approval is None else f"apr_{row.approval}",
        )

    return answer(page_of(rows, page, lambda row: row.id, present))


@router.get("/v1/waiting", response_model=WaitingThings)
async def read_waiting(caller: OperatorCaller) -> Response:
    """Tell how much waits for an operator."""
    waiting = await caller.services.console.waiting()
    conflicts = len(await caller.services.conflicts())
    shown = WaitingThings(
        waiting.withdrawals, waiting.payouts, waiting.approvals, waiting.challenges, conflicts, waiting.quarantined
    )
    return answer(shown)


@router.get("/v1/search", response_model=Page[SearchHit])
async def search(
    caller: OperatorCaller, q: Annotated[str, Query(min_length=1, max_length=200, description="Any id or reference.")]
) -> Response:
    """Find anything by its id, a payment by its reference, a user by name or e-mail address. The list is whole."""
    found = await _by_id(caller, q)
    if not found:
        customers = await caller.services.console.customers(
            text=q, tag=None, frozen=False, before=2**62, limit=_FOUND_MAX
        )
        found = [SearchHit("user", format_user_id(each.id), each.username) for each in customers]
        payments = await caller.services.ledger.referenced(q, _FOUND_MAX)
        found += [SearchHit("transfer", format_transaction_id(transfer), text) for transfer, text in payments]
    return answer(Page(found))


async def _by_id(caller: Caller[OperatorServices], q: str) -> list[SearchHit]:
    services, found = caller.services, list[SearchHit]()
    if (user := parse_user_id(q)) is not None:
        found += [SearchHit("user", q, each.username) for each in await services.console.customers_by_id([user])]
    elif (market := parse_market_id(q)) is not None:
        held = await services.ledger.holder(market)
        found += [SearchHit("market", q, held[1])] if held and held[0] == "market" else []
    elif (transfer := parse_transaction_id(q)) is not None:
        moved = await services.ledger.transfer(transfer)
        found += [SearchHit("transfer", q, moved.transfer.kind.name.lower())] if moved else []
    elif _SEQ.fullmatch(q):
        record = await services.journal.record(int(q))
        found += [SearchHit("record", q, type(record.receipt.command).__name__)] if record else []
    else:
        found += [SearchHit(kind, q, None) for kind, pattern in _PUBLIC.items() if pattern.fullmatch(q)]
        for kind in ("event", "round"):
            try:
                await services.sought(kind, q)
            except Refused:
                continue
            found.append(SearchHit(kind, q, None))
    return found


async def _customer(caller: Caller[OperatorServices], id: str) -> CustomerId:
    customer = resolve_customer(caller.principal, id)
    if not await caller.services.console.customers_by_id([customer]):
        raise refuse_unknown_customer()
    return customer


def _present(caller: Caller[OperatorServices], row: FoundCustomer) -> CustomerFound:
    money: list[CustomerMoney] = []
    for number in sorted({account_currency(account) for account in row.balances}):
        currency = caller.shared.currencies.by_number(number)
        held = {
            account_class(account): minor
            for account, minor in row.balances.items()
            if account_currency(account) == number
        }
        shown = [
            format_minor(minor, currency.scale)
            for minor in (
                held.get(AccountClass.CASH, 0),
                held.get(AccountClass.ESCROW, 0),
                held.get(AccountClass.WITHDRAWING, 0),
                -held.get(AccountClass.RECEIVABLE, 0),
            )
        ]
        money.append(CustomerMoney(currency.code, *shown))
    return CustomerFound(
        id=format_user_id(row.id),
        username=row.username,
        email=row.email,
        status="frozen" if row.frozen else "active",
        excluded_until=None if row.excluded_until is None else format_time(row.excluded_until),
        registered_at=format_time(row.registered_at),
        tags=list(row.tags),
        notes=row.notes,
        money=money,
    )


def _present_note(note: CustomerNote) -> Note:
    struck = None if note.struck_at is None else format_datetime(note.struck_at)
    return Note(note.id, note.text, note.name, note.scope, format_datetime(note.at), note.struck_by, struck)


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
QUEUE_ENDPOINTS: Final = Endpoints[OperatorServices](queue_router, traffic=Traffic.BUSY)
"""Its path is compared before that of one withdrawal, which would take `queue` for an id."""
