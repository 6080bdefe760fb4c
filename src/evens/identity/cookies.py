"""Sessions of browsers: one random cookie in place of tokens, so that no script of a page can read a credential.

Theory of operation
-------------------
The cookie is 256 random bits; the database has its SHA-256, beside the session that it stands for. That session is one
like all others: it is listed, ends like them, and has the role and the second factor of its login.

*Looking up.* The first request of a session, and then one every quarter of an hour, asks the database, which moves the
session's end to 30 days from then. In between the answer is remembered, in a bounded cache. What is remembered counts
as long as an access token would, and under the same condition: the server is sure to hear of every session that ends
(:mod:`evens.identity.ended`), and has not heard of this one's end. So an ended session is refused by every server at
once, as its access tokens would be.

*Renewing.* A browser forgets a cookie 30 days after it was last set. So whenever the database was asked,
:meth:`CookieSessions.take_renewed` says once that the cookie is to be set again.

*Programs.* A program that speaks Betfair's dialect has one such token too (:data:`PROGRAM`). Its session lives for
twelve hours; asking for something does not move its end, and :meth:`CookieSessions.extend` does. As what is remembered
counts for a quarter of an hour, a session can be used for that much longer.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from evens.identity.bounded_cache import BoundedCache
from evens.identity.ended import SESSION, Ended
from evens.identity.errors import NotAuthenticated
from evens.identity.principal import Principal, Role
from evens.identity.store_protocol import SessionStore
from evens.identity.tokens import LIFETIME_S

COOKIE_LIFETIME: Final = timedelta(days=30)
"""How long a session of a browser lives if it is not used."""

COOKIE_PREFIX: Final = "evc_"

PROGRAM_LIFETIME: Final = timedelta(hours=12)
"""How long a session of a program lives from its login, or from when it was last extended."""

PROGRAM_PREFIX: Final = "evs_"

_RANDOM: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_REMEMBERED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class TokenKind:
    """Who has such tokens: how they begin, how long their sessions live, and whether using one moves its end."""

    prefix: str
    lifetime: timedelta
    is_moved_by_use: bool


COOKIE: Final = TokenKind(COOKIE_PREFIX, COOKIE_LIFETIME, is_moved_by_use=True)
PROGRAM: Final = TokenKind(PROGRAM_PREFIX, PROGRAM_LIFETIME, is_moved_by_use=False)


@dataclass(slots=True)
class _Remembered:
    principal: Principal
    session: UUID
    until: float
    is_renewed: bool


class CookieSessions:
    """Knows whose session a token of one kind stands for; see the theory of operation above.

    ``effective`` is the role that a session gives, of the role of its customer and whether it has a second factor.
    """

    def __init__(
        self,
        store: SessionStore,
        ended: Ended,
        effective: Callable[[Role, bool], Role],
        *,
        kind: TokenKind = COOKIE,
        clock: Callable[[], float] = time.monotonic,
        remembered_max: int = _REMEMBERED_MAX,
    ) -> None:
        self._store = store
        self._ended = ended
        self._effective = effective
        self._kind = kind
        self._clock = clock
        self._remembered: BoundedCache[bytes, _Remembered] = BoundedCache(remembered_max)
        ended.follow(self._forget)

    def remembered(self, token: str) -> Principal | None:
        """Return whose session it is, if that is known without asking the store."""
        known = self._known(hash_token(token))
        return None if known is None else known.principal

    async def authenticate(self, token: str) -> Principal:
        """Return whose session it is. Raises :class:`NotAuthenticated`."""
        if not self._could_be(token):
            raise NotAuthenticated
        digest = hash_token(token)
        known = self._known(digest)
        if known is None:
            self._remembered.discard(digest)
            known = await self._look_up(digest)
        return known.principal

    async def session_of(self, token: str) -> UUID | None:
        """Return the live session that a cookie stands for, if it stands for one."""
        try:
            return (await self.authenticate(token)).session
        except NotAuthenticated:
            return None

    async def extend(self, token: str) -> None:
        """Move the end of a live session to a whole lifetime from now. Raises :class:`NotAuthenticated`."""
        digest = hash_token(token)
        record = await self._store.use_cookie(digest, self._kind.lifetime) if self._could_be(token) else None
        if record is None or self._ended.has_session(record.family):
            self._remembered.discard(digest)
            raise NotAuthenticated

    def take_renewed(self, token: str) -> bool:
        """Return whether the session's end was moved since this was last asked."""
        known = self._remembered.get(hash_token(token))
        if known is None or not known.is_renewed:
            return False
        known.is_renewed = False
        return True

    def _known(self, digest: bytes) -> _Remembered | None:
        known = self._remembered.get(digest)
        if known is None or known.until <= self._clock() or not self._ended.is_sure:
            return None
        return None if self._ended.has_session(known.session) else known

    def _could_be(self, token: str) -> bool:
        prefix = self._kind.prefix
        return token.startswith(prefix) and _RANDOM.fullmatch(token, len(prefix)) is not None

    async def _look_up(self, digest: bytes) -> _Remembered:
        until = self._clock() + LIFETIME_S
        record = await self._store.use_cookie(digest, self._kind.lifetime if self._kind.is_moved_by_use else None)
        # It may have ended, and been told of, while the answer was on its way.
        if record is None or self._ended.has_session(record.family):
            raise NotAuthenticated
        role = self._effective(Role(record.role), record.second_factor)
        principal = Principal(role, record.customer, record.username, record.family)
        known = _Remembered(principal, record.family, until, is_renewed=True)
        self._remembered.put(digest, known)
        return known

    def _forget(self, kind: str, subject: str) -> None:
        if kind == SESSION:
            ended = UUID(subject)
            self._remembered.discard_all(lambda known: known.session == ended)


def new_token(kind: TokenKind = COOKIE) -> str:
    """Return a token that nobody can guess."""
    return kind.prefix + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """Return what the database has of a cookie or refresh token."""
    return hashlib.sha256(token.encode()).digest()
