"""An undisputed result is settled once it has stayed as it is for the time of confirmation, and only once."""

import asyncio

import pytest

from evens.core.commands.exchange import CloseMarket, SettleMarket, SuspendMarket, TurnInPlay, VoidMarket
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.betting import MarketStatus
from evens.sequencer.errors import CommandFailed, NotLeading, OutcomeUnknown
from evens.store.errors import StoreUnavailable
from tests.feeds.racecourse import CONFIRMATION_S, House, Publisher, Steward

pytestmark = pytest.mark.anyio


async def test_a_result_is_settled_when_its_time_of_confirmation_is_over(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    await steward.poll(after_s=CONFIRMATION_S - 1)
    assert house.commands == []
    await steward.poll(after_s=1)
    assert house.commands == [SettleMarket(market, (1,))]
    assert house.status(market) is MarketStatus.SETTLED
    assert (house.floor.cash("ann"), house.floor.cash("bob")) == (101_000, 99_000)
    assert house.alerts == []
    assert steward.count("evens_results_settled_total", outcome="won") == 1


async def test_a_void_market_is_voided(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says()
    await steward.poll_through()
    assert house.commands == [VoidMarket(market)]
    assert house.status(market) is MarketStatus.VOID
    assert (house.floor.cash("ann"), house.floor.cash("bob")) == (100_000, 100_000)
    assert steward.count("evens_results_settled_total", outcome="void") == 1


async def test_a_dead_heat_is_settled_as_one(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says("Gamma", "Alpha", dead_heat=True)
    await steward.poll_through()
    assert house.commands == [SettleMarket(market, (1, 3), dead_heat=True)]
    assert house.status(market) is MarketStatus.SETTLED


@pytest.mark.parametrize("command", [SuspendMarket, TurnInPlay, CloseMarket])
async def test_where_betting_stands_makes_no_difference(
    house: House,
    times: Publisher,
    steward: Steward,
    command: type[SuspendMarket] | type[TurnInPlay] | type[CloseMarket],
) -> None:
    market = house.open()
    house.floor.finish(command(market))
    times.says("Beta")
    await steward.poll_through()
    assert house.winners(market) == (2,)
    assert house.status(market) is MarketStatus.SETTLED


async def test_a_result_that_stays_published_is_settled_once(house: House, times: Publisher, steward: Steward) -> None:
    house.open()
    times.says("Alpha")
    await steward.poll_through(1_000)
    assert len(house.commands) == 1
    assert house.alerts == []


async def test_every_market_of_the_name_is_settled_and_no_other(
    house: House, times: Publisher, steward: Steward
) -> None:
    in_dollars, in_cents, places, other_event = (
        house.open(),
        house.open(name="WINNER"),
        house.open(name="Place", places=2),
        house.open(event="oaks"),
    )
    times.says("Alpha")
    await steward.poll_through()
    settled = [market for market in (in_dollars, in_cents, places, other_event) if house.winners(market)]
    assert settled == [in_dollars, in_cents]
    assert house.alerts == []


async def test_a_source_that_joins_late_and_agrees_has_its_own_time_of_confirmation(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    await steward.poll()
    post.says("Alpha")
    await steward.poll(after_s=CONFIRMATION_S - 1)
    await steward.poll(after_s=CONFIRMATION_S - 1)
    assert house.commands == []
    await steward.poll(after_s=1)
    assert len(house.commands) == 1


async def test_a_result_that_is_taken_back_is_not_settled_and_begins_anew_when_it_returns(
    house: House, times: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    await steward.poll()
    times.retracts()
    await steward.poll_through()
    assert house.commands == []
    times.says("Alpha")
    await steward.poll()
    await steward.poll(after_s=CONFIRMATION_S - 1)
    assert house.commands == []
    await steward.poll(after_s=1)
    assert len(house.commands) == 1
    assert house.alerts == []


async def test_one_source_that_hesitates_makes_the_other_wait_anew(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    post.says("Alpha")
    await steward.poll()
    post.retracts()
    await steward.poll(after_s=CONFIRMATION_S - 1)
    await steward.poll(after_s=CONFIRMATION_S - 1)
    assert house.commands == []
    await steward.poll(after_s=1)
    assert len(house.commands) == 1


async def test_nothing_is_settled_while_a_source_cannot_be_read(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    post.fails("answered 503")
    await steward.poll_through()
    assert house.commands == []
    assert steward.watcher.failing == {"post": "answered 503"}
    assert steward.count("evens_results_source_failing", source="post") == 1
    assert steward.count("evens_results_source_failing", source="times") == 0
    post.failure = None
    await steward.poll()
    assert len(house.commands) == 1
    assert steward.watcher.failing == {}
    assert steward.count("evens_results_source_failing", source="post") == 0


async def test_a_source_that_breaks_in_an_unforeseen_way_has_failed_too(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    post.failure = ZeroDivisionError()
    await steward.poll_through()
    assert house.commands == []
    assert "ZeroDivisionError" in steward.watcher.failing["post"]


async def test_a_busy_market_is_asked_again_at_the_next_poll(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    house.floor.do(TurnInPlay(market))
    await steward.poll(after_s=CONFIRMATION_S)
    assert [answer for _, answer in house.answers.values()] == [ExchangeReason.MARKET_BUSY]
    await steward.poll()
    assert house.status(market) is MarketStatus.SETTLED
    assert house.alerts == []


async def test_a_busy_market_is_settled_after_a_restart_although_its_refusal_is_remembered(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    house.floor.do(TurnInPlay(market))
    await steward.poll(after_s=CONFIRMATION_S)
    steward.restart()
    await steward.poll_through()
    assert house.status(market) is MarketStatus.SETTLED
    assert house.alerts == []


@pytest.mark.parametrize(
    "trouble", [NotLeading("it is starting"), OutcomeUnknown(), StoreUnavailable("gone"), ValueError("broken")]
)
async def test_a_house_that_gives_no_answer_is_asked_again(
    house: House, times: Publisher, steward: Steward, trouble: Exception
) -> None:
    market = house.open()
    times.says("Alpha")
    house.trouble = trouble
    await steward.poll_through()
    assert house.status(market) is MarketStatus.OPEN
    house.trouble = None
    await steward.poll()
    assert house.status(market) is MarketStatus.SETTLED
    assert house.alerts == []


async def test_rules_that_break_on_a_result_leave_it_to_an_operator(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    house.trouble = CommandFailed()
    await steward.poll(after_s=CONFIRMATION_S)
    house.trouble = None
    await steward.poll_through()
    assert house.commands == [SuspendMarket(market)]
    assert len(house.told(market)) == 1
    assert "The house broke on being told that Alpha won." in house.told(market)[0]


async def test_a_restart_begins_the_time_of_confirmation_anew(house: House, times: Publisher, steward: Steward) -> None:
    house.open()
    times.says("Alpha")
    await steward.poll()
    steward.restart()
    await steward.poll(after_s=CONFIRMATION_S)
    assert house.commands == []
    await steward.poll(after_s=CONFIRMATION_S)
    assert len(house.commands) == 1


async def test_a_restart_repeats_no_settlement(house: House, times: Publisher, steward: Steward) -> None:
    house.open()
    times.says("Alpha")
    await steward.poll_through()
    steward.restart()
    await steward.poll_through()
    assert len(house.commands) == 1
    assert house.alerts == []


async def test_events_that_are_done_with_are_looked_at_only_now_and_then(
    house: House, times: Publisher, steward: Steward
) -> None:
    house.open()
    times.says("Alpha")
    times.adds("Beta", event="unknown here")
    await steward.poll_through()
    house.lookups.clear()
    await steward.poll_through(600)
    assert len(house.lookups) <= 2 * 11
    assert set(house.lookups) == {"derby", "unknown here"}


async def test_a_market_opened_after_its_result_is_settled_too(
    house: House, times: Publisher, steward: Steward
) -> None:
    times.says("Alpha")
    await steward.poll()
    market = house.open()
    await steward.poll_through(200)
    assert house.status(market) is MarketStatus.SETTLED


async def test_it_polls_until_it_is_stopped(house: House, times: Publisher, steward: Steward) -> None:
    house.open()
    running = asyncio.create_task(steward.watcher.run())
    await times.was_asked(3)
    steward.watcher.stop()
    await asyncio.wait_for(running, 10)
    asked = times.asked
    await asyncio.wait_for(steward.watcher.run(), 10)
    assert times.asked == asked


def test_two_sources_of_one_name_are_refused(house: House) -> None:
    with pytest.raises(ValueError, match="different names"):
        Steward(house, (Publisher("times"), Publisher("times")))
