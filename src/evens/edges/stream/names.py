"""Numbers for things that are followed by a name of which only the tables know the number."""

import hashlib
import os
from collections import OrderedDict
from typing import Final

_NAMES_MAX: Final = 20_000


class Names:
    """Gives each name a number, and remembers the names that were asked about last."""

    def __init__(self) -> None:
        self._secret = os.urandom(16)
        self._names: OrderedDict[int, str] = OrderedDict()

    def number_of(self, name: str) -> int:
        """Return the number of a name, the same one every time."""
        # Nobody can make two names with one number: the secret is this process's own.
        digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8, key=self._secret).digest()
        number = int.from_bytes(digest)
        self._names[number] = name
        self._names.move_to_end(number)
        if len(self._names) > _NAMES_MAX:
            self._names.popitem(last=False)
        return number

    def name_of(self, number: int) -> str | None:
        """Return the name that has this number; ``None`` if that was asked about too long ago."""
        return self._names.get(number)
