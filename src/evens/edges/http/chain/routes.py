"""Paying in and out over a chain."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.wallets import CompleteWithdrawal
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.public_ids import parse_transaction_id
from evens.edges.http.chain.bodies import SimulatedDepositBody, WalletBody
from evens.edges.http.chain.presenting import present_deposit, present_withdrawal
from evens.edges.http.chain.services import AnyCaller, BackOfficeCaller, ChainRail, ChainServices, OperatorCaller
from evens.edges.http.chain.shapes import ChainDeposit, ChainWallet, ChainWithdrawal
from evens.edges.http.protocol.access import (
    ME,
    Caller,
    UserFilter,
    is_customer,
    refuse_unknown_customer,
    resolve_customer,
)
from evens.edges.http.protocol.amounts import read_amount, read_currency
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.booking import check_alone, do_once
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.chain.rows import ArrivalStatus, PayoutStatus
from evens.store.chain.rows import ChainWithdrawal as ChainPayout

router = APIRouter(route_class=StrictRoute, tags=["Chain"])

_DECIDED: Final = frozenset({"returned", "rejected", "by_hand"})


@router.post("/v1/chain/wallet", response_model=ChainWallet, responses=problems(404))
async def show_wallet(caller: AnyCaller, body: WalletBody | None = None, key: IdempotencyKey = None) -> Response:
    """Show the address that a user pays to. What arrives there is credited once it is deep enough in the chain."""
    customer = await _customer(caller, (body and body.user_id) or ME)
    rail = _rail(caller, body and body.rail)
    return answer(ChainWallet(rail.name, await rail.address(customer), rail.currency))


@router.get("/v1/chain/deposits", response_model=Page[ChainDeposit], responses=problems(404))
async def list_chain_deposits(
    caller: AnyCaller,
    page: AnyPage,
    user_id: UserFilter = None,
    status: Annotated[ArrivalStatus | None, Query(description="Only those that stand so.")] = None,
) -> Response:
    """List what has arrived, newest first: one's own, or without `user_id` everybody's for operators and services.

    They also see what is worth nothing here, such as another token of the same name.
    """
    customer, before, limit = _whose(caller, user_id), page.before_id, page.limit + 1
    ignored = not is_customer(caller.principal)
    rows = await caller.services.tables.deposits(customer, status, ignored=ignored, before=before, limit=limit)
    currency = read_currency(caller.shared, _currency(caller.services))
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_deposit(row, currency)))


@router.get("/v1/chain/withdrawals", response_model=Page[ChainWithdrawal], responses=problems(404))
async def list_chain_withdrawals(
    caller: AnyCaller,
    page: AnyPage,
    user_id: UserFilter = None,
    status: Annotated[PayoutStatus | None, Query(description="Only those that stand so.")] = None,
) -> Response:
    """List withdrawals to addresses, newest first: one's own, or without `user_id` everybody's."""
    customer, before, limit = _whose(caller, user_id), page.before_id, page.limit + 1
    rows = await caller.services.tables.withdrawals(customer, status, before=before, limit=limit)
    currency = read_currency(caller.shared, _currency(caller.services))
    return answer(page_of(rows, page, lambda row: row.id, lambda row: present_withdrawal(row, currency)))


@router.post("/v1/simulate/deposits", status_code=201, response_model=ChainDeposit, responses=problems(404, 409))
async def simulate_deposit(
    caller: BackOfficeCaller, body: SimulatedDepositBody, key: IdempotencyKey = None
) -> Response:
    """Say that money has arrived over the simulated rail. The same hash and index twice is one deposit."""
    rail = _rail(caller, None)
    if not rail.is_simulated:
        raise refuse_not_found("rail_unknown", "Only a house with EVENS_CHAIN_RAIL=simulated simulates deposits.")
    customer = await _customer(caller, body.user_id)
    currency = read_currency(caller.shared, rail.currency)
    amount_minor = read_amount(body.amount, currency, "amount")
    row = await rail.arrive(customer, amount_minor, body.tx_hash, body.index)
    if row is None:
        detail = "This hash and index stand for another deposit; take another index."
        raise Refused(problem(409, "deposit_known", detail))
    return answer(present_deposit(row, currency), 201)


@router.post("/v1/withdrawals/{id}/approve", response_model=ChainWithdrawal, responses=problems(404, 409))
async def approve_withdrawal(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Let a withdrawal to an address be paid out over the chain; one that is `stuck` is paid out once more.

    Approving it again changes nothing else. Under a key that it was approved with before it is shown as it is now.
    """
    command = await read_approval(caller, id, None)
    currency = read_currency(caller.shared, _rail(caller, None).currency)

    async def let_out() -> None:
        await check_alone(caller, command, None)
        await approve(caller.services, command, caller.principal.scope)

    replayed = await do_once(caller, ("approve withdrawal", command.withdrawal), let_out, key)
    row = await caller.services.tables.withdrawal(command.withdrawal)
    assert row is not None, "it was approved"
    return answer(present_withdrawal(row, currency), headers=mark_replayed(replayed))


async def read_approval(caller: Caller[ChainServices], id: str, body: None) -> CompleteWithdrawal:
    """Return how a withdrawal will be booked once the chain has carried it. Raises a 404 where there is no rail."""
    _rail(caller, None)
    return CompleteWithdrawal(parse_transaction_id(id) or TransferId(0), Rail.CHAIN)


async def approve(services: ChainServices, command: CompleteWithdrawal, by: str) -> ChainPayout:
    """Let a withdrawal be paid out over the chain. Raises a 404 or a 409."""
    row = None if services.rail is None else await services.rail.approve(command.withdrawal, by)
    if row is None:
        raise refuse_not_found("withdrawal_unknown", "There is no requested withdrawal to an address with this id.")
    if row.status in _DECIDED:
        raise Refused(problem(409, "withdrawal_not_pending", "This withdrawal is completed or rejected already."))
    return row


def _rail(caller: Caller[ChainServices], named: str | None) -> ChainRail:
    rail = caller.services.rail
    if rail is None:
        raise refuse_not_found("rail_unknown", "This house has no chain rail: EVENS_CHAIN_RAIL is off.")
    if named is not None and named != rail.name:
        raise refuse_not_found("rail_unknown", f"There is no such rail; this house has {rail.name}.")
    return rail


def _currency(services: ChainServices) -> str | None:
    return None if services.rail is None else services.rail.currency


def _whose(caller: Caller[ChainServices], user_id: str | None) -> CustomerId | None:
    """Return whose things are listed; ``None`` is everybody's."""
    if user_id is None and not is_customer(caller.principal):
        return None
    return resolve_customer(caller.principal, user_id or ME)


async def _customer(caller: Caller[ChainServices], user_id: str) -> CustomerId:
    customer = resolve_customer(caller.principal, user_id)
    if await caller.services.customers.customer(customer) is None:
        raise refuse_unknown_customer()
    return customer


ENDPOINTS: Final = Endpoints[ChainServices](router, traffic=Traffic.RARE)
