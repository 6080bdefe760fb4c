"""The tables of second factors and recovery codes."""

from typing import NamedTuple

from evens.core.values.ids import CustomerId
from evens.store.identity.room import Tables


class SecondFactorRow(NamedTuple):
    """A customer's second factor. It counts once it is ``confirmed``; ``last_step`` was the last to be used."""

    sealed_secret: bytes
    confirmed: bool
    last_step: int
    recovery_codes_left: int


class SecondFactorTables(Tables):
    """Second factors in PostgreSQL."""

    async def second_factor_of(self, customer: CustomerId) -> SecondFactorRow | None:
        """Return the customer's second factor, confirmed or not."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(
                """
                SELECT f.sealed_secret, f.confirmed_at IS NOT NULL AS confirmed, f.last_step,
                    (SELECT count(*) FROM evens.recovery_codes AS r WHERE r.customer = f.customer)::int
                        AS recovery_codes_left
                FROM evens.second_factors AS f WHERE f.customer = $1
                """,
                customer,
            )
        return SecondFactorRow(**row) if row else None

    async def propose_second_factor(self, customer: CustomerId, sealed_secret: bytes) -> bool:
        """Store a secret that is still to be confirmed; ``False`` if another is confirmed already."""
        async with self._database.connection() as connection:
            status = await connection.execute(
                """
                INSERT INTO evens.second_factors AS f (customer, sealed_secret) VALUES ($1, $2)
                ON CONFLICT (customer) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = 0
                WHERE f.confirmed_at IS NULL
                """,
                customer,
                sealed_secret,
            )
        return status == "INSERT 0 1"

    async def confirm_second_factor(
        self, customer: CustomerId, sealed_secret: bytes, step: int, recovery_hashes: list[bytes]
    ) -> bool:
        """Let the secret count from now on; ``False`` if it was confirmed or replaced meanwhile."""
        async with self._database.connection() as connection, connection.transaction():
            status = await connection.execute(
                "UPDATE evens.second_factors SET confirmed_at = now(), last_step = $3"
                " WHERE customer = $1 AND sealed_secret = $2 AND confirmed_at IS NULL",
                customer,
                sealed_secret,
                step,
            )
            if status != "UPDATE 1":
                return False
            await connection.executemany(
                "INSERT INTO evens.recovery_codes (customer, code_hash) VALUES ($1, $2)",
                [(customer, each) for each in recovery_hashes],
            )
            return True

    async def use_step(self, customer: CustomerId, step: int) -> bool:
        """Use up a time step and those before; ``False`` if it was used before."""
        async with self._database.connection() as connection:
            status = await connection.execute(
                "UPDATE evens.second_factors SET last_step = $2 WHERE customer = $1 AND last_step < $2", customer, step
            )
        return status == "UPDATE 1"

    async def use_recovery_code(self, customer: CustomerId, code_hash: bytes) -> bool:
        """Use up a recovery code; ``False`` if there is none like it."""
        async with self._database.connection() as connection:
            status = await connection.execute(
                "DELETE FROM evens.recovery_codes WHERE customer = $1 AND code_hash = $2", customer, code_hash
            )
        return status == "DELETE 1"

    async def sealed_secrets(self) -> list[tuple[CustomerId, bytes]]:
        """Return every encrypted secret with its customer."""
        async with self._database.connection() as connection:
            rows = await connection.fetch("SELECT customer, sealed_secret FROM evens.second_factors ORDER BY customer")
        return [(CustomerId(row["customer"]), row["sealed_secret"]) for row in rows]

    async def seal_anew(self, customer: CustomerId, sealed_secret: bytes, sealed_anew: bytes) -> bool:
        """Replace an encrypted secret if it is still that one; return whether it was."""
        async with self._database.connection() as connection:
            status = await connection.execute(
                "UPDATE evens.second_factors SET sealed_secret = $3 WHERE customer = $1 AND sealed_secret = $2",
                customer,
                sealed_secret,
                sealed_anew,
            )
        return status == "UPDATE 1"

    async def remove_second_factor(self, customer: CustomerId) -> bool:
        """Remove the second factor with its recovery codes; ``False`` if there is none."""
        async with self._database.connection() as connection:
            status = await connection.execute("DELETE FROM evens.second_factors WHERE customer = $1", customer)
        return status == "DELETE 1"
