"""The table of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from uuid import UUID

import asyncpg

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables, lock_owner

if TYPE_CHECKING:
    from evens.store.database import Connection

_API_KEYS: Final = """
    SELECT k.id, k.role, k.customer, c.username, k.name, k.created_by, k.request, k.created_at, k.revoked_at,
        k.session
    FROM evens.api_keys AS k LEFT JOIN evens.customers AS c ON c.id = k.customer
"""

_LIVE: Final = """
    WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (
        k.session IS NULL
        OR EXISTS (
            SELECT FROM evens.sessions AS s WHERE s.id = k.session AND s.ended_at IS NULL AND s.expires_at > now()
        )
    )
"""

# The key's own scope, formed as Principal.scope does it, or the scope of the caller who made it.
_WITHIN_REACH: Final = """
    WHERE k.role = ANY ($1) AND (
        $2::text IS NULL OR k.created_by = $2
        OR CASE WHEN k.customer IS NULL THEN k.role || ':' || k.name ELSE 'customer:' || k.customer END = $2
    )
"""


Refused = Literal["customer_unknown", "name_taken", "too_many"]
"""Why a key was not recorded."""


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
    session: UUID | None = None


class ApiKeyTables(Tables):
    """API keys in PostgreSQL."""

    async def find_api_key(self, key_hash: bytes) -> ApiKeyRow | None:
        """Return the key with this hash unless it is revoked."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_API_KEYS + _LIVE, key_hash)
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
        *,
        session: UUID | None = None,
        may_reuse_name: bool = True,
        live_max: int | None = None,
    ) -> tuple[ApiKeyRow, bool] | Refused:
        """Record a key unless its id is recorded; return it and whether it is new, or why it was not recorded.

        A key that acts for nobody has the scope of its role and name. Unless ``may_reuse_name``, an earlier key of the
        same scope stands in its way if another scope made it. ``live_max`` is the most keys that act for the customer
        or, if there is none, that ``created_by`` has made.
        """
        insert = """
            INSERT INTO evens.api_keys (id, key_hash, role, customer, name, created_by, request, session)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
        async with self._database.connection() as connection, connection.transaction():
            # Names before owners, so that no two transactions wait for each other.
            await lock_owner(connection, f"name {role}:{name}")
            await lock_owner(connection, f"keys of {created_by if customer is None else customer}")
            recorded = await _find(connection, key_id)
            if recorded is not None:
                return recorded, False
            if customer is None and not may_reuse_name and await _is_taken(connection, role, name, created_by):
                return "name_taken"
            if live_max is not None and await _count_live(connection, customer, created_by) >= live_max:
                return "too_many"
            try:
                # In a transaction of its own, so that the error ends no more than this statement.
                async with connection.transaction():
                    await connection.execute(
                        insert, key_id, key_hash, role, customer, name, created_by, request, session
                    )
            except asyncpg.ForeignKeyViolationError:
                return "customer_unknown"
            return await _api_key(connection, key_id), True

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
    row = await _find(connection, key_id)
    assert row is not None, "API keys are never removed"
    return row


async def _find(connection: "Connection", key_id: str) -> ApiKeyRow | None:
    row = await connection.fetchrow(_API_KEYS + " WHERE k.id = $1", key_id)
    return ApiKeyRow(**row) if row else None


async def _is_taken(connection: "Connection", role: str, name: str, created_by: str) -> bool:
    taken = await connection.fetchval(
        "SELECT true FROM evens.api_keys"
        " WHERE role = $1 AND name = $2 AND customer IS NULL AND created_by <> $3 AND role || ':' || name <> $3",
        role,
        name,
        created_by,
    )
    return taken is not None


async def _count_live(connection: "Connection", customer: CustomerId | None, created_by: str) -> int:
    """Count the keys that act for the customer or, without one, that were made by the same scope for nobody."""
    count = await connection.fetchval(
        """
        SELECT count(*) FROM evens.api_keys
        WHERE revoked_at IS NULL AND CASE WHEN $1::bigint IS NULL THEN customer IS NULL AND created_by = $2
            ELSE customer = $1 END
        """,
        customer,
        created_by,
    )
    assert isinstance(count, int)
    return count
