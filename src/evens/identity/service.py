"""Identity for the edges: registration, login and logout, and authentication by bearer credentials."""

from collections.abc import Sequence
from dataclasses import dataclass

from evens.core.values.ids import CustomerId
from evens.identity.api_keys import KEY_PREFIX, ApiKey, ApiKeys, NewApiKey
from evens.identity.emails import check_email
from evens.identity.errors import (
    CustomerUnknown,
    EmailTaken,
    NotASession,
    RequestDiffers,
    WrongCredentials,
)
from evens.identity.keys import InstallationKeys
from evens.identity.login_attempts import AttemptGuard
from evens.identity.passwords import Passwords, check_password
from evens.identity.principal import Principal, Role
from evens.identity.sessions import Session, Sessions
from evens.identity.store_protocol import IdentityStore, LoginRecord
from evens.identity.tokens import AccessTokens


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's username and e-mail address."""

    customer: CustomerId
    username: str
    email: str | None


class Identity:
    """Combines passwords, sessions and API keys. Its errors are in :mod:`evens.identity.errors`.

    Every method may also raise the store's own error for a database that cannot be reached.
    """

    def __init__(
        self,
        store: IdentityStore,
        keys: InstallationKeys,
        *,
        passwords: Passwords | None = None,
        guard: AttemptGuard | None = None,
    ) -> None:
        self._store = store
        self._passwords = passwords or Passwords()
        self._guard = guard or AttemptGuard()
        self._sessions = Sessions(store, AccessTokens(keys))
        self._api_keys = ApiKeys(store, keys)

    async def authenticate(self, bearer: str) -> Principal:
        """Return the caller to whom an access token or an API key belongs. Raises :class:`NotAuthenticated`."""
        if bearer.startswith(KEY_PREFIX):
            return await self._api_keys.authenticate(bearer)
        return self._sessions.authenticate(bearer)

    async def check_registration(self, username: str, email: str, password: str) -> None:
        """Check everything that can be checked before the customer is registered. A repeated request passes.

        Raises :class:`EmailInvalid`, :class:`PasswordInvalid`, :class:`EmailTaken`.
        """
        check_password(password)
        await self.check_email_free(email, username)

    async def check_email_free(self, email: str, username: str) -> None:
        """Raise :class:`EmailInvalid`, or :class:`EmailTaken` if it belongs to anyone of another username."""
        holder = await self._store.find_email(check_email(email))
        if holder is not None and holder.username.lower() != username.lower():
            raise EmailTaken

    async def register(self, customer: CustomerId, email: str, password: str, *, address: str | None = None) -> Session:
        """Give a registered customer a login, and begin their first session.

        Repeating it, after a lost answer or a crash, begins another session if the password is the same.

        Raises :class:`EmailInvalid`, :class:`PasswordInvalid`, :class:`EmailTaken`, :class:`CustomerUnknown`;
        :class:`RequestDiffers` if the customer registered with another address or password, and
        :class:`TooManyAttempts` for trying to find out which; :class:`PasswordsBusy`.
        """
        check_email(email)
        check_password(password)
        known = await self._store.login_of(customer)
        if known is None:
            raise CustomerUnknown
        if known.password_hash is None:
            password_hash = await self._passwords.hash(password)
            known = await self._store.add_login(customer, email, password_hash)
            if known is None:
                raise EmailTaken
            if known.password_hash == password_hash:
                return await self._sessions.begin(customer, known.username)
        is_right = await self._password_is_right(known, str(customer), password, address)
        if not is_right or (known.email or "").lower() != email.lower():
            raise RequestDiffers
        return await self._sessions.begin(customer, known.username)

    async def record_email(self, customer: CustomerId, email: str) -> None:
        """Record the address of a customer whom an operator registered; repeating it is no error.

        Raises :class:`EmailInvalid`, :class:`EmailTaken`, :class:`CustomerUnknown`, and :class:`RequestDiffers` if
        another address is recorded.
        """
        check_email(email)
        if await self._store.login_of(customer) is None:
            raise CustomerUnknown
        recorded = await self._store.add_login(customer, email, None)
        if recorded is None:
            raise EmailTaken
        if (recorded.email or "").lower() != email.lower():
            raise RequestDiffers

    async def login(self, login: str, password: str, *, address: str | None = None) -> Session:
        """Begin a session for a username or an e-mail address, in any case, and its password.

        ``address`` is the client's. Raises :class:`WrongCredentials`, :class:`TooManyAttempts`, :class:`PasswordsBusy`.
        """
        known = await self._store.find_login(login) if login.isprintable() else None
        # Counted by customer, so that username and e-mail address together allow no more attempts than one of them.
        counted_as = login if known is None else str(known.customer)
        if not await self._password_is_right(known, counted_as, password, address) or known is None:
            raise WrongCredentials
        return await self._sessions.begin(known.customer, known.username)

    async def refresh(self, refresh_token: str) -> Session:
        """Return a session's next tokens. Raises :class:`RefreshTokenInvalid`, :class:`RefreshTokenReused`."""
        return await self._sessions.refresh(refresh_token)

    async def logout(self, token: str) -> None:
        """End the session of an access or a refresh token; repeating it is no error.

        Raises :class:`NotASession` for an API key, :class:`NotAuthenticated` for what is no valid token.
        """
        if token.startswith(KEY_PREFIX):
            raise NotASession
        await self._sessions.end(token)

    async def profile(self, customer: CustomerId) -> Profile:
        """Return the customer's username and e-mail address. Raises :class:`CustomerUnknown`."""
        known = await self._store.login_of(customer)
        if known is None:
            raise CustomerUnknown
        return Profile(known.customer, known.username, known.email)

    async def create_api_key(
        self,
        maker: Principal,
        *,
        role: Role,
        customer: CustomerId | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> NewApiKey:
        """Make an API key: see :meth:`ApiKeys.create`."""
        return await self._api_keys.create(
            maker, role=role, customer=customer, name=name, idempotency_key=idempotency_key
        )

    async def list_api_keys(self, viewer: Principal, *, limit: int, after: str | None = None) -> Sequence[ApiKey]:
        """Return API keys within the viewer's reach, newest first: see :meth:`ApiKeys.list_keys`."""
        return await self._api_keys.list_keys(viewer, limit=limit, after=after)

    async def revoke_api_key(self, viewer: Principal, key_id: str) -> ApiKey:
        """Revoke an API key: see :meth:`ApiKeys.revoke`."""
        return await self._api_keys.revoke(viewer, key_id)

    async def remove_expired(self) -> int:
        """Remove expired refresh tokens; return how many. To be called from time to time."""
        return await self._store.remove_expired()

    def close(self) -> None:
        """Wait for the running password hashes. Call once, when no more requests come."""
        self._passwords.close()

    async def _password_is_right(
        self, known: LoginRecord | None, counted_as: str, password: str, address: str | None
    ) -> bool:
        """Verify within the limits on attempts, and store a new hash if the configured cost has changed."""
        stored_hash = known.password_hash if known is not None else None
        with self._guard.attempt(counted_as, address) as attempt:
            verdict = await self._passwords.verify(password, stored_hash)
            if not verdict.matches:
                attempt.failed()
                return False
            attempt.succeeded()
        if known is not None and stored_hash is not None and verdict.renewed_hash is not None:
            await self._store.replace_password_hash(known.customer, stored_hash, verdict.renewed_hash)
        return True
