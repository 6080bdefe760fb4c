"""Deposits, withdrawals and transfers between users."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    Withdraw,
)
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.public_ids import parse_transaction_id, parse_user_id
from evens.edges.http.protocol.access import ME, OPERATORS, Caller, is_customer, own_customer, resolve_customer
from evens.edges.http.protocol.amounts import read_money
from evens.edges.http.protocol.answering import Reply, answer, reply_problem
from evens.edges.http.protocol.booking import book, check_alone, is_known
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey, command_id
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_forbidden, refuse_not_found
from evens.edges.http.protocol.receipts import reply_with
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import BatchRoute, StrictRoute
from evens.edges.http.wallets.bodies import DepositBody, TransferBatchBody, TransferBody, WithdrawalBody
from evens.edges.http.wallets.presenting import first_transfer
from evens.edges.http.wallets.services import AnyCaller, BackOfficeCaller, WalletServices
from evens.edges.http.wallets.shapes import Transaction, TransferResults

router = APIRouter(route_class=StrictRoute, tags=["Payments"])
batch_router = APIRouter(route_class=BatchRoute, tags=["Payments"])

NOBODY: Final = CustomerId(0)
"""Stands for a recipient whom nobody knows, so that the refusal is recorded like any other."""

_MOVED = problems(402, 404, 409)
_NO_VALUE_DATE = "Only operators and services can give a withdrawal a value date; yours takes effect now."
_NO_ACCOUNT = "is required: this API key has no account of its own"


@router.post("/v1/transfers", status_code=201, response_model=Transaction, responses=_MOVED)
async def create_transfer(caller: AnyCaller, body: TransferBody, key: IdempotencyKey = None) -> Response:
    """Send money to another user, who repays what they owe the house out of it."""
    recipients = await find_recipients(caller, [body], key)
    return await book(caller, read_transfer(caller, body, recipients), key)


@batch_router.post("/v1/transfers/batch", response_model=TransferResults, responses=problems(402, 404, 409))
async def create_transfers(caller: AnyCaller, body: TransferBatchBody, key: IdempotencyKey = None) -> Response:
    """Send up to 1,000 transfers, in order, under one key.

    Atomic: all or none, and a refusal is the answer to the whole. Otherwise each result is a transaction or, with
    `code`, the problem of that transfer alone.
    """
    recipients = await find_recipients(caller, body.transfers, key)
    transfers: list[Transfer] = []
    errors: list[tuple[str, str]] = []
    for position, item in enumerate(body.transfers):
        try:
            transfers.append(read_transfer(caller, item, recipients))
        except Refused as refused:
            if not refused.problem.errors:
                raise
            errors += [(f"transfers[{position}].{each.field}", each.message) for each in refused.problem.errors]
    if errors:
        raise refuse_fields(*errors)
    return await book(caller, TransferBatch(tuple(transfers), body.atomic), key)


@router.post("/v1/deposits", status_code=201, response_model=Transaction, responses=problems(404, 409))
async def create_deposit(caller: BackOfficeCaller, body: DepositBody, key: IdempotencyKey = None) -> Response:
    """Book money that arrived for a user. What the user owes the house is repaid out of it first."""
    return await book(caller, await read_deposit(caller, "", body), key)


async def read_deposit(caller: Caller[WalletServices], id: str, body: DepositBody) -> Deposit:
    """Return the deposit that a body describes. Raises a 404 for what is nobody's id."""
    money = read_money(caller.shared, body.amount, body.currency)
    customer = resolve_customer(caller.principal, body.user_id)
    return Deposit(customer, money.currency.code, money.amount_minor, Rail.DESK, body.effective_at, body.reference)


