"""Sessions: a short-lived access token, and a refresh token with which to get the next pair.

Theory of operation
-------------------
An access token is signed and valid for 15 minutes; it is checked without the database. A refresh token is random and
valid for 30 days; the database has its SHA-256. All refresh tokens that descend from one login are a *family*: that is
the session, and its id is in the access tokens too.

*Rotation.* A refresh token is good once. Using it marks it as used and stores its successor, in one statement that only
one of several concurrent callers can win. Each successor is valid for 30 days anew, so a session in use does not end.

*Reuse.* If a used token comes back, either it was copied, or its owner lost the answer and tries again. The server
cannot tell these apart, nor the thief from the owner, so it ends the whole family: both must log in again. A thief who
refreshes first is thereby found out as soon as the owner refreshes, and loses access. The price is that a client must
not refresh twice at once with the same token.

*End.* Logging out and reuse end the session in the database: no refresh token of it works any more. Whatever ends a
session, every server hears of it (:mod:`evens.identity.ended`) and remembers it until its access tokens have expired.
While a server cannot be sure to hear, it asks the database at each request.

*Browsers.* A session that begins in a browser has a cookie in place of these tokens (:mod:`evens.identity.cookies`).

*Room.* A customer has at most ``live_max`` sessions. A further login is refused, or ends the session that was not used
for longest, as its caller likes.

Example. Ada logs in at 12:00: family F, access token A1, refresh token R1. At 12:14 her client sends R1 and gets A2 and
R2; R1 is marked as used. Somebody who copied R1 at 12:10 sends it at 12:20: it was used, so F ends, and they get
``refresh_token_reused``. Ada's A2 is refused by every server from now on. When her client
sends R2, it gets ``refresh_token_invalid``, and she logs in again, which begins another family.
"""

import re
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from evens.core.values.ids import CustomerId
from evens.identity.cookies import (
    COOKIE,
    COOKIE_PREFIX,
    PROGRAM,
    PROGRAM_PREFIX,
    CookieSessions,
    hash_token,
    new_token,
)
from evens.identity.ended import Ended
from evens.identity.errors import (
    NotAuthenticated,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionUnknown,
    TooManySessions,
)
from evens.identity.networks import UNKNOWN, network_of
from evens.identity.principal import Principal, Role
from evens.identity.records import LiveSession
from evens.identity.store_protocol import SessionStore
from evens.identity.tokens import LIFETIME_S, AccessTokens

REFRESH_LIFETIME: Final = timedelta(days=30)
"""How long a refresh token is valid if it is not used."""

REFRESH_PREFIX: Final = "evr_"

LIVE_MAX: Final = 50
"""Most live sessions of one customer."""

CLIENT_LENGTH_MAX: Final = 200
"""How much is kept of what a client calls itself."""

