"""Changes of a follow's limits at the same time, and what closing bets at what waits is worth."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.commands.following import ChangeFollow, EndFollow, FollowLeader, StopFollow
from evens.core.commands.wallets import TagCustomer
from evens.core.events.following import FollowChanged, FollowStarted, FollowStatusChanged
from evens.core.events.ledger import Rejected
from evens.core.following.reasons import FollowReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Side
from evens.core.values.following import FollowMode, FollowStatus, FollowTerms, closing_gain_minor
from evens.core.values.records import RecordProduct
from tests.core.exchange.floor import Floor

TERMS = FollowTerms(FollowMode.FIXED, 5_00, None, 100_00, 50_00, 80_00, 2, None, (RecordProduct.EXCHANGE,))
SHARE = replace(TERMS, mode=FollowMode.PROPORTIONAL, stake_minor=None, ratio_ppm=500_000)


def following() -> tuple[Floor, FollowStarted]:
    """Return a floor on which bob follows ann, and the follow."""
    floor = Floor()
    floor.define("USD", 2)
    ann, bob = floor.join("ann"), floor.join("bob")
    (started,) = floor.do(FollowLeader(bob, ann, "USD", TERMS))
    assert isinstance(started, FollowStarted)
    return floor, started


def test_a_change_takes_only_what_it_names_of_its_terms() -> None:
    floor, started = following()
    floor.do(ChangeFollow(started.customer, started.follow, replace(TERMS, daily_cap_minor=1_00), ("daily_cap_minor",)))
    stale = replace(TERMS, per_bet_cap_minor=2_00)
    (changed,) = floor.do(ChangeFollow(started.customer, started.follow, stale, ("per_bet_cap_minor",)))
    assert changed == FollowChanged(started.follow, replace(TERMS, daily_cap_minor=1_00, per_bet_cap_minor=2_00))
    (refused,) = floor.do(ChangeFollow(started.customer, started.follow, TERMS, ()))
    assert refused == Rejected(SharedReason.NOTHING_CHANGES)
    (whole,) = floor.do(ChangeFollow(started.customer, started.follow, TERMS))
    assert whole == FollowChanged(started.follow, TERMS)


def test_a_change_that_contradicts_what_was_changed_meanwhile_is_refused() -> None:
    floor, started = following()
    mode = ("mode", "stake_minor", "ratio_ppm")
    floor.do(ChangeFollow(started.customer, started.follow, SHARE, mode))
    (refused,) = floor.do(
        ChangeFollow(started.customer, started.follow, replace(TERMS, stake_minor=6_00), ("stake_minor",))
    )
    assert refused == Rejected(FollowReason.TERMS_CHANGED)
    assert floor.house.following.by_id[started.follow].terms == SHARE


def test_a_stop_loss_found_before_another_copy_was_settled_pauses_nothing() -> None:
    floor, started = following()
    floor.do(
        ChangeFollow(started.customer, started.follow, replace(TERMS, stop_loss_percent=40), ("stop_loss_percent",))
    )
    (refused,) = floor.do(StopFollow(started.follow, -61_00, -1_00))
    assert refused == Rejected(SharedReason.NOTHING_CHANGES)
    (paused,) = floor.do(StopFollow(started.follow, -61_00, 0))
    assert paused == FollowStatusChanged(started.follow, FollowStatus.PAUSED, stopped_minor=-61_00)


def naive_gain(side: Side, stake: int, value: int, levels: list[tuple[int, int]]) -> Fraction:
    """Return the exact gain: as much of the bet is closed as waits, the rest is at cost."""
    rest, closing = Fraction(value), Fraction(0)
    for odds, there in levels:
        taken = min(rest / odds, Fraction(there))
        rest, closing = rest - taken * odds, closing + taken
    closed = stake * (value - rest) / value
    return closing - closed if side is Side.BACK else closed - closing


@pytest.mark.parametrize("side", list(Side))
@given(
    stake=st.integers(1, 10_000),
    odds=st.integers(101, 2_000),
    waiting=st.dictionaries(st.integers(101, 2_000), st.integers(1, 5_000), max_size=5),
)
def test_closing_is_worth_what_a_naive_count_of_what_waits_says(
    side: Side, stake: int, odds: int, waiting: dict[int, int]
) -> None:
    levels = sorted(waiting.items(), reverse=side is Side.LAY)
    exact = naive_gain(side, stake, stake * odds, levels)
    gain_minor = closing_gain_minor(side, stake, stake * odds, levels)
    # A whole unit cannot be divided among levels: what is left of it is rounded to the follow's cost, by two at most.
    assert exact - 2 <= gain_minor <= exact
    if not waiting:
        assert gain_minor == 0


def test_a_single_level_that_has_enough_is_as_if_it_were_the_whole_book() -> None:
    assert closing_gain_minor(Side.BACK, 10_00, 10_00 * 300, [(250, 100_00)]) == 2_00
    assert closing_gain_minor(Side.LAY, 10_00, 10_00 * 300, [(250, 100_00)]) == -2_00
    assert closing_gain_minor(Side.BACK, 10_00, 10_00 * 300, [(250, 6_00)]) == 1_00


def test_whoever_has_a_tag_in_common_has_their_follows_counted_together_without_looking_at_everybody() -> None:
    floor = Floor()
    floor.define("USD", 2)
    leaders, tagged = [floor.join(f"l{n}") for n in range(3)], [floor.join(f"t{n}") for n in range(3)]
    counted = floor.house.following.linked
    floor.do(TagCustomer(tagged[0], ("card:1", "card:2")))
    started: list[FollowStarted] = []
    for customer in tagged:
        for leader in leaders:
            started += [
                each
                for each in floor.do(FollowLeader(customer, leader, "USD", TERMS))
                if isinstance(each, FollowStarted)
            ]
    assert +counted == {"card:1": 3, "card:2": 3}
    floor.do(TagCustomer(tagged[1], ("card:1",)))
    floor.do(TagCustomer(tagged[0], ("card:2",)))
    floor.do(EndFollow(tagged[0], started[0].follow))
    assert +counted == {"card:1": 3, "card:2": 2}
    floor.house.check()
