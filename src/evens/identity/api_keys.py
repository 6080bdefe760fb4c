"""API keys: long-lived credentials for programs, each with a role and, for a customer's, the customer it acts for."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Final, Literal
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.identity.bounded_cache import BoundedCache
from evens.identity.errors import (
    ApiKeyUnknown,
    CustomerRequired,
    CustomerUnknown,
    IdentityError,
    KeyNameInvalid,
    KeyNameTaken,
    NotASession,
    NotAuthenticated,
    NotPermitted,
    RequestDiffers,
    RoleAboveOwn,
    TooManyApiKeys,
)
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Principal, Role
from evens.identity.records import ApiKeyRecord
from evens.identity.store_protocol import ApiKeyStore

KEY_PREFIX: Final = "evk_"
LIVE_MAX: Final = 50
"""Most live keys that act for one customer or, without a customer, were made by one caller who is no operator."""
NAME_LENGTH_MAX: Final = 100
REMEMBERED_S: Final = 5.0
"""How long a key is accepted without asking the store again, so also how late another process's revocation counts."""
REFUSED_S: Final = 1.0
"""How long an unknown key is refused without asking the store again."""

_ID_PREFIX: Final = "key_"
_KEY_ID: Final = re.compile(_ID_PREFIX + r"[a-z2-7]{16}", re.ASCII)
_KEY: Final = re.compile(KEY_PREFIX + r"[a-z2-7]{16}_[a-z2-7]{52}", re.ASCII)
_CUSTOMER_MAX: Final = 2**63 - 1
_REMEMBERED_MAX: Final = 10_000
_REFUSED_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret. ``username`` is that of ``customer``, if it has one.

    A key with a ``session`` ends with it.
    """

    id: str
    role: Role
    customer: CustomerId | None
    username: str | None
    name: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None
    session: UUID | None = None

    @property
    def principal(self) -> Principal:
        """Who calls with this key."""
        name = self.username if self.username is not None else self.name
        return Principal(self.role, self.customer, name, key_id=self.id, bound_to=self.session)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key with its secret, for whoever requested it; ``repr`` does not show the secret.

    ``replayed``: an earlier request with the same idempotency key made it.
    """

    key: str = field(repr=False)
    shown: ApiKey
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Remembered:
    key_id: str
    session: UUID | None
    principal: Principal
    until: float


