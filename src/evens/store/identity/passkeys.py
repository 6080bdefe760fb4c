"""The tables of passkeys and of challenges that were answered."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables, lock_owner


class PasskeyRow(NamedTuple):
    """A passkey as recorded."""

    id: UUID
    credential_id: bytes
    customer: CustomerId
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


class PasskeyTables(Tables):
    """Passkeys in PostgreSQL."""

    async def add_passkey(
        self, id: UUID, credential_id: bytes, customer: CustomerId, key: tuple[bytes, int], name: str, live_max: int
    ) -> PasskeyRow | Literal["taken", "too_many"]:
        """Record a passkey with its public key and count; or return why not."""
        insert = """
            INSERT INTO evens.passkeys (id, credential_id, customer, public_key, sign_count, name)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING RETURNING *
        """
        async with self._database.connection() as connection, connection.transaction():
            await lock_owner(connection, f"passkeys of {customer}")
            count = await connection.fetchval("SELECT count(*) FROM evens.passkeys WHERE customer = $1", customer)
            if count >= live_max:
                return "too_many"
            row = await connection.fetchrow(insert, id, credential_id, customer, *key, name)
        return "taken" if row is None else PasskeyRow(**row)

    async def passkeys_of(self, customer: CustomerId) -> list[PasskeyRow]:
        """Return a customer's passkeys, oldest first."""
        select = "SELECT * FROM evens.passkeys WHERE customer = $1 ORDER BY created_at, id"
        async with self._database.connection() as connection:
            return [PasskeyRow(**row) for row in await connection.fetch(select, customer)]

    async def passkey(self, credential_id: bytes) -> PasskeyRow | None:
        """Return the passkey that an authenticator calls so."""
        select = "SELECT * FROM evens.passkeys WHERE credential_id = $1"
        async with self._database.connection() as connection:
            row = await connection.fetchrow(select, credential_id)
        return None if row is None else PasskeyRow(**row)

    async def count_passkey(self, id: UUID, sign_count: int, next_count: int) -> bool:
        """Note that a passkey was used, if its count is still what it was."""
        update = """
            UPDATE evens.passkeys SET sign_count = $3, used_at = now() WHERE id = $1 AND sign_count = $2 RETURNING true
        """
        async with self._database.connection() as connection:
            return await connection.fetchval(update, id, sign_count, next_count) is not None

    async def rename_passkey(self, customer: CustomerId, id: UUID, name: str) -> PasskeyRow | None:
        """Give a customer's passkey another name, and return it."""
        update = "UPDATE evens.passkeys SET name = $3 WHERE customer = $1 AND id = $2 RETURNING *"
        async with self._database.connection() as connection:
            row = await connection.fetchrow(update, customer, id, name)
        return None if row is None else PasskeyRow(**row)

    async def remove_passkey(self, customer: CustomerId, id: UUID) -> bool:
        """Remove a customer's passkey; return whether there was one."""
        delete = "DELETE FROM evens.passkeys WHERE customer = $1 AND id = $2 RETURNING true"
        async with self._database.connection() as connection:
            return await connection.fetchval(delete, customer, id) is not None

    async def use_challenge(self, challenge_hash: bytes, lifetime: timedelta) -> bool:
        """Use a challenge up; ``False`` if it was used before."""
        insert = """
            INSERT INTO evens.passkey_challenges (challenge_hash, expires_at) VALUES ($1, now() + $2::interval)
            ON CONFLICT DO NOTHING RETURNING true
        """
        async with self._database.connection() as connection:
            return await connection.fetchval(insert, challenge_hash, lifetime) is not None

    async def forget_challenges(self) -> None:
        """Forget challenges that are too old to be answered anyway."""
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM evens.passkey_challenges WHERE expires_at < now()")
