"""Reset tokens: with one, its holder sets a new password, whether or not there was one before.

An operator hands it out or has it mailed. It is good once, for a day, and a new one replaces it. It says nothing about
the second factor: whoever has one still needs it.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from evens.core.values.ids import CustomerId
from evens.identity.ended import Ended
from evens.identity.errors import ResetTokenInvalid
from evens.identity.passwords import Passwords
from evens.identity.principal import Principal
from evens.identity.reach import find_openable
from evens.identity.store_protocol import IdentityStore

LIFETIME: Final = timedelta(hours=24)
RESET_PREFIX: Final = "evp_"

_RESET_TOKEN: Final = re.compile(RESET_PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResetToken:
    """A token for whoever hands it out; ``repr`` does not show it. ``email`` is the customer's address, if known."""

    token: str = field(repr=False)
    customer: CustomerId
    username: str
    email: str | None
    expires_at: datetime


class PasswordResets:
    """Makes reset tokens, and sets passwords with them."""

    def __init__(self, store: IdentityStore, passwords: Passwords, ended: Ended) -> None:
        self._store = store
        self._ended = ended
        self._passwords = passwords

    async def make(self, maker: Principal, customer: CustomerId) -> ResetToken:
        """Make a token for a customer, instead of the one before.

        Raises :class:`CustomerUnknown`, and :class:`RoleNotBelowOwn` unless the maker may open the customer's login.
        """
        known = await find_openable(self._store, maker, customer)
        token = RESET_PREFIX + secrets.token_urlsafe(32)
        expires_at = await self._store.put_reset_token(customer, _hash(token), LIFETIME, maker.scope)
        return ResetToken(token, customer, known.username, known.email, expires_at)

    async def withdraw(self, made: ResetToken) -> None:
        """Make a token useless that could not be delivered."""
        await self._store.remove_reset_token(_hash(made.token))

    async def use(self, token: str, new: str) -> CustomerId:
        """Set a new password, end every session of its owner, and revoke every API key that acts for them.

        Return the owner.

        Raises :class:`ResetTokenInvalid`; :class:`PasswordInvalid` and :class:`PasswordCommon`, which leave the token
        good; :class:`PasswordsBusy`.
        """
        token_hash = _hash(token)
        customer = None
        if _RESET_TOKEN.fullmatch(token) is not None:
            customer = await self._store.customer_of_reset_token(token_hash)
        known = None if customer is None else await self._store.login_of(customer)
        if known is None:
            raise ResetTokenInvalid
        words = [known.username, *([known.email] if known.email else [])]
        await self._passwords.check_new(new, known_words=words, field="new")
        password_hash = await self._passwords.hash(new)
        revoked = await self._store.reset_password(token_hash, password_hash)
        if revoked is None:
            raise ResetTokenInvalid
        self._ended.keys(revoked)
        return known.customer


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="backslashreplace")).digest()
