"""What the tables of this room share."""

from typing import TYPE_CHECKING, Final

from evens.core.values.ids import CustomerId
from evens.store.database import Database

if TYPE_CHECKING:
    from evens.store.database import Connection

_OWNER_LOCKS: Final = 0x65767266
"""The first number of the advisory locks of owners. Locks of two numbers never meet the leader's."""


class Tables:
    """Tables that are reached through a pool of connections."""

    def __init__(self, database: Database) -> None:
        self._database = database


async def lock_owner(connection: "Connection", owner: str) -> None:
    """Let one transaction at a time count what an owner has and add to it."""
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _OWNER_LOCKS, owner)


async def end_sessions(connection: "Connection", customer: CustomerId, *, but: object = None) -> None:
    """End a customer's sessions, all but one if it is named by its id."""
    await connection.execute(
        "UPDATE evens.sessions SET ended_at = now()"
        " WHERE customer = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2::uuid",
        customer,
        but,
    )


async def revoke_keys_of(connection: "Connection", customer: CustomerId) -> list[str]:
    """Revoke every API key that acts for a customer, and return their ids."""
    revoke = """
        UPDATE evens.api_keys SET revoked_at = now() WHERE customer = $1 AND revoked_at IS NULL RETURNING id
    """
    return [row["id"] for row in await connection.fetch(revoke, customer)]
