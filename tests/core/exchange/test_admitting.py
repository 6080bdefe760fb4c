"""Orders that belong together are admitted if, and only if, all of them would be accepted one after the other."""

import copy
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.exchange import (
    ORDERS_TOGETHER_MAX,
    AdmitOrders,
    PlaceOrder,
    RemoveRunner,
    ResumeMarket,
    SuspendMarket,
    TurnInPlay,
)
from evens.core.commands.wallets import FreezeCustomer, Withdraw
from evens.core.events.exchange import OrdersAdmitted
from evens.core.events.ledger import Rejected
from evens.core.exchange import admitting, matching
from evens.core.exchange.matching import MATCHES_PER_ORDER_MAX
from evens.core.exchange.reasons import ExchangeReason
from evens.core.kernel import HandlerFailed
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Persistence, ReductionRule, Side, TimeInForce
from evens.core.values.ids import MarketId, Rail, RunnerId
from tests.core.exchange.floor import Floor, open_floor

BLUE = RunnerId(2)
NOTHING = MarketId(4711)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An order as drawn, of whoever it is to be."""

    who: int
    runner: int
    side: Side
    odds: int
    stake_minor: int
    in_force: TimeInForce
    min_fill_minor: int | None
    orders_max: int

    def command(self, floor: Floor, who: int | None = None) -> PlaceOrder:
        """Return the command that places it."""
        customers = list(floor.people.values())
        return PlaceOrder(
            customers[self.who if who is None else who],
            floor.market,
            RunnerId(self.runner),
            self.side,
            self.odds,
            self.stake_minor,
            self.in_force,
            self.min_fill_minor,
            Persistence.PERSIST,
            orders_max=self.orders_max,
        )


IN_FORCE = [TimeInForce.GOOD_TILL_CANCELLED] * 3 + [TimeInForce.FILL_OR_KILL]
SOUND = st.builds(
    Drawn,
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from(list(Side)),
    st.sampled_from([150, 200, 250, 300]),
    st.integers(20, 120),
    st.sampled_from(IN_FORCE),
    st.none() | st.integers(1, 20),
    st.sampled_from([4, 1000, 1000, 1000]),
)
"""Nothing is wrong with these by themselves."""
ANY = st.builds(
    Drawn,
    st.just(0),
    st.integers(1, 4),
    st.sampled_from(list(Side)),
    st.sampled_from([200, 211]),
    st.integers(0, 120),
    st.sampled_from(IN_FORCE),
    st.none() | st.integers(1, 130),
    st.just(1000),
)
TOGETHER = st.tuples(st.lists(SOUND, min_size=1, max_size=8), st.lists(ANY, max_size=1)).map(
    lambda two: two[0] + two[1]
)
TERMS: list[dict[str, Any]] = [
    {"winners": 1},
    {"winners": 2},
    {"winners": 1, "reductions": ReductionRule.BET, "cover_removals": True},
    {"winners": 1, "bet_delay_ms": 1000},
    {"winners": 1, "min_stake_minor": 20},
    {"winners": 1, "cross_matching": True},
    {"winners": 1, "cross_matching": True, "bet_delay_ms": 1000},
]


def everything(floor: Floor) -> list[str]:
    """Return all that decisions depend on, and in which order things are kept, which some events follow."""
    exchange = floor.house.exchange
    positions = exchange.markets[floor.market].positions
    orders = [f"{who} {list(position.orders)}" for who, position in positions.items()]
    return [*exchange.lines(), *floor.house.ledger.lines(), *orders, f"{list(exchange.orders)} {exchange.open_orders}"]


def one_after_the_other(floor: Floor, orders: tuple[PlaceOrder, ...]) -> tuple[int, Rejected] | None:
    """Place orders until one is refused; return its place and the refusal."""
    for place, order in enumerate(orders):
        first = floor.do(order)[0]
        if isinstance(first, Rejected):
            return place, first
    return None


@settings(max_examples=300, deadline=None)
@given(
    terms=st.sampled_from(TERMS),
    turn=st.sampled_from(["", "", "in-play", "removal"]),
    waiting=st.lists(SOUND, max_size=14),
    together=TOGETHER,
    cash_minor=st.sampled_from([50, 200, 500, 4_000]),
)
def test_they_are_admitted_exactly_if_each_would_be_accepted(
    terms: dict[str, Any], turn: str, waiting: list[Drawn], together: list[Drawn], cash_minor: int
) -> None:
    floor = open_floor("ann", "bob", "cid", "dot", cash_minor=5_000, **terms)
    floor.do(Withdraw(floor.people["ann"], "USD", 5_000 - cash_minor, Rail.DESK))
    for each in waiting:
        floor.do(each.command(floor))
        floor.work()
    if turn == "in-play":
        floor.finish(TurnInPlay(floor.market))
    elif turn == "removal" and "cross_matching" not in terms:
        floor.finish(RemoveRunner(floor.market, RunnerId(3), 500))
        floor.do(ResumeMarket(floor.market))
    orders = tuple([each.command(floor, 0) for each in together])
    twin, before = copy.deepcopy(floor), everything(floor)

    (answer,) = floor.do(AdmitOrders(orders))

    assert everything(floor) == before
    # So that what follows is recorded at the same place.
    twin.refuse(SuspendMarket(NOTHING))
    refused = one_after_the_other(twin, orders)
    if refused is None:
        assert answer == OrdersAdmitted(floor.market, floor.people["ann"], len(orders))
        assert one_after_the_other(floor, orders) is None
        assert floor.house.digest() == twin.house.digest()
    else:
        place, refusal = refused
        assert answer == Rejected(refusal.reason, (("order", place), *refusal.facts))


def test_an_order_counts_as_matched_with_what_waits_when_the_next_is_looked_at() -> None:
    floor = open_floor("ann", "bob", "cid", runners="ab")
    floor.place("bob lay 1000 @ 3.00")
    floor.do(Withdraw(floor.people["ann"], "USD", 99_000, Rail.DESK))
    orders = (
        floor.order("ann back 1000 @ 3.00"),
        floor.order("ann back 1000 @ 2.00", BLUE),
        floor.order("ann back 1000 @ 4.00"),
    )
    facts = (("order", 2), ("currency", "USD"), ("needed_minor", 1_000), ("available_minor", 0))
    assert floor.refuse(AdmitOrders(orders)) == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
    floor.place("cid lay 1000 @ 2.00", BLUE)
    assert floor.do(AdmitOrders(orders)) == (OrdersAdmitted(floor.market, floor.people["ann"], 3),)
    assert one_after_the_other(floor, orders) is None


def test_what_an_order_takes_is_not_there_for_the_next() -> None:
    floor = open_floor("ann", "bob")
    floor.place_all("bob lay 100 @ 3.00", "bob lay 50 @ 3.00", "ann lay 100 @ 2.00")
    both, too_many = floor.order("ann back 75 @ 2.00"), floor.order("ann back 76 @ 2.00")
    assert isinstance(floor.do(AdmitOrders((both, both)))[0], OrdersAdmitted)
    refusal = floor.refuse(AdmitOrders((both, too_many)))
    assert refusal == Rejected(ExchangeReason.SELF_MATCH, (("order", 1),))
    assert floor.book() == "lay 3.00: bob 100, bob 50\nlay 2.00: ann 100"


def test_an_order_that_is_killed_takes_nothing() -> None:
    floor = open_floor("ann", "bob")
    floor.place_all("bob lay 50 @ 3.00", "ann lay 100 @ 2.00")
    killed = floor.order("ann back 75 @ 3.00", time_in_force=TimeInForce.FILL_OR_KILL)
    assert isinstance(floor.do(AdmitOrders((killed, floor.order("ann back 50 @ 2.00"))))[0], OrdersAdmitted)


def test_an_order_that_goes_on_in_parts_waits_outside_of_the_book() -> None:
    floor = open_floor("ann", "bob", cash_minor=10**7)
    for _ in range(MATCHES_PER_ORDER_MAX + 2):
        floor.place("bob lay 1 @ 3.00")
    much = floor.order("ann back 1000 @ 3.00")
    against = floor.order("ann lay 10 @ 3.00")
    before = everything(floor)
    assert isinstance(floor.do(AdmitOrders((much, against)))[0], OrdersAdmitted)
    assert everything(floor) == before
    assert one_after_the_other(floor, (much, against)) is None


def test_an_order_that_waits_counts_towards_how_many_may_and_one_that_ends_does_not() -> None:
    floor = open_floor("ann", "bob")
    floor.place("bob lay 10 @ 3.00")
    matched = floor.order("ann back 10 @ 3.00", orders_max=2)
    killed = floor.order("ann back 10 @ 3.00", orders_max=2, time_in_force=TimeInForce.FILL_OR_KILL)
    waits = floor.order("ann back 10 @ 5.00", orders_max=2)
    assert isinstance(floor.do(AdmitOrders((matched, killed, waits, waits)))[0], OrdersAdmitted)
    refusal = floor.refuse(AdmitOrders((matched, waits, waits, killed)))
    assert refusal == Rejected(ExchangeReason.ORDERS_LIMIT, (("order", 3), ("orders_max", 2)))


@pytest.mark.parametrize("in_force", list(TimeInForce))
def test_an_order_covers_removals_again_for_those_that_follow(in_force: TimeInForce) -> None:
    floor = open_floor("ann", "bob", runners="abc", reductions=ReductionRule.BET, cover_removals=True)
    floor.place_all("ann back 1000 @ 10.00", "bob lay 1000 @ 10.00")
    floor.place_all("ann lay 2000 @ 4.00", "bob back 2000 @ 4.00")
    floor.finish(RemoveRunner(floor.market, RunnerId(3), 500))
    floor.do(ResumeMarket(floor.market))
    first = floor.order("ann back 1 @ 1.01", BLUE, time_in_force=in_force)
    twin = copy.deepcopy(floor)
    bare_minor = twin.escrow("ann")
    twin.do(first)
    covered_minor = twin.escrow("ann") - bare_minor
    assert covered_minor > 1
    left_minor = covered_minor + 500
    floor.do(Withdraw(floor.people["ann"], "USD", floor.cash("ann") - left_minor, Rail.DESK))
    short = floor.order("ann lay 90000 @ 2.00", BLUE)
    twin = copy.deepcopy(floor)
    twin.refuse(SuspendMarket(NOTHING))
    refused = one_after_the_other(twin, (first, short))
    assert refused is not None
    assert floor.refuse(AdmitOrders((first, short))).facts == (("order", 1), *refused[1].facts)


def test_an_order_of_a_frozen_customer_is_refused_at_its_place() -> None:
    floor = open_floor("ann")
    floor.do(FreezeCustomer(floor.people["ann"]))
    refusal = floor.refuse(AdmitOrders((floor.order("ann back 10 @ 2.00"),)))
    assert refusal == Rejected(SharedReason.CUSTOMER_FROZEN, (("order", 0),))


def test_the_market_is_left_as_it_was_though_the_rules_break(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = open_floor("ann", "bob")
    floor.place_all("bob lay 100 @ 3.00", "ann back 10 @ 9.00")
    before, sound = everything(floor), admitting.foresee

    def broken(*given: Any) -> Any:
        if given[2].stake_minor == 13:
            raise ZeroDivisionError
        return sound(*given)

    monkeypatch.setattr(admitting, "foresee", broken)
    orders = (floor.order("ann back 150 @ 3.00"), floor.order("ann back 13 @ 3.00"))
    with pytest.raises(HandlerFailed) as failed:
        floor.do(AdmitOrders(orders))
    assert (failed.value.house_intact, everything(floor)) == (True, before)


def test_several_customers_or_markets_none_or_too_many_are_no_command() -> None:
    floor = open_floor("ann", "bob")
    order = floor.order("ann back 10 @ 2.00")
    elsewhere, others = replace(order, market=NOTHING), replace(order, customer=floor.people["bob"])
    for orders in ((order, elsewhere), (order, others), (), (order,) * (ORDERS_TOGETHER_MAX + 1)):
        with pytest.raises(ValueError, match="admitted together"):
            AdmitOrders(orders)
    assert len(AdmitOrders((order,) * ORDERS_TOGETHER_MAX).orders) == ORDERS_TOGETHER_MAX


def test_what_was_found_out_is_not_found_out_again_right_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = open_floor("ann", "bob")
    floor.place("bob lay 100 @ 3.00")
    orders = (floor.order("ann back 60 @ 3.00"), floor.order("ann back 60 @ 3.00"))
    floor.do(AdmitOrders(orders))

    def broken(*_given: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(matching, "foresee", broken)
    for order in orders:
        floor.do(order)
    assert floor.book() == "back 3.00: ann 20"
    with pytest.raises(HandlerFailed):
        floor.do(orders[1])


@pytest.mark.parametrize("placed_before", [0, 1])
def test_what_was_found_out_counts_no_more_where_another_command_came_between(placed_before: int) -> None:
    floor = open_floor("ann", "bob", "cid")
    floor.place("bob lay 100 @ 3.00")
    # The same order several times, so that their places could be mistaken.
    orders = (floor.order("ann back 50 @ 3.00"),) * 3
    floor.do(AdmitOrders(orders))
    for order in orders[:placed_before]:
        floor.do(order)
    floor.place("cid back 100 @ 3.00")
    for order in orders[placed_before:]:
        floor.do(order)
    waiting = {0: "back 3.00: ann 50, ann 50, ann 50", 1: "back 3.00: cid 50, ann 50, ann 50"}[placed_before]
    assert floor.book() == waiting
