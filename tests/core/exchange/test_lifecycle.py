"""A market from opening to closing: suspension, in-play betting with its delay, and what lapses when."""

import pytest

from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    AdvanceMarket,
    CancelOrder,
    CloseMarket,
    CreateMarket,
    ReleaseOrder,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SetCommissionDiscount,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.events.exchange import (
    CommissionDiscountSet,
    MarketCreated,
    MarketStatusChanged,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    StageFinished,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Cause, MarketStatus, MarketTerms, Persistence, Stage, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from tests.core.exchange.floor import Floor, drawn, moved, open_floor

NOTHING = 4711
DELAY_MS = 5_000
DELAY_NS = DELAY_MS * 1_000_000
PERSIST = Persistence.PERSIST


@pytest.fixture
def floor() -> Floor:
    return open_floor("ann", "bob", "cid", bet_delay_ms=DELAY_MS)


def status(floor: Floor) -> tuple[MarketStatus, Stage, int]:
    market = floor.house.exchange.markets[floor.market]
    return market.status, market.stage, market.version


def test_a_market_opens_under_the_place_of_its_command(floor: Floor) -> None:
    terms = MarketTerms("cup", ("x", "y"), 1, 0, 1)
    assert floor.do(CreateMarket("USD", terms)) == (MarketCreated(MarketId(floor.house.seq), 1, terms),)
    expected = Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", "XXX"),))
    assert floor.refuse(CreateMarket("XXX", terms)) == expected


def test_a_discount_is_told_and_can_be_taken_back(floor: Floor) -> None:
    ann = floor.people["ann"]
    assert floor.do(SetCommissionDiscount(ann, 2_000)) == (CommissionDiscountSet(ann, 2_000),)
    assert floor.house.exchange.discounts == {ann: 2_000}
    floor.do(SetCommissionDiscount(ann, 0))
    assert floor.house.exchange.discounts == {}
    assert floor.refuse(SetCommissionDiscount(CustomerId(NOTHING), 1)) == Rejected(SharedReason.CUSTOMER_UNKNOWN)


class TestSuspending:
    def test_a_suspended_market_keeps_its_book_and_takes_no_orders(self, floor: Floor) -> None:
        floor.place("ann back 100 @ 2.00")
        at = floor.next_at
        (changed,) = floor.do(SuspendMarket(floor.market))
        assert changed == MarketStatusChanged(floor.market, MarketStatus.SUSPENDED, Stage.NOTHING, 2, at)
        assert floor.turn_down("bob lay 100 @ 2.00") == Rejected(ExchangeReason.MARKET_SUSPENDED)
        floor.do(ResumeMarket(floor.market))
        assert status(floor) == (MarketStatus.OPEN, Stage.NOTHING, 3)
        assert floor.bets(floor.do(floor.order("bob lay 100 @ 2.00"))) == ["ann 100 @ 2.00"]

    def test_it_is_suspended_once_and_resumed_once(self, floor: Floor) -> None:
        assert floor.refuse(ResumeMarket(floor.market)) == Rejected(ExchangeReason.MARKET_NOT_SUSPENDED)
        floor.do(SuspendMarket(floor.market))
        assert floor.refuse(SuspendMarket(floor.market)) == Rejected(ExchangeReason.MARKET_SUSPENDED)

    def test_a_market_that_had_turned_in_play_is_resumed_in_play(self, floor: Floor) -> None:
        floor.finish(TurnInPlay(floor.market))
        floor.do(SuspendMarket(floor.market))
        assert floor.turn_down("ann back 100 @ 2.00") == Rejected(ExchangeReason.MARKET_SUSPENDED)
        since = floor.house.exchange.markets[floor.market].turned_at
        floor.do(ResumeMarket(floor.market))
        assert status(floor)[0] is MarketStatus.IN_PLAY
        assert floor.house.exchange.markets[floor.market].turned_at == since

    def test_a_suspension_while_orders_lapse_leaves_those_that_persist(self, floor: Floor) -> None:
        floor.place("ann back 100 @ 2.00")
        floor.place("bob back 50 @ 2.00", persistence=PERSIST)
        floor.do(TurnInPlay(floor.market))
        floor.do(SuspendMarket(floor.market))
        assert floor.refuse(ResumeMarket(floor.market)) == Rejected(ExchangeReason.MARKET_BUSY)
        floor.work()
        assert floor.book() == drawn("back 2.00: bob 50")
        floor.do(ResumeMarket(floor.market))


class TestTurningInPlay:
    def test_orders_lapse_unless_they_persist(self, floor: Floor) -> None:
        lapsing = floor.place("ann back 100 @ 2.00")
        floor.place("ann back 10 @ 2.00", persistence=PERSIST)
        floor.place("bob back 50 @ 2.00", persistence=PERSIST)
        floor.do(TurnInPlay(floor.market))
        reduced, released = floor.do(AdvanceMarket(floor.market))
        assert isinstance(reduced, OrderReduced)
        assert (reduced.order, reduced.by_minor, reduced.cause) == (lapsing, 100, Cause.LAPSED)
        assert moved([released]) == [("RELEASE", 100)]
        assert floor.do(AdvanceMarket(floor.market)) == (StageFinished(floor.market, Stage.NOTHING),)
        assert floor.book() == drawn("back 2.00: ann 10, bob 50")
        assert floor.refuse(AdvanceMarket(floor.market)) == Rejected(SharedReason.NOTHING_CHANGES)

    def test_no_order_is_taken_before_all_have_lapsed_but_any_can_be_taken_back(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00", persistence=PERSIST)
        floor.do(TurnInPlay(floor.market))
        assert floor.turn_down("bob lay 100 @ 2.00") == Rejected(ExchangeReason.MARKET_BUSY)
        assert floor.refuse(ReplaceOrder(floor.people["ann"], order, 300)) == Rejected(ExchangeReason.MARKET_BUSY)
        floor.do(CancelOrder(floor.people["ann"], order))
        assert floor.work() == 1

    def test_it_turns_once(self, floor: Floor) -> None:
        floor.do(TurnInPlay(floor.market))
        assert floor.refuse(TurnInPlay(floor.market)) == Rejected(ExchangeReason.MARKET_BUSY)
        floor.work()
        assert floor.refuse(TurnInPlay(floor.market)) == Rejected(ExchangeReason.MARKET_IN_PLAY)

    def test_a_suspended_market_can_turn(self, floor: Floor) -> None:
        floor.do(SuspendMarket(floor.market))
        floor.finish(TurnInPlay(floor.market))
        assert status(floor) == (MarketStatus.IN_PLAY, Stage.NOTHING, 3)


class TestDelay:
    @pytest.fixture
    def floor(self) -> Floor:
        floor = open_floor("ann", "bob", "cid", bet_delay_ms=DELAY_MS)
        floor.place("bob lay 60 @ 2.00", persistence=PERSIST)
        floor.finish(TurnInPlay(floor.market))
        return floor

    def test_an_order_holds_its_money_and_waits_outside_the_book(self, floor: Floor) -> None:
        at = floor.next_at
        placed, staked = floor.do(floor.order("ann back 100 @ 2.00"))
        assert isinstance(placed, OrderPlaced)
        assert placed.due_at == at + DELAY_NS == floor.house.agenda.next_due_at()
        assert moved([staked]) == [("STAKE", 100)]
        assert floor.book() == drawn("lay 2.00: bob 60")

    def test_it_is_not_released_early(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.wait(DELAY_NS - 1)
        assert floor.house.chores(floor.next_at, 10) == []
        assert floor.refuse(ReleaseOrder(order)) == Rejected(ExchangeReason.ORDER_NOT_EXECUTABLE)

    def test_it_is_matched_when_its_time_has_come(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 1.80")
        floor.wait(DELAY_NS)
        events = floor.do(ReleaseOrder(order))
        assert events[0] == OrderReleased(order, floor.market)
        assert floor.bets(events) == ["bob 60 @ 2.00"]
        assert floor.book() == drawn("back 1.80: ann 40")
        assert floor.refuse(ReleaseOrder(order)) == Rejected(ExchangeReason.ORDER_NOT_EXECUTABLE)

    def test_orders_are_released_in_the_order_of_their_coming(self, floor: Floor) -> None:
        floor.place_all("cid back 30 @ 2.00", "ann back 50 @ 2.00")
        floor.wait(DELAY_NS)
        assert floor.work() == 2
        assert floor.book() == drawn("back 2.00: ann 20")

    @pytest.mark.parametrize("stopped", [SuspendMarket, CloseMarket])
    def test_it_lapses_if_the_market_takes_no_orders_by_then(
        self, floor: Floor, stopped: type[SuspendMarket] | type[CloseMarket]
    ) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.do(stopped(floor.market))
        floor.wait(DELAY_NS)
        events = floor.do(ReleaseOrder(order))
        assert [type(event) for event in events[:2]] == [OrderReleased, OrderReduced]
        assert moved(events) == [("RELEASE", 100)]
        assert floor.cash("ann") == 100_000
        floor.house.check()

    def test_it_lapses_rather_than_meet_an_order_of_the_same_customer(self, floor: Floor) -> None:
        floor.place_all("ann back 100 @ 3.00", "ann lay 100 @ 3.00")
        floor.wait(DELAY_NS)
        floor.work()
        assert floor.book() == drawn("""
            back 3.00: ann 100
            lay  2.00: bob 60
        """)

    def test_it_can_be_taken_back_while_it_waits(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.do(CancelOrder(floor.people["ann"], order, 30))
        assert floor.escrow("ann") == 70
        floor.do(CancelOrder(floor.people["ann"], order))
        floor.wait(DELAY_NS)
        assert floor.work() == 0
        assert floor.house.agenda.next_due_at() is None

    def test_a_replaced_order_waits_anew(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00")
        floor.wait(DELAY_NS // 2)
        at = floor.next_at
        placed = floor.do(ReplaceOrder(floor.people["ann"], order, 190))[1]
        assert isinstance(placed, OrderPlaced)
        assert placed.due_at == at + DELAY_NS

    def test_fill_or_kill_is_decided_at_the_release(self, floor: Floor) -> None:
        floor.place("ann back 60 @ 2.00", time_in_force=TimeInForce.FILL_OR_KILL)
        floor.place("cid back 60 @ 2.00", time_in_force=TimeInForce.FILL_OR_KILL)
        floor.wait(DELAY_NS)
        floor.work()
        assert floor.book() == ""
        assert (floor.escrow("ann"), floor.escrow("cid")) == (60, 0)

    def test_a_fill_or_kill_order_shrunk_meanwhile_asks_for_all_that_remains(self, floor: Floor) -> None:
        order = floor.place("ann back 100 @ 2.00", time_in_force=TimeInForce.FILL_OR_KILL)
        floor.do(ReplaceOrder(floor.people["ann"], order, stake_minor=60))
        floor.wait(DELAY_NS)
        assert floor.bets(floor.do(ReleaseOrder(order))) == ["bob 60 @ 2.00"]

    @pytest.mark.parametrize(("min_fill_minor", "new_minor"), [(None, 150), (40, 40)])
    def test_a_changed_fill_or_kill_order_asks_for_as_much_as_before(
        self, floor: Floor, min_fill_minor: int | None, new_minor: int
    ) -> None:
        kind = TimeInForce.FILL_OR_KILL
        order = floor.place("ann back 100 @ 2.00", time_in_force=kind, min_fill_minor=min_fill_minor)
        placed = floor.do(ReplaceOrder(floor.people["ann"], order, 190, 150))[1]
        assert isinstance(placed, OrderPlaced)
        assert placed.min_fill_minor == new_minor

    def test_without_a_delay_in_play_orders_are_matched_at_once(self) -> None:
        floor = open_floor("ann", "bob")
        floor.finish(TurnInPlay(floor.market))
        floor.place_all("bob lay 60 @ 2.00", "ann back 60 @ 2.00")
        assert floor.escrow("ann") == 60


class TestClosing:
    def test_everything_unmatched_lapses(self, floor: Floor) -> None:
        floor.place("ann back 100 @ 2.00", persistence=PERSIST)
        floor.place("bob lay 40 @ 2.00")
        floor.finish(CloseMarket(floor.market))
        assert status(floor) == (MarketStatus.CLOSED, Stage.NOTHING, 2)
        assert (floor.book(), floor.escrow("ann"), floor.escrow("bob")) == ("", 40, 40)

    def test_a_closed_market_takes_no_orders_and_is_not_opened_again(self, floor: Floor) -> None:
        floor.finish(CloseMarket(floor.market))
        assert floor.turn_down("ann back 100 @ 2.00") == Rejected(ExchangeReason.MARKET_CLOSED)
        commands: list[Command] = [
            SuspendMarket(floor.market),
            ResumeMarket(floor.market),
            TurnInPlay(floor.market),
            CloseMarket(floor.market),
        ]
        for command in commands:
            assert floor.refuse(command) == Rejected(ExchangeReason.MARKET_CLOSED)
        floor.finish(VoidMarket(floor.market))
        for command in commands:
            assert floor.refuse(command) == Rejected(ExchangeReason.ALREADY_SETTLED)

    def test_what_is_not_there_cannot_be_led(self, floor: Floor) -> None:
        commands = (SuspendMarket, ResumeMarket, TurnInPlay, CloseMarket)
        for command in commands:
            assert floor.refuse(command(MarketId(NOTHING))) == Rejected(ExchangeReason.MARKET_UNKNOWN)
        assert floor.refuse(AdvanceMarket(MarketId(NOTHING))) == Rejected(SharedReason.NOTHING_CHANGES)
        assert floor.refuse(ReleaseOrder(OrderId(NOTHING))) == Rejected(ExchangeReason.ORDER_NOT_EXECUTABLE)

    def test_while_orders_lapse_it_is_busy(self, floor: Floor) -> None:
        floor.place("ann back 100 @ 2.00")
        floor.do(TurnInPlay(floor.market))
        for command in (
            CloseMarket(floor.market),
            VoidMarket(floor.market),
            RemoveRunner(floor.market, RunnerId(1), 0),
        ):
            assert floor.refuse(command) == Rejected(ExchangeReason.MARKET_BUSY)
