"""The places of leaders in PostgreSQL, where several servers copy at a time."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from evens.core.commands.wallets import RegisterCustomer
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, CustomerId
from evens.store.database import Database
from evens.store.following.due import WINDOW, CopiesDue
from evens.store.social.queries import ProfileRow, SocialQueries, Visibility
from evens.store.sql_files import statements
from tests.conftest import Dsns, Stage
from tests.store.following.circle import Circle

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


async def test_looking_is_done_where_the_journal_has_no_further_window(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = CopiesDue(database)
    while await due.look():
        continue
    monkeypatch.setattr("evens.store.following.due.WINDOW", 3)
    for number in range(7):
        await stage.submit(RegisterCustomer(f"c{number}"))
    assert [await due.look() for _ in range(4)] == [True, True, False, False]


async def test_of_many_follows_only_those_are_read_that_a_page_has_room_for(
    stage: Stage, dsns: Dsns, database: Database
) -> None:
    circle, many, room = Circle(stage), 3_000, 20
    leader, bob = [await stage.customer(name, USD=10_00) for name in ("ann", "bob")]
    await circle.follow(bob, leader)
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "INSERT INTO evens.follows SELECT (r).* FROM evens.follows AS f, generate_series(1, $1::integer) AS n, "
        "LATERAL jsonb_populate_record(f, jsonb_build_object('id', f.id + n, 'customer', 1000000 + n)) AS r",
        many,
    )
    await SocialQueries(database).choose(
        ProfileRow(leader, "ann", 0, None, None, Visibility.FIGURES, listed=True, copyable=True, performance_fee_bps=0)
    )
    await owner.execute("ANALYZE evens.follows, evens.copies, evens.skipped_bets")
    sql, now = statements("following", "turns")["pairs"], await owner.fetchval("SELECT at FROM evens.head")
    bets = [now + 1, now + 2], [now + 1, now + 2], [1, 1], [False, False], ["", ""]
    arguments = *bets, leader, "1", 0, 0, now, room, room, True
    assert len(await owner.fetch(sql, *arguments)) == room
    (plan,) = json.loads(await owner.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", *arguments))
    read = [node["Actual Rows"] for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "follows"]
    assert 0 < max(read) <= room
    await owner.close()


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
