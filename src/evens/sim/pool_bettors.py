"""Simulated customers who say up or down in the rounds of a pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from evens.sim.amounts import format_cents
from evens.sim.newcomers import SEED

PAUSE_S: Final = (1.0, 3.0)
"""How long the pauses between two bets are."""

_STAKE_CENTS: Final = (50, 1_00, 2_00, 5_00)


@dataclass(frozen=True, slots=True)
class Opinion:
    """A bet to place, ``pause_s`` after the one before: ``side`` is up or down."""

    username: str
    side: str
    stake: str
    pause_s: float


class PoolBettors:
    """Draws who bets next. The same customers draw the same bets at every run."""

    def __init__(self, usernames: Sequence[str]) -> None:
        self._usernames = tuple(usernames)
        self._draw = Random(f"{SEED} pool")

    def turn(self) -> Opinion:
        """Return what is done next."""
        draw = self._draw
        stake = format_cents(draw.choice(_STAKE_CENTS))
        return Opinion(draw.choice(self._usernames), draw.choice(("up", "down")), stake, draw.uniform(*PAUSE_S))
