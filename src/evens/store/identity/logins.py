"""The table of logins, and the places from which customers have logged in."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import asyncpg

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables, end_sessions, revoke_keys_of

if TYPE_CHECKING:
    from evens.store.database import Connection

_LOGINS: Final = """
    SELECT c.id AS customer, c.username, l.email, l.password_hash, coalesce(l.role, 'customer') AS role
    FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
"""


class LoginRow(NamedTuple):
    """A customer and their login, as far as it is recorded."""

    customer: CustomerId
    username: str
    email: str | None
    password_hash: str | None
    role: str = "customer"


class LoginTables(Tables):
    """Logins in PostgreSQL."""

    async def login_of(self, customer: CustomerId) -> LoginRow | None:
        """Return the customer with what is recorded of their login."""
        async with self._database.connection() as connection:
            return await _login_of(connection, customer)

    async def find_login(self, login: str) -> LoginRow | None:
        """Return the login with this e-mail address, or else with this username, in any case."""
        # Addresses come first: otherwise somebody could take another's address as a username and receive their logins.
        where = """
            WHERE c.id = coalesce(
                (SELECT customer FROM evens.logins WHERE lower(email) = lower($1)),
                (SELECT id FROM evens.customers WHERE lower(username) = lower($1))
            )
        """
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LOGINS + where, login)
        return LoginRow(**row) if row else None

    async def find_email(self, email: str) -> LoginRow | None:
        """Return the login with this e-mail address, in any case."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LOGINS + " WHERE lower(l.email) = lower($1)", email)
        return LoginRow(**row) if row else None

    async def add_login(self, customer: CustomerId, email: str, password_hash: str | None) -> LoginRow | None:
        """Record a login unless the customer has one; return what is recorded, or ``None`` if the address is taken."""
        async with self._database.connection() as connection:
            try:
                await connection.execute(
                    "INSERT INTO evens.logins (customer, email, password_hash) VALUES ($1, $2, $3)"
                    " ON CONFLICT (customer) DO NOTHING",
                    customer,
                    email,
                    password_hash,
                )
            except asyncpg.UniqueViolationError:
                # Also if the same was recorded at the same moment: the index of addresses may be looked at first.
                known = await _login_of(connection, customer)
                is_same = known is not None and (known.email or "").lower() == email.lower()
                return known if is_same else None
            return await _login_of(connection, customer)

    async def replace_password_hash(self, customer: CustomerId, old_hash: str, new_hash: str) -> None:
        """Store another hash unless the old one has been replaced meanwhile."""
        async with self._database.connection() as connection:
            await _replace_hash(connection, customer, old_hash, new_hash)

    async def change_password(
        self,
        customer: CustomerId,
        old_hash: str,
        new_hash: str,
        keep_session: UUID | None,
        *,
        revoke_api_keys: bool = False,
    ) -> list[str] | None:
        """Store another hash and end every other session; return the ids of the API keys that were revoked.

        ``None``: the old hash has been replaced meanwhile.
        """
        async with self._database.connection() as connection, connection.transaction():
            if not await _replace_hash(connection, customer, old_hash, new_hash):
                return None
            await connection.execute("DELETE FROM evens.reset_tokens WHERE customer = $1", customer)
            await end_sessions(connection, customer, but=keep_session)
            return await revoke_keys_of(connection, customer) if revoke_api_keys else []

    async def set_role(self, customer: CustomerId, role: str) -> bool:
        """Record the role of whoever logs in as the customer. Another one ends their sessions and reset token.

        ``False``: there is no such customer.
        """
        async with self._database.connection() as connection, connection.transaction():
            before = await _login_of(connection, customer)
            if before is None:
                return False
            await connection.execute(
                "INSERT INTO evens.logins (customer, role) VALUES ($1, $2)"
                " ON CONFLICT (customer) DO UPDATE SET role = excluded.role",
                customer,
                role,
            )
            if before.role != role:
                # Whoever made a token for the earlier role may not be allowed to make one for this.
                await connection.execute("DELETE FROM evens.reset_tokens WHERE customer = $1", customer)
                await end_sessions(connection, customer)
            return True

    async def is_known_place(self, customer: CustomerId, place: str) -> bool:
        """Return whether the customer has logged in from there."""
        async with self._database.connection() as connection:
            found = await connection.fetchval(
                "SELECT true FROM evens.known_places WHERE customer = $1 AND place = $2", customer, place
            )
        return found is not None

    async def forget_places(self, unseen_for: timedelta) -> None:
        """Remove places from which nobody has logged in for so long."""
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM evens.known_places WHERE seen_at < now() - $1::interval", unseen_for)


async def _login_of(connection: "Connection", customer: CustomerId) -> LoginRow | None:
    row = await connection.fetchrow(_LOGINS + " WHERE c.id = $1", customer)
    return LoginRow(**row) if row else None


async def _replace_hash(connection: "Connection", customer: CustomerId, old_hash: str, new_hash: str) -> bool:
    status = await connection.execute(
        "UPDATE evens.logins SET password_hash = $3 WHERE customer = $1 AND password_hash = $2",
        customer,
        old_hash,
        new_hash,
    )
    return status == "UPDATE 1"
