"""What passkeys need stored, as protocols."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.identity.records import LoginRecord


class PasskeyRecord(Protocol):
    """A passkey. ``public_key`` is as COSE has it; ``sign_count`` how often it was used, if its owner counts that."""

    @property
    def id(self) -> UUID:
        """Our id of it."""
        ...

    @property
    def credential_id(self) -> bytes:
        """How the authenticator calls it."""
        ...

    @property
    def customer(self) -> CustomerId:
        """Whose it is."""
        ...

    @property
    def public_key(self) -> bytes:
        """The key that its answers are verified with."""
        ...

    @property
    def sign_count(self) -> int:
        """How often it was used; 0 if the authenticator does not count."""
        ...

    @property
    def name(self) -> str:
        """What its owner calls it."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it was added."""
        ...

    @property
    def used_at(self) -> datetime | None:
        """When somebody last logged in with it."""
        ...


class PasskeyStore(Protocol):
    """Passkeys, and challenges that were answered."""

    async def login_of(self, customer: CustomerId) -> LoginRecord | None:
        """Return the customer with what is recorded of their login, or ``None`` if there is no such customer."""
        ...

    async def add_passkey(
        self, id: UUID, credential_id: bytes, customer: CustomerId, key: tuple[bytes, int], name: str, live_max: int
    ) -> PasskeyRecord | Literal["taken", "too_many"]:
        """Record a passkey with its public key and count; or return why not."""
        ...

    async def passkeys_of(self, customer: CustomerId) -> Sequence[PasskeyRecord]:
        """Return a customer's passkeys, oldest first."""
        ...

    async def passkey(self, credential_id: bytes) -> PasskeyRecord | None:
        """Return the passkey that an authenticator calls so."""
        ...

    async def count_passkey(self, id: UUID, sign_count: int, next_count: int) -> bool:
        """Note that a passkey was used, if its count is still what it was."""
        ...

    async def rename_passkey(self, customer: CustomerId, id: UUID, name: str) -> PasskeyRecord | None:
        """Give a customer's passkey another name, and return it."""
        ...

    async def remove_passkey(self, customer: CustomerId, id: UUID) -> bool:
        """Remove a customer's passkey; return whether there was one."""
        ...

    async def use_challenge(self, challenge_hash: bytes, lifetime: timedelta) -> bool:
        """Use a challenge up; ``False`` if it was used before."""
        ...

    async def forget_challenges(self) -> None:
        """Forget challenges that are too old to be answered anyway."""
        ...
