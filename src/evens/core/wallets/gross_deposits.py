"""How much was deposited for each customer in the current day, week and month."""

from evens.core.events.ledger import Transferred
from evens.core.values.deposit_limits import Period, bounds


class GrossDeposits:
    """Sums of deposits by cash account, for the period of each kind in which the latest deposit was recorded.

    A deposit belongs to the period of its value date; what belongs to an earlier period is not counted. When a deposit
    is recorded in a new period, the sums of the old one are dropped: nothing can be added to them any more.
    """

    __slots__ = ("_bounds", "_sums")

    def __init__(self) -> None:
        self._bounds: dict[Period, tuple[int, int]] = dict.fromkeys(Period, (0, 0))
        self._sums: dict[Period, dict[int, int]] = {period: {} for period in Period}

    def count(self, deposit: Transferred) -> None:
        """Count a deposit; its id says when it was recorded."""
        account, effective_at = deposit.credit, deposit.effective_at
        self.enter(deposit.transfer)
        for period, (begins_at, _) in self._bounds.items():
            if effective_at >= begins_at:
                self.add(period, account, deposit.amount_minor)

    def enter(self, moment: int) -> None:
        """Let the periods be those that this moment lies in."""
        for period, (_, ends_at) in self._bounds.items():
            if moment >= ends_at:
                self._bounds[period] = bounds(period, moment)
                self._sums[period] = {}

    def begins_at(self, period: Period) -> int:
        """Return when the period that is being counted began."""
        return self._bounds[period][0]

    def add(self, period: Period, account: int, minor: int) -> None:
        """Add to the sum of an account in the period that is being counted."""
        sums = self._sums[period]
        sums[account] = sums.get(account, 0) + minor

    def sum_minor(self, period: Period, account: int, moment: int) -> int:
        """Return what was deposited in the period that a moment lies in, as far as it is recorded."""
        begins_at, ends_at = self._bounds[period]
        return self._sums[period].get(account, 0) if begins_at <= moment < ends_at else 0

    def text(self, account: int) -> str:
        """Return the sums of an account, and what they are for, in one line."""
        return " ".join(f"{self._bounds[period][0]}:{sums.get(account, 0)}" for period, sums in self._sums.items())