class ApiKeys:
    """Makes, lists, revokes and authenticates API keys.

    ``evk_<id>_<secret>``: the secret follows from the id and the installation's secret, so repeating the request that
    made a key shows it again; the store has only its SHA-256. A key outlives the secret that it was made with, and the
    request can be repeated while that secret counts.
    """

    def __init__(
        self,
        store: ApiKeyStore,
        keys: InstallationKeys,
        *,
        live_max: int = LIVE_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._live_max = live_max
        self._keys = keys
        self._clock = clock
        self._remembered: BoundedCache[bytes, _Remembered] = BoundedCache(_REMEMBERED_MAX)
        self._refused_until: BoundedCache[bytes, float] = BoundedCache(_REFUSED_MAX)
        self._lookups: dict[bytes, asyncio.Task[Principal | None]] = {}

    async def create(
        self,
        maker: Principal,
        *,
        role: Role,
        customer: CustomerId | None = None,
        name: str | None = None,
        bound_to_session: bool = False,
        idempotency_key: str | None = None,
    ) -> NewApiKey:
        """Make a key for ``role``, at most the maker's own.

        A customer's key acts for ``customer``, by default the maker; only operators make keys for someone else. A
        key that acts for nobody keeps its idempotency keys under role and ``name`` (by default its id), so give a
        replacement the same name. Only operators, the bearer of a name and whoever made its first key may use it
        again. With ``bound_to_session`` the key ends with the maker's session; so does every key made with such a key.

        Raises :class:`RoleAboveOwn`, :class:`NotPermitted`, :class:`CustomerRequired`, :class:`CustomerUnknown`,
        :class:`KeyNameInvalid`, :class:`KeyNameTaken`, :class:`TooManyApiKeys`, :class:`NotASession`, and
        :class:`RequestDiffers` if the idempotency key made a different key before.
        """
        if role.rank > maker.role.rank:
            raise RoleAboveOwn(role, maker.role)
        session = maker.bound_to or (maker.session if bound_to_session else None)
        if bound_to_session and session is None:
            raise NotASession("An API key has no session that another could be bound to; log in, or leave it unbound.")
        owner = _owner(maker, role, customer)
        key_id, key = await self._id_and_key(maker, idempotency_key)
        label = key_id if name is None else _check_name(name)
        request = _request(role, customer, name, bound_to_session)
        is_operator = maker.role.rank >= Role.OPERATOR.rank
        added = await self._store.add_api_key(
            key_id,
            _hash(key),
            role,
            owner,
            label,
            maker.scope,
            request,
            session=session,
            may_reuse_name=is_operator,
            live_max=None if is_operator and owner is None else self._live_max,
        )
        if isinstance(added, str):
            raise self._refusal(added)
        record, is_new = added
        if record.request != request:
            raise RequestDiffers
        self._forget(_hash(key))
        return NewApiKey(key, _shown(record), replayed=not is_new)

    async def list_keys(self, viewer: Principal, *, limit: int, after: str | None = None) -> Sequence[ApiKey]:
        """Return up to ``limit`` keys within the viewer's reach, newest first, from behind the one with id ``after``.

        Operators reach every key up to their own rank; everyone else those that act for them or that they made.
        Revoked keys are among them.
        """
        if after is not None and _KEY_ID.fullmatch(after) is None:
            return []
        records = await self._store.list_api_keys(_roles(viewer), _scope(viewer), limit, after)
        return [_shown(record) for record in records]

    async def revoke(self, viewer: Principal, key_id: str) -> ApiKey:
        """Revoke a key within the viewer's reach; revoking it again is no error. Raises :class:`ApiKeyUnknown`.

        In this process the key is refused as soon as this returns; others hear of it and forget it (:meth:`forget`), or
        refuse it after :data:`REMEMBERED_S` at the latest.
        """
        if _KEY_ID.fullmatch(key_id) is None:
            raise ApiKeyUnknown
        record = await self._store.revoke_api_key(key_id, _roles(viewer), _scope(viewer))
        if record is None:
            raise ApiKeyUnknown
        self.forget(key_id)
        return _shown(record)

    def forget(self, key_id: str) -> None:
        """Ask the store again about a key when it is used next, because it was revoked somewhere."""
        # Found by its id: the key itself may have been made with an earlier secret.
        self._remembered.discard_all(lambda remembered: remembered.key_id == key_id)
        self._lookups.clear()

    def forget_bound(self, session: UUID) -> None:
        """Ask the store again about keys that are bound to a session, because it has ended."""
        self._remembered.discard_all(lambda remembered: remembered.session == session)
        self._lookups.clear()

    async def authenticate(self, key: str) -> Principal:
        """Return who calls with this key. Raises :class:`NotAuthenticated` if it is unknown or revoked."""
        principal = self.remembered(key)
        if principal is not None:
            return principal
        if _KEY.fullmatch(key) is None:
            raise NotAuthenticated
        digest = _hash(key)
        refused_until = self._refused_until.get(digest)
        if refused_until is not None and self._clock() < refused_until:
            raise NotAuthenticated
        # Shielded, because others may wait for the same look-up when one caller is cancelled.
        principal = await asyncio.shield(self._lookups.get(digest) or self._begin_lookup(digest))
        if principal is None:
            raise NotAuthenticated
        return principal

    def remembered(self, key: str) -> Principal | None:
        """Return who calls with this key, if that is known without asking the store."""
        if _KEY.fullmatch(key) is None:
            return None
        remembered = self._remembered.get(_hash(key))
        return None if remembered is None or self._clock() >= remembered.until else remembered.principal

    def recognises(self, key: str) -> bool:
        """Return whether a key was made here, without asking the store: it is remembered, or follows from its id.

        It may have been revoked. A key that was made with a secret which counts no more is not recognised.
        """
        if _KEY.fullmatch(key) is None:
            return False
        made = (_id_and_key(keys, key.split("_")[1])[1] for keys in (self._keys, *self._keys.earlier()))
        return self._remembered.get(_hash(key)) is not None or any(compare_digest(key, each) for each in made)

    def _begin_lookup(self, digest: bytes) -> "asyncio.Task[Principal | None]":
        """Look a key up in the store, once for all callers who ask meanwhile."""
        task = self._lookups[digest] = asyncio.create_task(self._look_up(digest))
        task.add_done_callback(lambda done: self._end_lookup(digest, done))
        return task

    def _end_lookup(self, digest: bytes, task: "asyncio.Task[Principal | None]") -> None:
        if self._lookups.get(digest) is task:
            del self._lookups[digest]

    async def _look_up(self, digest: bytes) -> Principal | None:
        record = await self._store.find_api_key(digest)
        is_current = self._lookups.get(digest) is asyncio.current_task()
        if record is None:
            if is_current:
                self._remembered.discard(digest)
                self._refused_until.put(digest, self._clock() + REFUSED_S)
            return None
        principal = _shown(record).principal
        if is_current:
            until = self._clock() + REMEMBERED_S
            self._remembered.put(digest, _Remembered(record.id, record.session, principal, until))
        return principal

    def _refusal(self, why: Literal["customer_unknown", "name_taken", "too_many"]) -> IdentityError:
        refusals: dict[str, IdentityError] = {"customer_unknown": CustomerUnknown(), "name_taken": KeyNameTaken()}
        return refusals.get(why) or TooManyApiKeys(self._live_max)

    def _forget(self, digest: bytes) -> None:
        """Discard what is cached about a key, and a look-up in progress that may have read an old state."""
        self._remembered.discard(digest)
        self._refused_until.discard(digest)
        self._lookups.pop(digest, None)

    async def _id_and_key(self, maker: Principal, idempotency_key: str | None) -> tuple[str, str]:
        """Return a key with its id: derived from the idempotency key, or random without one.

        If the same request made a key before the secret was replaced, it is that one.
        """
        if idempotency_key is None:
            return _id_and_key(self._keys, _base32(secrets.token_bytes(10)))
        derived = [_derive(keys, maker, idempotency_key) for keys in (self._keys, *self._keys.earlier())]
        for key_id, key in derived[1:]:
            if await self._store.find_api_key(_hash(key)) is not None:
                return key_id, key
        return derived[0]


def _derive(keys: InstallationKeys, maker: Principal, idempotency_key: str) -> tuple[str, str]:
    return _id_and_key(keys, _base32(keys.derive_secret("api-key-id", f"{maker.scope}\0{idempotency_key}")[:10]))


def _id_and_key(keys: InstallationKeys, token: str) -> tuple[str, str]:
    """Return the id and the key whose variable part is ``token``."""
    return _ID_PREFIX + token, f"{KEY_PREFIX}{token}_{_base32(keys.derive_secret('api-key', token))}"


def key_id_of(key: str) -> str | None:
    """Return the id of the API key with this text; ``None`` if it is no API key."""
    return _ID_PREFIX + key.split("_")[1] if _KEY.fullmatch(key) else None


def _owner(maker: Principal, role: Role, customer: CustomerId | None) -> CustomerId | None:
    """Return the customer that a new key acts for. Raises if the maker may not name it, or must name one."""
    if customer is not None and customer != maker.customer and maker.role.rank < Role.OPERATOR.rank:
        raise NotPermitted("You can only make API keys that act for yourself.")
    if customer is not None and not 0 < customer <= _CUSTOMER_MAX:
        raise CustomerUnknown
    if role is not Role.CUSTOMER:
        return customer
    owner = maker.customer if customer is None else customer
    if owner is None:
        raise CustomerRequired
    return owner


def _request(role: Role, customer: CustomerId | None, name: str | None, bound_to_session: bool) -> str:
    """Return what was asked for, to tell a repeated request from another one."""
    asked = {"customer": customer, "name": name, "role": role}
    return json.dumps(asked | ({"bound": True} if bound_to_session else {}), sort_keys=True)


def _check_name(name: str) -> str:
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable() or name != name.strip():
        raise KeyNameInvalid(f"must have 1 to {NAME_LENGTH_MAX} printable characters, with no blank at either end")
    return name


def _roles(viewer: Principal) -> list[str]:
    """Return the roles of the keys that the viewer may see."""
    return [role.value for role in Role if role.rank <= viewer.role.rank]


def _scope(viewer: Principal) -> str | None:
    """Return the scope that limits which keys the viewer may see, if it is limited."""
    return viewer.scope if viewer.role.rank < Role.OPERATOR.rank else None


def _shown(record: ApiKeyRecord) -> ApiKey:
    known = record.id, Role(record.role), record.customer, record.username, record.name
    return ApiKey(*known, record.created_by, record.created_at, record.revoked_at, record.session)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _base32(value: bytes) -> str:
    return base64.b32encode(value).decode().rstrip("=").lower()
