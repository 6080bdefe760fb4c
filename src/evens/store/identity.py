"""The tables of logins, sessions and API keys. Implements the protocol in :mod:`evens.identity.store_protocol`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import asyncpg

from evens.core.values.ids import CustomerId
from evens.store.database import Database

if TYPE_CHECKING:
    from evens.store.database import Connection

_FAMILY_LOCKS: Final = 0x65767266
"""The first number of the advisory locks of refresh-token families. Locks of two numbers never meet the leader's."""

_LOGINS: Final = """
    SELECT c.id AS customer, c.username, l.email, l.password_hash
    FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
"""

_API_KEYS: Final = """
    SELECT k.id, k.role, k.customer, c.username, k.name, k.created_by, k.request, k.created_at, k.revoked_at
    FROM evens.api_keys AS k LEFT JOIN evens.customers AS c ON c.id = k.customer
"""

# The key's own scope, formed as Principal.scope does it, or the scope of the caller who made it.
_WITHIN_REACH: Final = """
    WHERE k.role = ANY ($1) AND (
        $2::text IS NULL OR k.created_by = $2
        OR CASE WHEN k.customer IS NULL THEN k.role || ':' || k.name ELSE 'customer:' || k.customer END = $2
    )
"""


class LoginRow(NamedTuple):
    """A customer and their login, as far as it is recorded."""

    customer: CustomerId
    username: str
    email: str | None
    password_hash: str | None


class SessionRow(NamedTuple):
    """The session of a refresh token, and whether the token had been used before."""

    family: UUID
    customer: CustomerId
    username: str
    reused: bool


class ApiKeyRow(NamedTuple):
    """An API key without its secret."""

    id: str
    role: str
    customer: CustomerId | None
    username: str | None
    name: str
    created_by: str
    request: str
    created_at: datetime
    revoked_at: datetime | None


