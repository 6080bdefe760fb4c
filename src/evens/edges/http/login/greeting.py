"""What a login is answered with: tokens or, for our own pages, a cookie that no script can read.

A login always begins a session of its own, so that nobody can be made to go on in one that somebody else knows. The one
of the cookie that it came with ends.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from fastapi import Request
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from evens.edges.http.login.services import LoginServices
from evens.edges.http.login.shapes import Tokens, Welcome
from evens.edges.http.protocol.access import Visitor, bearer_of
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.users import User, present_customer
from evens.identity.errors import NotAuthenticated
from evens.identity.sessions import Device, Session

_BEARER: Final = "bearer"
_SET_COOKIE: Final = "set-cookie"


def device_for(visitor: Visitor[LoginServices], request: Request, device: Device, *, keeps_cookie: bool) -> Device:
    """Return where a session is to begin. Raises a 403 if another site's page asks for a cookie."""
    if keeps_cookie:
        visitor.services.cookies.check_own(request.headers)
    return replace(device, keeps_cookie=keeps_cookie)


async def greet(
    visitor: Visitor[LoginServices],
    request: Request,
    session: Session,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer to a login, and end the session of the cookie that the request came with."""
    user, cookies = await user_of(visitor, session), visitor.services.cookies
    earlier = cookies.token_in(request.scope["headers"])
    if earlier is not None:
        with suppress(NotAuthenticated):
            await visitor.shared.identity.logout(earlier)
    if session.cookie is not None:
        welcomed = answer(Welcome(user), status, headers)
        welcomed.headers[_SET_COOKIE] = cookies.setting(session.cookie)
        return welcomed
    answered = answer(tokens_of(user, session), status, headers)
    if earlier is not None:
        answered.headers[_SET_COOKIE] = cookies.clearing()
    return answered


async def user_of(visitor: Visitor[LoginServices], session: Session) -> User:
    """Return whose session it is; the request's log line tells it, too."""
    customer = await visitor.services.customers.customer(session.customer)
    assert customer is not None
    bind_contextvars(caller=f"customer:{session.customer}")
    return present_customer(customer)


def tokens_of(user: User, session: Session) -> Tokens:
    """Return the tokens of a session."""
    return Tokens(user, session.access_token, session.refresh_token, session.expires_in_s, _BEARER)


def clear_cookie(visitor: Visitor[LoginServices], request: Request, response: Response) -> Response:
    """Return the response, which makes a browser forget the cookie if that was the request's credential."""
    cookies = visitor.services.cookies
    if cookies.token_in(request.scope["headers"]) == bearer_of(request):
        response.headers[_SET_COOKIE] = cookies.clearing()
    return response
