"""Orders as they come in: what is matched, what waits, what lapses, and what of it is held in escrow."""

import pytest

from evens.core.commands.exchange import CancelOrder, CloseMarket, ReleaseOrder, TurnInPlay
from evens.core.events.exchange import Matched, OrderPlaced, OrderReduced
from evens.core.events.ledger import Rejected
from evens.core.exchange.matching import MATCHES_PER_ORDER_MAX
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Cause, Persistence, Side, TimeInForce
from evens.core.values.ids import MatchId, OrderId, RunnerId
from tests.core.exchange.floor import Floor, drawn, moved, open_floor

FILL_OR_KILL = TimeInForce.FILL_OR_KILL
SECOND_NS = 10**9


@pytest.fixture
def floor() -> Floor:
    return open_floor("ann", "bob", "cid")


def test_placing_says_what_was_ordered_and_holds_what_it_may_lose(floor: Floor) -> None:
    placed, staked = floor.do(floor.order("ann lay 100 @ 2.50", runner=RunnerId(2), client_ref="mine"))
    assert placed == OrderPlaced(
        OrderId(floor.house.seq), floor.market, RunnerId(2), floor.people["ann"], Side.LAY, 250, 100, Persistence.LAPSE,
        TimeInForce.GOOD_TILL_CANCELLED, 0, None, "mine",
    )  # fmt: skip
    assert moved([staked]) == [("STAKE", 150)]
    assert (floor.cash("ann"), floor.escrow("ann")) == (99_850, 150)


def test_what_is_matched_names_both_orders_and_the_makers_odds(floor: Floor) -> None:
    maker = floor.place("bob lay 100 @ 1.80")
    at = floor.next_at
    matched = floor.do(floor.order("ann back 60 @ 1.40"))[1]
    assert matched == Matched(
        MatchId(at),
        floor.market,
        RunnerId(1),
        180,
        60,
        maker,
        floor.people["bob"],
        OrderId(floor.house.seq),
        floor.people["ann"],
        Side.BACK,
        140,
    )


def test_what_is_not_matched_of_an_order_waits(floor: Floor) -> None:
    floor.place_all("bob lay 30 @ 2.00", "cid lay 30 @ 1.90", "cid lay 30 @ 1.80")
    events = floor.do(floor.order("ann back 100 @ 1.90"))
    assert floor.bets(events) == ["bob 30 @ 2.00", "cid 30 @ 1.90"]
    assert floor.book() == drawn("""
        back 1.90: ann 40
        lay  1.80: cid 30
    """)


def test_a_lay_that_is_matched_at_shorter_odds_gets_back_what_it_cannot_lose(floor: Floor) -> None:
    floor.place("bob back 100 @ 1.50")
    events = floor.do(floor.order("ann lay 100 @ 3.00"))
    assert moved(events) == [("STAKE", 50)]
    assert (floor.escrow("ann"), floor.escrow("bob")) == (50, 100)


def test_a_lay_is_refused_for_what_it_may_lose_even_if_less_would_be_needed(floor: Floor) -> None:
    floor.join("dot", USD=100)
    floor.place("bob back 100 @ 1.50")
    facts = (("currency", "USD"), ("needed_minor", 101), ("available_minor", 100))
    assert floor.turn_down("dot lay 101 @ 2.00") == Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)
    floor.place("dot lay 100 @ 2.00")


def test_a_hedge_releases_money_at_once(floor: Floor) -> None:
    floor.place_all("bob lay 100 @ 3.00", "ann back 100 @ 3.00", "cid back 150 @ 2.00")
    assert floor.escrow("ann") == 100
    events = floor.do(floor.order("ann lay 150 @ 2.00"))
    # If the runner wins, 200 − 150; if it loses, 150 − 100.
    assert floor.escrow("ann") == 0
    assert moved(events) == [("RELEASE", 100)]
    assert floor.cash("ann") == 100_000


def test_a_hedge_needs_money_until_it_is_matched(floor: Floor) -> None:
    floor.join("dot", USD=100)
    floor.place_all("bob lay 100 @ 3.00", "dot back 100 @ 3.00")
    assert floor.cash("dot") == 0
    # Unmatched it can lose 50 if the runner wins, which the bet more than covers.
    floor.place("dot lay 50 @ 2.00")
    assert floor.escrow("dot") == 100
    floor.place("cid back 50 @ 2.00")
    assert floor.escrow("dot") == 50


def test_the_makers_escrow_shrinks_when_the_match_hedges_him(floor: Floor) -> None:
    floor.place_all("bob lay 100 @ 2.00", "ann back 100 @ 2.00", "ann lay 100 @ 2.00")
    assert floor.escrow("ann") == 100
    floor.place("cid back 100 @ 2.00")
    assert floor.escrow("ann") == 0