_SESSION_PREFIX: Final = "ses_"
_REFRESH_TOKEN: Final = re.compile(REFRESH_PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)
_SESSION_ID: Final = re.compile(_SESSION_PREFIX + r"([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session begins: the client's address, and what it calls itself.

    A browser that ``keeps_cookie`` is given one in place of tokens, and so is a program with a ``session_token``.
    """

    address: str | None = None
    client: str | None = None
    keeps_cookie: bool = False
    session_token: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """The tokens of a login or a refresh, or the ``cookie`` of a browser, which gets no tokens: they are empty then.

    What a program has in place of them is in ``cookie`` too.

    All are bearer secrets, so ``repr`` does not show them.
    """

    customer: CustomerId
    username: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int = LIFETIME_S
    cookie: str | None = field(default=None, repr=False)


class Sessions:
    """Begins, refreshes, lists and ends sessions; see the theory of operation above.

    With ``operators_need_second_factor``, whoever may act as an operator acts as a customer in a session that was begun
    without one.
    """

    def __init__(
        self,
        store: SessionStore,
        tokens: AccessTokens,
        ended: Ended,
        *,
        live_max: int = LIVE_MAX,
        operators_need_second_factor: bool = False,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._ended = ended
        self._live_max = live_max
        self._operators_need_second_factor = operators_need_second_factor
        self.cookies: Final = CookieSessions(store, ended, self._effective)
        self.programs: Final = CookieSessions(store, ended, self._effective, kind=PROGRAM)

    async def begin(
        self,
        customer: CustomerId,
        username: str,
        *,
        role: Role = Role.CUSTOMER,
        second_factor: bool = False,
        device: Device | None = None,
        end_oldest: bool = False,
    ) -> Session:
        """Return the tokens or the cookie of a new session. Raises :class:`TooManySessions`."""
        device = device or Device()
        kind = PROGRAM if device.session_token else COOKIE if device.keeps_cookie else None
        family, token = uuid.uuid4(), _new_refresh_token() if kind is None else new_token(kind)
        place = network_of(device.address)
        has_begun = await self._store.add_session(
            family,
            customer,
            hash_token(token),
            REFRESH_LIFETIME if kind is None else kind.lifetime,
            by_cookie=kind is not None,
            second_factor=second_factor,
            address=device.address,
            place=None if place == UNKNOWN else place,
            client=None if device.client is None else device.client[:CLIENT_LENGTH_MAX],
            live_max=self._live_max,
            end_oldest=end_oldest,
        )
        if not has_begun:
            raise TooManySessions(self._live_max)
        if kind is not None:
            return Session(customer, username, "", "", cookie=token)
        access_token = self._tokens.issue(customer, username, family, self._effective(role, second_factor))
        return Session(customer, username, access_token, token)

    async def refresh(self, refresh_token: str) -> Session:
        """Return the session's next tokens. Raises :class:`RefreshTokenInvalid` and :class:`RefreshTokenReused`."""
        if _REFRESH_TOKEN.fullmatch(refresh_token) is None:
            raise RefreshTokenInvalid
        following = _new_refresh_token()
        record = await self._store.rotate(hash_token(refresh_token), hash_token(following), REFRESH_LIFETIME)
        if record is None:
            raise RefreshTokenInvalid
        if record.reused:
            self._ended.session(record.family)
            raise RefreshTokenReused
        role = self._effective(Role(record.role), record.second_factor)
        access_token = self._tokens.issue(record.customer, record.username, record.family, role)
        return Session(record.customer, record.username, access_token, following)

    async def end(self, token: str) -> None:
        """End the session that an access token, a refresh token or a cookie belongs to; repeating it is no error.

        Raises :class:`RefreshTokenInvalid` for an unknown refresh token, and what
        :meth:`AccessTokens.verify` raises.
        """
        if token.startswith(REFRESH_PREFIX):
            valid = _REFRESH_TOKEN.fullmatch(token) is not None
            family = await self._store.family_of(hash_token(token)) if valid else None
            if family is None:
                raise RefreshTokenInvalid
        elif token.startswith((COOKIE_PREFIX, PROGRAM_PREFIX)):
            family = await self._of_token(token).session_of(token)
            if family is None:
                return
        else:
            family = self._tokens.verify(token).session
        await self._store.end_session(family)
        self._ended.session(family)

    async def list_of(self, customer: CustomerId) -> Sequence[LiveSession]:
        """Return the customer's live sessions, the last used first."""
        return await self._store.list_sessions(customer)

    async def end_one(self, customer: CustomerId, session_id: str) -> None:
        """End one of the customer's sessions by its public id. Raises :class:`SessionUnknown`."""
        match = _SESSION_ID.fullmatch(session_id)
        family = None if match is None else uuid.UUID(hex=match[1])
        if family is None or not await self._store.end_session(family, customer):
            raise SessionUnknown
        self._ended.session(family)

    async def authenticate(self, access_token: str) -> Principal:
        """Return who calls with this access token, cookie or session token. Raises :class:`NotAuthenticated`."""
        if access_token.startswith((COOKIE_PREFIX, PROGRAM_PREFIX)):
            return await self._of_token(access_token).authenticate(access_token)
        verified = self._tokens.verify(access_token)
        if self._ended.has_session(verified.session):
            raise NotAuthenticated
        if not self._ended.is_sure and not await self._store.is_session_live(verified.session):
            raise NotAuthenticated
        return verified.principal

    def _of_token(self, token: str) -> CookieSessions:
        return self.programs if token.startswith(PROGRAM_PREFIX) else self.cookies

    def _effective(self, role: Role, second_factor: bool) -> Role:
        """Return the role that a session gives to somebody with this one."""
        lacks = self._operators_need_second_factor and not second_factor and role.rank >= Role.OPERATOR.rank
        return Role.CUSTOMER if lacks else role


def format_session_id(session: uuid.UUID) -> str:
    """Return the public id of a session."""
    return _SESSION_PREFIX + session.hex


def _new_refresh_token() -> str:
    return REFRESH_PREFIX + secrets.token_urlsafe(32)
