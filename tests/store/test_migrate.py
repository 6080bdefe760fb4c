"""Migrations: each once and in order, also when several servers start together; other schemas are refused."""

import asyncio

import asyncpg
import pytest

from evens.store.errors import MigrationChanged, MigrationNotAllowed, SchemaTooNew, SchemaTooOld, StoreUnavailable
from evens.store.migrate import bundled, check_schema, migrate
from tests.conftest import Dsns

pytestmark = pytest.mark.anyio


async def test_migrations_are_numbered_without_gaps() -> None:
    assert [migration.number for migration in bundled()] == list(range(1, len(bundled()) + 1))


async def test_servers_that_start_together_apply_each_migration_once(bare: Dsns) -> None:
    with pytest.raises(SchemaTooOld):
        await check_schema(bare.owner)

    applied = await asyncio.gather(*(migrate(bare.owner) for _ in range(4)))

    assert sorted(len(migrations) for migrations in applied) == [0, 0, 0, len(bundled())]
    await check_schema(bare.owner)
    await check_schema(bare.app)


async def test_a_newer_schema_is_refused(dsns: Dsns) -> None:
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("INSERT INTO evens.migrations VALUES (9999, 'tomorrow', 'x')")
    await owner.close()

    with pytest.raises(SchemaTooNew, match="9999"):
        await check_schema(dsns.app)
    with pytest.raises(SchemaTooNew, match="9999"):
        await migrate(dsns.owner)


async def test_a_migration_that_was_changed_afterwards_is_refused(dsns: Dsns) -> None:
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("UPDATE evens.migrations SET checksum = 'x' WHERE number = 2")
    await owner.close()

    with pytest.raises(MigrationChanged, match="2"):
        await check_schema(dsns.app)


async def test_a_server_that_is_not_there_is_said_to_be_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        await migrate("postgresql://nobody@/nothing?host=/nonexistent")
    with pytest.raises(StoreUnavailable):
        await check_schema("postgresql://nobody@/nothing?host=/nonexistent")


async def test_nobody_but_the_application_may_execute_what_writes(dsns: Dsns) -> None:
    owner = await asyncpg.connect(dsns.owner)
    open_to_all = await owner.fetch(
        """
        SELECT p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'evens' AND has_function_privilege('public', p.oid, 'EXECUTE')
        """
    )
    assert open_to_all == []
    await owner.close()


async def test_a_role_that_may_not_change_the_schema_is_told_what_it_lacks(bare: Dsns) -> None:
    with pytest.raises(MigrationNotAllowed, match="owns the database"):
        await migrate(bare.app)
