"""Turns: how leaders share what the copier can do, whatever each of them bets.

In a round each leader has a turn for each product in which they bet. Leaders have parts of one size. The
copies of all go alternately: the first of each, the second of each, and so on.
So the n-th copy of a leader comes after fewer than n × leaders others.

Example. Ann has 400 copies to be asked for, Bob 2, and Cid 1. With a turn of 4 the round is Ann, Bob, Cid, Ann, Bob,
Ann, Ann. What is left of Ann's waits for the next round, before which Bob and Cid may have bet again.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import zip_longest
from typing import Final, TypeVar

T = TypeVar("T")

LEADERS_PER_ROUND: Final = 16
"""How many leaders have a turn in a round, at most."""

COPIES_PER_ROUND: Final = 512
"""How many copies are asked for in a round, at most: a leader who bets meanwhile waits for so many, and nobody else in
the process is served while their rows become commands."""


def turn_sizes(leaders: Sequence[Hashable]) -> list[int]:
    """Return how many copies each turn of a round has at most; ``leaders`` are whose the turns are.

    Each leader has an equal part of the round, which is divided among their own turns.
    """
    turns = Counter(leaders)
    part = COPIES_PER_ROUND // len(turns)
    return [part // turns[leader] for leader in leaders]


def next_turns(behind: Sequence[T], first: Sequence[T]) -> list[T]:
    """Return whose turns a round has: who is next behind the last round and, if places are left, from the first on.

    So everybody has had a turn once the rounds have gone around, also if nobody is ever done.
    """
    return list(dict.fromkeys([*behind, *first]))[:LEADERS_PER_ROUND]


def alternate(queues: Sequence[Sequence[T]]) -> list[T]:
    """Return what is in the queues, the first of each before the second of any."""
    boxed = [[(each,) for each in queue] for queue in queues]
    return [box[0] for level in zip_longest(*boxed) for box in level if box is not None]
