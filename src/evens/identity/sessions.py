"""Sessions: an access token for now, and a refresh token to get the next pair."""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from evens.identity.bounded_cache import BoundedCache
from evens.identity.errors import NotAuthenticated, RefreshTokenInvalid, RefreshTokenReused
from evens.identity.principal import Principal
from evens.identity.store_protocol import SessionStore
from evens.identity.tokens import LIFETIME_S, AccessTokens

REFRESH_LIFETIME: Final = timedelta(days=30)
"""How long a refresh token waits for its use. Each refresh starts anew, so a session in use does not run out."""

REFRESH_PREFIX: Final = "evr_"

_REFRESH_TOKEN: Final = re.compile(REFRESH_PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)
_ENDED_MAX: Final = 100_000
"""Most ended sessions remembered; their access tokens are worth remembering for 15 minutes."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a customer gets on logging in. Both tokens are bearer secrets and stay out of ``repr``."""

    customer: int
    username: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int = LIFETIME_S


class Sessions:
    """Begins, refreshes and ends sessions.

    A refresh token is good once. One that comes back was copied, and nobody can tell by whom, so the session ends; of
    two refreshes at once with the same token, one loses and ends it. Access tokens of an ended session are refused
    here at once, and by other processes when their 15 minutes are over.
    """

    def __init__(self, store: SessionStore, tokens: AccessTokens) -> None:
        self._store = store
        self._tokens = tokens
        self._ended: BoundedCache[uuid.UUID, bool] = BoundedCache(_ENDED_MAX)

    async def begin(self, customer: int, username: str) -> Session:
        """Return the tokens of a new session."""
        family, refresh_token = uuid.uuid4(), _new_refresh_token()
        await self._store.add_session(family, customer, _hash(refresh_token), REFRESH_LIFETIME)
        return Session(customer, username, self._tokens.issue(customer, username, family), refresh_token)

    async def refresh(self, refresh_token: str) -> Session:
        """Return the session's next tokens. Raises :class:`RefreshTokenInvalid` and :class:`RefreshTokenReused`."""
        if _REFRESH_TOKEN.fullmatch(refresh_token) is None:
            raise RefreshTokenInvalid
        following = _new_refresh_token()
        record = await self._store.rotate(_hash(refresh_token), _hash(following), REFRESH_LIFETIME)
        if record is None:
            raise RefreshTokenInvalid
        if record.reused:
            self._ended.put(record.family, True)
            raise RefreshTokenReused
        access_token = self._tokens.issue(record.customer, record.username, record.family)
        return Session(record.customer, record.username, access_token, following)

    async def end(self, token: str) -> None:
        """End the session that an access token or a refresh token belongs to; ending it again is fine.

        Raises :class:`RefreshTokenInvalid` for a refresh token nobody was given, and what
        :meth:`AccessTokens.verify` raises.
        """
        if token.startswith(REFRESH_PREFIX):
            valid = _REFRESH_TOKEN.fullmatch(token) is not None
            family = await self._store.family_of(_hash(token)) if valid else None
            if family is None:
                raise RefreshTokenInvalid
        else:
            family = self._tokens.verify(token).session
        await self._store.end_session(family)
        self._ended.put(family, True)

    def authenticate(self, access_token: str) -> Principal:
        """Return who calls with this access token. Raises :class:`NotAuthenticated`."""
        verified = self._tokens.verify(access_token)
        if self._ended.get(verified.session) is not None:
            raise NotAuthenticated
        return verified.principal


def _new_refresh_token() -> str:
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
