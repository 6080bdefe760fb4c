"""Rings: stakes that go round within a short time are found, however long they are, and bets are left alone."""

from itertools import permutations

import pytest

from evens.store.social.rings import HOPS_MAX, LOOKED_AT, WITHIN_NS, Hop, RingFinder

A, B, C, D, E = range(1, 6)


def hops(*pairs: tuple[int, int], stake: int = 10_00, runner: int = 1, apart_ns: int = 1_000) -> list[Hop]:
    """Return matches one after the other, each from who backs to who lays."""
    return [Hop(1 + place * apart_ns, runner, stake, *pair) for place, pair in enumerate(pairs)]


def found(*some: Hop) -> set[int]:
    """Return the places of matches in rings, from 0."""
    ids = sorted(hop.id for hop in some)
    told = list(RingFinder().add(some))
    assert len(told) == len(set(told)), "a match was told twice"
    return {ids.index(each) for each in told}


def test_the_example_of_the_theory() -> None:
    assert found(*hops((A, B), (D, B), (B, C), (C, A))) == {0, 2, 3}


def test_there_and_back_is_a_ring() -> None:
    assert found(*hops((A, B), (B, A))) == {0, 1}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_a_ring_makes_no_difference(order: tuple[int, ...]) -> None:
    ring = (A, B), (B, C), (C, A)
    assert found(*hops(*[ring[place] for place in order])) == {0, 1, 2}


def test_four_are_a_ring_and_five_are_too_many_to_tell() -> None:
    assert HOPS_MAX == 4
    assert found(*hops((A, B), (B, C), (C, D), (D, A))) == {0, 1, 2, 3}
    assert found(*hops((A, B), (B, C), (C, D), (D, E), (E, A))) == set()


def test_a_chain_is_no_ring() -> None:
    assert found(*hops((A, B), (B, C), (C, D))) == set()
    assert found(*hops((A, B), (A, B), (C, B), (C, A))) == set()


def test_another_stake_or_runner_is_another_bet() -> None:
    there = hops((A, B))
    assert found(*there, Hop(500, 1, 15_00, B, A)) == set()
    assert found(*there, Hop(500, 2, 10_00, B, A)) == set()


def test_what_takes_longer_is_a_position_that_was_left() -> None:
    assert found(Hop(1, 1, 10_00, A, B), Hop(1 + WITHIN_NS, 1, 10_00, B, A)) == {0, 1}
    assert found(Hop(1, 1, 10_00, A, B), Hop(2 + WITHIN_NS, 1, 10_00, B, A)) == set()


def test_a_match_is_in_one_ring_only() -> None:
    assert found(*hops((A, B), (B, A), (B, A))) == {0, 1}
    assert found(*hops((A, B), (B, A), (A, B), (B, A))) == {0, 1, 2, 3}


def test_a_busy_market_is_looked_at_from_its_latest_matches() -> None:
    crowd = [(100 + place, 500 + place) for place in range(LOOKED_AT)]
    assert found(*hops((A, B), *crowd, (B, A))) == set()
    assert found(*hops((A, B), *crowd[:-1], (B, A))) == {0, LOOKED_AT}
