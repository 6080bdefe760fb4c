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
from evens.sequencer.errors import NotLeading
from tests.feeds.racecourse import CONFIRMATION_S, House, Publisher, Steward

pytestmark = pytest.mark.anyio


def is_left_to_an_operator(house: House, market: int) -> bool:
    return house.commands == [SuspendMarket(market)] and len(house.told(market)) == 1


async def test_two_sources_that_differ_stop_the_market_at_once(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    assert house.status(market) is MarketStatus.SUSPENDED
    (told,) = house.told(market)
    assert told == (
        "post says that Beta won; times says that Alpha won. "
        "This market will not be settled automatically: settle or void it by hand."
    )
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert steward.count("evens_results_alerts_total") == 1


async def test_a_later_agreement_settles_nothing(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    post.says("Alpha")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


async def test_a_later_agreement_settles_nothing_after_a_restart(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    steward.restart()
    post.says("Alpha")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


async def test_a_conflict_on_a_closed_market_outlives_a_restart_too(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    house.floor.finish(CloseMarket(market))
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    assert [answer for _, answer in house.answers.values()] == [ExchangeReason.MARKET_CLOSED]
    steward.restart()
    post.says("Alpha")
    await steward.poll_through()
    assert house.status(market) is MarketStatus.CLOSED
    assert is_left_to_an_operator(house, market)


async def test_a_restart_repeats_no_alert_of_a_conflict_that_is_as_it_was(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    steward.restart()
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


async def test_another_disagreement_is_another_alert(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    post.says("Gamma")
    await steward.poll_through()
    first, second = house.told(market)
    assert "post says that Beta won;" in first
    assert "post says that Gamma won, after saying that Beta won;" in second


async def test_an_operators_resumption_is_respected(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    house.floor.finish(ResumeMarket(market))
    post.says("Gamma")
    await steward.poll_through()
    assert house.status(market) is MarketStatus.OPEN


async def test_a_source_that_changes_its_mind_is_a_conflict_of_its_own(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    times.says("Beta")
    await steward.poll_through()
    times.says("Alpha")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert house.told(market)[0].startswith("times says that Beta won, after saying that Alpha won.")


async def test_a_change_of_mind_across_a_retraction_is_one(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    times.retracts()
    await steward.poll()
    times.says()
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert "the market is void, after saying that Alpha won" in house.told(market)[0]


async def test_a_change_of_mind_that_the_house_could_not_be_told_of_is_not_forgotten(
    house: House, times: Publisher, steward: Steward
) -> None:
    first, second = house.open(), house.open()
    times.says("Alpha")
    await steward.poll()
    times.says("Beta")
    house.trouble = NotLeading("it is starting")
    await steward.poll()
    house.trouble = None
    await steward.poll_through()
    assert house.commands == [SuspendMarket(first), SuspendMarket(second)]
    assert [len(house.told(market)) for market in (first, second)] == [1, 1]


async def test_a_source_that_says_two_things_at_once_is_a_conflict(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    times.adds("Beta")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert house.told(market)[0].startswith("times says that it ended in several ways at once.")


async def test_a_source_that_says_the_same_twice_is_none(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says("Alpha")
    times.adds("ALPHA", market=None)
    await steward.poll_through()
    assert house.commands == [SettleMarket(market, (1,))]


async def test_whether_it_was_a_dead_heat_is_part_of_the_result(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha", "Beta", dead_heat=True)
    post.says("Alpha", "Beta")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


async def test_an_unknown_winner_is_left_to_an_operator(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    times.says("Omega")
    await steward.poll_through()
    times.says("Alpha")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert "Omega won, who is no runner of this market" in house.told(market)[0]


async def test_a_removed_winner_is_left_to_an_operator(house: House, times: Publisher, steward: Steward) -> None:
    market = house.open()
    house.floor.finish(RemoveRunner(market, 2, 1_000))
    times.says("Beta")
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)
    assert [answer for _, answer in house.answers.values()] == [ExchangeReason.MARKET_SUSPENDED]
    assert "Beta won, who was removed from this market" in house.told(market)[0]


async def test_winners_that_the_house_refuses_are_left_to_an_operator(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha", "Beta")
    await steward.poll_through()
    assert house.commands == [SettleMarket(market, (1, 2)), SuspendMarket(market)]
    (told,) = house.told(market)
    assert told.startswith("The house refuses that Alpha and Beta won (winners_wrong).")


async def test_a_result_without_a_market_is_left_to_an_operator_where_the_event_has_several(
    house: House, times: Publisher, steward: Steward
) -> None:
    winner, place = house.open(), house.open(name="Place", places=2)
    times.says("Alpha", market=None)
    await steward.poll_through()
    assert house.commands == [SuspendMarket(winner), SuspendMarket(place)]
    assert [len(house.told(market)) for market in (winner, place)] == [1, 1]


async def test_a_failing_source_still_stands_by_what_it_said(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    post.says("Beta")
    await steward.poll()
    post.fails()
    times.says("Alpha")
    await steward.poll()
    assert is_left_to_an_operator(house, market)


async def test_an_operator_is_told_even_when_the_market_cannot_be_suspended_now(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    house.trouble = NotLeading("it is starting")
    await steward.poll()
    assert len(house.told(market)) == 1
    house.trouble = None
    await steward.poll()
    assert is_left_to_an_operator(house, market)


async def test_an_alert_that_fails_is_raised_at_the_next_poll(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    house.deaf = ConnectionError()
    await steward.poll()
    assert house.status(market) is MarketStatus.SUSPENDED
    house.deaf = None
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


@pytest.mark.parametrize(
    ("winners", "words"), [((2,), "Beta won"), ((1, 2), "Alpha and Beta won"), ((), "the market is void")]
)
async def test_a_market_settled_differently_is_an_alert_and_nothing_else(
    house: House, times: Publisher, steward: Steward, winners: tuple[int, ...], words: str
) -> None:
    market = house.open()
    house.floor.finish(SettleMarket(market, winners, dead_heat=True) if winners else VoidMarket(market))
    times.says("Alpha")
    await steward.poll_through(400)
    assert house.commands == []
    assert house.told(market) == [
        f"This market is settled, and {words}, but: times says that Alpha won. Nothing was changed."
    ]


async def test_a_result_that_changes_after_it_was_settled_is_an_alert_and_nothing_else(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll_through()
    times.says("Beta")
    await steward.poll_through(400)
    assert house.commands == [SettleMarket(market, (1,))]
    assert len(house.told(market)) == 1


async def test_an_operator_who_settled_a_contested_market_is_not_told_of_the_conflict_again(
    house: House, times: Publisher, post: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    post.says("Beta")
    await steward.poll()
    house.floor.finish(SettleMarket(market, (2,)))
    await steward.poll_through()
    assert is_left_to_an_operator(house, market)


async def test_a_market_that_somebody_else_is_settling_is_compared_when_that_is_done(
    house: House, times: Publisher, steward: Steward
) -> None:
    market = house.open()
    times.says("Alpha")
    await steward.poll()
    house.floor.do(SettleMarket(market, (2,)))
    await steward.poll(after_s=CONFIRMATION_S)
    assert [answer for _, answer in house.answers.values()] == [ExchangeReason.ALREADY_SETTLED]
    assert house.alerts == []
    await steward.poll_through()
    assert house.winners(market) == (2,)
    assert len(house.told(market)) == 1