@router.post("/v1/withdrawals", status_code=201, response_model=Transaction, responses=_MOVED)
async def create_withdrawal(caller: AnyCaller, body: WithdrawalBody, key: IdempotencyKey = None) -> Response:
    """Ask for a payment out, or book one.

    A user's own request is `pending`, its money set aside, until it is completed or rejected. An operator's or
    service's call with `user_id` completes at once.
    """
    money = read_money(caller.shared, body.amount, body.currency)
    code, amount_minor = money.currency.code, money.amount_minor
    if body.user_id is None and caller.principal.customer is None:
        raise refuse_fields(("user_id", _NO_ACCOUNT))
    customer = resolve_customer(caller.principal, body.user_id or ME)
    if body.user_id is not None and not is_customer(caller.principal):
        return await book(caller, await read_withdrawal(caller, "", body), key)
    if body.effective_at is not None:
        raise refuse_forbidden(_NO_VALUE_DATE)
    return await book(caller, RequestWithdrawal(customer, code, amount_minor, body.reference, body.destination), key)


async def read_withdrawal(caller: Caller[WalletServices], id: str, body: WithdrawalBody) -> Withdraw:
    """Return the withdrawal that was paid already. Raises a 422 unless it says whose it is."""
    if body.user_id is None:
        raise refuse_fields(("user_id", "is required"))
    money = read_money(caller.shared, body.amount, body.currency)
    return Withdraw(
        resolve_customer(caller.principal, body.user_id),
        money.currency.code,
        money.amount_minor,
        Rail.DESK,
        body.effective_at,
        body.reference,
        body.destination,
    )


@router.get("/v1/withdrawals", response_model=Page[Transaction])
async def list_withdrawals(
    caller: BackOfficeCaller,
    page: AnyPage,
    status: Annotated[Literal["pending", "completed", "rejected"] | None, Query()] = None,
) -> Response:
    """List the withdrawals that users asked for, newest first."""
    rows = await caller.services.queries.withdrawals(status, before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda entry: entry.transfer.transfer, caller.services.presenter.entry))


