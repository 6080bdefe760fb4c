"""Removals: what they make of bets, what is lent for them, how they are taken back, and what covers them."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.exchange import (
    AdvanceMarket,
    CancelOrders,
    CloseMarket,
    ReinstateRunner,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    TurnInPlay,
)
from evens.core.commands.wallets import Withdraw
from evens.core.events.exchange import RemovalRevised, RunnerRemoved
from evens.core.events.ledger import Rejected
from evens.core.exchange import parts
from evens.core.exchange.exposure import NO_LESS
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.betting import MarketStatus, ReductionRule
from evens.core.values.ids import Rail, RunnerId
from evens.core.values.odds import FINEST, format_odds
from tests.core.challenges.naive_stakes import bends_bps
from tests.core.exchange.floor import FIRST, Floor, open_floor

BET = ReductionRule.BET
SECOND, THIRD = RunnerId(2), RunnerId(3)

Struck = tuple[RunnerId, bool, int, int, int]
"""A bet: on whom, whether ann backs, odds, stake, and how much more waits unmatched."""


def bet(floor: Floor, backer: str, layer: str, words: str, runner: RunnerId = FIRST) -> None:
    """Let two customers bet with each other: ``100 @ 2.00``."""
    floor.place(f"{layer} lay {words}", runner)
    floor.place(f"{backer} back {words}", runner)


def remove(floor: Floor, runner: RunnerId, reduction_bps: int = 0) -> int:
    """Remove a runner and return what the answer says is lent."""
    owed = {name: floor.owed(name) for name in floor.people}
    (event,) = floor.do(RemoveRunner(floor.market, runner, reduction_bps))
    assert isinstance(event, RunnerRemoved | RemovalRevised)
    floor.work()
    assert event.lent_minor == sum(floor.owed(name) - owed[name] for name in floor.people)
    floor.house.check()
    return event.lent_minor


def value_cents(floor: Floor, name: str) -> int:
    """Return what somebody's bets on the first runner return."""
    return floor.house.exchange.markets[floor.market].positions[floor.people[name]].stands[FIRST].value_cents


@pytest.mark.parametrize(
    ("winners", "odds", "reduction_bps", "returned_cents"),
    [
        (1, "3.20", 7_518, 101_000),
        (1, "3.20", 10_000, 101_000),
        (1, "4.00", 2_500, 300_000),
        (2, "8.00", 2_500, 625_000),
        (2, "8.00", 10_000, 100_000),
    ],
)
def test_a_reduction_is_of_whole_odds_down_to_a_floor_or_of_winnings(
    winners: int, odds: str, reduction_bps: int, returned_cents: int
) -> None:
    """Hold 15: 3.20 less 75.18 % pays 1.01 where one wins; 8.00 less 25 % is 6.25 where several do."""
    floor = open_floor("ann", "bob", runners="abcd", winners=winners, reductions=BET, ladder=FINEST)
    bet(floor, "ann", "bob", f"1000 @ {odds}")
    remove(floor, SECOND, reduction_bps)
    assert (value_cents(floor, "ann"), value_cents(floor, "bob")) == (returned_cents, -returned_cents)


def test_a_removal_is_corrected_and_taken_back_without_a_trace() -> None:
    """Hold 15: with another reduction it is corrected, and reinstating gives every matched bet back as it was."""
    floor = open_floor("ann", "bob", runners="abcd", reductions=BET)
    bet(floor, "ann", "bob", "1000 @ 3.00")
    bet(floor, "bob", "ann", "500 @ 4.00", SECOND)
    before = [line for line in floor.house.lines() if line.startswith("stand")]
    remove(floor, SECOND, 9_000)
    assert floor.refuse(RemoveRunner(floor.market, SECOND, 9_000)) == Rejected(ExchangeReason.RUNNER_REMOVED)
    remove(floor, SECOND, 2_000)
    assert value_cents(floor, "ann") == 240_000
    remove(floor, THIRD, 5_000)
    assert value_cents(floor, "ann") == 120_000
    floor.finish(ReinstateRunner(floor.market, SECOND))
    assert value_cents(floor, "ann") == 150_000
    floor.finish(ReinstateRunner(floor.market, THIRD))
    assert [line for line in floor.house.lines() if line.startswith("stand")] == before
    assert floor.refuse(ReinstateRunner(floor.market, THIRD)) == Rejected(ExchangeReason.RUNNER_NOT_REMOVED)
    floor.house.check()


def test_bets_that_were_struck_after_a_removal_are_not_reduced_by_it() -> None:
    """Hold 15: what was agreed without the runner was agreed at those odds."""
    floor = open_floor("ann", "bob", reductions=BET)
    bet(floor, "ann", "bob", "1000 @ 3.00")
    remove(floor, SECOND, 5_000)
    floor.do(ResumeMarket(floor.market))
    bet(floor, "ann", "bob", "1000 @ 2.00")
    remove(floor, SECOND, 1_000)
    assert value_cents(floor, "ann") == 270_000 + 200_000


