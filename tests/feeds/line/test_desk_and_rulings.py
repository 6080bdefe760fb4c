"""What a provider said is not lost when an operator decides about the same event at that moment."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import HearSource
from evens.core.values.ids import FixtureId
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.protocols import Booked
from evens.feeds.line.record import Ask
from evens.feeds.line.sayings import Header, Saying
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import event
from tests.feeds.line.reading import reading
from tests.feeds.line.test_any_order import MARKETS, market, results

pytestmark = pytest.mark.anyio

FIRST = Saying(
    "m-1",
    1,
    header=Header("Leeds v York", 4 * 10**18),
    markets=tuple(market(key, 200, suspended=False) for key in MARKETS),
    is_version=True,
)
ENDED = replace(FIRST, order=2, results={"main": results("main", "a")})


class Interrupted(HouseTwin):
    """A house in which something happens while a command is under way."""

    interrupt: Callable[[], None] = staticmethod(lambda: None)

    async def submit(self, ask: Ask | HearSource) -> Booked:
        """Take a command."""
        booked = await super().submit(ask)
        interrupt, self.interrupt = self.interrupt, lambda: None
        interrupt()
        return booked


def desk_of(house: HouseTwin, pause: Callable[[], None] = lambda: None) -> LineDesk:
    async def sleep(_: float) -> None:
        pause()
        await asyncio.sleep(0)

    return LineDesk(house, house, LineMetrics(CollectorRegistry()), sleep)


async def test_a_message_that_waits_is_booked_though_an_operator_decides_meanwhile() -> None:
    house = HouseTwin()
    desk = desk_of(house, lambda: desk.ruled(FixtureId(1)))
    await desk.take("main", [FIRST], patient=True)
    house.busy = 3
    await desk.take("main", [ENDED], patient=True)
    assert house.only().results == {"main": results("main", "a")}


async def test_what_nobody_waits_for_is_booked_later_though_an_operator_decides_meanwhile() -> None:
    house = HouseTwin()
    desk = desk_of(house)
    await desk.take("main", [FIRST])
    house.busy = 1
    await desk.take("main", [ENDED])
    assert house.only().results == {}
    desk.ruled(FixtureId(1))
    await desk.ask_again()
    assert house.only().results == {"main": results("main", "a")}


async def test_a_record_that_is_in_use_when_an_operator_decides_is_read_anew_at_once() -> None:
    house = Interrupted()
    desk = desk_of(house)
    await desk.take("main", [FIRST])
    house.interrupt = lambda: desk.ruled(FixtureId(1))
    await desk.take("main", [ENDED], patient=True)
    assert house.only().results == {"main": results("main", "a")}
    asked = len(house.asked)
    await desk.ask_again()
    assert len(house.asked) == asked


async def test_a_message_that_waits_is_not_taken_for_booked_when_all_is_forgotten() -> None:
    house = HouseTwin()
    desk = desk_of(house, lambda: desk.forget("main"))
    await desk.take("main", [FIRST])
    house.busy = 1
    await desk.take("main", [ENDED], patient=True)
    assert house.only().results == {"main": results("main", "a")}


async def test_an_event_about_which_an_operator_decided_is_read_though_it_is_as_it_was() -> None:
    async with reading() as line:
        await line.pass_s(0)
        line.provider.say("event_changed", event(version=2))
        await line.pass_s(11)
        fixture = line.house.only()
        fixture.line = replace(
            fixture.line, markets=tuple(replace(each, suspended=True) for each in fixture.line.markets)
        )
        await line.pass_s(11)
        assert fixture.line.markets[0].suspended
        line.desk.ruled(fixture.id)
        await line.pass_s(11)
        assert not fixture.line.markets[0].suspended
        asked = len(line.house.asked)
        await line.pass_s(11)
        assert len(line.house.asked) == asked
