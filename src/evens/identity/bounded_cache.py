"""A least-recently-used cache."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Has at most ``entries_max`` entries; a new one replaces the least recently used."""

    __slots__ = ("_entries", "_entries_max")

    def __init__(self, entries_max: int) -> None:
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._entries_max = entries_max

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Return the value of the key, if there is one."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Set the value of the key."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._entries_max:
            self._entries.popitem(last=False)

    def discard(self, key: K) -> None:
        """Remove the key."""
        self._entries.pop(key, None)

    def discard_all(self, matches: Callable[[V], bool]) -> None:
        """Remove every key whose value matches. Looks at all of them."""
        for key in [key for key, value in self._entries.items() if matches(value)]:
            del self._entries[key]
