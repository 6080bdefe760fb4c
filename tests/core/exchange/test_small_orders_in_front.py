"""Small orders in front of large ones: what is behind them is had as if they were not there."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.exchange import PlaceOrder
from evens.core.events.exchange import Matched
from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId
from evens.core.values.odds import FINEST
from tests.core.exchange.floor import Floor, open_floor

MUCH_MINOR = 10**7
ANN_MINOR = 10**6


def _floor(runners: int) -> Floor:
    names = tuple([f"r{number}" for number in range(runners)])
    return open_floor("ann", "bob", "cid", cash_minor=10**12, runners=names, ladder=FINEST, cross_matching=True)


def _place(floor: Floor, who: str, runner: int, side: Side, odds: int, stake_minor: int) -> list[Matched]:
    events = floor.do(PlaceOrder(floor.people[who], floor.market, RunnerId(runner), side, odds, stake_minor))
    return [event for event in events if isinstance(event, Matched)]


def _had(odds: Sequence[int], side: Side, crumbs: int, crumb_minor: int) -> list[tuple[int, int]]:
    """Return at which odds ann has how much, behind so many small orders, each at better odds for her."""
    runners = len(odds) + 1
    floor = _floor(runners)
    for runner, each in enumerate(odds, 2):
        _place(floor, "bob", runner, side, each, MUCH_MINOR)
    better = -1 if side is Side.BACK else 1
    for place in range(1, crumbs + 1):
        _place(floor, "cid", 2, side, odds[0] + better * place, crumb_minor)
    worst = FINEST.odds[0] if side is Side.BACK else FINEST.odds[-1]
    matched = _place(floor, "ann", 1, side, worst, ANN_MINOR)
    return [(event.odds, event.stake_minor) for event in matched if event.taker_customer == floor.people["ann"]]


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("crumbs", "crumb_minor"), [(1, 1), (15, 1), (16, 1), (60, 1), (150, 1), (16, 100), (60, 100)])
def test_nearly_all_of_an_order_has_the_odds_that_it_has_without_them(
    side: Side, crumbs: int, crumb_minor: int
) -> None:
    odds = [1990 + 7 * place % 23 for place in range(19)]
    ((alone, _),) = _had(odds, side, 0, 0)
    had = _had(odds, side, crumbs, crumb_minor)
    sign = 1 if side is Side.BACK else -1
    assert all(sign * each >= sign * alone - 1 for each, _ in had)
    assert sum(minor for _, minor in had) == ANN_MINOR
    assert sum(minor for each, minor in had if sign * each < sign * alone) <= crumbs * crumb_minor * 20


@given(
    odds=st.lists(st.integers(300, 2500), min_size=2, max_size=8),
    side=st.sampled_from(list(Side)),
    crumbs=st.integers(1, 80),
    crumb_minor=st.sampled_from([1, 2, 10, 100]),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_odds_are_small_orders_cost_at_most_a_step_of_the_ladder(
    odds: list[int], side: Side, crumbs: int, crumb_minor: int
) -> None:
    alone = _had(odds, side, 0, 0)
    had = _had(odds, side, crumbs, crumb_minor)
    if not alone:
        return
    sign = 1 if side is Side.BACK else -1
    returned = sum(odds * minor for odds, minor in had)
    # Each small order that is matched may leave one unit of each leg that is no whole part of a set any more.
    left_minor = crumbs * len(odds)
    assert sum(minor for _, minor in had) >= sum(minor for _, minor in alone) - left_minor
    # As much as one step of the ladder on the whole stake, to her disadvantage.
    assert sign * returned >= sign * sum(odds * minor for odds, minor in alone) - ANN_MINOR - left_minor * max(
        each for each, _ in alone
    )
