"""What identity needs stored, as protocols. The store implements them; the composition root joins the two.

Secrets are passed as hashes: SHA-256 for tokens and API keys, argon2id for passwords. Every method may also raise the
store's own error for a database that cannot be reached; identity does not catch it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from evens.core.values.ids import CustomerId


class LoginRecord(Protocol):
    """A customer, and how they log in. ``email`` and ``password_hash`` are ``None`` where nothing was recorded."""

    @property
    def customer(self) -> CustomerId:
        """The customer's id."""
        ...

    @property
    def username(self) -> str:
        """The username as registered."""
        ...

    @property
    def email(self) -> str | None:
        """The e-mail address as given."""
        ...

    @property
    def password_hash(self) -> str | None:
        """The argon2id hash."""
        ...


class SessionRecord(Protocol):
    """The session that a refresh token belongs to. ``reused``: the token was used before, and the session has ended."""

    @property
    def family(self) -> UUID:
        """The id that all tokens of the session share."""
        ...

    @property
    def customer(self) -> CustomerId:
        """Whose session it is."""
        ...

    @property
    def username(self) -> str:
        """Their username."""
        ...

    @property
    def reused(self) -> bool:
        """Whether the token had been used before."""
        ...


class ApiKeyRecord(Protocol):
    """An API key. ``username`` is that of ``customer``, if it has one."""

    @property
    def id(self) -> str:
        """The public id."""
        ...

    @property
    def role(self) -> str:
        """A value of :class:`~evens.identity.principal.Role`."""
        ...

    @property
    def customer(self) -> CustomerId | None:
        """The customer it acts for, if any."""
        ...

    @property
    def username(self) -> str | None:
        """Their username."""
        ...

    @property
    def name(self) -> str:
        """The label it was given."""
        ...

    @property
    def created_by(self) -> str:
        """The scope of whoever made it."""
        ...

    @property
    def request(self) -> str:
        """What was asked for, as canonical JSON."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        ...

    @property
    def revoked_at(self) -> datetime | None:
        """When it was revoked, if it was."""
        ...


class LoginStore(Protocol):
    """Logins: one for each customer who has an e-mail address or a password. Addresses are unique whatever the case."""

    async def login_of(self, customer: CustomerId) -> LoginRecord | None:
        """Return the customer with what is recorded of their login, or ``None`` if there is no such customer."""
        ...

    async def find_login(self, login: str) -> LoginRecord | None:
        """Return the customer with this e-mail address, else the one with this username, in any case."""
        ...

    async def find_email(self, email: str) -> LoginRecord | None:
        """Return the customer with this e-mail address, in any case."""
        ...

    async def add_login(self, customer: CustomerId, email: str, password_hash: str | None) -> LoginRecord | None:
        """Record a login unless the customer has one, and return the one that is recorded then.

        ``None``: the address belongs to another customer, and nothing was recorded. The customer must exist.
        """
        ...

    async def replace_password_hash(self, customer: CustomerId, old_hash: str, new_hash: str) -> None:
        """Replace the hash if it is still ``old_hash``."""
        ...


class SessionStore(Protocol):
    """Refresh tokens in families: a family is one session, and only its newest token can be used, once."""

    async def add_session(self, family: UUID, customer: CustomerId, token_hash: bytes, lifetime: timedelta) -> None:
        """Begin a session with its first refresh token."""
        ...

    async def rotate(self, token_hash: bytes, next_hash: bytes, lifetime: timedelta) -> SessionRecord | None:
        """Use up one refresh token and store the next, in one step that only one of several callers can make.

        If the token was used before, its whole family is ended and ``reused`` is true. ``None``: it is unknown,
        expired, or of a session that has ended.
        """
        ...

    async def family_of(self, token_hash: bytes) -> UUID | None:
        """Return the session that a refresh token belongs to, used or not."""
        ...

    async def end_session(self, family: UUID) -> None:
        """Revoke every refresh token of the session. Ending it again is no error."""
        ...

    async def remove_expired(self) -> int:
        """Remove expired refresh tokens; return how many."""
        ...


class ApiKeyStore(Protocol):
    """API keys, which are revoked but never removed.

    A key is within reach if its role is one of ``roles`` and, where ``scope`` is given, it acts in that scope
    (:attr:`evens.identity.principal.Principal.scope`) or was created there.
    """

    async def find_api_key(self, key_hash: bytes) -> ApiKeyRecord | None:
        """Return the key with this hash unless it is revoked."""
        ...

    async def add_api_key(
        self,
        key_id: str,
        key_hash: bytes,
        role: str,
        customer: CustomerId | None,
        name: str,
        created_by: str,
        request: str,
    ) -> tuple[ApiKeyRecord, bool] | None:
        """Record a key unless its id is recorded; return what is recorded then, and whether it was added now.

        ``None``: there is no such customer.
        """
        ...

    async def list_api_keys(
        self, roles: Sequence[str], scope: str | None, limit: int, after: str | None
    ) -> Sequence[ApiKeyRecord]:
        """Return up to ``limit`` keys within reach, newest first, from behind the one with id ``after``."""
        ...

    async def revoke_api_key(self, key_id: str, roles: Sequence[str], scope: str | None) -> ApiKeyRecord | None:
        """Revoke a key within reach and return it. Its first revocation counts. ``None``: no such key within reach."""
        ...


class IdentityStore(LoginStore, SessionStore, ApiKeyStore, Protocol):
    """Everything that identity needs stored."""
