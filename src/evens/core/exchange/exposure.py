"""Exposure: the most that a customer can still lose in a market, over every way it can end.

Escrow holds exactly this amount, so every loss is funded, and a hedge frees money at once.

All amounts here are cents of a minor unit (:mod:`evens.core.values.odds`), so nothing is rounded. For each runner a
customer has matched stake ``s`` (backs less lays) and the value ``v`` of that stake (each bet's stake times its odds).
If the runner wins, the matched bets bring ``W = v − s``, if it loses ``L = −s``. Unmatched orders may be matched or
not, whichever is worse: a back can only lose its stake, which lowers ``L``; a lay only its liability, which lowers
``W``.

If no runner won, the customer would have ``Σ L``. Each winner changes that by its *swing* ``W − L``. So the worst end
is
that the ``k`` runners of the smallest swings win, where ``k`` is the number of winners. A runner without bets has
swing 0::

    exposure = −min(0, Σ L + the sum of the k smallest W − L)

Example: runners A, B and C, of which one wins. Ann backs A for 10.00 at 3.00: ``s`` = 10.00, ``v`` = 30.00, W =
+20.00, L = −10.00. The swings are 30.00, 0, 0, so the worst is −10.00 + 0, and 10.00 are in escrow. Then she lays A
for 15.00 at 2.00: ``s`` = −5.00, ``v`` = 0, W = L = +5.00. Whatever happens she wins 5.00, so the exposure is 0, and
the 10.00 are hers again before the market is settled.
"""

from collections.abc import Iterable

from evens.core.values.betting import Side
from evens.core.values.odds import ODDS_UNIT


class Stand:
    """A customer's bets on one runner: minor units of stake, cents of value and liability."""

    __slots__ = ("stake_minor", "unmatched_back_minor", "unmatched_liability_cents", "value_cents")

    def __init__(
        self,
        stake_minor: int = 0,
        value_cents: int = 0,
        unmatched_back_minor: int = 0,
        unmatched_liability_cents: int = 0,
    ) -> None:
        self.stake_minor = stake_minor
        self.value_cents = value_cents
        self.unmatched_back_minor = unmatched_back_minor
        self.unmatched_liability_cents = unmatched_liability_cents

    @property
    def if_win_cents(self) -> int:
        """Profit of the matched bets if the runner wins."""
        return self.value_cents - ODDS_UNIT * self.stake_minor

    @property
    def if_lose_cents(self) -> int:
        """Profit of the matched bets if the runner loses."""
        return -ODDS_UNIT * self.stake_minor

    def with_unmatched(self, back_minor: int, liability_cents: int) -> "Stand":
        """Return the stand as it would be with this much more unmatched."""
        return Stand(
            self.stake_minor,
            self.value_cents,
            self.unmatched_back_minor + back_minor,
            self.unmatched_liability_cents + liability_cents,
        )


def unmatched(side: Side, odds: int, stake_minor: int) -> tuple[int, int]:
    """Return the stake that an unmatched order can lose by its runner losing, and the cents by its winning."""
    return (stake_minor, 0) if side is Side.BACK else (0, stake_minor * (odds - ODDS_UNIT))


def exposure_cents(stands: Iterable[Stand], runners: int, winners: int) -> int:
    """Return the most that can be lost, at least zero, where ``winners`` of ``runners`` win.

    Only runners that the customer has bets on need a stand; the others neither win nor lose anything.
    """
    if_all_lose = 0
    swings: list[int] = []
    # Nothing is worked out as often as this, so it asks the stands for nothing but their numbers.
    for stand in stands:
        unmatched_cents = ODDS_UNIT * stand.unmatched_back_minor
        if_all_lose -= ODDS_UNIT * stand.stake_minor + unmatched_cents
        swings.append(stand.value_cents - stand.unmatched_liability_cents + unmatched_cents)
    if winners == 1:
        worst = min(swings, default=0)
        if worst > 0 and len(swings) < runners:
            worst = 0
    else:
        idle = min(winners, runners - len(swings))
        worst = sum(sorted(swings + [0] * idle)[: min(winners, runners)])
    return max(0, -(if_all_lose + worst))
