"""Taking orders back, in part, one or all of them, and changing them."""

import pytest

from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, CancelOrders, ReplaceOrder, SuspendMarket
from evens.core.commands.wallets import Deposit, FreezeCustomer, Withdraw
from evens.core.events.exchange import OrderPlaced, OrderReduced
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Cause, Persistence
from evens.core.values.ids import MarketId, OrderId, Rail, RunnerId
from evens.core.values.odds import parse_odds
from tests.core.exchange.floor import Floor, drawn, moved, open_floor

NOTHING = OrderId(4711)


@pytest.fixture
def floor() -> Floor:
    return open_floor("ann", "bob", "cid")


def change(floor: Floor, name: str, order: OrderId, odds: str | None = None, stake_minor: int | None = None) -> Command:
    return ReplaceOrder(floor.people[name], order, None if odds is None else parse_odds(odds), stake_minor)


class TestCancelling:
    def test_it_gives_back_what_is_unmatched(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.place("bob lay 30 @ 2.00")
        events = floor.do(CancelOrder(floor.people["ann"], order))
        assert events[0] == taken_back(floor, order, 70, remaining_minor=0, matched_minor=30)
        assert moved(events) == [("RELEASE", 70)]
        assert (floor.book(), floor.escrow("ann")) == ("", 30)

    def test_a_part_can_be_taken_back_and_the_rest_keeps_its_place(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob back 50 @ 2.00")[0]
        floor.do(CancelOrder(floor.people["ann"], order, reduce_by_minor=40))
        assert floor.book() == drawn("back 2.00: ann 60, bob 50")
        assert floor.escrow("ann") == 60

    def test_less_than_the_least_stake_never_waits_unless_a_match_left_it(self, floor: Floor) -> None:
        """Hold 11: neither reducing nor replacing leaves a rest below the least stake; all of it can go."""
        market = floor.create(min_stake_minor=100)
        order = floor.place("ann back 200 @ 2.00", market=market)
        ann = floor.people["ann"]
        too_small = Rejected(SharedReason.STAKE_TOO_SMALL, (("currency", "USD"), ("least_minor", 100)))
        assert floor.refuse(CancelOrder(ann, order, reduce_by_minor=101)) == too_small
        assert floor.refuse(change(floor, "ann", order, stake_minor=99)) == too_small
        assert floor.refuse(change(floor, "ann", order, "2.10", stake_minor=99)) == too_small
        floor.place("bob lay 150 @ 2.00", market=market)
        assert floor.book(market=market) == drawn("back 2.00: ann 50")
        assert floor.refuse(CancelOrder(ann, order, reduce_by_minor=1)) == too_small
        assert floor.refuse(change(floor, "ann", order, "2.10")) == too_small
        floor.do(change(floor, "ann", order, stake_minor=300))
        assert floor.book(market=market) == drawn("back 2.00: ann 150")
        last = OrderId(floor.house.seq)
        floor.do(CancelOrder(ann, last, reduce_by_minor=50))
        floor.do(CancelOrder(ann, last, reduce_by_minor=100))
        assert (floor.book(market=market), floor.escrow("ann")) == ("", 150)

    def test_more_than_there_is_takes_back_all(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.do(CancelOrder(floor.people["ann"], order, reduce_by_minor=101))
        assert (floor.book(), floor.cash("ann")) == ("", 100_000)

    def test_an_order_that_is_matched_or_gone_cannot_be_taken_back(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob lay 100 @ 2.00")[0]
        for unknown in (order, NOTHING):
            assert floor.refuse(CancelOrder(floor.people["ann"], unknown)) == Rejected(
                ExchangeReason.ORDER_NOT_EXECUTABLE
            )

    def test_the_order_of_somebody_else_is_unknown(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        assert floor.refuse(CancelOrder(floor.people["bob"], order)) == Rejected(ExchangeReason.ORDER_UNKNOWN)
        assert floor.refuse(change(floor, "bob", order, "3.00")) == Rejected(ExchangeReason.ORDER_UNKNOWN)

    def test_a_frozen_customer_can_take_orders_back_even_in_a_suspended_market(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.do(FreezeCustomer(floor.people["ann"]))
        floor.do(SuspendMarket(floor.market))
        floor.do(CancelOrder(floor.people["ann"], order, 40))
        floor.do(change(floor, "ann", order, stake_minor=50))
        assert floor.book() == drawn("back 2.00: ann 50")
        floor.do(CancelOrders(floor.people["ann"]))
        assert floor.cash("ann") == 100_000


class TestCancellingAll:
    def test_all_orders_of_a_market_are_taken_back_and_no_others(self, floor: Floor) -> None:
        other = floor.create()
        floor.place("ann back 100 @ 2.00", runner=RunnerId(1))
        floor.place("ann lay 100 @ 3.00", runner=RunnerId(2))
        floor.place("bob back 100 @ 2.00", runner=RunnerId(1))
        floor.place("ann back 7 @ 2.00", market=other)
        events = floor.do(CancelOrders(floor.people["ann"], floor.market))
        assert moved(events) == [("RELEASE", 300)]
        assert (floor.book(), floor.book(RunnerId(2))) == ("back 2.00: bob 100", "")
        assert (floor.escrow("ann"), floor.book(market=other)) == (7, "back 2.00: ann 7")

    def test_orders_in_two_currencies_are_taken_back_at_once(self, floor: Floor) -> None:
        floor.define("EUR")
        floor.do(Deposit(floor.people["ann"], "EUR", 500, Rail.DESK))
        euros, more = floor.create(code="EUR"), floor.create()
        floor.place("ann back 100 @ 2.00")
        floor.place("ann back 200 @ 2.00", market=euros)
        floor.place("ann back 300 @ 2.00", market=more)
        events = floor.do(CancelOrders(floor.people["ann"]))
        assert moved(events) == [("RELEASE", 400), ("RELEASE", 200)]
        assert (floor.cash("ann"), floor.cash("ann", "EUR")) == (100_000, 500)

    def test_bets_stay(self, floor: Floor) -> None:
        floor.place_all("ann back 100 @ 2.00", "bob lay 40 @ 2.00")
        floor.do(CancelOrders(floor.people["ann"]))
        assert (floor.escrow("ann"), floor.escrow("bob")) == (40, 40)

    def test_without_orders_nothing_changes(self, floor: Floor) -> None:
        assert floor.refuse(CancelOrders(floor.people["ann"])) == Rejected(SharedReason.NOTHING_CHANGES)
        assert floor.refuse(CancelOrders(floor.people["ann"], floor.market)) == Rejected(SharedReason.NOTHING_CHANGES)
        assert floor.refuse(CancelOrders(floor.people["ann"], MarketId(4711))) == Rejected(
            ExchangeReason.MARKET_UNKNOWN
        )


class TestReplacing:
    def test_a_smaller_stake_keeps_the_place_in_the_queue(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob back 50 @ 2.00")[0]
        (reduced, released) = floor.do(change(floor, "ann", order, stake_minor=60))
        assert reduced == taken_back(floor, order, 40, remaining_minor=60)
        assert moved([released]) == [("RELEASE", 40)]
        assert floor.book() == drawn("back 2.00: ann 60, bob 50")

    def test_a_larger_stake_goes_to_the_end_of_the_queue(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob back 50 @ 2.00")[0]
        reduced, placed, staked = floor.do(change(floor, "ann", order, stake_minor=160))
        assert reduced == taken_back(floor, order, 100)
        assert isinstance(placed, OrderPlaced)
        assert (placed.order, placed.stake_minor) == (floor.house.seq, 160)
        assert moved([staked]) == [("STAKE", 60)]
        assert floor.book() == drawn("back 2.00: bob 50, ann 160")

    def test_other_odds_make_a_new_order_that_is_matched_like_any(self, floor: Floor) -> None:
        floor.place("bob lay 30 @ 2.20")
        order = floor.place("ann back 100 @ 3.00", persistence=Persistence.PERSIST)
        events = floor.do(change(floor, "ann", order, "2.00"))
        assert floor.bets(events) == ["bob 30 @ 2.20"]
        assert isinstance(events[1], OrderPlaced)
        assert events[1].persistence is Persistence.PERSIST
        assert floor.book() == drawn("back 2.00: ann 70")

    def test_the_stake_is_the_whole_of_it_with_what_is_matched(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob lay 30 @ 2.00", "cid back 5 @ 2.00")[0]
        floor.do(change(floor, "ann", order, stake_minor=80))
        assert floor.book() == drawn("back 2.00: ann 50, cid 5")
        floor.do(change(floor, "ann", order, stake_minor=90))
        assert floor.book() == drawn("back 2.00: cid 5, ann 60")

    def test_only_the_odds_change_if_only_they_are_named(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob lay 30 @ 2.00")[0]
        floor.do(change(floor, "ann", order, "2.20"))
        assert floor.book() == drawn("back 2.20: ann 70")

    @pytest.mark.parametrize(("odds", "stake_minor"), [(None, None), ("2.00", 100), ("2.00", None), (None, 100)])
    def test_what_it_is_already_is_no_change(self, floor: Floor, odds: str | None, stake_minor: int | None) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob lay 30 @ 2.00")[0]
        assert floor.refuse(change(floor, "ann", order, odds, stake_minor)) == Rejected(SharedReason.NOTHING_CHANGES)

    @pytest.mark.parametrize("odds", [None, "2.20"])
    @pytest.mark.parametrize("stake_minor", [30, 29])
    def test_the_stake_must_be_more_than_what_is_matched(
        self, floor: Floor, odds: str | None, stake_minor: int
    ) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "bob lay 30 @ 2.00")[0]
        expected = Rejected(SharedReason.STAKE_TOO_SMALL, (("currency", "USD"), ("matched_minor", 30)))
        assert floor.refuse(change(floor, "ann", order, odds, stake_minor)) == expected

    def test_what_the_old_order_holds_pays_for_the_new_one(self, floor: Floor) -> None:
        floor.do(Withdraw(floor.people["ann"], "USD", 99_900, Rail.DESK))
        order = floor.place("ann back 100 @ 2.00")
        assert floor.cash("ann") == 0
        facts = (("currency", "USD"), ("needed_minor", 1), ("available_minor", 0))
        refusal = floor.refuse(change(floor, "ann", order, "3.00", 101))
        assert refusal == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
        assert floor.book() == drawn("back 2.00: ann 100")
        floor.do(change(floor, "ann", order, "3.00"))
        assert floor.book() == drawn("back 3.00: ann 100")

    def test_a_refused_change_leaves_the_order_where_it_was(self, floor: Floor) -> None:
        order = floor.place_all("ann back 100 @ 2.00", "cid back 10 @ 2.00")[0]
        floor.place("ann lay 10 @ 1.80")
        assert floor.refuse(change(floor, "ann", order, "1.80")) == Rejected(ExchangeReason.SELF_MATCH)
        assert floor.refuse(change(floor, "ann", order, "2.01")).reason is ExchangeReason.ODDS_OFF_LADDER
        assert floor.book() == drawn("""
            back 2.00: ann 100, cid 10
            lay  1.80: ann 10
        """)

    def test_neither_frozen_customers_nor_suspended_markets_get_other_odds(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.do(SuspendMarket(floor.market))
        assert floor.refuse(change(floor, "ann", order, "2.20")) == Rejected(ExchangeReason.MARKET_SUSPENDED)
        floor.do(FreezeCustomer(floor.people["ann"]))
        assert floor.refuse(change(floor, "ann", order, "2.20")) == Rejected(SharedReason.CUSTOMER_FROZEN)
        assert floor.refuse(change(floor, "ann", order, "2.20", -1)) == Rejected(SharedReason.CUSTOMER_FROZEN)

    def test_an_order_that_is_gone_cannot_be_changed(self, floor: Floor) -> None:
        assert floor.refuse(change(floor, "ann", NOTHING, "2.20")) == Rejected(ExchangeReason.ORDER_NOT_EXECUTABLE)


def taken_back(
    floor: Floor, order: OrderId, by_minor: int, remaining_minor: int = 0, matched_minor: int = 0
) -> OrderReduced:
    """Return the fact that a customer took back this much of an order, which others matched at its own odds."""
    placed = next(
        event
        for entry in floor.history
        for event in entry.events
        if isinstance(event, OrderPlaced) and event.order == order
    )
    return OrderReduced(
        order,
        placed.market,
        placed.runner,
        placed.customer,
        placed.side,
        placed.odds,
        by_minor,
        Cause.CANCELLED,
        remaining_minor,
        matched_minor,
        matched_minor * placed.odds,
        placed.due_at,
    )
