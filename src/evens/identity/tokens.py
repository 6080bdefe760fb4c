"""Access tokens: signed, short-lived, and checked without the database."""

import hashlib
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import jwt

from evens.core.values.ids import CustomerId
from evens.identity.bounded_cache import BoundedCache
from evens.identity.errors import NotAuthenticated, TokenExpired
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Principal, Role

LIFETIME_S: Final = 15 * 60
ISSUER: Final = "evens"
AUDIENCE: Final = "evens-api"

_ALGORITHM: Final = "EdDSA"
_TYPE: Final = "access"
_CLAIMS: Final = ["iss", "aud", "sub", "typ", "exp", "iat", "jti", "role", "sid", "name"]
_SUBJECT: Final = re.compile(r"usr_([1-9][0-9]{0,18})", re.ASCII)
_LENGTH_MAX: Final = 2048
_CACHED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The content of a valid token: the caller, the session, and its expiry (seconds since 1970)."""

    principal: Principal
    session: uuid.UUID
    expires_at: int


class AccessTokens:
    """Issues and verifies access tokens: JWTs signed with Ed25519, valid for :data:`LIFETIME_S`.

    A verified token is cached until it expires, so that further requests with it need no check of the signature. Tokens
    that were signed before the installation's secret was replaced are accepted while the earlier secret counts.
    """

    def __init__(
        self, keys: InstallationKeys, *, clock: Callable[[], float] = time.time, cached_max: int = _CACHED_MAX
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._verified: BoundedCache[bytes, AccessToken] = BoundedCache(cached_max)

    def issue(self, customer: CustomerId, username: str, session: uuid.UUID, role: Role = Role.CUSTOMER) -> str:
        """Return a new token for a session of somebody with this role."""
        now = int(self._clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"usr_{customer}",
            "typ": _TYPE,
            "exp": now + LIFETIME_S,
            "iat": now,
            "jti": uuid.uuid4().hex,
            "role": role.value,
            "sid": session.hex,
            "name": username,
        }
        headers = {"kid": self._keys.signing_key_id}
        return jwt.encode(claims, self._keys.signing_key, algorithm=_ALGORITHM, headers=headers)

    def verify(self, token: str) -> AccessToken:
        """Return the token's content. Raises :class:`TokenExpired`, or :class:`NotAuthenticated` if it is invalid."""
        if len(token) > _LENGTH_MAX or not token.isascii():
            raise NotAuthenticated
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._verified.get(digest)
        if verified is None:
            verified = self._verify_signature(token)
            self._verified.put(digest, verified)
        if verified.expires_at <= self._clock():
            self._verified.discard(digest)
            raise TokenExpired
        return verified

    def _verify_signature(self, token: str) -> AccessToken:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            signer = next((keys for keys in (self._keys, *self._keys.earlier()) if keys.signing_key_id == key_id), None)
            if signer is None:
                raise NotAuthenticated
            decoded = jwt.decode_complete(
                token,
                signer.verifying_key,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # verify() checks the expiry, by the same clock that issued the token.
                options={"require": _CLAIMS, "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            raise NotAuthenticated from None
        try:
            return _read_claims(decoded["payload"])
        except (TypeError, ValueError):
            # Signed with our key, but with claims that this version does not know.
            raise NotAuthenticated from None


def _read_claims(claims: dict[str, Any]) -> AccessToken:
    subject = _SUBJECT.fullmatch(claims["sub"])
    if claims["typ"] != _TYPE or subject is None:
        raise ValueError("not an access token")
    session = uuid.UUID(hex=claims["sid"])
    principal = Principal(Role(claims["role"]), CustomerId(int(subject[1])), str(claims["name"]), session)
    return AccessToken(principal, session, int(claims["exp"]))
