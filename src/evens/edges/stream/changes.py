"""A record of when things last changed, which answers what has changed since a given ``seq``."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Changes(Generic[K]):
    """The ``seq`` at which each thing last changed, oldest first. A thing appears once, however often it changed."""

    __slots__ = ("_seqs",)

    def __init__(self) -> None:
        self._seqs: dict[K, int] = {}

    def mark(self, key: K, seq: int) -> None:
        """Record that a thing changed at ``seq``, which must not be lower than in the call before."""
        self._seqs.pop(key, None)
        self._seqs[key] = seq

    def since(self, seq: int) -> Iterator[K]:
        """Yield the things that changed after ``seq``, the latest first."""
        for key in reversed(self._seqs):
            if self._seqs[key] <= seq:
                return
            yield key

    def forget(self, seq: int) -> None:
        """Drop the things that last changed at ``seq`` or before."""
        while self._seqs:
            oldest = next(iter(self._seqs))
            if self._seqs[oldest] > seq:
                return
            del self._seqs[oldest]
