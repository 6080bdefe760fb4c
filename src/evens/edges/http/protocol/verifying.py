"""Verifying the credential of a request, once, and counting the request: by its caller, or else by its address.

A credential that is not verified gets nobody past the count of their address, wherever the request goes. What is no
key of this installation is counted before anybody is asked about it.
"""

import time
from collections.abc import MutableMapping
from typing import Any, Final, NamedTuple

from starlette.requests import Request
from structlog.contextvars import bind_contextvars

from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.identity.errors import NotAuthenticated
from evens.identity.principal import Principal
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

_VERIFIED: Final = "evens.verified"
COUNTED_THERE: Final = ("/exchange/", "/api/")
"""How the addresses of Betfair's dialect begin, all of which count their requests."""

_FRESH_S: Final = 1.0
"""How long after its head came a request may go on without its credential being verified again: a body can be slow."""


class _Verified(NamedTuple):
    found: Principal | NotAuthenticated | StoreUnavailable
    at_s: float


async def verify_and_count(identity: Identity, throttle: CallerThrottle, bearer: str, address: str) -> Principal:
    """Return whose credential this is, and count a request of theirs.

    Raises :class:`NotAuthenticated`, a 429, or the store's own error if it cannot be asked; the request is then counted
    by its address, except that a genuine credential which cannot be looked up is not counted.
    """
    principal = identity.remembered(bearer)
    if principal is not None:
        throttle.check(principal)
        return principal
    if identity.recognises(bearer):
        try:
            principal = await identity.authenticate(bearer)
        except NotAuthenticated:
            throttle.check_address(address)
            raise
    else:
        throttle.check_address(address)
        principal = await identity.authenticate(bearer)
        # A key that is older than every secret that still counts.
        throttle.give_back_address(address)
    throttle.check(principal)
    return principal


async def count_request(
    identity: Identity, throttle: CallerThrottle, scope: MutableMapping[str, Any], authorization: str | None
) -> None:
    """Count a request on its way in, and note for its route whose it is. Raises a 429."""
    bearer, address = credential_in(authorization), client_address(scope)
    if bearer is None:
        throttle.check_address(address)
        scope[_VERIFIED] = _Verified(NotAuthenticated(), time.monotonic())
        return
    try:
        found = await verify_and_count(identity, throttle, bearer, address)
    except (NotAuthenticated, StoreUnavailable) as trouble:
        found = trouble
    else:
        bind_contextvars(caller=found.scope)
    scope[_VERIFIED] = _Verified(found, time.monotonic())


class CallersDoor:
    """Lets everybody in whose requests are not too many; see :class:`evens.edges.http.protocol.frame.Door`."""

    def __init__(self, identity: Identity, throttle: CallerThrottle) -> None:
        self._identity = identity
        self._throttle = throttle

    async def admit(self, scope: MutableMapping[str, Any], authorization: str | None) -> None:
        """Count a request by its caller, unless who is there counts it: a dialect, which has another header for it."""
        if scope["path"].startswith(COUNTED_THERE):
            return
        await count_request(self._identity, self._throttle, scope, authorization)

    def turn_away(self, scope: MutableMapping[str, Any]) -> None:
        """Count a request by its address."""
        self._throttle.check_address(client_address(scope))


async def caller_of(identity: Identity, throttle: CallerThrottle, request: Request) -> Principal:
    """Return who makes a request; one that was not counted on its way in is counted now.

    Raises :class:`NotAuthenticated`, the store's own error, or a 429.
    """
    scope = request.scope
    if _VERIFIED not in scope:
        await count_request(identity, throttle, scope, request.headers.get("authorization"))
    verified: _Verified = scope[_VERIFIED]
    if isinstance(verified.found, Exception):
        raise verified.found
    if time.monotonic() - verified.at_s > _FRESH_S:
        bearer = credential_in(request.headers.get("authorization"))
        if bearer is not None:
            return await identity.authenticate(bearer)
    return verified.found


def credential_in(authorization: str | None) -> str | None:
    """Return the credential in a header; ``None`` if there is none."""
    scheme, _, credential = (authorization or "").partition(" ")
    return credential if scheme.lower() == "bearer" and credential else None
