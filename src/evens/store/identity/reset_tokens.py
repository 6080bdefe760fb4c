"""The table of tokens with which a customer sets a new password."""

from datetime import datetime, timedelta

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables, end_sessions, revoke_keys_of


class ResetTokenTables(Tables):
    """Reset tokens in PostgreSQL."""

    async def put_reset_token(
        self, customer: CustomerId, token_hash: bytes, lifetime: timedelta, made_by: str
    ) -> datetime:
        """Store the customer's only reset token; return when it expires. The customer must exist."""
        async with self._database.connection() as connection:
            expires_at = await connection.fetchval(
                """
                INSERT INTO evens.reset_tokens (customer, token_hash, expires_at, made_by)
                VALUES ($1, $2, now() + $3::interval, $4)
                ON CONFLICT (customer) DO UPDATE
                    SET token_hash = excluded.token_hash, expires_at = excluded.expires_at, made_by = excluded.made_by
                RETURNING expires_at
                """,
                customer,
                token_hash,
                lifetime,
                made_by,
            )
        assert isinstance(expires_at, datetime)
        return expires_at

    async def remove_reset_token(self, token_hash: bytes) -> None:
        """Make a reset token useless, such as one that could not be delivered."""
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM evens.reset_tokens WHERE token_hash = $1", token_hash)

    async def customer_of_reset_token(self, token_hash: bytes) -> CustomerId | None:
        """Return the customer whose password the token can set."""
        async with self._database.connection() as connection:
            return await connection.fetchval(
                "SELECT customer FROM evens.reset_tokens WHERE token_hash = $1 AND expires_at > now()", token_hash
            )

    async def reset_password(self, token_hash: bytes, password_hash: str) -> list[str] | None:
        """Use up the token and store the hash; end every session of its customer, and revoke their API keys.

        The ids of these keys are returned. ``None``: the token is unknown, used or expired.
        """
        async with self._database.connection() as connection, connection.transaction():
            customer = await connection.fetchval(
                "DELETE FROM evens.reset_tokens WHERE token_hash = $1 AND expires_at > now() RETURNING customer",
                token_hash,
            )
            if customer is None:
                return None
            await connection.execute(
                "INSERT INTO evens.logins (customer, password_hash) VALUES ($1, $2)"
                " ON CONFLICT (customer) DO UPDATE SET password_hash = excluded.password_hash",
                customer,
                password_hash,
            )
            await end_sessions(connection, customer)
            return await revoke_keys_of(connection, customer)