def test_a_removal_can_be_changed_until_the_market_is_settled() -> None:
    """Hold 15: also when betting is over; a closed market stays closed."""
    floor = open_floor("ann", "bob", reductions=BET)
    bet(floor, "ann", "bob", "1000 @ 3.00")
    floor.finish(CloseMarket(floor.market))
    remove(floor, SECOND, 5_000)
    floor.finish(ReinstateRunner(floor.market, SECOND))
    assert floor.house.exchange.markets[floor.market].status is MarketStatus.CLOSED
    floor.finish(SettleMarket(floor.market, (FIRST,)))
    for command in (RemoveRunner(floor.market, SECOND, 0), ReinstateRunner(floor.market, SECOND)):
        assert floor.refuse(command) == Rejected(ExchangeReason.ALREADY_SETTLED)
    assert floor.cash("ann") == 102_000


def test_the_removal_of_a_market_of_an_earlier_build_is_for_good() -> None:
    """Hold 15: such a market promised the rule of its time."""
    floor = open_floor("ann", "bob")
    bet(floor, "ann", "bob", "1000 @ 3.00")
    floor.finish(RemoveRunner(floor.market, SECOND, 9_000))
    assert value_cents(floor, "ann") == 30_000
    for command in (RemoveRunner(floor.market, SECOND, 0), ReinstateRunner(floor.market, SECOND)):
        assert floor.refuse(command) == Rejected(ExchangeReason.RUNNER_REMOVED)


@pytest.mark.parametrize(("covers", "lent_minor"), [(False, 10_000), (True, 0)])
def test_whoever_withdrew_what_a_hedge_freed_is_lent_nothing_where_removals_are_covered(
    covers: bool, lent_minor: int
) -> None:
    """Hold 10: two lays to a friend, the freed money withdrawn, one runner removed; the event says what is lent."""
    floor = open_floor("bob", reductions=BET, cover_removals=covers)
    floor.join("ann", USD=10_000)
    bet(floor, "bob", "ann", "10000 @ 2.00")
    if floor.cash("ann") == 0 and not covers:
        bet(floor, "bob", "ann", "10000 @ 2.00", SECOND)
    else:
        floor.place("bob back 10000 @ 2.00", SECOND)
        floor.place("ann lay 10000 @ 2.00", SECOND)
    assert floor.escrow("ann") == (10_000 if covers else 0)
    if floor.cash("ann"):
        floor.move(Withdraw(floor.people["ann"], "USD", floor.cash("ann"), Rail.DESK))
    assert remove(floor, SECOND) == lent_minor


def withdraw_all(floor: Floor) -> None:
    """Let everybody take out all the cash there is."""
    for name in floor.people:
        if floor.cash(name):
            floor.move(Withdraw(floor.people[name], "USD", floor.cash(name), Rail.DESK))


def test_a_reduction_between_none_and_the_greatest_is_covered() -> None:
    """Hold 10: odds do not fall below 1.01, so between the extremes more may be lost than at either."""
    floor = open_floor("ann", "bob", cash_minor=110_000, reductions=BET, cover_removals=True)
    bet(floor, "bob", "ann", "100 @ 1000.00")
    bet(floor, "ann", "bob", "100000 @ 2.00")
    bet(floor, "bob", "ann", "99900 @ 1.01")
    assert (floor.escrow("ann"), floor.escrow("bob")) == (50_399, 0)
    withdraw_all(floor)
    assert remove(floor, SECOND, 4_950) == 0


@pytest.mark.parametrize("reduction_bps", [0, 1, 2_475, 4_949, 4_950, 4_951, 9_989, 10_000])
def test_bets_that_come_to_nothing_now_are_covered_as_well(reduction_bps: int) -> None:
    """Hold 10: also where stake and value are both zero, and an earlier removal was taken back in between."""
    floor = open_floor(
        "ann", "bob", runners="abcd", cash_minor=10**7, reductions=BET, cover_removals=True, ladder=FINEST
    )
    bet(floor, "bob", "ann", "100 @ 3.00")
    bet(floor, "ann", "bob", "200 @ 2.01")
    bet(floor, "bob", "ann", "100 @ 1.02")
    assert value_cents(floor, "ann") == 0
    remove(floor, FIRST)
    floor.finish(ReinstateRunner(floor.market, FIRST))
    floor.do(ResumeMarket(floor.market))
    for name in floor.people:
        floor.place(f"{name} back 1 @ 1000.00", THIRD)
    assert floor.escrow("ann") > 1
    withdraw_all(floor)
    assert remove(floor, SECOND, reduction_bps) == 0