class IdentityTables:
    """Logins, refresh tokens and API keys in PostgreSQL. Every method may raise :class:`StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
                return None
            return await _login_of(connection, customer)

    async def replace_password_hash(self, customer: CustomerId, old_hash: str, new_hash: str) -> None:
        """Store another hash unless the old one has been replaced meanwhile."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE evens.logins SET password_hash = $3 WHERE customer = $1 AND password_hash = $2",
                customer,
                old_hash,
                new_hash,
            )

    async def add_session(self, family: UUID, customer: CustomerId, token_hash: bytes, lifetime: timedelta) -> None:
        """Begin a session with its first refresh token."""
        async with self._database.connection() as connection:
            await _add_token(connection, token_hash, family, customer, lifetime)

    async def rotate(self, token_hash: bytes, next_hash: bytes, lifetime: timedelta) -> SessionRow | None:
        """Mark a refresh token as used and store the next; if it was used before, end its family instead."""
        async with self._database.connection() as connection, connection.transaction():
            family = await _family_of(connection, token_hash)
            if family is None:
                return None
            await _lock_family(connection, family)
            # Read under the lock: the statement then sees what those who held the lock before have committed.
            row = await connection.fetchrow(
                """
                SELECT t.customer, c.username, t.used_at IS NOT NULL AS reused,
                    t.ended_at IS NULL AND (t.used_at IS NOT NULL OR t.expires_at > now()) AS counts
                FROM evens.refresh_tokens AS t JOIN evens.customers AS c ON c.id = t.customer
                WHERE t.token_hash = $1
                """,
                token_hash,
            )
            if row is None or not row["counts"]:
                return None
            session = SessionRow(family, row["customer"], row["username"], row["reused"])
            if session.reused:
                await _end_family(connection, family)
            else:
                await connection.execute(
                    "UPDATE evens.refresh_tokens SET used_at = now() WHERE token_hash = $1", token_hash
                )
                await _add_token(connection, next_hash, family, session.customer, lifetime)
            return session

    async def family_of(self, token_hash: bytes) -> UUID | None:
        """Return the session that a refresh token belongs to."""
        async with self._database.connection() as connection:
            return await _family_of(connection, token_hash)

    async def end_session(self, family: UUID) -> None:
        """Make every refresh token of the session useless."""
        async with self._database.connection() as connection, connection.transaction():
            await _lock_family(connection, family)
            await _end_family(connection, family)

    async def remove_expired(self) -> int:
        """Remove refresh tokens past their time; return how many."""
        async with self._database.connection() as connection:
            status = await connection.execute("DELETE FROM evens.refresh_tokens WHERE expires_at < now()")
        return int(status.removeprefix("DELETE "))

    async def find_api_key(self, key_hash: bytes) -> ApiKeyRow | None:
        """Return the key with this hash unless it is revoked."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_API_KEYS + " WHERE k.key_hash = $1 AND k.revoked_at IS NULL", key_hash)
        return ApiKeyRow(**row) if row else None

    async def add_api_key(
        self,
        key_id: str,
        key_hash: bytes,
        role: str,
        customer: CustomerId | None,
        name: str,
        created_by: str,
        request: str,
    ) -> tuple[ApiKeyRow, bool] | None:
        """Record a key unless its id is recorded; return it and whether it is new, or ``None``: no such customer."""
        # If the same key is added twice at once, either index may find the conflict: the same id has the same hash.
        insert = """
            INSERT INTO evens.api_keys (id, key_hash, role, customer, name, created_by, request)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """
        async with self._database.connection() as connection:
            try:
                status = await connection.execute(insert, key_id, key_hash, role, customer, name, created_by, request)
            except asyncpg.ForeignKeyViolationError:
                return None
            return await _api_key(connection, key_id), status == "INSERT 0 1"

    async def list_api_keys(
        self, roles: Sequence[str], scope: str | None, limit: int, after: str | None
    ) -> Sequence[ApiKeyRow]:
        """Return a page of the keys within reach, newest first."""
        page = """ AND (
                $4::text IS NULL
                OR (k.created_at, k.id) < (SELECT a.created_at, a.id FROM evens.api_keys AS a WHERE a.id = $4)
            )
            ORDER BY k.created_at DESC, k.id DESC LIMIT $3
        """
        async with self._database.connection() as connection:
            rows = await connection.fetch(_API_KEYS + _WITHIN_REACH + page, roles, scope, limit, after)
        return [ApiKeyRow(**row) for row in rows]

    async def revoke_api_key(self, key_id: str, roles: Sequence[str], scope: str | None) -> ApiKeyRow | None:
        """Revoke a key within reach and return it."""
        revoke = "UPDATE evens.api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL"
        async with self._database.connection() as connection:
            # What decides whether a key is within reach never changes, so this needs no transaction.
            if not await connection.fetch(_API_KEYS + _WITHIN_REACH + " AND k.id = $3", roles, scope, key_id):
                return None
            await connection.execute(revoke, key_id)
            return await _api_key(connection, key_id)


async def _api_key(connection: "Connection", key_id: str) -> ApiKeyRow:
    row = await connection.fetchrow(_API_KEYS + " WHERE k.id = $1", key_id)
    assert row is not None, "API keys are never removed"
    return ApiKeyRow(**row)


async def _login_of(connection: "Connection", customer: CustomerId) -> LoginRow | None:
    row = await connection.fetchrow(_LOGINS + " WHERE c.id = $1", customer)
    return LoginRow(**row) if row else None


async def _family_of(connection: "Connection", token_hash: bytes) -> UUID | None:
    return await connection.fetchval("SELECT family FROM evens.refresh_tokens WHERE token_hash = $1", token_hash)


async def _lock_family(connection: "Connection", family: UUID) -> None:
    """Let one transaction at a time work on a family, so that none adds a token to one that another is ending."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _FAMILY_LOCKS, str(family))


async def _add_token(
    connection: "Connection", token_hash: bytes, family: UUID, customer: CustomerId, lifetime: timedelta
) -> None:
    await connection.execute(
        "INSERT INTO evens.refresh_tokens (token_hash, family, customer, expires_at) VALUES ($1, $2, $3, now() + $4)",
        token_hash,
        family,
        customer,
        lifetime,
    )


async def _end_family(connection: "Connection", family: UUID) -> None:
    await connection.execute(
        "UPDATE evens.refresh_tokens SET ended_at = now() WHERE family = $1 AND ended_at IS NULL", family
    )
