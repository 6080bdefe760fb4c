"""Exposure against brute force: every end of the market, and every subset of the unmatched orders being matched."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evens.core.exchange.exposure import exposure_cents
from evens.core.exchange.market import Market, Position
from evens.core.exchange.struck import StruckBets
from evens.core.values.betting import MarketTerms, ReductionRule, Side
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.odds import (
    BPS_UNIT,
    CLASSIC,
    ODDS_MIN,
    ODDS_UNIT,
    format_odds,
    reduced_parts,
    reserve_minor,
)
from tests.core.challenges.naive_stakes import (
    most_lost_minor,
    naive_bet,
    quick_most_lost_minor,
)
from tests.core.exchange.floor import open_floor
from tests.core.exchange.naive_market import NaiveMarket

Drawn = tuple[RunnerId, Side, int, int]
ODDS = st.sampled_from([101, 150, 199, 200, 333, 1_000, 100_000])


@st.composite
def books(draw: st.DrawFn) -> tuple[int, int, list[Drawn], list[Drawn]]:
    """Draw how many runners there are and how many win, a customer's bets, and a few unmatched orders."""
    runners = draw(st.integers(2, 6))
    one = st.tuples(st.integers(1, runners).map(RunnerId), st.sampled_from(list(Side)), ODDS, st.integers(1, 500))
    bets, orders = draw(st.lists(one, max_size=6)), draw(st.lists(one, max_size=4))
    return runners, draw(st.integers(1, runners - 1)), bets, orders


@given(book=books())
@settings(max_examples=250)
def test_exposure_is_the_most_that_any_end_and_any_matching_can_cost(
    book: tuple[int, int, list[Drawn], list[Drawn]],
) -> None:
    runners, winners, bets, orders = book
    position = Position()
    for bet in bets:
        position.match(*bet)
    for order in orders:
        position.reserve(*order)
    numbers = [RunnerId(number) for number in range(1, runners + 1)]
    exposed = reserve_minor(exposure_cents(position.stands.values(), runners, winners))
    naive_bets, naive_orders = [naive_bet(*bet) for bet in bets], [naive_bet(*order) for order in orders]
    assert exposed == most_lost_minor(naive_bets, naive_orders, numbers, winners)
    assert exposed == quick_most_lost_minor(naive_bets, naive_orders, numbers, winners)


@given(book=books(), open_by=st.integers(0, 5), every=st.booleans())
@settings(max_examples=250)
def test_exposure_that_covers_removals_is_the_most_of_every_end_without_any_one_runner(
    book: tuple[int, int, list[Drawn], list[Drawn]], open_by: int, every: bool
) -> None:
    """Hold 10 and 14: against a naive twin in fractions, also where the number of winners is not known before.

    Markets of an earlier build cover only none and the greatest reduction.
    """
    runners, winners, bets, orders = book
    fewest = max(0, winners - open_by)
    twin = NaiveMarket(runners, winners, ReductionRule.BET, fewest, covers=True, every_reduction=every)
    terms = MarketTerms(
        "race",
        tuple("abcdef"[:runners]),
        winners,
        0,
        1,
        0,
        winners_min=fewest,
        reductions=twin.rule,
        cover_removals=True,
        every_reduction=every,
    )
    market, ann = Market(MarketId(9), 1, terms), CustomerId(1)
    position = market.position(ann)
    for bet in bets:
        position.match(*bet, since=0)
        # What was worked out before must not outlive the next bet.
        market.exposure_minor(ann)
    for order in orders:
        position.reserve(*order)
    numbers = [RunnerId(number) for number in range(1, runners + 1)]
    naive_bets, naive_orders = [naive_bet(*bet) for bet in bets], [naive_bet(*order) for order in orders]
    exposed = reserve_minor(exposure_cents(position.stands.values(), runners, winners, fewest))
    assert exposed == quick_most_lost_minor(naive_bets, naive_orders, numbers, winners, fewest)
    twin.bets[ann] = [(0, bet) for bet in naive_bets]
    assert market.exposure_minor(ann) == twin.may_lose_minor(ann, naive_orders)


BETS_ON_ONE = st.lists(
    st.tuples(st.integers(-2_000, 2_000).filter(bool), ODDS | st.integers(101, 1_500), st.integers(1, 10_000)),
    min_size=1,
    max_size=6,
)


@given(bets=BETS_ON_ONE)
@example([(-79, 100_000, 10_000), (1_168, 7_000, 10_000)])
@example([(1_602, 150, 10_000), (72, 1_000, 10_000), (-711, 333, 10_000)])
@settings(max_examples=60, deadline=None)
def test_the_least_that_a_reduction_leaves_is_the_least_of_all_in_whole_basis_points(
    bets: list[tuple[int, int, int]],
) -> None:
    """Hold 10: by brute force over every reduction, also of odds that other removals have reduced before."""
    every, between = every_return_cents(bets), struck_bets(bets).least_between_cents()
    assert min(every[0], every[BPS_UNIT], between) == min(every)


