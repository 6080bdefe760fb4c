"""A line of several pages: its list is read once, and from then on what changes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from evens.core.commands.fixed_odds import HearSource
from evens.core.values.fixed_odds import FixtureStatus
from evens.feeds.line.desk import IN_HAND_MAX
from evens.feeds.line.protocols import Booked
from evens.feeds.line.record import Ask
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import event
from tests.feeds.line.reading import Reading, reading

pytestmark = pytest.mark.anyio

KEYS = [f"m-{number}" for number in range(5)]


@asynccontextmanager
async def large(house: HouseTwin | None = None) -> AsyncGenerator[Reading]:
    """Read a line of five events, two to a page, which is complete; requests from then on are noted."""
    async with reading(house) as read:
        read.provider.page_size = 2
        for key in KEYS:
            read.provider.say("event_changed", event(key))
        await read.pass_s(0)
        assert read.is_fresh
        assert {key for _, key in read.house.fixtures} == set(KEYS)
        read.provider.requests.clear()
        yield read


async def test_what_is_asked_of_a_large_line_is_what_changed() -> None:
    async with large() as read:
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.provider.requests == ["GET /changes"]
        assert read.feed.as_of("main") == read.clock.ns
        read.provider.say("event_changed", event("m-3", version=2, title="York v Leeds"))
        read.provider.say("bet_stop", event("m-4", version=2, suspended=True))
        read.provider.say("event_changed", event("m-9"))
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.provider.requests == ["GET /changes"] * 2
        assert read.house.fixtures["main", "m-3"].line.title == "York v Leeds"
        assert read.house.fixtures["main", "m-4"].line.suspended
        assert ("main", "m-9") in read.house.fixtures


async def test_after_an_operator_has_decided_the_list_is_read_again() -> None:
    async with large() as read:
        fixture = read.house.fixtures["main", "m-2"]
        fixture.status, fixture.results = FixtureStatus.FINISHED, {"main": ()}
        read.desk.ruled(fixture.id)
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.provider.requests == ["GET /events"] * 3
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.provider.requests[3:] == ["GET /changes"]


async def test_a_provider_that_begins_anew_is_read_from_the_beginning() -> None:
    async with large() as read:
        read.provider.changes.clear()
        read.provider.say("event_changed", event("other"))
        await read.pass_s(3)
        await read.feed.refresh()
        assert ("main", "other") in read.house.fixtures


class CountingHouse(HouseTwin):
    """Notes of how many fixtures it was asked at once."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = 0
        self.most_at_once = 0

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Take a command after some others had time to be asked as well."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(3):
            await asyncio.sleep(0)
        self.at_once -= 1
        return await super().submit(ask)


async def test_a_start_on_many_events_leaves_room_for_others() -> None:
    house = CountingHouse()
    async with reading(house) as read:
        for number in range(4 * IN_HAND_MAX):
            read.provider.say("event_changed", event(f"m-{number}"))
        await read.pass_s(0)
        assert len(house.fixtures) == 4 * IN_HAND_MAX
        assert 1 < house.most_at_once <= IN_HAND_MAX
