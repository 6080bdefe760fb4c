"""Simulated traders: in each market a maker who quotes around the fair price, and takers with other opinions."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from evens.core.values.odds import CLASSIC, ODDS_UNIT, format_odds
from evens.sim.amounts import format_cents
from evens.sim.fair import FairChances
from evens.sim.fixtures import KINDS, SimulatedFixture
from evens.sim.newcomers import SEED

TURNS_PER_SECOND: Final = 4.0
PAUSE_S_MAX: Final = 1.0

_SPREADS: Final = (0.02, 0.05, 0.09)
"""How far from the fair price the maker's quotes are, the nearest first."""

_DRIFT: Final = 0.01
_DRIFT_IN_PLAY: Final = 0.05
_TAKES: Final = 0.35
_NOISE: Final = 0.15
# The most that a quote and a taker's order may lose; longer odds have smaller stakes.
_QUOTE_CENTS: Final = 80_00
_TAKE_CENTS: Final = 30_00
_STAKE_CENTS_MIN: Final = 1_00
_STAKE_CENTS_MAX: Final = 160_00
_STAKE_CENTS_STEP: Final = 50
_CHANCE_MIN: Final = 0.01
_CHANCE_MAX: Final = 0.97

Side = Literal["back", "lay"]


@dataclass(frozen=True, slots=True)
class Bid:
    """An order that a trader wants to place: to back or lay a runner, by its position from 1, at these odds or better.

    With a ``level`` it is the maker's quote on that side of the runner, and replaces the one before; 0 is the nearest
    to the fair price. Without one it is a taker's order: whatever can be matched at once.
    """

    username: str
    runner: int
    side: Side
    odds: str
    stake: str
    level: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """Bids to make one after the other, ``pause_s`` after the turn before."""

    bids: tuple[Bid, ...]
    pause_s: float


class Traders:
    """The traders on a fixture: ``maker`` and ``takers``. The same ones trade in the same way at every run."""

    def __init__(self, fixture: SimulatedFixture, maker: str, takers: Sequence[str], seed: str = SEED) -> None:
        self.maker = maker
        self._takers = takers
        self._chance = Random(f"{seed} traders {fixture.kind} {fixture.number}")
        self._fair = FairChances(fixture.weights, fixture.winners, self._chance)
        self._runners = range(1, len(fixture.runners) + 1)
        self._quoted: dict[tuple[int, int], int] = {}
        self._is_in_play = False

    def turn_in_play(self) -> None:
        """Let prices move faster from now on, as they do once a contest has begun."""
        self._is_in_play = True

    def open(self) -> list[Bid]:
        """Return quotes for every runner, on both sides and all levels."""
        levels = range(len(_SPREADS))
        return [bid for runner in self._runners for level in levels for bid in self._quotes(runner, level)]

    def turn(self) -> Turn:
        """Return the next bids: one of a taker, or the maker's two new quotes of a level."""
        self._fair.drift(_DRIFT_IN_PLAY if self._is_in_play else _DRIFT)
        if self._chance.random() < _TAKES:
            # The likelier a runner is to win, the more people bet on it.
            bids = (self._take(self._chance.choices(self._runners, self._fair.chances())[0]),)
        else:
            bids = self._quotes(self._chance.choice(self._runners), self._chance.randrange(len(_SPREADS)))
        return Turn(bids, min(self._chance.expovariate(TURNS_PER_SECOND), PAUSE_S_MAX))

    def draw_winners(self) -> tuple[int, ...]:
        """Return the positions of the runners that win."""
        return self._fair.draw()

    def _quotes(self, runner: int, level: int) -> tuple[Bid, ...]:
        """Return both quotes, the one that moves away from the other first, so that they never match each other."""
        fair = self._fair_odds(runner)
        spread = _SPREADS[level]
        lay_odds = CLASSIC.nearest(round(fair * (1 - spread)))[0]
        back_odds = CLASSIC.nearest(round(fair * (1 + spread)))[1]
        lay = Bid(self.maker, runner, "lay", format_odds(lay_odds), self._stake(lay_odds, _QUOTE_CENTS), level)
        back = Bid(self.maker, runner, "back", format_odds(back_odds), self._stake(back_odds, _QUOTE_CENTS), level)
        rises = lay_odds > self._quoted.get((runner, level), lay_odds)
        self._quoted[runner, level] = lay_odds
        return (back, lay) if rises else (lay, back)

    def _take(self, runner: int) -> Bid:
        belief = self._chance.gauss(0, _NOISE)
        odds = self._fair_odds(runner) * (1 - belief)
        side: Side = "back" if belief > 0 else "lay"
        price = CLASSIC.nearest(round(odds))[0 if side == "lay" else 1]
        return Bid(
            self._chance.choice(self._takers), runner, side, format_odds(price), self._stake(price, _TAKE_CENTS), None
        )

    def _fair_odds(self, runner: int) -> float:
        """Return the fair odds in hundredths."""
        likely = self._fair.chances()[runner - 1]
        return ODDS_UNIT / min(max(likely, _CHANCE_MIN), _CHANCE_MAX)

    def _stake(self, odds: int, loss_cents: int) -> str:
        cents = loss_cents * ODDS_UNIT / (odds - ODDS_UNIT) * self._chance.uniform(0.5, 1.5)
        cents = min(max(cents, _STAKE_CENTS_MIN), _STAKE_CENTS_MAX)
        return format_cents(int(cents) // _STAKE_CENTS_STEP * _STAKE_CENTS_STEP)


def traders(fixture: SimulatedFixture, usernames: Sequence[str], seed: str = SEED) -> Traders:
    """Return the traders on a fixture: one of the last customers makes the market, another for each kind.

    There must be more customers than kinds.
    """
    makers = usernames[-len(KINDS) :]
    return Traders(fixture, makers[KINDS.index(fixture.kind)], usernames[: -len(KINDS)], seed)
