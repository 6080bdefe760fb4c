"""Users and what they have: opening, finding, freezing; balances now and as of a value date."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from evens.core.commands.wallets import FreezeCustomer, RegisterCustomer, UnfreezeCustomer
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, account_id
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_user_id
from evens.edges.http.protocol.access import Caller, refuse_unknown_customer, resolve_customer
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.answering import answer, answer_reply, mark_replayed
from evens.edges.http.protocol.booking import book, submit
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.names import Username
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.receipts import reply_with
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import CurrencyCode
from evens.edges.http.protocol.times import Moment
from evens.edges.http.protocol.users import User, present_customer
from evens.edges.http.wallets.bodies import UserBody
from evens.edges.http.wallets.services import AnyCaller, OperatorCaller, WalletServices
from evens.edges.http.wallets.shapes import Balance, UserStatus
from evens.sequencer.errors import KeyReused
from evens.store.wallets.queries import OWED_CLASS, WALLET_CLASSES, Customer

router = APIRouter(route_class=StrictRoute, tags=["Users"])


@router.post("/v1/users", status_code=201, response_model=User, responses=problems(409))
async def create_user(caller: OperatorCaller, body: UserBody, key: IdempotencyKey = None) -> Response:
    """Open an account for somebody, who has no password then."""
    shared, email = caller.shared, body.email
    if email is not None:
        await shared.identity.check_email_free(email, body.username)
    receipt, replayed = await submit(shared.gateway, RegisterCustomer(body.username), key, caller.principal.scope)
    reply = await shared.presenter.present(receipt)
    (registered,) = receipt.events
    if not isinstance(registered, CustomerRegistered):
        return answer_reply(reply, replayed=replayed)
    if email is not None:
        await shared.identity.record_email(registered.customer, email)
    elif replayed and (await shared.identity.profile(registered.customer)).email is not None:
        raise KeyReused
    user: User = reply.body
    return answer(replace(user, email=email), reply.status, mark_replayed(replayed))


@router.get("/v1/users", response_model=Page[User])
async def list_users(
    caller: OperatorCaller,
    page: AnyPage,
    username: Annotated[Username | None, Query(description="Only the user with this name, in any case.")] = None,
) -> Response:
    """List users, newest first, or find one by name."""
    queries = caller.services.queries
    if username is not None:
        found = await queries.customer_by_username(username)
        return answer(Page([] if found is None else [present_customer(found)]))
    rows = await queries.customers(before=page.before_id, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda customer: customer.id, present_customer))


@router.get("/v1/users/{id}", response_model=User, responses=problems(404))
async def read_user(caller: AnyCaller, id: str) -> Response:
    """Show a user."""
    customer = await caller.services.queries.customer(resolve_customer(caller.principal, id))
    if customer is None:
        raise refuse_unknown_customer()
    return answer(present_customer(customer))


@router.post("/v1/users/{id}/freeze", response_model=UserStatus, responses=problems(404, 409))
async def freeze_user(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Stop a user from moving money out and from betting; open orders and offered challenges lapse.

    Receiving money, and finishing pending withdrawals, stay possible. Their sessions and API keys end at once. They can
    log in again, to see what they have. Whoever logs in with your role or a higher one is beyond your reach.
    """
    customer = resolve_customer(caller.principal, id)
    await caller.shared.identity.check_reach(caller.principal, customer)
    return await book(caller, FreezeCustomer(customer), key)


@router.post("/v1/users/{id}/unfreeze", response_model=UserStatus, responses=problems(404, 409))
async def unfreeze_user(caller: OperatorCaller, id: str, key: IdempotencyKey = None) -> Response:
    """Let a frozen user move money again, unless they have excluded themselves for longer."""
    customer = resolve_customer(caller.principal, id)
    await caller.shared.identity.check_reach(caller.principal, customer)
    return await book(caller, UnfreezeCustomer(customer), key)


@router.get("/v1/users/{id}/balance", response_model=Balance, responses=problems(404))
async def read_balance(
    caller: AnyCaller,
    id: str,
    currency: Annotated[CurrencyCode | None, Query()] = None,
    at: Annotated[Moment | None, Query(description="As of this value date, inclusive. Left out: now.")] = None,
) -> Response:
    """Show what a user has in one currency, now or as of a value date; before the first entry it is zero."""
    customer, wanted = resolve_customer(caller.principal, id), read_currency(caller.shared, currency)
    queries = caller.services.queries
    found = await (queries.balances(customer) if at is None else queries.balances_at(customer, wanted.number, at))
    return answer(_present(customer, wanted, _known(found), at))


@router.get("/v1/users/{id}/wallets", response_model=Page[Balance], responses=problems(404))
async def list_wallets(caller: AnyCaller, id: str) -> Response:
    """Show what a user has in every currency of the house. The list is always whole."""
    return answer(await _wallets(caller, resolve_customer(caller.principal, id)))


async def _wallets(caller: Caller[WalletServices], customer: CustomerId) -> Page[Balance]:
    found = _known(await caller.services.queries.balances(customer))
    return Page([_present(customer, currency, found, None) for currency in caller.shared.currencies.all()])


def _known(balances_minor: Mapping[int, int] | None) -> Mapping[int, int]:
    if balances_minor is None:
        raise refuse_unknown_customer()
    return balances_minor


def _present(customer: CustomerId, currency: Currency, balances_minor: Mapping[int, int], at: int | None) -> Balance:
    cash, escrow, withdrawing, receivable = (
        balances_minor.get(account_id(customer, currency.number, kept), 0) for kept in (*WALLET_CLASSES, OWED_CLASS)
    )
    return Balance(
        user_id=format_user_id(customer),
        currency=currency.code,
        cash=format_minor(cash, currency.scale),
        escrow=format_minor(escrow, currency.scale),
        withdrawing=format_minor(withdrawing, currency.scale),
        total=format_minor(cash + escrow + withdrawing, currency.scale),
        owed=format_minor(-receivable, currency.scale),
        at=None if at is None else format_time(at),
    )


def _registered(_services: WalletServices, receipt: Receipt) -> User:
    """Return the user that a command registered, as it was at that moment."""
    (registered,) = receipt.events
    assert isinstance(registered, CustomerRegistered)
    return present_customer(Customer(registered.customer, registered.username, None, False, receipt.at))


def _frozen(_services: WalletServices, receipt: Receipt) -> UserStatus:
    assert isinstance(receipt.command, FreezeCustomer)
    return UserStatus(format_user_id(receipt.command.customer), "frozen")


def _unfrozen(_services: WalletServices, receipt: Receipt) -> UserStatus:
    assert isinstance(receipt.command, UnfreezeCustomer)
    return UserStatus(format_user_id(receipt.command.customer), "active")


ENDPOINTS: Final = Endpoints(
    router,
    {
        RegisterCustomer: reply_with(201, _registered),
        FreezeCustomer: reply_with(200, _frozen),
        UnfreezeCustomer: reply_with(200, _unfrozen),
    },
)