@pytest.mark.parametrize(
    ("bets", "bend_bps", "worst_bps"),
    [
        # 5000.00 backed at 3.33, 2.00 laid at 7.00; and 5000.00 backed at 7.00, 20.00 laid at 1000.
        pytest.param([(500_000, 333, 10_000), (-200, 700, 10_000)], 6_966.9, 6_967, id="behind"),
        pytest.param([(500_000, 700, 10_000), (-2_000, 100_000, 10_000)], 8_557.1, 8_557, id="before"),
    ],
)
def test_most_is_lost_in_the_whole_basis_point_behind_a_bend_or_before_it(
    bets: list[tuple[int, int, int]], bend_bps: float, worst_bps: int
) -> None:
    """Hold 10: both neighbours have to be looked at."""
    every = every_return_cents(bets)
    assert bend_bps == pytest.approx(BPS_UNIT * (1 - ODDS_MIN / bets[0][1]), abs=0.1)
    assert [bps for bps in range(BPS_UNIT + 1) if every[BPS_UNIT - bps] == min(every)] == [worst_bps]
    assert struck_bets(bets).least_between_cents() == min(every)


def struck_bets(bets: list[tuple[int, int, int]]) -> StruckBets:
    """Return bets, each a stake, its odds, and how many basis points are left of them."""
    struck = StruckBets(BPS_UNIT)
    for stake, odds, left in bets:
        struck.add(odds * left, stake)
    return struck


def every_return_cents(bets: list[tuple[int, int, int]]) -> list[int]:
    """Return what bets return after each reduction, rounded down, by what it leaves in basis points."""
    unit = BPS_UNIT**2
    return [
        sum([reduced_parts(stake, odds, (left * more, unit), whole_odds=True) for stake, odds, left in bets]) // unit
        for more in range(BPS_UNIT + 1)
    ]


@given(book=books())
@settings(max_examples=100)
def test_what_no_longer_waits_is_no_longer_counted(book: tuple[int, int, list[Drawn], list[Drawn]]) -> None:
    runners, winners, bets, orders = book
    left, never = Position(), Position()
    for bet in bets:
        left.match(*bet)
        never.match(*bet)
    for runner, side, odds, stake_minor in orders:
        left.reserve(runner, side, odds, stake_minor)
    for runner, side, odds, stake_minor in orders:
        left.reserve(runner, side, odds, -stake_minor)
    assert exposure_cents(left.stands.values(), runners, winners) == exposure_cents(
        never.stands.values(), runners, winners
    )


@given(book=books(), ann=st.booleans())
@settings(max_examples=60)
def test_the_exposure_foretold_is_the_exposure_after_placing(
    book: tuple[int, int, list[Drawn], list[Drawn]], ann: bool
) -> None:
    runners, winners, bets, orders = book
    floor = open_floor("ann", "bob", cash_minor=10**12, runners="abcdef"[:runners], winners=winners)
    market = floor.house.exchange.markets[floor.market]
    name, customer = ("ann", floor.people["ann"]) if ann else ("bob", floor.people["bob"])
    for place, (runner, side, odds, stake_minor) in enumerate(bets + orders):
        price = CLASSIC.nearest(odds)[0]
        backs = side is Side.BACK
        liability_cents = 0 if backs else stake_minor * (price - ODDS_UNIT)
        foretold = market.exposure_with_minor(customer, runner, stake_minor if backs else 0, liability_cents)
        words = f"{side.name.lower()} {stake_minor} @ {format_odds(price)}"
        # Nobody else waits at these odds, so the order is unmatched when the exposure is looked at.
        others = market.books[runner]
        if others.crosses(side, price):
            continue
        floor.place(f"{name} {words}", runner)
        assert market.exposure_minor(customer) == foretold == floor.escrow(name)
        if place < len(bets):
            opposite = f"{'bob' if ann else 'ann'} {'lay' if backs else 'back'}"
            floor.do(floor.order(f"{opposite} {stake_minor} @ {format_odds(price)}", runner))


def test_backing_every_runner_risks_only_what_cannot_come_back() -> None:
    floor = open_floor("ann", "bob", runners="ab")
    for runner in (RunnerId(1), RunnerId(2)):
        floor.place("bob lay 100 @ 2.00", runner)
        floor.place("ann back 100 @ 2.00", runner)
    assert (floor.escrow("ann"), floor.escrow("bob")) == (0, 0)


@pytest.mark.parametrize(("winners", "escrow"), [(1, 200), (2, 400)])
def test_laying_several_runners_risks_as_many_as_can_win(winners: int, escrow: int) -> None:
    floor = open_floor("ann", runners="abcd", winners=winners)
    for runner in (RunnerId(1), RunnerId(2), RunnerId(3)):
        floor.place("ann lay 200 @ 2.00", runner)
    assert floor.escrow("ann") == escrow


def test_unmatched_orders_do_not_set_each_other_off() -> None:
    floor = open_floor("ann")
    floor.place("ann back 100 @ 3.00")
    floor.place("ann lay 100 @ 2.00")
    assert floor.escrow("ann") == 100
    floor.place("ann lay 150 @ 2.00")
    assert floor.escrow("ann") == 250


def test_fractions_of_a_cent_are_reserved_in_full() -> None:
    floor = open_floor("ann")
    floor.place("ann lay 1 @ 1.01")
    assert floor.escrow("ann") == 1
    floor.place("ann lay 99 @ 1.01")
    assert floor.escrow("ann") == 1
    floor.place("ann lay 1 @ 1.01")
    assert floor.escrow("ann") == 2
