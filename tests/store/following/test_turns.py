"""The places of leaders in PostgreSQL, where several servers copy at a time."""

import asyncio

import asyncpg
import pytest

from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId
from evens.store.database import Database
from evens.store.following.due import WINDOW, CopiesDue
from evens.store.sql_files import statements
from tests.conftest import Dsns, Stage

pytestmark = pytest.mark.anyio


async def test_a_leader_is_not_forgotten_while_another_server_finds_their_next_bets(
    stage: Stage, dsns: Dsns, database: Database
) -> None:
    due, ann = CopiesDue(database), await stage.customer("ann", USD=10_00)
    while await due.look():
        continue
    one, other = await asyncpg.connect(dsns.owner), await asyncpg.connect(dsns.app)
    await one.execute("INSERT INTO evens.copier_turns VALUES ($1, 3, 0, 0)", ann)
    (turn,) = await due.turns([ann])
    turn = await due.asked(await due.ahead(turn, 10, 0))
    page = await due.page(turn, 10, 0)
    assert page.is_last

    await stage.customer("bob", USD=10_00)
    looking = other.transaction()
    await looking.start()
    assert await other.fetchval(statements("following", "turns")["scan"], WINDOW, TRANSFERS_PER_COMMAND_MAX) is not None
    deciding = asyncio.create_task(due.decided(page))
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while not deciding.done() and await one.fetchval(waiting) == 0:
        await asyncio.wait({deciding}, timeout=0.01)
    await looking.commit()
    await deciding

    assert await due.leaders(CustomerId(0), 10) == [ann]
    (left,) = await due.turns([ann])
    assert left.until > turn.until
    left = await due.asked(await due.ahead(left, 10, 0))
    await due.decided(await due.page(left, 10, 0))
    assert await due.leaders(CustomerId(0), 10) == []
    await one.close()
    await other.close()