@router.post("/v1/withdrawals/{id}/complete", response_model=Transaction, responses=problems(404, 409))
async def complete_withdrawal(caller: BackOfficeCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Say that the payment out was made by hand. What a chain carries is completed by itself."""
    command = await read_completion(caller, id, None)
    await check_alone(caller, command, key)
    if not await is_known(caller, key):
        await claim_payment(caller.services, command)
    return await book(caller, command, key)


async def read_completion(caller: Caller[WalletServices], id: str, body: None) -> CompleteWithdrawal:
    """Return what says that a withdrawal was paid out. Raises a 404 for one that nobody asked for."""
    return CompleteWithdrawal(await _find_withdrawal(caller, id))


@router.post("/v1/withdrawals/{id}/reject", response_model=Transaction, responses=problems(404, 409))
async def reject_withdrawal(caller: BackOfficeCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Say that the payment out will not be made; the money returns to the user's cash."""
    withdrawal = await _find_withdrawal(caller, id)
    if not await is_known(caller, key):
        await _claim(caller.services, withdrawal, is_paid=False)
    return await book(caller, RejectWithdrawal(withdrawal), key)


def read_transfer(caller: Caller[WalletServices], body: TransferBody, recipients: Mapping[str, CustomerId]) -> Transfer:
    """Return the transfer that a body asks for, if the caller may; ``recipients`` are ids by folded username."""
    money = read_money(caller.shared, body.amount, body.currency)
    return Transfer(
        _payer(caller, body), _payee(caller, body, recipients), money.currency.code, money.amount_minor, None, body.memo
    )


async def find_recipients(
    caller: Caller[WalletServices], bodies: list[TransferBody], key: str | None
) -> Mapping[str, CustomerId]:
    """Return the ids of recipients named by username, by folded username; as of the first answer, if there is one."""
    names = {body.to_username for body in bodies if body.to_username is not None}
    if not names:
        return {}
    repeated = None if key is None else command_id(caller.principal.scope, key)
    return await caller.services.queries.customer_ids(sorted(names), repeated)


def _payer(caller: Caller[WalletServices], body: TransferBody) -> CustomerId:
    principal = caller.principal
    if body.from_user_id is None:
        if principal.customer is None:
            raise refuse_fields(("from_user_id", _NO_ACCOUNT))
        return principal.customer
    payer = resolve_customer(principal, body.from_user_id)
    if payer != principal.customer and principal.role not in OPERATORS:
        raise refuse_forbidden("Only operators can send somebody else's money.")
    return payer


def _payee(caller: Caller[WalletServices], body: TransferBody, recipients: Mapping[str, CustomerId]) -> CustomerId:
    if body.to_user_id is not None and body.to_username is not None:
        raise refuse_fields(("to_username", "cannot be given together with to_user_id"))
    if body.to_username is not None:
        return recipients.get(body.to_username.lower(), NOBODY)
    if body.to_user_id is None:
        raise refuse_fields(("to_user_id", "is required, or to_username"))
    if body.to_user_id == ME:
        return own_customer(caller.principal)
    return parse_user_id(body.to_user_id) or NOBODY


async def _find_withdrawal(caller: Caller[WalletServices], id: str) -> TransferId:
    withdrawal = parse_transaction_id(id)
    entry = None if withdrawal is None else await caller.services.queries.entry(withdrawal)
    if entry is None or entry.withdrawal_status is None:
        raise refuse_not_found("withdrawal_unknown", "There is no requested withdrawal with this id.")
    return entry.transfer.transfer


async def claim_payment(services: WalletServices, command: CompleteWithdrawal, by: str = "") -> None:
    """Keep a withdrawal from being paid out by a rail, before it is booked as paid by hand. Raises a 409."""
    await _claim(services, command.withdrawal, is_paid=True)


async def _claim(services: WalletServices, withdrawal: TransferId, *, is_paid: bool) -> None:
    if not await services.payouts.claim(withdrawal, is_paid=is_paid):
        detail = "This withdrawal is signed and on its way; what becomes of it is booked by itself."
        raise Refused(problem(409, "withdrawal_under_way", detail))


def _paid_out(services: WalletServices, receipt: Receipt) -> Transaction:
    """Return what left somebody's cash."""
    return services.presenter.transaction(first_transfer(receipt), is_out=True)


def _paid_in(services: WalletServices, receipt: Receipt) -> Transaction:
    """Return what was added to somebody's cash."""
    return services.presenter.transaction(first_transfer(receipt), is_out=False)


def _requested(services: WalletServices, receipt: Receipt) -> Transaction:
    """Return what waits to be paid out."""
    return services.presenter.transaction(first_transfer(receipt), is_out=True, status="pending")


def _batch(services: WalletServices, receipt: Receipt) -> dict[str, Any]:
    """Return what became of each transfer of a batch, in order, as :class:`TransferResults` documents it."""
    return {"results": [_batch_item(services, event) for event in receipt.events if not _is_repayment(event)]}


def _is_repayment(event: Event) -> bool:
    """Return whether this is a recipient's repayment, which follows the transfer that made it possible."""
    return isinstance(event, Transferred) and event.kind is TransferKind.REPAYMENT


def _batch_item(services: WalletServices, event: Event) -> Transaction | dict[str, Any]:
    if isinstance(event, TransferRefused):
        return services.refusals.present(event.reason, event.facts).document()
    assert isinstance(event, Transferred)
    return services.presenter.transaction(event, is_out=True)


async def _reply_closed(services: WalletServices, receipt: Receipt) -> Reply:
    """Return the withdrawal that was completed or rejected. It is recorded, and does not change afterwards."""
    command, first = receipt.command, receipt.events[0]
    if isinstance(first, Rejected):
        return reply_problem(services.refusals.present(first.reason, first.facts))
    assert isinstance(command, CompleteWithdrawal | RejectWithdrawal)
    entry = await services.queries.entry(command.withdrawal)
    assert entry is not None
    return Reply(200, services.presenter.entry(entry))


ENDPOINTS: Final = Endpoints(
    router,
    {
        Transfer: reply_with(201, _paid_out),
        Deposit: reply_with(201, _paid_in),
        Withdraw: reply_with(201, _paid_out),
        RequestWithdrawal: reply_with(201, _requested),
        CompleteWithdrawal: _reply_closed,
        RejectWithdrawal: _reply_closed,
    },
    Traffic.HOT,
)
BATCH_ENDPOINTS: Final = Endpoints(batch_router, {TransferBatch: reply_with(200, _batch)}, Traffic.BUSY)
