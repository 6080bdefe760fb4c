"""What back-dated transfers leave in ``evens.effective_sums``, worked out again from the journal for the audit.

The rule itself is in the migration that makes the table; this is its independent twin.
"""

from collections.abc import Iterator
from typing import Final

from evens.core.values.ids import AccountClass, account_class

_LEVELS: Final = 8
_BITS_PER_LEVEL: Final = 8


class Corrections:
    """Sums of corrections by account, level and bucket."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int, int], int] = {}

    def add(self, transfer: int, debit: int, credit: int, amount_minor: int, effective_at: int) -> None:
        """Count a transfer that takes effect before it is recorded, on those of its accounts that are customers'."""
        for account, net in ((debit, -amount_minor), (credit, amount_minor)):
            if account_class(account) < AccountClass.BANK:
                self._add(account, effective_at, net)
                self._add(account, transfer, -net)

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield what the table should hold, in the order of its key."""
        for key in sorted(self._sums):
            yield (*key, self._sums[key])

    def _add(self, account: int, moment: int, net: int) -> None:
        for level in range(_LEVELS):
            key = account, level, moment >> (level * _BITS_PER_LEVEL)
            self._sums[key] = self._sums.get(key, 0) + net
