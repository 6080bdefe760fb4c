"""The cookie of a browser's session: what it is called, how it is set, and when it counts as a credential.

A browser sends a cookie with whatever any page makes it send. So one counts only where there is no other credential;
and a request that may change something must come from our own page, and have a header that no form can send.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.types import Scope

from evens.edges.http.protocol.own_origin import OwnOrigin
from evens.edges.http.protocol.problem import Refused, problem

APP_HEADER: Final = "X-Evens-App"
APP_VALUE: Final = "1"

SET_COOKIE: Final = b"set-cookie"

_COOKIE: Final = b"cookie"
_SECURE_NAME: Final = "__Host-evens"
_PLAIN_NAME: Final = "evens_session"
"""Without TLS, browsers keep no cookie whose name begins with ``__Host-``."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_API: Final = "/v1/"
_SAME_FOR_ALL: Final = frozenset({"/v1/config"})
"""Answers that others may keep, so no cookie may ever be set with them."""


class Renewals(Protocol):
    """Knows which sessions of browsers go on."""

    def take_renewed(self, token: str) -> bool:
        """Return whether the session of a cookie was prolonged since this was last asked."""
        ...


class SessionCookies:
    """Reads and writes cookies. ``lifetime`` is how long a browser keeps one that is not set anew."""

    def __init__(self, renewals: Renewals, own: OwnOrigin, lifetime: timedelta) -> None:
        self._renewals = renewals
        self._own = own
        self._name = _SECURE_NAME if own.is_by_https else _PLAIN_NAME
        self._begins = f"{self._name}=".encode()
        self._attributes = f"; Path=/; HttpOnly; SameSite=Lax{'; Secure' if own.is_by_https else ''}"
        self._seconds = int(lifetime.total_seconds())

    def token_in(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Return the session's cookie in a request; ``None`` if there is none, or more than one, so none is sure."""
        found = [
            part.strip().removeprefix(self._begins)
            for name, value in headers
            if name == _COOKIE
            for part in value.split(b";")
            if part.strip().startswith(self._begins)
        ]
        return found[0].decode("latin-1") if len(found) == 1 and found[0] else None

    def credential_in(self, scope: Scope) -> str | None:
        """Return the cookie with which a request to the API presents itself. Raises a 403 if another site sent it."""
        if not scope["path"].startswith(_API) or scope["path"] in _SAME_FOR_ALL:
            return None
        token = self.token_in(scope["headers"])
        if token is not None and scope["method"] not in _SAFE_METHODS:
            self.check_own(Headers(scope=scope))
        return token

    def check_own(self, headers: Headers) -> None:
        """Raise a 403 unless our own page sent a request that may change something."""
        if headers.get(APP_HEADER) != APP_VALUE or not self._own.sent(headers):
            detail = (
                "With the cookie of a session, only the app's own pages may change something: send the header "
                f"{APP_HEADER}: {APP_VALUE} from a page of this server, or a token in the header Authorization."
            )
            raise Refused(problem(403, "cross_site", detail))

    def renewal_of(self, token: str) -> bytes | None:
        """Return what sets a cookie anew, if its session was just prolonged."""
        return self.setting(token).encode() if self._renewals.take_renewed(token) else None

    def setting(self, token: str) -> str:
        """Return the value of the header that sets a cookie."""
        return f"{self._name}={token}{self._attributes}; Max-Age={self._seconds}"

    def clearing(self) -> str:
        """Return the value of the header that removes the cookie."""
        return f"{self._name}={self._attributes}; Max-Age=0"
