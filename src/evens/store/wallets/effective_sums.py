"""What back-dated transfers leave in ``evens.effective_sums``, worked out again from the journal for the audit.

How it works
------------
A transfer is back-dated if it takes effect (``effective_at``) before it is recorded (its id, which is a moment). The
balance as of a moment must count it from ``effective_at`` on, but the balances recorded with transfers count it only
from its id on. So it leaves two *corrections* on each customer's account that it touches: its amount at
``effective_at``, and the opposite at its id. The balance as of ``t`` is the balance after the last transfer recorded by
``t``, plus the sum of all corrections up to ``t``.

To make that sum without reading them all, the table keeps sums over eight levels of buckets: at level ``k`` a bucket
spans 256^k nanoseconds, and ``moment >> 8k`` is its number. The sum up to any moment needs at most 255 buckets of each
level. The database adds to the sums (``evens.correct_effective_sums`` in migration 0002, the query is
``evens.balance_at``); this class does the same in Python, independently, so that the audit can compare the two.

In numbers
----------
An account has 100. At moment 1000 a payment of 30 is recorded that took effect at 600: the balance recorded is 70. Its
corrections for the payer are -30 at 600 and +30 at 1000. They go into these buckets::

    level 0 (1 ns)        600: -30    1000: +30
    level 1 (256 ns)      2: -30      3: +30         600 >> 8 is 2, 1000 >> 8 is 3
    level 2 (65,536 ns)   0: 0                       both moments; likewise levels 3 to 7

The balance as of 700 is 100, recorded before the payment, plus the corrections before 701: level 1 gives its buckets 0
and 1, which are empty, and level 0 gives its buckets 512 to 700, which hold -30. That makes 70. As of 1000, level 1
gives buckets 0 to 2 (-30) and level 0 gives 768 to 1000 (+30): nothing is added to the 70 that was recorded.
"""

from collections.abc import Iterator
from typing import Final

from evens.core.values.ids import AccountClass, account_class

_LEVELS: Final = 8
_BITS_PER_LEVEL: Final = 8


class EffectiveSums:
    """Sums of corrections in minor units, by account, level and bucket."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int, int], int] = {}

    def add(self, transfer: int, debit: int, credit: int, amount_minor: int, effective_at: int) -> None:
        """Count a back-dated transfer, on those of its two accounts that are a customer's."""
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
