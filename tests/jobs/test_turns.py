"""Turns: whatever one leader does, another one's copies come within a bound that depends on the number of leaders."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from evens.edges.jobs.turns import COPIES_PER_ROUND, LEADERS_PER_ROUND, alternate, next_turns, turn_sizes

COUNTS = st.lists(st.integers(0, 300), min_size=1, max_size=LEADERS_PER_ROUND)


@given(counts=COUNTS)
def test_turns_go_alternately_as_if_dealt_one_by_one(counts: list[int]) -> None:
    queues = [[(leader, place) for place in range(count)] for leader, count in enumerate(counts)]
    dealt: list[tuple[int, int]] = []
    hands = [deque(queue) for queue in queues]
    while any(hands):
        dealt += [hand.popleft() for hand in hands if hand]
    assert alternate(queues) == dealt


@given(counts=COUNTS)
def test_a_copy_comes_after_no_more_than_its_place_times_the_turns(counts: list[int]) -> None:
    order = alternate([[(leader, place) for place in range(count)] for leader, count in enumerate(counts)])
    assert len(order) == sum(counts)
    assert all(position < (place + 1) * len(counts) for position, (_leader, place) in enumerate(order))


@given(products=st.lists(st.integers(1, 3), min_size=1, max_size=LEADERS_PER_ROUND))
def test_leaders_have_equal_parts_of_a_bounded_round_in_however_many_products_they_bet(
    products: list[int],
) -> None:
    leaders = [leader for leader, count in enumerate(products) for _ in range(count)]
    sizes = turn_sizes(leaders)
    assert min(sizes) >= 1
    assert sum(sizes) <= COPIES_PER_ROUND
    parts = [
        sum(size for other, size in zip(leaders, sizes, strict=True) if other == leader) for leader in set(leaders)
    ]
    assert max(parts) - min(parts) <= 2
    assert min(parts) >= COPIES_PER_ROUND // LEADERS_PER_ROUND - 2


@given(
    leaders=st.sets(st.integers(1, 200), min_size=1, max_size=80),
    joining=st.lists(st.integers(1, 200), max_size=10),
    last=st.integers(0, 200),
)
def test_nobody_waits_longer_than_until_the_rounds_have_gone_around(
    leaders: set[int], joining: list[int], last: int
) -> None:
    """Everybody floods, so nobody's turns end; others join meanwhile."""
    waiting = dict.fromkeys(leaders, 0)
    for extra in [*joining, *[None] * 20]:
        if extra is not None:
            waiting.setdefault(extra, 0)
        behind = sorted(leader for leader in waiting if leader > last)[:LEADERS_PER_ROUND]
        turns = next_turns(behind, sorted(waiting)[:LEADERS_PER_ROUND])
        assert len(set(turns)) == len(turns) == min(LEADERS_PER_ROUND, len(waiting))
        last = turns[-1]
        for leader in waiting:
            waiting[leader] = 0 if leader in turns else waiting[leader] + 1
        assert max(waiting.values()) <= -(-len(leaders | set(joining)) // LEADERS_PER_ROUND)