class TestFillOrKill:
    def test_it_is_killed_unless_all_of_it_is_matched(self, floor: Floor) -> None:
        floor.place("bob lay 99 @ 2.00")
        placed, killed = floor.do(floor.order("ann back 100 @ 2.00", time_in_force=FILL_OR_KILL))
        assert isinstance(placed, OrderPlaced)
        assert placed.min_fill_minor == 100
        assert isinstance(killed, OrderReduced)
        assert (killed.by_minor, killed.cause) == (100, Cause.LAPSED)
        assert floor.book() == drawn("lay 2.00: bob 99")
        assert floor.escrow("ann") == 0

    def test_it_is_filled_if_all_of_it_is_matched(self, floor: Floor) -> None:
        floor.place_all("bob lay 60 @ 2.00", "cid lay 60 @ 1.90")
        events = floor.do(floor.order("ann back 100 @ 1.90", time_in_force=FILL_OR_KILL))
        assert floor.bets(events) == ["bob 60 @ 2.00", "cid 40 @ 1.90"]
        assert floor.book() == drawn("lay 1.90: cid 20")

    def test_with_a_least_fill_the_rest_of_it_lapses(self, floor: Floor) -> None:
        floor.place("bob lay 60 @ 2.00")
        events = floor.do(floor.order("ann back 100 @ 2.00", time_in_force=FILL_OR_KILL, min_fill_minor=60))
        assert floor.bets(events) == ["bob 60 @ 2.00"]
        lapsed = next(event for event in events if isinstance(event, OrderReduced))
        assert (lapsed.by_minor, lapsed.cause) == (40, Cause.LAPSED)
        assert (floor.book(), floor.escrow("ann")) == ("", 60)

    def test_below_its_least_fill_it_is_killed(self, floor: Floor) -> None:
        floor.place("bob lay 60 @ 2.00")
        events = floor.do(floor.order("ann back 100 @ 2.00", time_in_force=FILL_OR_KILL, min_fill_minor=61))
        assert floor.bets(events) == []
        assert floor.book() == drawn("lay 2.00: bob 60")

    def test_a_least_fill_says_nothing_about_an_order_that_waits(self, floor: Floor) -> None:
        floor.place("bob lay 60 @ 2.00")
        floor.place("ann back 100 @ 2.00", min_fill_minor=90)
        assert floor.book() == drawn("back 2.00: ann 40")


class TestSelfMatch:
    def test_an_order_that_would_meet_ones_own_is_refused(self, floor: Floor) -> None:
        floor.place("ann lay 100 @ 2.00")
        before = dict(floor.house.ledger.balances)
        assert floor.turn_down("ann back 100 @ 1.50") == Rejected(ExchangeReason.SELF_MATCH)
        assert floor.house.ledger.balances == before
        assert floor.book() == drawn("lay 2.00: ann 100")

    def test_it_is_refused_even_behind_the_orders_of_others(self, floor: Floor) -> None:
        floor.place_all("bob lay 50 @ 2.00", "ann lay 100 @ 2.00")
        assert floor.turn_down("ann back 51 @ 2.00").reason is ExchangeReason.SELF_MATCH
        assert floor.book() == drawn("lay 2.00: bob 50, ann 100")

    def test_it_is_accepted_if_the_orders_of_others_suffice(self, floor: Floor) -> None:
        floor.place_all("bob lay 50 @ 2.00", "ann lay 100 @ 2.00")
        floor.place("ann back 50 @ 2.00")
        assert floor.book() == drawn("lay 2.00: ann 100")

    def test_backing_one_runner_and_laying_another_is_no_self_match(self, floor: Floor) -> None:
        floor.place("ann lay 100 @ 2.00", runner=RunnerId(1))
        floor.place("ann back 100 @ 2.00", runner=RunnerId(2))
        assert floor.book(RunnerId(2)) == drawn("back 2.00: ann 100")


