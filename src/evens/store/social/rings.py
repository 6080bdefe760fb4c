"""Trades that go in a ring and come back to their start, which say nothing of whoever made them.

Theory of operation
-------------------
A match takes a bet from whoever laid it to whoever backed it. Where A backs a runner against B, B backs it against C,
and C backs it against A, all for the same stake and one right after the other, nobody has a bet afterwards that they
did not have before: the stake went round. So people make turnover out of nothing, or move a profit among themselves.

A *ring* is two to :data:`HOPS_MAX` matches on one runner for one stake, each against whoever backed in another of them,
all within :data:`WITHIN_NS`. Matches are looked at in their order; the newest closes a ring if a path of earlier ones,
which are in no ring yet, leads from who laid it to who backed it. A trader who leaves a bet against the very one from
whom they had it, for the same stake within that time, is taken for a ring too: at a profit it would be a gift.

Example, stakes of 10.00: A backs against B (1), D backs against B (2), B backs against C (3), C backs against A (4).
With 4, A has laid to C, C to B, B to A: 1, 3 and 4 are a ring, 2 is a bet.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

HOPS_MAX: Final = 4
"""The most matches of a ring."""

WITHIN_NS: Final = 10_000_000_000
"""The longest a ring takes from its first match to its last."""

LOOKED_AT: Final = 64
"""How many of the latest matches of one stake on one runner are looked at, so that a busy market takes no longer."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A match: at this moment (its id), a stake on a runner went from who laid it to who backed it."""

    id: int
    runner: int
    stake_minor: int
    backer: int
    layer: int


@dataclass(slots=True)
class RingFinder:
    """Finds rings among the matches of one market, which are given in their order."""

    _recent: defaultdict[tuple[int, int], deque[Hop]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=LOOKED_AT))
    )

    def add(self, hops: Iterable[Hop]) -> Iterator[int]:
        """Yield the ids of matches that are found to be in a ring, each once."""
        for hop in hops:
            recent = self._recent[hop.runner, hop.stake_minor]
            while recent and recent[0].id < hop.id - WITHIN_NS:
                recent.popleft()
            path = _path(recent, hop.layer, hop.backer)
            if path is None:
                recent.append(hop)
                continue
            for each in path:
                recent.remove(each)
                yield each.id
            yield hop.id


def _path(recent: Iterable[Hop], start: int, end: int) -> list[Hop] | None:
    """Return a shortest path by which the stake that ``start`` laid came to them from ``end``, oldest matches first."""
    by_backer: defaultdict[int, list[Hop]] = defaultdict(list)
    for hop in recent:
        by_backer[hop.backer].append(hop)
    paths: list[list[Hop]] = [[hop] for hop in by_backer.get(start, ())]
    for _ in range(HOPS_MAX - 1):
        for path in paths:
            if path[-1].layer == end:
                return path
        seen = [{start, *(hop.layer for hop in path)} for path in paths]
        paths = [
            [*path, hop]
            for path, visited in zip(paths, seen, strict=True)
            for hop in by_backer.get(path[-1].layer, ())
            if hop.layer not in visited
        ]
    return None
