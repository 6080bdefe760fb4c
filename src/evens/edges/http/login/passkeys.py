"""Passkeys: adding one's own, and logging in by one in place of a password and a second factor."""

import secrets
from typing import Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from evens.core.values.ids import CustomerId
from evens.core.values.moments import format_datetime
from evens.edges.http.login.bodies import PasskeyBody, PasskeyLoginBody, PasskeyNameBody
from evens.edges.http.login.device import ThisDevice
from evens.edges.http.login.greeting import device_for, greet
from evens.edges.http.login.services import AnyCaller, AnyVisitor, LoginServices
from evens.edges.http.login.shapes import Passkey, PasskeyOptions, Tokens, Welcome
from evens.edges.http.protocol.access import own_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.shapes import Page
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity.errors import NotASession
from evens.identity.passkey_place import PasskeyPlace
from evens.identity.passkey_store import PasskeyRecord
from evens.identity.passkeys import CHALLENGE_LIFETIME, PasskeyRefused, format_passkey_id
from evens.identity.principal import Principal

router = APIRouter(route_class=StrictRoute, tags=["Identity"])

_COOKIE: Final = "evens_passkey"
_COOKIE_PATH: Final = "/v1/auth/passkey"
_NOT_A_SESSION: Final = "An API key cannot change passkeys; log in to do that."


@router.get("/v1/me/passkeys", response_model=Page[Passkey], responses=problems(404))
async def list_passkeys(caller: AnyCaller) -> Response:
    """List one's passkeys, oldest first. The list is always whole."""
    found = await caller.shared.identity.passkeys.list_of(own_customer(caller.principal))
    return answer(Page([_present(each) for each in found]))


@router.post("/v1/me/passkeys/options", response_model=PasskeyOptions, responses=problems(404))
async def offer_passkey(caller: AnyCaller) -> Response:
    """Get what a browser has to be asked to make a passkey."""
    place = _place(caller.services)
    customer, session = _session_of(caller.principal)
    offered = await caller.shared.identity.passkeys.offer(place, customer, caller.principal.name, session)
    return answer(PasskeyOptions(msgspec.json.decode(offered)))


@router.post("/v1/me/passkeys", status_code=201, response_model=Passkey, responses=problems(404, 409))
async def add_passkey(caller: AnyCaller, body: PasskeyBody) -> Response:
    """Add the passkey that the browser has made. From then on it logs one in, as with a second factor."""
    place = _place(caller.services)
    customer, session = _session_of(caller.principal)
    added = await caller.shared.identity.passkeys.add(place, customer, session, body.credential, body.name)
    return answer(_present(added), 201)


@router.patch("/v1/me/passkeys/{id}", response_model=Passkey, responses=problems(404))
async def rename_passkey(caller: AnyCaller, id: str, body: PasskeyNameBody) -> Response:
    """Give one of one's passkeys another name."""
    customer, _ = _session_of(caller.principal)
    return answer(_present(await caller.shared.identity.passkeys.rename(customer, id, body.name)))


@router.delete("/v1/me/passkeys/{id}", status_code=204, responses=problems(404))
async def remove_passkey(caller: AnyCaller, id: str) -> Response:
    """Remove one of one's passkeys. Sessions that it began go on."""
    customer, _ = _session_of(caller.principal)
    await caller.shared.identity.passkeys.remove(customer, id)
    return Response(status_code=204)


@router.post("/v1/auth/passkey/options", response_model=PasskeyOptions, responses=problems(404, 503))
async def ask_for_passkey(visitor: AnyVisitor) -> Response:
    """Get what a browser has to be asked to log in by a passkey. It answers from where it got this, by a cookie."""
    place, binding = _place(visitor.services), secrets.token_urlsafe(32)
    asked = visitor.shared.identity.passkeys.ask(place, binding)
    response = answer(PasskeyOptions(msgspec.json.decode(asked)))
    response.set_cookie(
        _COOKIE,
        binding,
        max_age=int(CHALLENGE_LIFETIME.total_seconds()),
        path=_COOKIE_PATH,
        secure=place.origin.startswith("https://"),
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/v1/auth/passkey", response_model=Tokens | Welcome, responses=problems(401, 403, 404, 409, 503))
async def log_in_by_passkey(
    visitor: AnyVisitor, request: Request, device: ThisDevice, body: PasskeyLoginBody
) -> Response:
    """Begin a session by a passkey: no password, and no code, because the authenticator has verified its user.

    The session of a cookie that the request came with ends.
    """
    place, binding = _place(visitor.services), request.cookies.get(_COOKIE)
    device = device_for(visitor, request, device, keeps_cookie=body.cookie)
    if binding is None:
        raise PasskeyRefused
    session = await visitor.shared.identity.passkeys.log_in(
        place, binding, body.credential, device=device, end_oldest=body.end_oldest
    )
    return await greet(visitor, request, session)


def _place(services: LoginServices) -> PasskeyPlace:
    if services.passkey_place is None:
        raise refuse_not_found("passkeys_unavailable", "This server has no public address at which passkeys work.")
    return services.passkey_place


def _session_of(principal: Principal) -> tuple[CustomerId, UUID]:
    if principal.session is None:
        raise NotASession(_NOT_A_SESSION)
    return own_customer(principal), principal.session


def _present(passkey: PasskeyRecord) -> Passkey:
    return Passkey(
        format_passkey_id(passkey.id),
        passkey.name,
        format_datetime(passkey.created_at),
        None if passkey.used_at is None else format_datetime(passkey.used_at),
    )


ENDPOINTS: Final = Endpoints[LoginServices](router)