def test_what_is_covered_follows_from_the_bets_while_a_change_reaches_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hold 10: a house that remembers nothing of what it worked out holds the same, whomever a change has reached."""
    monkeypatch.setattr(parts, "CUSTOMERS_PER_CHUNK", 1)
    floor = open_floor("ann", "bob", "cid", runners="abcd", cash_minor=10**7, reductions=BET, cover_removals=True)
    commands = (
        RemoveRunner(floor.market, SECOND, 3_000),
        RemoveRunner(floor.market, SECOND, 6_000),
        RemoveRunner(floor.market, THIRD, 1_000),
        ReinstateRunner(floor.market, SECOND),
    )
    for command in (*commands, SettleMarket(floor.market, (FIRST,))):
        bet(floor, "bob", "ann", "100 @ 1000.00")
        bet(floor, "ann", "cid", "100000 @ 2.00")
        bet(floor, "bob", "ann", "99900 @ 1.01")
        floor.place("cid lay 10 @ 1.50")
        floor.do(command)
        while chores := floor.house.chores(floor.next_at, 1):
            for position in floor.house.exchange.markets[floor.market].positions.values():
                position.exposure_minor = position.struck = None
                for stand in position.stands.values():
                    stand.least_between_cents, stand.covered = NO_LESS, None
            floor.house.check()
            floor.do(chores[0])
        floor.do(ResumeMarket(floor.market))


STRUCK = st.lists(
    st.tuples(
        st.sampled_from([FIRST, FIRST, SECOND]),
        st.booleans(),
        st.sampled_from([101, 102, 150, 200, 201, 700, 3_000, 100_000]),
        st.integers(1, 5_000),
        st.integers(0, 50),
    ),
    min_size=1,
    max_size=7,
)


@given(
    earlier=STRUCK,
    later=STRUCK,
    first_bps=st.integers(0, 10_000) | st.none(),
    bps=st.integers(0, 10_000),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_after_any_single_removal_by_any_reduction_nothing_is_lent(
    earlier: list[Struck], later: list[Struck], first_bps: int | None, bps: int, data: st.DataObject
) -> None:
    """Hold 10: whatever was matched and waits, also where an earlier removal has reduced some of the bets."""
    floor = open_floor(
        "ann", "bob", runners="abcd", cash_minor=10**10, reductions=BET, cover_removals=True, ladder=FINEST
    )
    for each in earlier:
        strike(floor, each)
    if first_bps is not None:
        remove(floor, RunnerId(4), first_bps)
        floor.do(ResumeMarket(floor.market))
    for each in later:
        strike(floor, each)
    for name in floor.people:
        floor.place(f"{name} back 1 @ 1000.00", THIRD)
    withdraw_all(floor)
    bends = bends_bps([Fraction(odds, 100) for _, _, odds, _, _ in earlier + later], beside=1)
    removed = data.draw(st.sampled_from([FIRST, SECOND, THIRD]))
    assert remove(floor, removed, data.draw(st.sampled_from(sorted(bends)) | st.just(bps))) == 0


def strike(floor: Floor, struck: Struck) -> None:
    """Let the two bet with each other, and one of them ask for a little more than the other gives."""
    runner, ann_backs, odds, stake_minor, more_minor = struck
    backer, layer = ("ann", "bob") if ann_backs else ("bob", "ann")
    for name in floor.people:
        floor.do(CancelOrders(floor.people[name], floor.market))
    bet(floor, backer, layer, f"{stake_minor} @ {format_odds(odds)}", runner)
    if more_minor:
        floor.place(f"{layer} lay {more_minor} @ {format_odds(odds)}", runner)


def test_cover_ends_at_the_off_and_begins_anew_with_the_next_order_after_a_removal() -> None:
    """Hold 10: nothing is lent for what only another removal could cost."""
    floor = open_floor("ann", "bob", runners="abcd", reductions=BET, cover_removals=True)
    for runner in (FIRST, SECOND, THIRD):
        bet(floor, "bob", "ann", "1000 @ 3.00", runner)
    assert floor.escrow("ann") == 1_000
    floor.move(Withdraw(floor.people["ann"], "USD", floor.cash("ann"), Rail.DESK))
    assert remove(floor, THIRD) == 0
    # Without another of them she would lose 2000, but then as before only 1000 is held.
    assert floor.escrow("ann") == 1_000
    floor.do(ResumeMarket(floor.market))
    assert floor.turn_down("ann back 1 @ 1000", RunnerId(4)).facts[1] == ("needed_minor", 1_001)
    floor.do(TurnInPlay(floor.market))
    floor.do(AdvanceMarket(floor.market))
    floor.work()
    assert floor.escrow("ann") == 1_000
    floor.house.check()


def test_at_the_off_what_only_covered_removals_is_given_back() -> None:
    """Hold 10: exposure covers removals before the off."""
    floor = open_floor("ann", "bob", reductions=BET, cover_removals=True)
    for runner in (FIRST, SECOND):
        bet(floor, "bob", "ann", "1000 @ 2.00", runner)
    assert floor.escrow("ann") == 1_000
    floor.finish(TurnInPlay(floor.market))
    assert floor.escrow("ann") == 0
    assert remove(floor, SECOND) == 0
    assert floor.escrow("ann") == 1_000
