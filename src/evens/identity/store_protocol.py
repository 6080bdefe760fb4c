"""What identity needs stored, as protocols. The store implements them; the composition root joins the two.

Secrets are passed as hashes: SHA-256 for tokens and API keys, argon2id for passwords. Every method may also raise the
store's own error for a database that cannot be reached; identity does not catch it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.identity.passkey_store import PasskeyStore
from evens.identity.records import ApiKeyRecord, LiveSession, LoginRecord, SecondFactorRecord, SessionRecord


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

    async def change_password(
        self,
        customer: CustomerId,
        old_hash: str,
        new_hash: str,
        keep_session: UUID | None,
        *,
        revoke_api_keys: bool = False,
    ) -> Sequence[str] | None:
        """Replace the hash if it is still ``old_hash``, and end every other session; ``None``: it was not.

        The ids of the API keys are returned that were revoked.
        """
        ...

    async def set_role(self, customer: CustomerId, role: str) -> bool:
        """Record a role and, if it is another one, end the customer's sessions and reset token.

        ``False``: no such customer.
        """
        ...

    async def is_known_place(self, customer: CustomerId, place: str) -> bool:
        """Return whether the customer has begun a session from there."""
        ...

    async def forget_places(self, unseen_for: timedelta) -> None:
        """Forget places from which no session was begun for so long."""
        ...


class SessionStore(Protocol):
    """Refresh tokens in families: a family is one session, and only its newest token can be used, once."""

    async def add_session(
        self,
        family: UUID,
        customer: CustomerId,
        token_hash: bytes,
        lifetime: timedelta,
        *,
        by_cookie: bool = False,
        second_factor: bool = False,
        address: str | None = None,
        place: str | None = None,
        client: str | None = None,
        live_max: int | None = None,
        end_oldest: bool = False,
    ) -> bool:
        """Begin a session with its first refresh token, or ``by_cookie`` with its only cookie; remember the place.

        ``False``: the customer has ``live_max`` sessions already. With ``end_oldest``, those that were not used for
        longest end instead.
        """
        ...

    async def rotate(self, token_hash: bytes, next_hash: bytes, lifetime: timedelta) -> SessionRecord | None:
        """Use up one refresh token and store the next, in one step that only one of several callers can make.

        If the token was used before, its whole family is ended and ``reused`` is true. ``None``: it is unknown,
        expired, or of a session that has ended.
        """
        ...

    async def use_cookie(self, cookie_hash: bytes, lifetime: timedelta | None) -> SessionRecord | None:
        """Return the live session of a cookie, and let it live for ``lifetime`` from now, or until when it would."""
        ...

    async def family_of(self, token_hash: bytes) -> UUID | None:
        """Return the session that a refresh token belongs to, used or not."""
        ...

    async def end_session(self, family: UUID, customer: CustomerId | None = None) -> bool:
        """End a session, if it is the customer's where one is given; ending it again is no error.

        Return whether there is such a session.
        """
        ...

    async def is_session_live(self, family: UUID) -> bool:
        """Return whether the session has neither ended nor expired."""
        ...

    async def list_sessions(self, customer: CustomerId) -> Sequence[LiveSession]:
        """Return the customer's live sessions, the last used first."""
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
        *,
        session: UUID | None = None,
        may_reuse_name: bool = True,
        live_max: int | None = None,
    ) -> tuple[ApiKeyRecord, bool] | Literal["customer_unknown", "name_taken", "too_many"]:
        """Record a key unless its id is recorded; return what is recorded then and whether it was added, or why not.

        A key that acts for nobody has the scope of its role and name. Unless ``may_reuse_name``, an earlier key of the
        same scope stands in its way if another scope made it. ``live_max`` is the most keys that act for the customer
        or, if there is none, that ``created_by`` has made.
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


class SecondFactorStore(Protocol):
    """Second factors, one for a customer, and recovery codes, each good once."""

    async def second_factor_of(self, customer: CustomerId) -> SecondFactorRecord | None:
        """Return the customer's second factor, confirmed or not."""
        ...

    async def propose_second_factor(self, customer: CustomerId, sealed_secret: bytes) -> bool:
        """Store a secret that is still to be confirmed; ``False`` if another is confirmed already."""
        ...

    async def confirm_second_factor(
        self, customer: CustomerId, sealed_secret: bytes, step: int, recovery_hashes: list[bytes]
    ) -> bool:
        """Let the secret count from now on; ``False`` if it was confirmed or replaced meanwhile."""
        ...

    async def use_step(self, customer: CustomerId, step: int) -> bool:
        """Use up a time step and those before; ``False`` if it was used before."""
        ...

    async def use_recovery_code(self, customer: CustomerId, code_hash: bytes) -> bool:
        """Use up a recovery code; ``False`` if there is none like it."""
        ...

    async def sealed_secrets(self) -> Sequence[tuple[CustomerId, bytes]]:
        """Return every encrypted secret with its customer."""
        ...

    async def seal_anew(self, customer: CustomerId, sealed_secret: bytes, sealed_anew: bytes) -> bool:
        """Replace an encrypted secret if it is still that one; return whether it was."""
        ...

    async def remove_second_factor(self, customer: CustomerId) -> bool:
        """Remove the second factor with its recovery codes; ``False`` if there is none."""
        ...


class ResetTokenStore(Protocol):
    """Tokens with which a new password is set: one for each customer, good once."""

    async def put_reset_token(
        self, customer: CustomerId, token_hash: bytes, lifetime: timedelta, made_by: str
    ) -> datetime:
        """Store the customer's only reset token; return when it expires. The customer must exist."""
        ...

    async def remove_reset_token(self, token_hash: bytes) -> None:
        """Make a reset token useless."""
        ...

    async def customer_of_reset_token(self, token_hash: bytes) -> CustomerId | None:
        """Return the customer whose password the token can set."""
        ...

    async def reset_password(self, token_hash: bytes, password_hash: str) -> Sequence[str] | None:
        """Use up the token and store the hash; end every session of its customer, and revoke their API keys.

        The ids of these keys are returned. ``None``: the token is unknown, used or expired.
        """
        ...


class Listener(Protocol):
    """A connection on which the store tells of every credential that ends."""

    async def ended_within(self, period: timedelta) -> Sequence[UUID]:
        """Return the sessions that ended within the period before now."""
        ...

    async def check(self) -> None:
        """Raise the store's error unless this connection still hears."""
        ...


class EndedStore(Protocol):
    """Tells of sessions that end and API keys that are revoked, on whatever server."""

    def listen(self, heard: Callable[[str, str], None]) -> AbstractAsyncContextManager[Listener]:
        """Call ``heard`` with ``"session"`` or ``"key"`` and its id, for each that ends during the block."""
        ...


class IdentityStore(LoginStore, SessionStore, ApiKeyStore, SecondFactorStore, ResetTokenStore, PasskeyStore, Protocol):
    """Everything that identity needs stored."""
