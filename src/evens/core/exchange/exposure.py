"""Exposure: the most that a customer can still lose in a market, over every way it can end.

Escrow holds exactly this amount, so every loss is funded, and a hedge frees money at once.

All amounts here are cents of a minor unit (:mod:`evens.core.values.odds`), so nothing is rounded. For each runner a
customer has matched stake ``s`` (backs less lays) and the value ``v`` of that stake (each bet's stake times its odds).
If the runner wins, the matched bets bring ``W = v − s``, if it loses ``L = −s``. Unmatched orders may be matched or
not, whichever is worse: a back can only lose its stake, which lowers ``L``; a lay only its liability, which lowers
``W``.

If no runner won, the customer would have ``Σ L``. Each winner changes that by its *swing* ``W − L``. So the worst end
is that the ``k`` runners of the smallest swings win, where ``k`` is the number of winners. A runner without bets has
swing 0::

    exposure = −min(0, Σ L + the sum of the k smallest W − L)

Where the number of winners is not known before, only the fewest that can be are certain to win; of the others those do
whose swing is below zero. Where a market covers removals, exposure is the largest of this and of the same for each
runner that may be removed, with whichever reduction costs most. Where several win, winnings are reduced, so what is
lost is least or greatest at the ends: with no reduction or the greatest. Where one wins, whole odds are, down to 1.01,
so it may be between (:mod:`evens.core.exchange.struck`), unless a market was opened when only the ends were looked at.

Example: runners A, B and C, of which one wins. Ann backs A for 10.00 at 3.00: ``s`` = 10.00, ``v`` = 30.00, W =
+20.00, L = −10.00. The swings are 30.00, 0, 0, so the worst is −10.00 + 0, and 10.00 are in escrow. Then she lays A
for 15.00 at 2.00: ``s`` = −5.00, ``v`` = 0, W = L = +5.00. Whatever happens she wins 5.00, so the exposure is 0, and
the 10.00 are hers again before the market is settled.
"""

from collections.abc import Iterable
from typing import Final

from evens.core.values.betting import Side
from evens.core.values.odds import ODDS_MIN, ODDS_UNIT

NO_LESS: Final = 2**127
"""More than any swing or loss."""


class Stand:
    """A customer's bets on one runner: minor units of stake, cents of value and liability.

    ``least_between_cents`` is the least that the value can become where one wins, when another runner is removed by a
    reduction between none and the greatest; :data:`NO_LESS` if it is no less than at these ends, or nobody asks.
    ``covered`` remembers what :meth:`work_out_covered` returned; whoever changes a stand makes it ``None``.
    """

    __slots__ = (
        "covered",
        "least_between_cents",
        "stake_minor",
        "unmatched_back_minor",
        "unmatched_liability_cents",
        "value_cents",
    )

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
        self.least_between_cents = NO_LESS
        self.covered: tuple[int, int, int] | None = None

    @property
    def if_win_cents(self) -> int:
        """Profit of the matched bets if the runner wins."""
        return self.value_cents - ODDS_UNIT * self.stake_minor

    @property
    def if_lose_cents(self) -> int:
        """Profit of the matched bets if the runner loses."""
        return -ODDS_UNIT * self.stake_minor

    def work_out_covered(self) -> tuple[int, int, int]:
        """Return what is lost if the runner loses, and by how much more its winning brings: now, and at the least."""
        waits = ODDS_UNIT * self.unmatched_back_minor
        swing = waits - self.unmatched_liability_cents
        least = min(self.value_cents, ODDS_MIN * self.stake_minor, self.least_between_cents)
        self.covered = ODDS_UNIT * self.stake_minor + waits, self.value_cents + swing, least + swing
        return self.covered

    def with_unmatched(self, back_minor: int, liability_cents: int) -> "Stand":
        """Return the stand as it would be with this much more unmatched."""
        stand = Stand(
            self.stake_minor,
            self.value_cents,
            self.unmatched_back_minor + back_minor,
            self.unmatched_liability_cents + liability_cents,
        )
        stand.least_between_cents = self.least_between_cents
        return stand


def unmatched(side: Side, odds: int, stake_minor: int) -> tuple[int, int]:
    """Return the stake that an unmatched order can lose by its runner losing, and the cents by its winning."""
    return (stake_minor, 0) if side is Side.BACK else (0, stake_minor * (odds - ODDS_UNIT))


def exposure_cents(stands: Iterable[Stand], runners: int, winners: int, fewest: int | None = None) -> int:
    """Return the most that can be lost, at least zero, where ``winners`` of ``runners`` win, or down to ``fewest``.

    Only runners that the customer has bets on need a stand; the others neither win nor lose anything.
    """
    if_all_lose = 0
    swings: list[int] = []
    # Nothing is worked out as often as this, so it asks the stands for nothing but their numbers.
    for stand in stands:
        unmatched_cents = ODDS_UNIT * stand.unmatched_back_minor
        if_all_lose -= ODDS_UNIT * stand.stake_minor + unmatched_cents
        swings.append(stand.value_cents - stand.unmatched_liability_cents + unmatched_cents)
    least = winners if fewest is None else fewest
    return max(0, -(if_all_lose + _worst(swings, runners, winners, least)))