class TestManyMatches:
    def test_an_order_that_meets_more_than_fit_into_a_part_goes_on_in_the_next(self, floor: Floor) -> None:
        """Hold 11: an order behind a wall of small ones is matched in parts; nothing lapses and no book is crossed."""
        for _ in range(2 * MATCHES_PER_ORDER_MAX):
            floor.place("bob lay 1 @ 2.00")
        floor.place("cid lay 1 @ 2.00")
        events = floor.do(floor.order(f"ann back {2 * MATCHES_PER_ORDER_MAX + 3} @ 2.00"))
        (placed,) = [event.order for event in events if isinstance(event, OrderPlaced)]
        assert floor.bets(events) == ["bob 1 @ 2.00"] * MATCHES_PER_ORDER_MAX
        assert floor.book() == drawn(f"lay 2.00: {', '.join(['bob 1'] * MATCHES_PER_ORDER_MAX)}, cid 1")
        floor.house.check()

        assert floor.house.chores(floor.next_at, 10) == [ReleaseOrder(placed)]
        events = floor.do(ReleaseOrder(placed))
        assert floor.bets(events) == ["bob 1 @ 2.00"] * MATCHES_PER_ORDER_MAX
        assert floor.house.chores(floor.next_at, 10) == [ReleaseOrder(placed)]
        events = floor.do(ReleaseOrder(placed))
        assert floor.bets(events) == ["cid 1 @ 2.00"]
        assert not any(isinstance(event, OrderReduced) for event in events)
        assert floor.book() == drawn("back 2.00: ann 2")
        assert floor.house.chores(floor.next_at, 10) == []
        floor.house.check()

    def test_what_goes_on_in_parts_can_be_taken_back_and_lapses_with_its_market(self, floor: Floor) -> None:
        """Hold 11: between two parts an order is as free to be cancelled, or to lapse, as a delayed one."""
        for _ in range(MATCHES_PER_ORDER_MAX + 2):
            floor.place("bob lay 1 @ 2.00")
        order = floor.place(f"ann back {MATCHES_PER_ORDER_MAX + 2} @ 2.00")
        floor.do(CancelOrder(floor.people["ann"], order))
        assert floor.house.chores(floor.next_at, 10) == []
        floor.place_all(*["bob lay 1 @ 2.00"] * MATCHES_PER_ORDER_MAX)
        floor.place(f"ann back {MATCHES_PER_ORDER_MAX + 1} @ 2.00")
        floor.finish(CloseMarket(floor.market))
        assert floor.book() == ""
        assert floor.house.chores(floor.next_at, 10) == []
        floor.house.check()

    def test_filled_by_just_so_many_nothing_lapses(self, floor: Floor) -> None:
        for _ in range(MATCHES_PER_ORDER_MAX):
            floor.place("bob lay 1 @ 2.00")
        events = floor.do(floor.order(f"ann back {MATCHES_PER_ORDER_MAX} @ 2.00"))
        assert not any(isinstance(event, OrderReduced) for event in events)
        assert floor.book() == ""

    def test_a_fill_or_kill_order_that_would_need_more_than_one_part_is_killed(self, floor: Floor) -> None:
        for _ in range(MATCHES_PER_ORDER_MAX + 1):
            floor.place("bob lay 1 @ 2.00")
        words = f"ann back {MATCHES_PER_ORDER_MAX + 1} @ 2.00"
        assert floor.bets(floor.do(floor.order(words, time_in_force=FILL_OR_KILL))) == []
        assert floor.escrow("ann") == 0
        assert floor.house.chores(floor.next_at, 10) == []

    def test_a_fill_or_kill_order_with_its_least_fill_goes_on_behind_a_wall_of_small_ones(self, floor: Floor) -> None:
        """Hold 11: what the first part meets keeps the promise, and the next parts take what else there is."""
        most = MATCHES_PER_ORDER_MAX
        floor.place_all(*["bob lay 1 @ 2.00"] * most, "cid lay 100 @ 1.90")
        order = floor.order(f"ann back {most + 150} @ 1.90", time_in_force=FILL_OR_KILL, min_fill_minor=most)
        events = floor.do(order)
        (placed,) = [event.order for event in events if isinstance(event, OrderPlaced)]
        assert floor.bets(events) == ["bob 1 @ 2.00"] * most
        assert floor.house.chores(floor.next_at, 10) == [ReleaseOrder(placed)]
        events = floor.do(ReleaseOrder(placed))
        assert floor.bets(events) == ["cid 100 @ 1.90"]
        assert [event.by_minor for event in events if isinstance(event, OrderReduced)] == [50]
        assert (floor.book(), floor.escrow("ann")) == ("", most + 100)
        assert floor.house.chores(floor.next_at, 10) == []
        floor.house.check()

    def test_a_fill_or_kill_order_that_is_found_short_in_its_first_part_is_killed_when_released(self) -> None:
        """Hold 11: a bet delay changes nothing about the first part."""
        floor = open_floor("ann", "bob", bet_delay_ms=1_000)
        most = MATCHES_PER_ORDER_MAX
        for _ in range(most + 2):
            floor.place("bob lay 1 @ 2.00", persistence=Persistence.PERSIST)
        floor.finish(TurnInPlay(floor.market))
        short = floor.place(f"ann back {most + 2} @ 2.00", time_in_force=FILL_OR_KILL, min_fill_minor=most + 1)
        enough = floor.place(f"ann back {most + 2} @ 2.00", time_in_force=FILL_OR_KILL, min_fill_minor=most)
        floor.wait(SECOND_NS)
        assert floor.bets(floor.do(ReleaseOrder(short))) == []
        assert len(floor.bets(floor.do(ReleaseOrder(enough)))) == most
        assert len(floor.bets(floor.do(ReleaseOrder(enough)))) == 2
        assert (floor.book(), floor.escrow("ann")) == ("", most + 2)
        floor.house.check()

    def test_as_many_makers_as_there_can_be_have_their_money_moved_in_one_command(self) -> None:
        makers = [f"maker{number}" for number in range(MATCHES_PER_ORDER_MAX)]
        floor = open_floor("ann", "bob", *makers)
        floor.place(f"bob lay {2 * len(makers)} @ 3.00")
        for maker in makers:
            floor.place_all(f"{maker} back 2 @ 3.00", f"{maker} lay 1 @ 2.00")
        events = floor.do(floor.order(f"ann back {len(makers)} @ 2.00"))
        assert len(floor.bets(events)) == len(makers)
        assert moved(events) == [("STAKE", len(makers))] + [("RELEASE", 1)] * len(makers)
        floor.house.check()
