"""Fair chances that drift: what a contest's runners are worth, as far as anybody can know."""

from collections.abc import Sequence
from math import exp, log
from random import Random
from typing import Final

_PULL: Final = 0.01
"""How much of the way back to where it began a runner's strength goes at each step."""


class FairChances:
    """The strengths of a contest's runners, wandering about where they began."""

    def __init__(self, weights: Sequence[float], winners: int, chance: Random) -> None:
        self._begin = [log(weight) for weight in weights]
        self._now = list(self._begin)
        self._winners = winners
        self._chance = chance

    def drift(self, spread: float) -> None:
        """Let every strength take a step; ``spread`` is its usual size, relative to the strength."""
        for place, begin in enumerate(self._begin):
            step = self._chance.gauss(0, spread)
            self._now[place] += step + (begin - self._now[place]) * _PULL

    def chances(self) -> list[float]:
        """Return for each runner how likely it is to win a place; together they make the number of winners."""
        return place_chances(self._weights(), self._winners)

    def draw(self) -> tuple[int, ...]:
        """Return who wins, as positions from 1 in ascending order, drawn by the chances."""
        weights = self._weights()
        drawn: list[int] = []
        for _ in range(self._winners):
            place = self._chance.choices(range(len(weights)), weights)[0]
            weights[place] = 0.0
            drawn.append(place + 1)
        return tuple(sorted(drawn))

    def _weights(self) -> list[float]:
        weights = [exp(strength) for strength in self._now]
        total = sum(weights)
        return [weight / total for weight in weights]


def place_chances(weights: Sequence[float], winners: int) -> list[float]:
    """Return how likely each is to be among ``winners``, where every place goes by weight to one of those left."""
    total = sum(weights)
    first = [weight / total for weight in weights]
    if winners == 1:
        return first
    chances = list(first)
    for taken, likely in enumerate(first):
        others = [0.0 if place == taken else weight for place, weight in enumerate(weights)]
        for place, chance in enumerate(place_chances(others, winners - 1)):
            chances[place] += likely * chance
    return chances
