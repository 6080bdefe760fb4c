"""The pool of connections: what a borrower may leave behind, and what the next one finds."""

import asyncio

import pytest

from evens.store.database import Database
from tests.conftest import Dsns

pytestmark = pytest.mark.anyio


@pytest.fixture
async def single(dsns: Dsns) -> Database:
    """Open a pool that has a single connection, so that each borrower gets what the last one had."""
    return await Database.open(dsns.app, connections_max=1)


async def test_locks_settings_and_subscriptions_end_with_their_session(single: Database, database: Database) -> None:
    async with single.session() as connection:
        await connection.execute("SELECT pg_advisory_lock(7); LISTEN told; SET statement_timeout = '1min'")
        async with database.connection() as other:
            assert not await other.fetchval("SELECT pg_try_advisory_xact_lock(7)")

    async with single.connection() as connection, database.connection() as other:
        assert await connection.fetchval("SELECT count(*) FROM pg_listening_channels()") == 0
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        assert await other.fetchval("SELECT pg_try_advisory_xact_lock(7)")
    await single.close()


async def test_a_session_ends_when_its_block_fails(single: Database, database: Database) -> None:
    with pytest.raises(KeyError):
        await _fail_with_lock(single, 8)

    async with database.connection() as other:
        assert await other.fetchval("SELECT pg_try_advisory_xact_lock(8)")
    await single.close()


async def _fail_with_lock(database: Database, lock: int) -> None:
    async with database.session() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", lock)
        raise KeyError


async def test_a_session_ends_when_its_block_is_cancelled(single: Database, database: Database) -> None:
    async def hold(held: asyncio.Event) -> None:
        async with single.session() as connection:
            await connection.execute("SELECT pg_advisory_lock(9)")
            held.set()
            await connection.execute("SELECT pg_sleep(60)")

    held = asyncio.Event()
    holding = asyncio.create_task(hold(held))
    await held.wait()
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding

    # A question that the server had not yet begun to answer cannot be called off: then the connection is closed, and
    # the server notices when it has answered.
    async with database.connection() as other:
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"
        )
        await other.execute("SELECT pg_advisory_lock(9)")
    async with single.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await single.close()


async def test_a_session_whose_connection_is_lost_ends_without_another_error(
    single: Database, database: Database
) -> None:
    async with single.session() as connection, database.connection() as other:
        await connection.execute("SELECT pg_advisory_lock(10)")
        await other.fetchval("SELECT pg_terminate_backend($1)", connection.get_server_pid())

    async with single.connection() as connection:
        assert await connection.fetchval("SELECT pg_try_advisory_xact_lock(10)")
    await single.close()


async def test_a_transaction_that_a_cancelled_borrower_left_open_is_rolled_back(single: Database) -> None:
    async def begin() -> None:
        async with single.connection() as connection:
            await connection.execute("BEGIN")
            await connection.execute("SET LOCAL statement_timeout = '1min'")
            await asyncio.sleep(60)

    beginning = asyncio.create_task(begin())
    await asyncio.sleep(0.2)
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning

    async with single.connection() as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        assert await connection.fetchval("SELECT pg_current_xact_id_if_assigned() IS NULL")
    await single.close()
