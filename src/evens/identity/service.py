"""Identity for the edges: registration, login and logout, and authentication by bearer credentials."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.identity.api_keys import KEY_PREFIX, ApiKey, ApiKeys, NewApiKey
from evens.identity.cookies import COOKIE_PREFIX, PROGRAM_PREFIX
from evens.identity.demo import DemoLogins
from evens.identity.emails import check_email
from evens.identity.ended import KEY, Ended, EndedWatch, Told
from evens.identity.errors import (
    CustomerUnknown,
    EmailTaken,
    NotASession,
    PasswordWrong,
    RequestDiffers,
    WrongCredentials,
)
from evens.identity.judging import Judging
from evens.identity.keys import InstallationKeys
from evens.identity.limits import IdentityLimits
from evens.identity.login_attempts import AttemptGuard
from evens.identity.passkeys import Passkeys
from evens.identity.passwords import Passwords, check_password
from evens.identity.principal import Principal, Profile, Role
from evens.identity.reach import find_openable
from evens.identity.records import LiveSession, LoginRecord
from evens.identity.resets import PasswordResets
from evens.identity.second_factor import SecondFactors
from evens.identity.sessions import Device, Session, Sessions
from evens.identity.store_protocol import EndedStore, IdentityStore
from evens.identity.tokens import AccessTokens

PLACES_KEPT: Final = timedelta(days=180)
"""How long a place from which somebody logged in is remembered."""


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
        limits: IdentityLimits | None = None,
        second_factors: SecondFactors | None = None,
    ) -> None:
        limits = limits or IdentityLimits()
        self._store = store
        self._passwords = passwords or Passwords()
        self._guard = guard or AttemptGuard()
        self.judging: Final = Judging()
        self._ended = Ended()
        self._sessions = Sessions(
            store,
            AccessTokens(keys),
            self._ended,
            live_max=limits.sessions_max,
            operators_need_second_factor=limits.operators_need_second_factor,
        )
        self.cookies: Final = self._sessions.cookies
        self.programs: Final = self._sessions.programs
        self._api_keys = ApiKeys(store, keys, live_max=limits.api_keys_max)
        self._ended.follow(self._forget_keys)
        self.second_factors: Final = second_factors or SecondFactors(store, keys, earlier=keys.earlier)
        self.passkeys: Final = Passkeys(store, keys, self._sessions)
        self.resets: Final = PasswordResets(store, self._passwords, self._ended)

    @property
    def knows_what_ended(self) -> bool:
        """Whether this server is sure to hear of credentials that end elsewhere, so that it need not ask each time."""
        return self._ended.is_sure

    def watch(self, store: EndedStore) -> EndedWatch:
        """Return what must run for this server to hear at once of credentials that end on others."""
        return EndedWatch(store, self._ended)

    def follow_ended(self, told: Told) -> None:
        """Call ``told`` for each session or API key that ends from now on."""
        self._ended.follow(told)

    async def authenticate(self, bearer: str) -> Principal:
        """Return the caller to whom an access token or an API key belongs. Raises :class:`NotAuthenticated`."""
        if bearer.startswith(KEY_PREFIX):
            return await self._api_keys.authenticate(bearer)
        return await self._sessions.authenticate(bearer)

    def remembered(self, bearer: str) -> Principal | None:
        """Return the caller whose API key, cookie or session token this is, if known without asking the store."""
        if bearer.startswith((COOKIE_PREFIX, PROGRAM_PREFIX)):
            return (self.programs if bearer.startswith(PROGRAM_PREFIX) else self.cookies).remembered(bearer)
        return self._api_keys.remembered(bearer) if bearer.startswith(KEY_PREFIX) else None

    def recognises(self, bearer: str) -> bool:
        """Return whether the store is asked of a credential only if it is ours: not so of unknown keys and cookies."""
        return not bearer.startswith((KEY_PREFIX, COOKIE_PREFIX, PROGRAM_PREFIX)) or self._api_keys.recognises(bearer)

    async def check_registration(self, username: str, email: str, password: str) -> None:
        """Check everything that can be checked before the customer is registered. A repeated request passes.

        Raises :class:`EmailInvalid`, :class:`PasswordInvalid`, :class:`PasswordCommon`, :class:`EmailTaken`,
        :class:`PasswordsBusy`.
        """
        await self._passwords.check_new(password, known_words=(username, email))
        await self.check_email_free(email, username)

    async def check_email_free(self, email: str, username: str) -> None:
        """Raise :class:`EmailInvalid`, or :class:`EmailTaken` if it belongs to anyone of another username."""
        holder = await self._store.find_email(check_email(email))
        if holder is not None and holder.username.lower() != username.lower():
            raise EmailTaken

    async def register(
        self, customer: CustomerId, email: str, password: str, *, device: Device | None = None
    ) -> Session:
        """Give a registered customer a login, and begin their first session.

        Call :meth:`check_registration` first. Repeating it, after a lost answer or a crash, begins another session if
        the password is the same.

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
                return await self._sessions.begin(customer, known.username, device=device)
        right = await self._right_password(known, _counted_as(customer), (password,), device)
        if right is None or (known.email or "").lower() != email.lower():
            raise RequestDiffers
        return await self._begin(known, None, device, end_oldest=False)

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

    async def login(
        self,
        login: str,
        password: str,
        *,
        code: str | None = None,
        device: Device | None = None,
        end_oldest: bool = False,
        apart: tuple[str, str] | None = None,
    ) -> Session:
        """Begin a session for a username or an e-mail address, in any case, and its password.

        ``code`` is of the second factor, for those who have one. ``end_oldest`` ends the session that was not used for
        longest if there is no room for another. ``apart`` is ``password`` taken apart, if it may be a password with a
        code behind it; that is no other attempt.

        Raises :class:`WrongCredentials`, :class:`SecondFactorRequired`, :class:`SecondFactorWrong`,
        :class:`TooManyAttempts`, :class:`TooManySessions`, :class:`PasswordsBusy`.
        """
        known = await self._store.find_login(login) if login.isprintable() else None
        # Counted by customer, so that username and e-mail address together allow no more attempts than one of them.
        counted_as = f"login:{login}" if known is None else _counted_as(known.customer)
        readings = {password: code} | (dict([apart]) if apart else {})
        right = await self._right_password(known, counted_as, readings, device)
        if right is None or known is None:
            raise WrongCredentials
        return await self._begin(known, readings[right], device, end_oldest=end_oldest)

    async def change_password(
        self,
        caller: Principal,
        customer: CustomerId,
        current: str,
        new: str,
        *,
        device: Device | None = None,
        revoke_api_keys: bool = False,
    ) -> None:
        """Replace a password, end every session but the caller's own and, if asked to, the customer's API keys.

        Raises :class:`PasswordWrong`, :class:`PasswordInvalid`, :class:`PasswordCommon`, :class:`CustomerUnknown`,
        :class:`TooManyAttempts`, :class:`PasswordsBusy`.
        """
        known = await self._store.login_of(customer)
        if known is None:
            raise CustomerUnknown
        if await self._right_password(known, _counted_as(customer), (current,), device) is None:
            raise PasswordWrong("current")
        words = [known.username, *([known.email] if known.email else [])]
        await self._passwords.check_new(new, known_words=words, field="new")
        new_hash = await self._passwords.hash(new)
        # Read again: verifying may have stored the hash at another cost.
        known = await self._store.login_of(customer)
        old_hash = None if known is None else known.password_hash
        revoked = old_hash and await self._store.change_password(
            customer, old_hash, new_hash, caller.session, revoke_api_keys=revoke_api_keys
        )
        if not isinstance(revoked, list):
            raise PasswordWrong("current")
        self._ended.keys(revoked)

    async def set_role(self, customer: CustomerId, role: Role) -> None:
        """Let a customer log in with this role; their sessions end if it was another. Raises CustomerUnknown."""
        if not await self._store.set_role(customer, role):
            raise CustomerUnknown

    async def check_reach(self, actor: Principal, customer: CustomerId) -> None:
        """Raise as :func:`find_openable` does, unless the login is the actor's own."""
        if customer != actor.customer:
            await find_openable(self._store, actor, customer)

    async def take_second_factor_away(self, taker: Principal, customer: CustomerId) -> None:
        """Remove a lost second factor. Raises CustomerUnknown, SecondFactorUnknown, RoleNotBelowOwn."""
        await find_openable(self._store, taker, customer)
        await self.second_factors.take_away(customer)

    async def refresh(self, refresh_token: str) -> Session:
        """Return a session's next tokens. Raises :class:`RefreshTokenInvalid`, :class:`RefreshTokenReused`."""
        return await self._sessions.refresh(refresh_token)

    async def logout(self, token: str) -> None:
        """End the session of an access token, a refresh token or a cookie; repeating it is no error.

        Raises :class:`NotASession` for an API key, :class:`NotAuthenticated` for what is no valid token.
        """
        if token.startswith(KEY_PREFIX):
            raise NotASession
        await self._sessions.end(token)

    async def list_sessions(self, customer: CustomerId) -> Sequence[LiveSession]:
        """Return the customer's live sessions, the last used first."""
        return await self._sessions.list_of(customer)

    async def end_session(self, customer: CustomerId, session_id: str) -> None:
        """End one of the customer's sessions by its public id. Raises :class:`SessionUnknown`."""
        await self._sessions.end_one(customer, session_id)

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
        bound_to_session: bool = False,
        idempotency_key: str | None = None,
    ) -> NewApiKey:
        """Make an API key: see :meth:`ApiKeys.create`."""
        return await self._api_keys.create(
            maker,
            role=role,
            customer=customer,
            name=name,
            bound_to_session=bound_to_session,
            idempotency_key=idempotency_key,
        )

    async def list_api_keys(self, viewer: Principal, *, limit: int, after: str | None = None) -> Sequence[ApiKey]:
        """Return API keys within the viewer's reach, newest first: see :meth:`ApiKeys.list_keys`."""
        return await self._api_keys.list_keys(viewer, limit=limit, after=after)

    async def revoke_api_key(self, viewer: Principal, key_id: str) -> ApiKey:
        """Revoke an API key: see :meth:`ApiKeys.revoke`."""
        revoked = await self._api_keys.revoke(viewer, key_id)
        self._ended.key(key_id)
        return revoked

    async def remove_expired(self) -> int:
        """Remove what is expired, from time to time; return how many refresh tokens. Unused places are forgotten."""
        await self.second_factors.seal_anew()
        await self._store.forget_places(PLACES_KEPT)
        await self.passkeys.forget_challenges()
        return await self._store.remove_expired()

    def for_demo(self) -> DemoLogins:
        """Return what lets people in without a password: a demo's customers have none."""
        return DemoLogins(self._store, self._sessions)

    def close(self) -> None:
        """Wait for the running password hashes. Call once, when no more requests come."""
        self._passwords.close()

    async def _begin(self, known: LoginRecord, code: str | None, device: Device | None, *, end_oldest: bool) -> Session:
        """Begin a session for somebody whose password was right."""
        address = None if device is None else device.address
        second_factor = await self.second_factors.check(known.customer, code, address=address)
        return await self._sessions.begin(
            known.customer,
            known.username,
            role=Role(known.role),
            second_factor=second_factor,
            device=device,
            end_oldest=end_oldest,
        )

    async def _right_password(
        self, known: LoginRecord | None, counted_as: str, readings: Iterable[str], device: Device | None
    ) -> str | None:
        """Return which is right, in one attempt within the limits; store a new hash if the cost has changed."""
        stored_hash = known.password_hash if known is not None else None

        async def is_known_place(place: str) -> bool:
            return known is not None and await self._store.is_known_place(known.customer, place)

        address = None if device is None else device.address
        async with self._guard.attempt(counted_as, address, is_known_place=is_known_place) as attempt:
            for password in readings:
                verdict = await self._passwords.verify(password, stored_hash)
                if verdict.matches:
                    break
            else:
                attempt.failed()
                return None
            attempt.succeeded()
        if known is not None and stored_hash is not None and verdict.renewed_hash is not None:
            await self._store.replace_password_hash(known.customer, stored_hash, verdict.renewed_hash)
        return password

    def _forget_keys(self, kind: str, subject: str) -> None:
        if kind == KEY:
            self._api_keys.forget(subject)
        else:
            self._api_keys.forget_bound(UUID(subject))


def _counted_as(customer: CustomerId) -> str:
    """Return what attempts at a customer's password are counted under; no login that people type has this form."""
    return f"customer:{customer}"
