"""A pool that is stopped finishes what is open, and opens nothing more."""

from dataclasses import replace

import pytest

from evens.core.commands.pools import ChangePool
from evens.core.values.pool_running import PoolRunning, format_running, parse_running
from evens.core.values.pools import PoolTerms, RoundStatus
from evens.program.pool_file import PoolInFile
from evens.program.rounds import open_books
from evens.store.database import Database
from tests.conftest import Dsns
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools.window import CODE, PATH, TIMES, bet, create, open_round, refused
from tests.feeds.rounds.running_pool import running_pool
from tests.feeds.rounds.test_missed_closes import FRIDAY, GRACE, MONDAY, MORNING, RUNNING, THURSDAY

pytestmark = pytest.mark.anyio


async def test_a_stopped_pool_opens_no_round_and_keeps_the_open_one(operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    stopped = await operator.post(f"{PATH}/stop")
    assert (stopped.status_code, stopped.json()["stopped"]) == (200, True)
    assert await refused(operator, f"{PATH}/stop") == (409, "nothing_changes")
    await bet(ada, "up", "1.00")
    assert await refused(operator, f"{PATH}/rounds", {"code": "20990105", **TIMES}) == (409, "pool_stopped")
    assert (await operator.get(f"{PATH}/rounds/{CODE}")).json()["status"] == "open"
    assert (await operator.post(f"{PATH}/resume")).json()["stopped"] is False
    await open_round(operator, "20990105")


async def test_the_scheduler_finishes_what_a_stopped_pool_has_open_and_goes_on_when_it_is_resumed(
    dsns: Dsns, database: Database
) -> None:
    async with running_pool(dsns, database, RUNNING, MORNING) as pool:
        scheduler = pool.scheduler()
        await pool.tick(MORNING, scheduler)
        terms = PoolTerms("Daily", "IXIC", 100, running=format_running(replace(RUNNING, stopped="operator")))
        await pool.submit(ChangePool(pool.pool, terms))
        await pool.tick(THURSDAY.locks_at, scheduler)
        await pool.tick(THURSDAY.settles_at + GRACE, scheduler)
        await pool.tick(FRIDAY.locks_at, scheduler)
        assert (await pool.round(THURSDAY.code)).status is RoundStatus.VOID
        assert [row.code for row in await pool.reads.rounds(pool.pool, None, before=2**62, limit=9)] == [THURSDAY.code]
        assert "the pool is stopped" in (scheduler.in_words() or "")
        await pool.submit(ChangePool(pool.pool, replace(terms, running=format_running(RUNNING))))
        await pool.tick(FRIDAY.locks_at + 1, scheduler)
        assert (await pool.round(MONDAY.code)).status is RoundStatus.OPEN


async def test_a_pool_that_the_file_no_longer_names_is_stopped_and_one_that_it_names_again_goes_on(
    house: OpenHouse, operator: Caller
) -> None:
    terms = PoolTerms("Daily", "IXIC", 100, running=format_running(PoolRunning()))
    await create(operator)

    async def started(*pools: str) -> dict[str, str]:
        await open_books(house.services, {}, [PoolInFile(key, "USD", terms) for key in pools])
        rows = await house.services.pools.reads.pools()
        return {row.key: parse_running(row.terms.running).stopped for row in rows}

    assert await started("one", "two") == {"ndx-daily": "", "one": "", "two": ""}
    assert await started("two") == {"ndx-daily": "", "one": "file", "two": ""}
    await operator.post("/v1/pools/two/stop")
    assert await started("one", "two") == {"ndx-daily": "", "one": "", "two": "operator"}
    assert await started() == {"ndx-daily": "", "one": "file", "two": "operator"}


async def test_terms_of_an_earlier_form_are_written_anew_at_a_start(house: OpenHouse, operator: Caller) -> None:
    await create(operator)
    (row,) = await house.services.pools.reads.pools()
    earlier = replace(row.terms, running=row.terms.running.replace('"form":2,', ""))
    assert earlier != row.terms
    await house.stage.submit(ChangePool(row.id, earlier))
    await open_books(house.services, {}, [])
    (after,) = await house.services.pools.reads.pools()
    assert after.terms == row.terms
    assert '"form":2' in (await open_round_terms(operator))


async def open_round_terms(operator: Caller) -> str:
    """Return how a round that opens now says that its pool is run."""
    await open_round(operator)
    return (await operator.get(f"{PATH}/rounds/{CODE}/proof")).json()["committed"]["running"]
