"""Registering, logging in and out, and who one is."""

from contextlib import suppress
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from evens.core.commands.wallets import RegisterCustomer
from evens.core.events.wallets import CustomerRegistered
from evens.core.values.public_ids import format_user_id
from evens.core.wallets.reasons import WalletReason
from evens.edges.http.login.bodies import LoginBody, RefreshBody, RegisterBody
from evens.edges.http.login.device import ThisDevice
from evens.edges.http.login.greeting import clear_cookie, device_for, greet, tokens_of, user_of
from evens.edges.http.login.services import AnyCaller, AnyGuest, AnyVisitor, LoginServices
from evens.edges.http.login.shapes import Me, Tokens, Welcome, WhoIsThere
from evens.edges.http.protocol.access import Visitor, bearer_of
from evens.edges.http.protocol.answering import answer, answer_reply, mark_replayed, reply_problem
from evens.edges.http.protocol.booking import submit
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import check_username
from evens.edges.http.protocol.users import present_customer
from evens.identity.errors import IdentityError
from evens.identity.networks import UNKNOWN, network_of
from evens.identity.principal import Principal

router = APIRouter(route_class=StrictRoute, tags=["Identity"])


@router.post(
    "/v1/auth/register", status_code=201, response_model=Tokens | Welcome, responses=problems(403, 409, 429, 503)
)
async def register(
    visitor: AnyVisitor, request: Request, device: ThisDevice, body: RegisterBody, key: IdempotencyKey = None
) -> Response:
    """Open an account with a username, an e-mail address and a password, and log in.

    Each answer begins a session of its own, a replayed one too: tokens are not kept anywhere.
    """
    device = device_for(visitor, request, device, keeps_cookie=body.cookie)
    visitor.services.registrations.check(network_of(device.address or UNKNOWN))
    shared, identity = visitor.shared, visitor.shared.identity
    await identity.check_registration(body.username, body.email, body.password)
    # Nobody is known yet, so keys are kept apart by what identifies the person. Without a key, what was asked for is
    # the key: whoever lost the answer can finish, as long as no password was recorded.
    actor = f"registration:{body.email.lower()}"
    receipt, seen = await submit(shared.gateway, RegisterCustomer(body.username), key or f"\1{body.username}", actor)
    replayed = seen and key is not None
    (registered,) = receipt.events
    if not isinstance(registered, CustomerRegistered):
        return answer_reply(await shared.presenter.present(receipt), replayed=replayed)
    if seen and key is None and (await identity.profile(registered.customer)).email is not None:
        return answer_reply(reply_problem(shared.refusals.present(WalletReason.USERNAME_TAKEN, ())), replayed=False)
    session = await identity.register(registered.customer, body.email, body.password, device=device)
    return await greet(visitor, request, session, 201, mark_replayed(replayed))


@router.post("/v1/auth/login", response_model=Tokens | Welcome, responses=problems(401, 403, 409, 429, 503))
async def log_in(visitor: AnyVisitor, request: Request, device: ThisDevice, body: LoginBody) -> Response:
    """Begin a session with a username or an e-mail address and the password, and a code for those who need one.

    The session of a cookie that the request came with ends.
    """
    device = device_for(visitor, request, device, keeps_cookie=body.cookie)
    try:
        session = await visitor.shared.identity.login(
            body.login, body.password, code=body.code, device=device, end_oldest=body.end_oldest
        )
    except IdentityError:
        await _note_account(visitor, body.login)
        raise
    return await greet(visitor, request, session)


@router.post("/v1/auth/refresh", response_model=Tokens, responses=problems(401, 503))
async def refresh(visitor: AnyVisitor, body: RefreshBody) -> Response:
    """Get a session's next tokens. A refresh token is good once; one that comes back ends the session."""
    session = await visitor.shared.identity.refresh(body.refresh_token)
    return answer(tokens_of(await user_of(visitor, session), session))


@router.post("/v1/auth/logout", status_code=204)
async def log_out(caller: AnyCaller, request: Request) -> Response:
    """End the session of the access token or cookie that this request carries."""
    await caller.shared.identity.logout(bearer_of(request))
    return clear_cookie(caller, request, Response(status_code=204))


@router.get("/v1/me", response_model=Me)
async def read_me(caller: AnyCaller) -> Response:
    """Tell the caller who they are."""
    return answer(await _me(caller.services, caller.principal))


@router.get("/v1/auth/session", response_model=WhoIsThere, responses=problems(401))
async def read_session(guest: AnyGuest) -> Response:
    """Tell a page who is logged in on it. For a visitor `me` is null, where `GET /v1/me` is a 401."""
    return answer(WhoIsThere(None if guest.principal is None else await _me(guest.services, guest.principal)))


async def _me(services: LoginServices, principal: Principal) -> Me:
    customer = None if principal.customer is None else await services.customers.customer(principal.customer)
    if customer is None:
        return Me(principal.role.value, principal.name)
    user = present_customer(customer)
    return Me(principal.role.value, principal.name, user.id, user.username, user.email, user.status, user.created_at)


async def _note_account(visitor: Visitor[LoginServices], login: str) -> None:
    """Let the request's log line tell whose login failed, if it is somebody's username.

    Nothing else that people type is logged: it may be a password in the wrong field.
    """
    with suppress(ValueError):
        known = await visitor.services.customers.customer_by_username(check_username(login))
        if known is not None:
            bind_contextvars(account=format_user_id(known.id))


ENDPOINTS: Final = Endpoints[LoginServices](router)
