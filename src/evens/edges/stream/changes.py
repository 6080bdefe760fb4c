"""What changed since when, each thing once, however often it did."""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Changes(Generic[K]):
    """The place in the journal at which each thing last changed, in that order."""

    __slots__ = ("_seqs",)

    def __init__(self) -> None:
        self._seqs: dict[K, int] = {}

    def mark(self, key: K, seq: int) -> None:
        """Note that a thing changed at ``seq``, which never goes back."""
        self._seqs.pop(key, None)
        self._seqs[key] = seq

    def since(self, seq: int) -> Iterator[K]:
        """Yield what changed after ``seq``, the latest first."""
        for key in reversed(self._seqs):
            if self._seqs[key] <= seq:
                return
            yield key

    def forget(self, seq: int) -> None:
        """Forget what last changed at ``seq`` or before."""
        while self._seqs:
            oldest = next(iter(self._seqs))
            if self._seqs[oldest] > seq:
                return
            del self._seqs[oldest]
