"""An undisputed result is settled once it has stayed as it is for the time of confirmation, and only once."""

import asyncio

import pytest

from evens.core.commands.exchange import CloseMarket, SettleMarket, SuspendMarket, TurnInPlay, VoidMarket
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.betting import MarketStatus
from evens.core.values.ids import RunnerId
from evens.sequencer.errors import CommandFailed, NotLeading, OutcomeUnknown
from evens.store.errors import StoreUnavailable
from tests.feeds.simulated_results import CONFIRMATION_S, Publisher, SimulatedExchange, WatcherHarness

pytestmark = pytest.mark.anyio


async def test_a_result_is_settled_when_its_time_of_confirmation_is_over(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    await harness.poll(after_s=CONFIRMATION_S - 1)
    assert exchange.commands == []
    await harness.poll(after_s=1)
    assert exchange.commands == [SettleMarket(market, (RunnerId(1),))]
    assert exchange.status(market) is MarketStatus.SETTLED
    assert (exchange.floor.cash("ann"), exchange.floor.cash("bob")) == (101_000, 99_000)
    assert exchange.alerts == []
    assert harness.count("evens_results_settled_total", outcome="won") == 1


async def test_a_void_market_is_voided(exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness) -> None:
    market = exchange.open()
    times.says()
    await harness.poll_through()
    assert exchange.commands == [VoidMarket(market)]
    assert exchange.status(market) is MarketStatus.VOID
    assert (exchange.floor.cash("ann"), exchange.floor.cash("bob")) == (100_000, 100_000)
    assert harness.count("evens_results_settled_total", outcome="void") == 1


async def test_a_dead_heat_is_settled_as_one(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Gamma", "Alpha", dead_heat=True)
    await harness.poll_through()
    assert exchange.commands == [SettleMarket(market, (RunnerId(1), RunnerId(3)), dead_heat=True)]
    assert exchange.status(market) is MarketStatus.SETTLED


@pytest.mark.parametrize("command", [SuspendMarket, TurnInPlay, CloseMarket])
async def test_where_betting_stands_makes_no_difference(
    exchange: SimulatedExchange,
    times: Publisher,
    harness: WatcherHarness,
    command: type[SuspendMarket] | type[TurnInPlay] | type[CloseMarket],
) -> None:
    market = exchange.open()
    exchange.floor.finish(command(market))
    times.says("Beta")
    await harness.poll_through()
    assert exchange.winners(market) == (2,)
    assert exchange.status(market) is MarketStatus.SETTLED


async def test_a_result_that_stays_published_is_settled_once(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    await harness.poll_through(1_000)
    assert len(exchange.commands) == 1
    assert exchange.alerts == []


async def test_every_market_of_the_name_is_settled_and_no_other(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    in_dollars, in_cents, places, other_event = (
        exchange.open(),
        exchange.open(name="WINNER"),
        exchange.open(name="Place", places=2),
        exchange.open(event="oaks"),
    )
    times.says("Alpha")
    await harness.poll_through()
    settled = [market for market in (in_dollars, in_cents, places, other_event) if exchange.winners(market)]
    assert settled == [in_dollars, in_cents]
    assert exchange.alerts == []


async def test_a_source_that_joins_late_and_agrees_has_its_own_time_of_confirmation(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    await harness.poll()
    post.says("Alpha")
    await harness.poll(after_s=CONFIRMATION_S - 1)
    await harness.poll(after_s=CONFIRMATION_S - 1)
    assert exchange.commands == []
    await harness.poll(after_s=1)
    assert len(exchange.commands) == 1


async def test_a_result_that_is_taken_back_is_not_settled_and_begins_anew_when_it_returns(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    await harness.poll()
    times.retracts()
    await harness.poll_through()
    assert exchange.commands == []
    times.says("Alpha")
    await harness.poll()
    await harness.poll(after_s=CONFIRMATION_S - 1)
    assert exchange.commands == []
    await harness.poll(after_s=1)
    assert len(exchange.commands) == 1
    assert exchange.alerts == []


async def test_one_source_that_hesitates_makes_the_other_wait_anew(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    post.says("Alpha")
    await harness.poll()
    post.retracts()
    await harness.poll(after_s=CONFIRMATION_S - 1)
    await harness.poll(after_s=CONFIRMATION_S - 1)
    assert exchange.commands == []
    await harness.poll(after_s=1)
    assert len(exchange.commands) == 1


async def test_nothing_is_settled_while_a_source_cannot_be_read(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    post.fails("answered 503")
    await harness.poll_through()
    assert exchange.commands == []
    assert harness.watcher.failing == {"post": "answered 503"}
    assert harness.count("evens_results_source_failing", source="post") == 1
    assert harness.count("evens_results_source_failing", source="times") == 0
    post.failure = None
    await harness.poll()
    assert len(exchange.commands) == 1
    assert harness.watcher.failing == {}
    assert harness.count("evens_results_source_failing", source="post") == 0


async def test_a_source_that_breaks_in_an_unforeseen_way_has_failed_too(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    post.failure = ZeroDivisionError()
    await harness.poll_through()
    assert exchange.commands == []
    assert "ZeroDivisionError" in harness.watcher.failing["post"]


async def test_a_busy_market_is_asked_again_at_the_next_poll(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    exchange.floor.do(TurnInPlay(market))
    await harness.poll(after_s=CONFIRMATION_S)
    assert [answer for _, answer in exchange.answers.values()] == [ExchangeReason.MARKET_BUSY]
    await harness.poll()
    assert exchange.status(market) is MarketStatus.SETTLED
    assert exchange.alerts == []


async def test_a_busy_market_is_settled_after_a_restart_although_its_refusal_is_remembered(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    exchange.floor.do(TurnInPlay(market))
    await harness.poll(after_s=CONFIRMATION_S)
    harness.restart()
    await harness.poll_through()
    assert exchange.status(market) is MarketStatus.SETTLED
    assert exchange.alerts == []


@pytest.mark.parametrize(
    "trouble", [NotLeading("it is starting"), OutcomeUnknown(), StoreUnavailable("gone"), ValueError("broken")]
)
async def test_a_command_without_an_answer_is_submitted_again(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness, trouble: Exception
) -> None:
    market = exchange.open()
    times.says("Alpha")
    exchange.command_error = trouble
    await harness.poll_through()
    assert exchange.status(market) is MarketStatus.OPEN
    exchange.command_error = None
    await harness.poll()
    assert exchange.status(market) is MarketStatus.SETTLED
    assert exchange.alerts == []


async def test_rules_that_break_on_a_result_leave_it_to_an_operator(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    exchange.command_error = CommandFailed()
    await harness.poll(after_s=CONFIRMATION_S)
    exchange.command_error = None
    await harness.poll_through()
    assert exchange.commands == [SuspendMarket(market)]
    assert len(exchange.alerts_of(market)) == 1
    assert "The server failed to book that Alpha won." in exchange.alerts_of(market)[0]


async def test_a_restart_begins_the_time_of_confirmation_anew(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    await harness.poll()
    harness.restart()
    await harness.poll(after_s=CONFIRMATION_S)
    assert exchange.commands == []
    await harness.poll(after_s=CONFIRMATION_S)
    assert len(exchange.commands) == 1


async def test_a_restart_repeats_no_settlement(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    await harness.poll_through()
    harness.restart()
    await harness.poll_through()
    assert len(exchange.commands) == 1
    assert exchange.alerts == []


async def test_finished_events_are_checked_only_from_time_to_time(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    times.says("Alpha")
    times.adds("Beta", event="unknown here")
    await harness.poll_through()
    exchange.lookups.clear()
    await harness.poll_through(600)
    assert len(exchange.lookups) <= 2 * 11
    assert set(exchange.lookups) == {"derby", "unknown here"}


async def test_a_market_opened_after_its_result_is_settled_too(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    times.says("Alpha")
    await harness.poll()
    market = exchange.open()
    await harness.poll_through(200)
    assert exchange.status(market) is MarketStatus.SETTLED


async def test_it_polls_until_it_is_stopped(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    exchange.open()
    running = asyncio.create_task(harness.watcher.run())
    await times.was_asked(3)
    harness.watcher.stop()
    await asyncio.wait_for(running, 10)
    asked = times.asked
    await asyncio.wait_for(harness.watcher.run(), 10)
    assert times.asked == asked


def test_two_sources_of_one_name_are_refused(exchange: SimulatedExchange) -> None:
    with pytest.raises(ValueError, match="different names"):
        WatcherHarness(exchange, (Publisher("times"), Publisher("times")))