def covering_cents(stands: Iterable[Stand], runners: int, winners: int, fewest: int | None = None) -> int:
    """Return the most that can be lost if up to one of the runners is removed, by any reduction.

    Bets on whoever is removed are void, and its orders lapse. What is matched on the others is worth less to their
    backers; what is unmatched keeps its odds. An order that is matched then needs no more than before: a back wins
    something after every reduction, and a lay costs no more than its liability.
    """
    least = winners if fewest is None else fewest
    return _covering_one(stands, runners, least) if winners == 1 else _covering_several(stands, runners, winners, least)


def _covering_one(stands: Iterable[Stand], runners: int, fewest: int) -> int:
    """Return the same where one runner wins: of the swings, and of the losses, no more than the two smallest count.

    If the runner of the smallest swing is removed, the next smallest is the worst winner's. If any other is, that costs
    most where least was lost on it.
    """
    # Losses are the same after every reduction and only one runner wins, so each counts at what it brings least.
    held = [stand.covered or stand.work_out_covered() for stand in stands]
    if not held:
        return 0
    losses, swings, reduced = zip(*held, strict=True)
    total, count = sum(losses), len(losses)
    most = max(0, total - _paid(min(swings), runners, count, fewest))
    if runners == 1:
        return most
    small, next_small, *_ = *sorted(losses), NO_LESS
    first, following, *_ = *sorted(reduced), NO_LESS
    its_loss = losses[reduced.index(first)]
    other_loss = next_small if its_loss == small else small
    most = max(most, total - its_loss - _paid(following, runners, count, fewest))
    if count > 1:
        most = max(most, total - other_loss - _paid(first, runners, count, fewest))
    if count < runners:
        most = max(most, total - _paid(first, runners - 1, count, fewest))
    return most


def _paid(swing: int, runners: int, count: int, fewest: int) -> int:
    """Return what the worst winner brings: nothing, if somebody without bets may win, or nobody."""
    return 0 if swing > 0 and (count < runners or not fewest) else swing


def _covering_several(stands: Iterable[Stand], runners: int, winners: int, fewest: int) -> int:
    """Return the same where several runners win: what they bring is linear in what is left of the winnings."""
    total = 0
    losses: list[int] = []
    swings: list[int] = []
    reduced: list[int] = []
    for stand in stands:
        waits = ODDS_UNIT * stand.unmatched_back_minor
        loss = ODDS_UNIT * stand.stake_minor + waits
        total += loss
        losses.append(loss)
        waits -= stand.unmatched_liability_cents
        swings.append(stand.value_cents + waits)
        reduced.append(ODDS_UNIT * stand.stake_minor + waits)
    most = max(0, total - _worst(swings, runners, winners, fewest))
    for each in (swings, reduced) if runners > 1 else ():
        most = max(most, _most_removed(total, losses, each, runners, winners, fewest))
    return most


def _worst(swings: list[int], runners: int, winners: int, fewest: int) -> int:
    """Return the sum of the swings of those that win in the worst case."""
    if winners == 1:
        worst = min(swings, default=0)
        return 0 if worst > 0 and (len(swings) < runners or not fewest) else worst
    ordered = sorted(swings + [0] * min(winners, runners - len(swings)))
    certain = min(fewest, runners)
    return sum(ordered[:certain]) + sum([swing for swing in ordered[certain:winners] if swing < 0])


def _most_removed(total: int, losses: list[int], swings: list[int], runners: int, winners: int, fewest: int) -> int:
    """Return the most that can be lost if exactly one of the runners is removed, and several win.

    It goes by sums up to each place of the ordered swings, leaving one out.
    """
    idle = min(runners - len(swings), winners + 1)
    ordered = sorted([*zip(swings, losses, strict=True), *[(0, 0)] * idle])
    possible = min(winners, runners - 1)
    certain = min(fewest, possible)
    sums, sinking = [0], [0]
    for swing, _ in ordered:
        sums.append(sums[-1] + swing)
        sinking.append(sinking[-1] + min(swing, 0))
    most = 0
    for place, (swing, loss) in enumerate(ordered):
        if place < certain:
            worst = sums[certain + 1] - swing + sinking[possible + 1] - sinking[certain + 1]
        elif place < possible:
            worst = sums[certain] + sinking[possible + 1] - sinking[certain] - min(swing, 0)
        else:
            worst = sums[certain] + sinking[possible] - sinking[certain]
        most = max(most, total - loss - worst)
    return most
