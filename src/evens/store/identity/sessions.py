"""The tables of sessions and their refresh tokens."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables, lock_owner

if TYPE_CHECKING:
    from evens.store.database import Connection

_KEPT_ENDED: Final = timedelta(hours=1)
"""How long an ended session is kept, which is longer than any access token is valid."""

_IS_LIVE: Final = "SELECT true FROM evens.sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > now()"

_USE_COOKIE: Final = """
    UPDATE evens.sessions AS s SET used_at = now(), expires_at = coalesce(now() + $2::interval, s.expires_at)
    FROM evens.customers AS c LEFT JOIN evens.logins AS l ON l.customer = c.id
    WHERE s.cookie_hash = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND c.id = s.customer
    RETURNING s.id, s.customer, c.username, coalesce(l.role, 'customer'), s.second_factor
"""

_LIVE_OF: Final = """
    SELECT id, begun_at, used_at, expires_at, second_factor, address, client FROM evens.sessions
    WHERE customer = $1 AND ended_at IS NULL AND expires_at > now()
    ORDER BY used_at DESC, id
"""


class SessionRow(NamedTuple):
    """The session of a refresh token, and whether the token had been used before."""

    family: UUID
    customer: CustomerId
    username: str
    role: str
    second_factor: bool
    reused: bool


class SessionListing(NamedTuple):
    """A live session as its owner sees it."""

    id: UUID
    begun_at: datetime
    used_at: datetime
    expires_at: datetime
    second_factor: bool
    address: str | None
    client: str | None


class SessionTables(Tables):
    """Sessions and refresh tokens in PostgreSQL."""

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
        async with self._database.connection() as connection, connection.transaction():
            if live_max is not None:
                await lock_owner(connection, f"sessions of {customer}")
                if not await _make_room(connection, customer, live_max, end_oldest=end_oldest):
                    return False
            await connection.execute(
                "INSERT INTO evens.sessions (id, customer, expires_at, second_factor, address, client, cookie_hash)"
                " VALUES ($1, $2, now() + $3::interval, $4, $5, $6, $7)",
                family,
                customer,
                lifetime,
                second_factor,
                address,
                client,
                token_hash if by_cookie else None,
            )
            if not by_cookie:
                await _add_token(connection, token_hash, family, lifetime)
            if place is not None:
                await _remember_place(connection, customer, place)
            return True

    async def rotate(self, token_hash: bytes, next_hash: bytes, lifetime: timedelta) -> SessionRow | None:
        """Mark a refresh token as used and store the next; if it was used before, end its session instead."""
        async with self._database.connection() as connection, connection.transaction():
            family = await _family_of(connection, token_hash)
            # Locked, so that none adds a token to a session that another is ending.
            if family is None or not await _lock_live(connection, family):
                return None
            # Read under the lock: the statement then sees what those who held the lock before have committed.
            row = await connection.fetchrow(
                """
                SELECT s.customer, c.username, coalesce(l.role, 'customer') AS role, s.second_factor,
                    t.used_at IS NOT NULL AS reused, t.used_at IS NOT NULL OR t.expires_at > now() AS counts
                FROM evens.refresh_tokens AS t
                JOIN evens.sessions AS s ON s.id = t.family
                JOIN evens.customers AS c ON c.id = s.customer
                LEFT JOIN evens.logins AS l ON l.customer = c.id
                WHERE t.token_hash = $1
                """,
                token_hash,
            )
            if row is None or not row["counts"]:
                return None
            session = SessionRow(
                family, row["customer"], row["username"], row["role"], row["second_factor"], row["reused"]
            )
            if session.reused:
                await _end(connection, family)
                return session
            await connection.execute(
                "UPDATE evens.refresh_tokens SET used_at = now() WHERE token_hash = $1", token_hash
            )
            await _add_token(connection, next_hash, family, lifetime)
            await connection.execute(
                "UPDATE evens.sessions SET used_at = now(), expires_at = now() + $2::interval WHERE id = $1",
                family,
                lifetime,
            )
            return session

    async def use_cookie(self, cookie_hash: bytes, lifetime: timedelta | None) -> SessionRow | None:
        """Return the live session of a cookie, and let it live for ``lifetime`` from now, or until when it would."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_USE_COOKIE, cookie_hash, lifetime)
        return None if row is None else SessionRow(*row, reused=False)

    async def family_of(self, token_hash: bytes) -> UUID | None:
        """Return the session that a refresh token belongs to."""
        async with self._database.connection() as connection:
            return await _family_of(connection, token_hash)

    async def end_session(self, family: UUID, customer: CustomerId | None = None) -> bool:
        """End a session, if it is the customer's where one is given; return whether there is such a session."""
        async with self._database.connection() as connection:
            found = await connection.fetchval(
                "SELECT true FROM evens.sessions WHERE id = $1 AND ($2::bigint IS NULL OR customer = $2)",
                family,
                customer,
            )
            if found is not None:
                await _end(connection, family)
        return found is not None

    async def is_session_live(self, family: UUID) -> bool:
        """Return whether the session has neither ended nor expired."""
        async with self._database.connection() as connection:
            live = await connection.fetchval(_IS_LIVE, family)
        return live is not None

    async def list_sessions(self, customer: CustomerId) -> list[SessionListing]:
        """Return the customer's live sessions, the last used first."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_LIVE_OF, customer)
        return [SessionListing(**row) for row in rows]

    async def remove_expired(self) -> int:
        """Remove refresh tokens past their time and sessions without use; return how many tokens there were."""
        async with self._database.connection() as connection:
            status = await connection.execute("DELETE FROM evens.refresh_tokens WHERE expires_at < now()")
            await connection.execute(
                "DELETE FROM evens.sessions WHERE expires_at < now() OR ended_at < now() - $1::interval", _KEPT_ENDED
            )
        return int(status.removeprefix("DELETE "))


async def _make_room(connection: "Connection", customer: CustomerId, live_max: int, *, end_oldest: bool) -> bool:
    """Return whether there is room for one session more, after ending the oldest if that is asked for."""
    live = [row["id"] for row in await connection.fetch(_LIVE_OF, customer)]
    excess = len(live) - live_max + 1
    if excess <= 0:
        return True
    if end_oldest:
        for family in live[-excess:]:
            await _end(connection, family)
    return end_oldest


async def _family_of(connection: "Connection", token_hash: bytes) -> UUID | None:
    return await connection.fetchval("SELECT family FROM evens.refresh_tokens WHERE token_hash = $1", token_hash)


async def _lock_live(connection: "Connection", family: UUID) -> bool:
    found = await connection.fetchval(
        "SELECT true FROM evens.sessions WHERE id = $1 AND ended_at IS NULL FOR UPDATE", family
    )
    return found is not None


async def _add_token(connection: "Connection", token_hash: bytes, family: UUID, lifetime: timedelta) -> None:
    await connection.execute(
        "INSERT INTO evens.refresh_tokens (token_hash, family, expires_at) VALUES ($1, $2, now() + $3::interval)",
        token_hash,
        family,
        lifetime,
    )


async def _end(connection: "Connection", family: UUID) -> None:
    await connection.execute("UPDATE evens.sessions SET ended_at = now() WHERE id = $1 AND ended_at IS NULL", family)


async def _remember_place(connection: "Connection", customer: CustomerId, place: str) -> None:
    await connection.execute(
        """
        INSERT INTO evens.known_places AS k (customer, place) VALUES ($1, $2)
        ON CONFLICT (customer, place) DO UPDATE SET seen_at = now() WHERE k.seen_at < now() - interval '1 day'
        """,
        customer,
        place,
    )
