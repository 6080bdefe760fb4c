"""The true chances of a contest's runners, which change over time by a mean-reverting random walk."""

from collections.abc import Sequence
from math import exp, log
from random import Random
from typing import Final

_REVERSION: Final = 0.01
"""The fraction of its distance from the start by which a runner's strength returns at each step."""


class FairChances:
    """The strengths of a contest's runners, which vary around their first values."""

    def __init__(self, weights: Sequence[float], winners: int, chance: Random) -> None:
        self._begin = [log(weight) for weight in weights]
        self._now = list(self._begin)
        self._winners = winners
        self._chance = chance

    def drift(self, spread: float) -> None:
        """Change every strength by a random step; ``spread`` is its standard deviation, relative to the strength."""
        for place, begin in enumerate(self._begin):
            step = self._chance.gauss(0, spread)
            self._now[place] += step + (begin - self._now[place]) * _REVERSION

    def chances(self) -> list[float]:
        """Return each runner's probability of winning a place. They add up to the number of winners."""
        return place_chances(self._weights(), self._winners)

    def draw(self) -> tuple[int, ...]:
        """Return the winners, drawn by their chances, as positions from 1 in ascending order."""
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
    """Return each one's probability of being among ``winners``, each drawn by weight from those left."""
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
