"""A result in dispute stops the market, calls an operator once, and is never settled automatically again."""

import pytest

from evens.core.commands.exchange import (
    CloseMarket,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    VoidMarket,
)
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.betting import MarketStatus
from evens.core.values.ids import MarketId, RunnerId
from evens.sequencer.errors import NotLeading
from tests.feeds.simulated_results import CONFIRMATION_S, Publisher, SimulatedExchange, WatcherHarness

pytestmark = pytest.mark.anyio


def is_left_to_an_operator(exchange: SimulatedExchange, market: MarketId) -> bool:
    return exchange.commands == [SuspendMarket(market)] and len(exchange.alerts_of(market)) == 1


async def test_two_sources_that_differ_stop_the_market_at_once(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    assert exchange.status(market) is MarketStatus.SUSPENDED
    (alert,) = exchange.alerts_of(market)
    assert alert == (
        "post says that Beta won; times says that Alpha won. "
        "This market will not be settled automatically: settle or void it by hand."
    )
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert harness.count("evens_results_alerts_total") == 1


async def test_a_later_agreement_settles_nothing(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    post.says("Alpha")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


async def test_a_later_agreement_settles_nothing_after_a_restart(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    harness.restart()
    post.says("Alpha")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


async def test_a_conflict_on_a_closed_market_outlives_a_restart_too(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    exchange.floor.finish(CloseMarket(market))
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    assert [answer for _, answer in exchange.answers.values()] == [ExchangeReason.MARKET_CLOSED]
    harness.restart()
    post.says("Alpha")
    await harness.poll_through()
    assert exchange.status(market) is MarketStatus.CLOSED
    assert is_left_to_an_operator(exchange, market)


async def test_a_restart_repeats_no_alert_of_a_conflict_that_is_as_it_was(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    harness.restart()
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


async def test_another_disagreement_is_another_alert(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    post.says("Gamma")
    await harness.poll_through()
    first, second = exchange.alerts_of(market)
    assert "post says that Beta won;" in first
    assert "post says that Gamma won, after saying that Beta won;" in second


async def test_an_operators_resumption_is_respected(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    exchange.floor.finish(ResumeMarket(market))
    post.says("Gamma")
    await harness.poll_through()
    assert exchange.status(market) is MarketStatus.OPEN


async def test_a_source_that_changes_its_statement_is_a_conflict(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    times.says("Beta")
    await harness.poll_through()
    times.says("Alpha")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert exchange.alerts_of(market)[0].startswith("times says that Beta won, after saying that Alpha won.")


async def test_a_changed_statement_after_a_retraction_is_a_conflict(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    times.retracts()
    await harness.poll()
    times.says()
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert "the market is void, after saying that Alpha won" in exchange.alerts_of(market)[0]


async def test_a_changed_statement_during_an_outage_is_a_conflict_afterwards(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    first, second = exchange.open(), exchange.open()
    times.says("Alpha")
    await harness.poll()
    times.says("Beta")
    exchange.command_error = NotLeading("it is starting")
    await harness.poll()
    exchange.command_error = None
    await harness.poll_through()
    assert exchange.commands == [SuspendMarket(first), SuspendMarket(second)]
    assert [len(exchange.alerts_of(market)) for market in (first, second)] == [1, 1]


async def test_two_different_statements_of_one_source_are_a_conflict(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    times.adds("Beta")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert exchange.alerts_of(market)[0].startswith("times says that it ended in several ways at once.")


async def test_a_statement_that_is_repeated_is_no_conflict(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    times.adds("ALPHA", market=None)
    await harness.poll_through()
    assert exchange.commands == [SettleMarket(market, (RunnerId(1),))]


async def test_whether_it_was_a_dead_heat_is_part_of_the_result(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha", "Beta", dead_heat=True)
    post.says("Alpha", "Beta")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


async def test_an_unknown_winner_is_left_to_an_operator(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Omega")
    await harness.poll_through()
    times.says("Alpha")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert "Omega won, who is no runner of this market" in exchange.alerts_of(market)[0]


async def test_a_removed_winner_is_left_to_an_operator(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    exchange.floor.finish(RemoveRunner(market, RunnerId(2), 1_000))
    times.says("Beta")
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)
    assert [answer for _, answer in exchange.answers.values()] == [ExchangeReason.MARKET_SUSPENDED]
    assert "Beta won, who was removed from this market" in exchange.alerts_of(market)[0]


async def test_winners_that_the_server_refuses_are_left_to_an_operator(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha", "Beta")
    await harness.poll_through()
    assert exchange.commands == [
        SettleMarket(market, (RunnerId(1), RunnerId(2))),
        SuspendMarket(market),
    ]
    (alert,) = exchange.alerts_of(market)
    assert alert.startswith("The server refuses that Alpha and Beta won (winners_wrong).")


async def test_a_result_without_a_market_is_left_to_an_operator_where_the_event_has_several(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    winner, place = exchange.open(), exchange.open(name="Place", places=2)
    times.says("Alpha", market=None)
    await harness.poll_through()
    assert exchange.commands == [SuspendMarket(winner), SuspendMarket(place)]
    assert [len(exchange.alerts_of(market)) for market in (winner, place)] == [1, 1]


async def test_a_failing_source_still_stands_by_what_it_said(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    post.says("Beta")
    await harness.poll()
    post.fails()
    times.says("Alpha")
    await harness.poll()
    assert is_left_to_an_operator(exchange, market)


async def test_an_operator_is_alerted_even_if_the_market_cannot_be_suspended(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    exchange.command_error = NotLeading("it is starting")
    await harness.poll()
    assert len(exchange.alerts_of(market)) == 1
    exchange.command_error = None
    await harness.poll()
    assert is_left_to_an_operator(exchange, market)


async def test_an_alert_that_fails_is_raised_at_the_next_poll(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    exchange.alert_error = ConnectionError()
    await harness.poll()
    assert exchange.status(market) is MarketStatus.SUSPENDED
    exchange.alert_error = None
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


@pytest.mark.parametrize(
    ("winners", "words"), [((2,), "Beta won"), ((1, 2), "Alpha and Beta won"), ((), "the market is void")]
)
async def test_a_market_settled_differently_is_an_alert_and_nothing_else(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness, winners: tuple[RunnerId, ...], words: str
) -> None:
    market = exchange.open()
    exchange.floor.finish(SettleMarket(market, winners, dead_heat=True) if winners else VoidMarket(market))
    times.says("Alpha")
    await harness.poll_through(400)
    assert exchange.commands == []
    assert exchange.alerts_of(market) == [
        f"This market is settled, and {words}, but: times says that Alpha won. Nothing was changed."
    ]


async def test_a_result_that_changes_after_it_was_settled_is_an_alert_and_nothing_else(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll_through()
    times.says("Beta")
    await harness.poll_through(400)
    assert exchange.commands == [SettleMarket(market, (RunnerId(1),))]
    assert len(exchange.alerts_of(market)) == 1


async def test_settling_a_contested_market_by_hand_causes_no_further_alert(
    exchange: SimulatedExchange, times: Publisher, post: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    post.says("Beta")
    await harness.poll()
    exchange.floor.finish(SettleMarket(market, (RunnerId(2),)))
    await harness.poll_through()
    assert is_left_to_an_operator(exchange, market)


async def test_a_market_that_is_being_settled_is_compared_when_that_is_done(
    exchange: SimulatedExchange, times: Publisher, harness: WatcherHarness
) -> None:
    market = exchange.open()
    times.says("Alpha")
    await harness.poll()
    exchange.floor.do(SettleMarket(market, (RunnerId(2),)))
    await harness.poll(after_s=CONFIRMATION_S)
    assert [answer for _, answer in exchange.answers.values()] == [ExchangeReason.ALREADY_SETTLED]
    assert exchange.alerts == []
    await harness.poll_through()
    assert exchange.winners(market) == (2,)
    assert len(exchange.alerts_of(market)) == 1
