"""Sessions: a short-lived access token, and a refresh token with which to get the next pair.

Theory of operation
-------------------
An access token is signed and valid for 15 minutes; it is checked without the database, so it cannot be revoked
everywhere at once. A refresh token is random and valid for 30 days; the database has its SHA-256. All refresh tokens
that descend from one login are a *family*: that is the session, and its id is in the access tokens too.

*Rotation.* A refresh token is good once. Using it marks it as used and stores its successor, in one statement that only
one of several concurrent callers can win. Each successor is valid for 30 days anew, so a session in use does not end.

*Reuse.* If a used token comes back, either it was copied, or its owner lost the answer and tries again. The server
cannot tell these apart, nor the thief from the owner, so it ends the whole family: both must log in again. A thief who
refreshes first is thereby found out as soon as the owner refreshes, and loses access. The price is that a client must
not refresh twice at once with the same token.

*End.* Logging out and reuse end the family in the database: no refresh token of it works any more. This process also
remembers the family and refuses its access tokens at once; other processes accept these until they expire.

Example. Ada logs in at 12:00: family F, access token A1, refresh token R1. At 12:14 her client sends R1 and gets A2 and
R2; R1 is marked as used. Somebody who copied R1 at 12:10 sends it at 12:20: it was used, so F ends, and they get
``refresh_token_reused``. Ada's A2 is refused by this process from now on, and by all others from 12:29. When her client
sends R2, it gets ``refresh_token_invalid``, and she logs in again, which begins another family.
"""

import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from evens.core.values.ids import CustomerId
from evens.identity.bounded_cache import BoundedCache
from evens.identity.errors import NotAuthenticated, RefreshTokenInvalid, RefreshTokenReused
from evens.identity.principal import Principal
from evens.identity.store_protocol import SessionStore
from evens.identity.tokens import LIFETIME_S, AccessTokens

REFRESH_LIFETIME: Final = timedelta(days=30)
"""How long a refresh token is valid if it is not used."""

REFRESH_PREFIX: Final = "evr_"

_REFRESH_TOKEN: Final = re.compile(REFRESH_PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)
_ENDED_MAX: Final = 100_000
"""Most ended sessions that are remembered; each matters for 15 minutes, until its access tokens have expired."""


@dataclass(frozen=True, slots=True)
class Session:
    """The tokens of a login or a refresh. Both are bearer secrets, so ``repr`` does not show them."""

    customer: CustomerId
    username: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int = LIFETIME_S


class Sessions:
    """Begins, refreshes and ends sessions; see the theory of operation above."""

    def __init__(self, store: SessionStore, tokens: AccessTokens) -> None:
        self._store = store
        self._tokens = tokens
        self._ended: BoundedCache[uuid.UUID, bool] = BoundedCache(_ENDED_MAX)

    async def begin(self, customer: CustomerId, username: str) -> Session:
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
        """End the session that an access token or a refresh token belongs to; ending it again is no error.

        Raises :class:`RefreshTokenInvalid` for an unknown refresh token, and what
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
