"""Cross-matching, one rule at a time: what a set is made of, when it comes, and what is refused because of it."""

from collections.abc import Iterable
from typing import Any

import pytest

from evens.core.commands.exchange import (
    CancelOrders,
    ReinstateRunner,
    ReleaseOrder,
    RemoveRunner,
    ReplaceOrder,
    SettleMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderReduced
from evens.core.events.ledger import Rejected, Transferred
from evens.core.exchange import set_search
from evens.core.exchange.legs import LegQueue
from evens.core.exchange.matching import MATCHES_PER_ORDER_MAX
from evens.core.exchange.offering import offers
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.set_search import PAYOUTS_MAX
from evens.core.values.betting import CROSSED_RUNNERS_MAX, MarketTerms, Persistence, ReductionRule, Side, TimeInForce
from evens.core.values.ids import HOUSE, TRANSFERS_PER_COMMAND_MAX, AccountClass, OrderId, RunnerId
from evens.core.values.odds import FINEST, format_odds
from tests.core.exchange.floor import SECOND_NS, Floor, open_floor

A, B, C = RunnerId(1), RunnerId(2), RunnerId(3)


def opened(*names: str, **terms: Any) -> Floor:
    """Open a floor with a market with cross-matching."""
    return open_floor(*(names or ("ann", "bob", "cid", "dan")), cross_matching=True, **terms)


def struck(floor: Floor, events: Iterable[Event]) -> list[str]:
    """Say what was matched, like ``bob 2000 @ 3.00``; of a set all its legs, the incoming order's first."""
    return [
        f"{floor.name(event.taker_customer if event.maker_customer == HOUSE else event.maker_customer)} "
        f"{event.stake_minor} @ {format_odds(event.odds)}"
        for event in events
        if isinstance(event, Matched)
    ]


def example() -> Floor:
    """Return a floor on which bob backs B and cid C."""
    floor = opened()
    floor.place("bob back 4000 @ 3.00", B)
    floor.place("cid back 1000 @ 6.00", C)
    return floor


def test_the_worked_example_of_the_docstring() -> None:
    floor = example()
    events = floor.do(floor.order("ann back 5000 @ 1.80"))
    assert struck(floor, events) == ["ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"]
    assert [floor.book(runner) for runner in (A, B, C)] == ["back 1.80: ann 2000", "back 3.00: bob 2000", ""]
    assert [floor.escrow(name) for name in ("ann", "bob", "cid")] == [5000, 4000, 1000]
    floor.do(CancelOrders(floor.people["ann"]))
    floor.finish(SettleMarket(floor.market, (B,)))
    assert [floor.cash(name) for name in ("ann", "bob", "cid")] == [97_000, 104_000, 99_000]
    assert floor.house_has(AccountClass.ROUNDING) == 0
    floor.house.check()


def test_lays_make_a_set_too_at_the_lowest_odds() -> None:
    floor = opened()
    floor.place("bob lay 4000 @ 3.00", B)
    floor.place("cid lay 1000 @ 6.00", C)
    events = floor.do(floor.order("ann lay 5000 @ 2.20"))
    assert struck(floor, events) == ["ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"]
    assert floor.book(A) == "lay 2.20: ann 2000"
    floor.house.check()


def test_what_rounding_to_the_ladder_leaves_is_the_house_s() -> None:
    floor = opened()
    floor.place("bob back 2000 @ 3.05", B)
    floor.place("cid back 2000 @ 3.05", C)
    events = floor.do(floor.order("ann back 10000 @ 2.00"))
    # 1 / (1 - 2 / 3.05) is 2.9047…, and 2.90 the step below. 61.03 are staked; 60.987 or 61.00 are paid.
    # Ann's profit of 39.957 is rounded down.
    assert struck(floor, events) == ["ann 2103 @ 2.90", "bob 2000 @ 3.05", "cid 2000 @ 3.05"]
    for correction, winner in ((False, A), (True, B), (True, C)):
        floor.finish(SettleMarket(floor.market, (winner,), correction=correction))
        assert floor.house_has(AccountClass.ROUNDING) == (5 if winner == A else 3)
        floor.house.check()
    floor.finish(VoidMarket(floor.market, correction=True))
    assert floor.house_has(AccountClass.ROUNDING) == 0
    assert {floor.cash(name) for name in ("ann", "bob", "cid")} == {100_000}


def test_what_rounding_leaves_of_lays_is_the_house_s() -> None:
    floor = opened()
    floor.place("bob lay 2000 @ 3.05", B)
    floor.place("cid lay 2000 @ 3.05", C)
    # 2.92 is the step above 2.9047…. 60.90 are paid for bets that return 61.028 or 61.00.
    events = floor.do(floor.order("ann lay 10000 @ 5.00"))
    assert struck(floor, events) == ["ann 2090 @ 2.92", "bob 2000 @ 3.05", "cid 2000 @ 3.05"]
    for correction, winner in ((False, A), (True, B), (True, C)):
        floor.finish(SettleMarket(floor.market, (winner,), correction=correction))
        assert floor.house_has(AccountClass.ROUNDING) == (13 if winner == A else 10)
        floor.house.check()


def test_one_minor_unit_is_enough_for_a_set_of_lays() -> None:
    floor = opened()
    floor.place("bob lay 51 @ 2.00", B)
    floor.place("cid lay 50 @ 2.04", C)
    events = floor.do(floor.order("ann lay 5 @ 500.00"))
    assert struck(floor, events) == ["ann 1 @ 110.00", "bob 51 @ 2.00", "cid 50 @ 2.04"]


@pytest.mark.parametrize(
    ("laid", "expected"),
    [
        pytest.param("2.02", ["dan 500 @ 2.02", "ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"], id="better"),
        pytest.param("2.00", ["dan 500 @ 2.00", "ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"], id="equal"),
        pytest.param("1.99", ["ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00", "dan 500 @ 1.99"], id="worse"),
    ],
)
def test_the_best_odds_come_first_and_at_equal_odds_an_order_on_the_runner(laid: str, expected: list[str]) -> None:
    floor = example()
    floor.place(f"dan lay 500 @ {laid}")
    assert struck(floor, floor.do(floor.order("ann back 5000 @ 1.80"))) == expected


def test_where_the_others_are_a_certainty_the_longest_odds_are_had() -> None:
    floor = opened()
    floor.place("bob back 10000 @ 1.50", B)
    floor.place("cid back 10000 @ 2.00", C)
    events = floor.do(floor.order("ann back 10 @ 5.00"))
    assert struck(floor, events)[0] == "ann 10 @ 1000.00"
    floor.house.check()


def test_without_the_option_nothing_is_crossed() -> None:
    floor = open_floor("ann", "bob", "cid")
    floor.place("bob back 4000 @ 3.00", B)
    floor.place("cid back 1000 @ 6.00", C)
    assert struck(floor, floor.do(floor.order("ann back 5000 @ 1.80"))) == []


def test_a_set_needs_everybody() -> None:
    floor = opened()
    floor.place("bob back 4000 @ 1.01", B)
    assert struck(floor, floor.do(floor.order("ann back 5000 @ 1.80"))) == []


def test_a_little_at_the_front_does_not_keep_what_is_behind() -> None:
    floor = opened()
    floor.place("bob back 1 @ 2.98", B)
    floor.place("dan back 4000 @ 3.00", B)
    floor.place("cid back 1000 @ 6.00", C)
    events = floor.do(floor.order("ann back 5000 @ 1.80"))
    assert struck(floor, events) == ["ann 3000 @ 2.00", "bob 1 @ 2.98", "dan 1999 @ 3.00", "cid 1000 @ 6.00"]
    floor.house.check()


def test_own_orders_are_no_legs_of_a_set() -> None:
    floor = opened()
    floor.place("bob back 50000 @ 2.00", B)
    floor.place("cid back 1 @ 1000.00", C)
    # However little of it is another's, bob would be matched with himself.
    assert floor.turn_down("bob back 1000 @ 1.80") == Rejected(ExchangeReason.SELF_MATCH)
    floor.place("bob back 1000 @ 2.02")
    assert struck(floor, floor.do(floor.order("ann back 1000 @ 1.80"))) == [
        "ann 500 @ 2.00",
        "bob 500 @ 2.00",
        "cid 1 @ 1000.00",
    ]
    floor.house.check()


def test_a_delayed_order_lapses_rather_than_be_in_a_set_with_an_own_one() -> None:
    floor = opened(bet_delay_ms=1000)
    floor.place("bob back 4000 @ 3.00", B, persistence=Persistence.PERSIST)
    floor.place("cid back 1000 @ 6.00", C, persistence=Persistence.PERSIST)
    floor.finish(TurnInPlay(floor.market))
    order = floor.place("bob back 3000 @ 1.80")
    floor.wait(SECOND_NS)
    assert struck(floor, floor.do(ReleaseOrder(order))) == []
    assert order not in floor.house.exchange.orders
    floor.house.check()


def test_small_orders_at_the_front_do_not_hide_a_set() -> None:
    floor = opened(cash_minor=10**7)
    for _ in range(30):
        floor.place("bob back 100 @ 1.05", B)
    floor.place("cid back 100000 @ 1000.00", C)
    shown = offers(floor.house.exchange.markets[floor.market].terms, Side.BACK, A, levels(floor), 10)
    assert shown[0] == (2100, 150)
    events = floor.do(floor.order("ann back 500 @ 2.00"))
    assert struck(floor, events)[0] == "ann 150 @ 21.00"
    assert floor.book(B) == ""
    floor.house.check()


def test_where_the_house_owes_nothing_there_is_no_leg() -> None:
    floor = opened()
    floor.place("bob back 5 @ 1.60", B)
    floor.place("cid back 1000 @ 1000.00", C)
    assert struck(floor, floor.do(floor.order("ann back 3 @ 1.80"))) == ["ann 3 @ 2.66", "bob 5 @ 1.60"]
    floor.house.check()


def test_crumbs_come_with_what_is_behind_them_so_that_odds_fall() -> None:
    floor = opened()
    for words, runner in (("bob back 100 @ 1.50", B), ("cid back 101 @ 1.60", C)):
        floor.place(words, runner)
    for words, runner in (("bob back 5000 @ 1.52", B), ("cid back 5000 @ 1.62", C)):
        floor.place(words, runner)
    own = [words for words in struck(floor, floor.do(floor.order("ann back 2000 @ 2.00"))) if words.startswith("ann")]
    assert own == ["ann 7 @ 1000.00"]


def levels(floor: Floor) -> dict[tuple[RunnerId, Side], list[tuple[int, int]]]:
    """Return the levels of a market's books."""
    books = floor.house.exchange.markets[floor.market].books
    return {(RunnerId(runner), side): list(book.levels(side)) for runner, book in books.items() for side in Side}


@pytest.mark.parametrize("most", [30, PAYOUTS_MAX])
@pytest.mark.parametrize("side", list(Side))
def test_the_work_of_an_order_is_bounded(side: Side, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[int] = []
    stake_minor = LegQueue.stake_minor

    def counted(queue: LegQueue, payout_minor: int) -> int:
        worked_out.append(payout_minor)
        return stake_minor(queue, payout_minor)

    monkeypatch.setattr(LegQueue, "stake_minor", counted)
    monkeypatch.setattr(set_search, "PAYOUTS_MAX", most)
    names = "".join(map(chr, range(ord("a"), ord("a") + CROSSED_RUNNERS_MAX)))
    floor = opened(cash_minor=10**12, runners=names, ladder=FINEST)
    for runner in range(2, CROSSED_RUNNERS_MAX + 1):
        for level in range(6):
            odds = 1_900 + 7 * runner + 13 * level if side is Side.BACK else 2_600 + 7 * runner - 13 * level
            floor.place(f"bob {side.name.lower()} {level * 3 + runner % 4 + 1} @ {format_odds(odds)}", RunnerId(runner))
    for number in range(60):
        other = Side.LAY if side is Side.BACK else Side.BACK
        odds = 1_000 - number if side is Side.BACK else 3_000 + number
        floor.place(f"cid {other.name.lower()} 1 @ {format_odds(odds)}")
    worked_out.clear()
    worst = "1.01" if side is Side.BACK else "1000.00"
    events = floor.do(floor.order(f"ann {side.name.lower()} 100000 @ {worst}"))
    # Beside those worked out for the search, each set that is taken has its legs measured twice, from and to a payout.
    others, sets = CROSSED_RUNNERS_MAX - 1, sum(isinstance(event, Matched) and event.maker == 0 for event in events)
    assert sets
    assert len(worked_out) <= others * (most + 4 * sets)
    worked_out.clear()
    offers(floor.house.exchange.markets[floor.market].terms, side, A, levels(floor), 10)
    # Each set comes of one of the payouts at least.
    assert len(worked_out) <= others * 3 * most
    floor.house.check()


def test_the_option_is_for_a_bounded_number_of_runners() -> None:
    names = tuple(map(str, range(CROSSED_RUNNERS_MAX + 1)))
    with pytest.raises(ValueError, match="20 runners at most, not 21"):
        MarketTerms("race", names, 1, 0, 1, cross_matching=True)


@pytest.mark.parametrize(("least", "matched"), [(3000, 3000), (3001, 0), (None, 0)])
def test_fill_or_kill_counts_what_a_set_takes(least: int | None, matched: int) -> None:
    floor = example()
    kill: dict[str, Any] = {"time_in_force": TimeInForce.FILL_OR_KILL, "min_fill_minor": least}
    events = floor.do(floor.order("ann back 5000 @ 1.80", **kill))
    (lapsed,) = [event for event in events if isinstance(event, OrderReduced)]
    assert (lapsed.matched_minor, lapsed.by_minor) == (matched, 5000 - matched)
    assert floor.book(B) == f"back 3.00: bob {2000 if matched else 4000}"
    floor.house.check()


@pytest.mark.parametrize("words", ["ann back 5000 @ 2.02", "ann back 1 @ 2.06"])
def test_a_replaced_order_meets_sets_and_is_no_part_of_them(words: str) -> None:
    floor = example()
    order = floor.place(words)
    events = floor.do(ReplaceOrder(floor.people["ann"], order, 200, 5000))
    assert struck(floor, events) == ["ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"]
    assert floor.book(A) == "back 2.00: ann 2000"
    floor.house.check()


def test_a_delayed_order_meets_sets_when_its_time_has_come() -> None:
    floor = opened(bet_delay_ms=1000)
    floor.place("bob back 4000 @ 3.00", B, persistence=Persistence.PERSIST)
    floor.place("cid back 1000 @ 6.00", C, persistence=Persistence.PERSIST)
    floor.finish(TurnInPlay(floor.market))
    order = floor.place("ann back 3000 @ 1.80")
    own = floor.place("ann back 3000 @ 1.80")
    assert floor.book(A) == ""
    floor.wait(SECOND_NS)
    events = floor.do(ReleaseOrder(order))
    assert struck(floor, events) == ["ann 3000 @ 2.00", "bob 2000 @ 3.00", "cid 1000 @ 6.00"]
    floor.do(ReleaseOrder(own))
    assert floor.book(A) == "back 1.80: ann 3000"
    floor.house.check()


def test_more_legs_than_a_record_may_hold_are_matched_in_parts() -> None:
    floor = opened("ann", *(f"c{number}" for number in range(400)), cash_minor=10**6)
    for number in range(800):
        floor.place(f"c{number % 400} back 100 @ 3.00", B if number % 2 else C)
    placed = floor.do(floor.order("ann back 45000 @ 2.00"))
    order = OrderId(floor.history[-1].seq)
    first = [event for event in placed if isinstance(event, Matched)]
    assert len(first) <= MATCHES_PER_ORDER_MAX
    assert len({event.match for event in first}) == len(first)
    assert sum(isinstance(event, Transferred) for event in placed) <= TRANSFERS_PER_COMMAND_MAX
    assert order in floor.house.exchange.orders
    assert floor.book(A) == ""
    floor.work()
    assert floor.book(A) == "back 2.00: ann 5000"
    assert floor.book(B) == floor.book(C) == ""
    floor.house.check()


def test_no_runner_is_removed_and_somebody_wins() -> None:
    floor = example()
    assert floor.refuse(RemoveRunner(floor.market, A, 0)) == Rejected(ExchangeReason.RUNNERS_FINAL)
    assert floor.refuse(ReinstateRunner(floor.market, A)) == Rejected(ExchangeReason.RUNNER_NOT_REMOVED)
    nobody = floor.refuse(SettleMarket(floor.market, (), fewer=True))
    assert nobody == Rejected(ExchangeReason.WINNERS_WRONG, (("winners", 1),))
    floor.finish(VoidMarket(floor.market))


@pytest.mark.parametrize(
    "terms",
    [
        {"winners": 2},
        {"winners_min": 0},
        {"reductions": ReductionRule.BET, "cover_removals": True},
    ],
)
def test_where_sets_are_not_balanced_there_is_no_such_market(terms: dict[str, Any]) -> None:
    every: dict[str, Any] = {"winners": 1, "starts_at": 0, "min_stake_minor": 1, "cross_matching": True} | terms
    with pytest.raises(ValueError, match="exactly one runner wins"):
        MarketTerms("race", ("a", "b", "c"), **every)
