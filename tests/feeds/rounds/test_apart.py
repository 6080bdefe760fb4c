"""Pools are run apart from each other: what the sources of one do never holds up another, nor its own next rounds."""

import asyncio
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.pools import OpenRound
from evens.core.values.ids import PoolId, RoundId
from evens.core.values.moments import SECOND_NS
from evens.core.values.pool_running import PoolRunning, PriceSource, format_running
from evens.core.values.pools import PoolTerms, RoundResult
from evens.feeds.rounds.judge import Judge, Judged, RoundToJudge
from evens.feeds.rounds.metrics import RoundMetrics
from evens.feeds.rounds.protocols import PoolToRun, Step
from evens.feeds.rounds.scheduler import ASKED_AT_ONCE, RoundScheduler

pytestmark = pytest.mark.anyio

RUNNING = PoolRunning(calendar="every:10", settle_after_close_s=0, sources=(PriceSource("walk", "simulated", seed=7),))
TERMS = PoolTerms("Ten", "TEN", 100, running=format_running(RUNNING))


class Houses:
    """Tables and commands in memory. Rounds lock when they are looked at after their time."""

    is_open = True

    def __init__(self, *keys: str) -> None:
        self.now = 1_700_000_000 * SECOND_NS
        self.keys = keys
        self.opened: dict[tuple[PoolId, str], OpenRound] = {}
        self.settled: set[RoundId] = set()

    async def pools(self) -> Sequence[PoolToRun]:
        last = {key: max((code for _, code in self._of(number)), default="") for number, key in self._numbered()}
        return [PoolToRun(number, key, TERMS, last[key]) for number, key in self._numbered()]

    def _numbered(self) -> list[tuple[PoolId, str]]:
        return [(PoolId(place + 1), key) for place, key in enumerate(self.keys)]

    def _of(self, pool: PoolId) -> list[tuple[PoolId, str]]:
        return [each for each in self.opened if each[0] == pool]

    async def has_round(self, pool: PoolId, code: str) -> bool:
        return (pool, code) in self.opened

    async def unsettled(self, pool: PoolId) -> Sequence[RoundToJudge]:
        rounds: list[RoundToJudge] = []
        for number, (key, opened) in enumerate(self.opened.items()):
            if key[0] == pool and RoundId(number) not in self.settled:
                times = (opened.locks_at, opened.settles_at)
                is_locked = opened.locks_at <= self.now
                rounds.append(
                    RoundToJudge(RoundId(number), pool, self.keys[pool - 1], opened.code, TERMS, *times, is_locked)
                )
        return rounds

    async def late(self, pool: int) -> list[str]:
        """Return the codes of rounds that should have been settled seconds ago."""
        unsettled = await self.unsettled(PoolId(pool))
        return [each.code for each in unsettled if each.settles_at < self.now - 2 * SECOND_NS]

    async def submit(self, step: Step, key: str) -> None:
        if isinstance(step, OpenRound):
            self.opened[step.pool, step.code] = step
        else:
            self.settled.add(step.round)


class HangingJudge(Judge):
    """Decides at once, but for the pools that hang: those never are. ``asked`` counts who is asked now."""

    def __init__(self, *hanging: str) -> None:
        self._hanging = hanging
        self.asked = 0
        self.answers = asyncio.Event()
        self.begun = asyncio.Event()

    def forget(self, number: RoundId) -> None:
        pass

    async def judge(self, asked: RoundToJudge, running: PoolRunning) -> Judged:
        if asked.pool_key in self._hanging:
            self.asked += 1
            self.begun.set()
            await self.answers.wait()
        return Judged(RoundResult.UP, "{}", "")


@pytest.mark.parametrize("hanging", [("a",), ("a", "c"), ("a", "b", "c")])
async def test_rounds_open_and_others_settle_in_time_while_sources_hang(hanging: tuple[str, ...]) -> None:
    houses, judge = Houses("a", "b", "c"), HangingJudge(*hanging)
    scheduler = RoundScheduler(houses, houses, judge, RoundMetrics(CollectorRegistry()), lambda: houses.now)
    for _ in range(120):
        async with asyncio.timeout(5):
            await scheduler.look()
            for _ in range(20):
                await asyncio.sleep(0)
        houses.now += SECOND_NS
    for number, key in enumerate(houses.keys, 1):
        rounds = [each for each in houses.opened if each[0] == number]
        assert len(rounds) == 13, key
        assert bool(await houses.late(number)) == (key in hanging), key
    assert judge.asked == ASKED_AT_ONCE * len(hanging)
    judge.answers.set()
    async with asyncio.timeout(5):
        await scheduler.tick()
    assert [await houses.late(number) for number in (1, 2, 3)] == [[], [], []]


async def test_a_scheduler_that_stops_asks_nobody_any_more() -> None:
    houses, judge = Houses("a"), HangingJudge("a")
    scheduler = RoundScheduler(houses, houses, judge, RoundMetrics(CollectorRegistry()), lambda: houses.now)
    await scheduler.look()
    houses.now += 11 * SECOND_NS
    running = asyncio.create_task(scheduler.run())
    async with asyncio.timeout(5):
        await judge.begun.wait()
        scheduler.stop()
        await running
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("round ")]
    assert not houses.settled
