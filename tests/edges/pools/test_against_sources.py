"""An operator's word against what the sources of a round have decided needs its reason, which is public."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evens.core.values.pool_running import PoolRunning
from evens.core.values.pools import RoundResult
from evens.edges.http.app import create_app
from evens.edges.http.pools.schedule import NoSchedule, Told
from evens.store.pools.rows import RoundRow
from tests.edges.conftest import Caller, OpenHouse, talking_to
from tests.edges.pools.window import CODE, PATH, at_rest, bet, create, open_round, refused

PRICES = '{"price":"101.5","reference":"100"}'


class Sources(NoSchedule):
    """Sources of which a test says what they have decided."""

    def __init__(self) -> None:
        self.told = Told(None, why="nobody knows")
        self.asked = 0

    async def ask(self, asked: RoundRow) -> Told:
        """Return what the test says."""
        self.asked += 1
        return self.told

    async def check(self, running: PoolRunning) -> None:
        """Allow any."""


@pytest.fixture
def sources() -> Sources:
    """Return the sources."""
    return Sources()


@pytest.fixture
async def desk(house: OpenHouse, operator: Caller, sources: Sources) -> AsyncGenerator[Caller]:
    """Return an operator of a house with these sources, who has locked a round that is due."""
    services = replace(house.services, pools=replace(house.services.pools, schedule=sources))
    async with talking_to(create_app(services)) as http:
        desk = replace(operator, http=http)
        await create(desk)
        soon = (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()
        await open_round(desk, locks_at=soon, settles_at=soon)
        ada = await house.customer("anna", USD=100_00)
        await bet(ada, "up", "10.00")
        async with asyncio.timeout(30):
            while (await desk.get(f"{PATH}/rounds/{CODE}")).json()["status"] != "locked":
                continue
        yield desk


@pytest.mark.parametrize("decided", [RoundResult.UP, RoundResult.DOWN])
async def test_a_word_against_the_sources_is_refused_unless_it_says_why(
    desk: Caller, sources: Sources, decided: RoundResult
) -> None:
    sources.told, wrong = Told(decided, PRICES), "down" if decided is RoundResult.UP else "up"
    answer = await desk.post(f"{PATH}/rounds/{CODE}/settle", {"result": wrong})
    assert (answer.status_code, answer.json()["code"]) == (409, "sources_differ")
    assert f"The sources say {decided.name.lower()}: 101.5 after 100." in answer.json()["detail"]
    why = "The exchange has corrected its close."
    settled = await desk.post(f"{PATH}/rounds/{CODE}/settle", {"result": wrong, "against_sources": why})
    assert (settled.status_code, settled.json()["result"]) == (200, wrong), settled.text
    await at_rest(desk)
    (result,) = (await desk.get(f"{PATH}/rounds/{CODE}/proof")).json()["results"]
    assert result["evidence"] == {"against_sources": why, "by": "operator"}


async def test_a_word_that_the_sources_share_or_know_nothing_of_needs_no_reason(desk: Caller, sources: Sources) -> None:
    sources.told = Told(RoundResult.UP, PRICES)
    settled = await desk.post(f"{PATH}/rounds/{CODE}/settle", {"result": "up"})
    assert (settled.status_code, sources.asked) == (200, 1), settled.text
    # What is settled is the rules' matter, and nobody is asked.
    await at_rest(desk)
    assert await refused(desk, f"{PATH}/rounds/{CODE}/settle", {"result": "down"}) == (409, "round_settled")
    assert sources.asked == 1


@pytest.mark.parametrize("told", [Told(None, why="a jump waits"), Told(RoundResult.VOID, why="no earlier close")])
async def test_where_the_sources_decide_nothing_the_operator_does(desk: Caller, sources: Sources, told: Told) -> None:
    sources.told = told
    assert (await desk.post(f"{PATH}/rounds/{CODE}/settle", {"result": "down"})).status_code == 200


async def test_asking_the_sources_takes_no_reason_against_them(desk: Caller) -> None:
    answer = await desk.post(f"{PATH}/rounds/{CODE}/settle", {"result": "auto", "against_sources": "x"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "against_sources")
