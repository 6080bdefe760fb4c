"""Logging in, staying so, and logging out, as Betfair's identity service does it.

A login begins a session of the house like any other (it is listed, ends like them, and counts among a customer's
sessions): twelve hours, which keepAlive begins anew. A second factor's code stands behind the password, as with
Betfair. Whoever gives an API key of theirs as the password has it as the session's token: it does not end by itself,
and logging out leaves it.
"""

from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from evens.edges.betfair.wire.sessions import check_session
from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.strict import StrictRequest
from evens.edges.http.services import Services
from evens.identity.api_keys import KEY_PREFIX
from evens.identity.cookies import PROGRAM_PREFIX
from evens.identity.errors import (
    IdentityError,
    NotAuthenticated,
    SecondFactorRequired,
    SecondFactorWrong,
    TooManyAttempts,
    WrongCredentials,
)
from evens.identity.judging import Starting
from evens.identity.sessions import Device
from evens.store.errors import StoreUnavailable

CODE_DIGITS: Final = 6

_SUCCESS: Final = "SUCCESS"


class _LoginFailed(Exception):
    """Nobody is logged in. ``code`` is Betfair's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _FormRequest(StrictRequest):
    """A request whose body is a form."""

    def check_media_type(self, value: str) -> None:
        """Take what a form is said to be."""


class IdentityApi:
    """The four operations on sessions."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def log_in(self, request: Request) -> Response:
        """Answer /api/login."""
        product = request.headers.get("x-application", "")
        try:
            token = await self._log_in(request)
        except _LoginFailed as failed:
            return _json({"token": "", "product": product, "status": "FAIL", "error": failed.code})
        return _json({"token": token, "product": product, "status": _SUCCESS, "error": ""})

    async def log_in_by_certificate(self, request: Request) -> Response:
        """Answer /api/certlogin. No certificate is asked for: the password is what counts."""
        try:
            token = await self._log_in(request)
        except _LoginFailed as failed:
            return _json({"loginStatus": failed.code})
        return _json({"sessionToken": token, "loginStatus": _SUCCESS})

    async def keep_alive(self, request: Request) -> Response:
        """Answer /api/keepAlive: the session lasts for twelve hours from now."""
        token = request.headers.get("x-authentication", "")
        identity = self._services.identity
        try:
            self._count(request)
            if token.startswith(PROGRAM_PREFIX):
                await identity.programs.extend(token)
            else:
                await check_session(identity, token)
        except (NotAuthenticated, Refused, StoreUnavailable, IdentityError) as error:
            return _session(request, "", _code_of(error))
        return _session(request, token)

    async def log_out(self, request: Request) -> Response:
        """Answer /api/logout: the session is over. An API key stays what it is."""
        token = request.headers.get("x-authentication", "")
        identity = self._services.identity
        try:
            self._count(request)
            await check_session(identity, token)
            if not token.startswith(KEY_PREFIX):
                await identity.logout(token)
        except (NotAuthenticated, Refused, StoreUnavailable, IdentityError) as error:
            return _session(request, "", _code_of(error))
        return _session(request, token)

    def _count(self, request: Request) -> None:
        self._services.throttle.check_address(client_address(request.scope))

    async def _log_in(self, request: Request) -> str:
        """Return the token of a session. Raises :class:`_LoginFailed`."""
        try:
            self._count(request)
            form = parse_qs((await _FormRequest(request.scope, request.receive).body()).decode(), max_num_fields=20)
            username, password = (form.get(name, [""])[0] for name in ("username", "password"))
            if not (request.headers.get("x-application") and username and password):
                raise _LoginFailed("INPUT_VALIDATION_ERROR")
            if password.startswith(KEY_PREFIX):
                return await self._by_key(username, password)
            device = Device(client_address(request.scope), request.headers.get("user-agent"), session_token=True)
            return await self._by_password(username, password, device)
        except ValueError as error:
            raise _LoginFailed("INPUT_VALIDATION_ERROR") from error
        except Refused as refused:
            busy = refused.problem.status == 429
            raise _LoginFailed("TEMPORARY_BAN_TOO_MANY_REQUESTS" if busy else "INPUT_VALIDATION_ERROR") from refused
        except TooManyAttempts as error:
            raise _LoginFailed("TEMPORARY_BAN_TOO_MANY_REQUESTS") from error
        except SecondFactorRequired as error:
            raise _LoginFailed("STRONG_AUTH_CODE_REQUIRED") from error
        except SecondFactorWrong as error:
            raise _LoginFailed("STRONG_CODE_FAIL") from error
        except NotAuthenticated as error:
            raise _LoginFailed("INVALID_USERNAME_OR_PASSWORD") from error
        except (StoreUnavailable, IdentityError, Starting) as error:
            raise _LoginFailed("INTERNAL_ERROR") from error

    async def _by_key(self, username: str, key: str) -> str:
        principal = await self._services.identity.authenticate(key)
        if principal.customer is None or principal.name.lower() != username.lower():
            raise WrongCredentials
        return key

    async def _by_password(self, username: str, password: str, device: Device) -> str:
        """Return the token for a password, or for a password with a code behind it. Both are one attempt."""
        before, code = password[:-CODE_DIGITS], password[-CODE_DIGITS:]
        apart = (before, code) if before and code.isascii() and code.isdigit() else None
        session = await self._services.identity.login(username, password, device=device, end_oldest=True, apart=apart)
        assert session.cookie is not None
        return session.cookie


def _code_of(error: Exception) -> str:
    return "NO_SESSION" if isinstance(error, NotAuthenticated) else "INTERNAL_ERROR"


def _session(request: Request, token: str, error: str = "") -> Response:
    product = request.headers.get("x-application", "")
    status = "FAIL" if error else _SUCCESS
    return _json({"token": token, "product": product, "status": status, "error": error})


def _json(value: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"})
