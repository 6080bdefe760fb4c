"""Encoded entries, kept for clients who have the same picture and ask for the same fields.

What is kept is bounded, because clients choose the fields: of one thing :data:`OF_THING_MAX` entries, and of all things
of a feed :data:`BYTES_MAX` bytes. Beyond that the least recently used one goes, and is encoded again if it is wanted.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

OF_THING_MAX: Final = 16
"""Most entries of one thing. Nearly all clients have its latest picture or none, and there are few sets of fields."""

BYTES_MAX: Final = 64 * 1024 * 1024

_KEY_BYTES: Final = 512
"""What an entry costs besides its text."""

Q = TypeVar("Q", bound=Hashable)


class EntryCache(Generic[Q]):
    """Keeps entries by the number of their thing, the serial of the picture before (``None`` is none) and the fields.

    ``bytes`` is about how much memory they take.
    """

    def __init__(self, of_thing_max: int = OF_THING_MAX, bytes_max: int = BYTES_MAX) -> None:
        self.bytes = 0
        self._of_thing_max = of_thing_max
        self._bytes_max = bytes_max
        self._entries: OrderedDict[tuple[int, int | None, Q], bytes] = OrderedDict()
        self._of_thing: dict[int, OrderedDict[tuple[int, int | None, Q], None]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, number: int, before: int | None, fields: Q) -> bytes | None:
        """Return an entry, ``None`` if it is not kept."""
        key = number, before, fields
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
            self._of_thing[number].move_to_end(key)
        return entry

    def put(self, number: int, before: int | None, fields: Q, entry: bytes) -> None:
        """Keep an entry that is not kept yet."""
        key = number, before, fields
        self._entries[key] = entry
        own = self._of_thing.setdefault(number, OrderedDict())
        own[key] = None
        self.bytes += _KEY_BYTES + len(entry)
        if len(own) > self._of_thing_max:
            self._remove(next(iter(own)))
        while self.bytes > self._bytes_max:
            self._remove(next(iter(self._entries)))

    def forget(self, number: int) -> None:
        """Keep nothing of a thing."""
        for key in list(self._of_thing.get(number, ())):
            self._remove(key)

    def _remove(self, key: tuple[int, int | None, Q]) -> None:
        self.bytes -= _KEY_BYTES + len(self._entries.pop(key))
        own = self._of_thing[key[0]]
        del own[key]
        if not own:
            del self._of_thing[key[0]]
