"""Simulated contests: matches, races and finals, the same for the same seed."""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from evens.sim.newcomers import SEED

FixtureKind = Literal["match", "race", "final"]

KINDS: Final[tuple[FixtureKind, ...]] = ("match", "race", "final")
"""The kinds of contests; there is a market for one of each at any time."""

_TOWNS: Final = (
    "Ashford Brackwell Calder Dunmore Eastholm Farleigh Gorsefield Harwick Ironbridge Kelso Linmouth Marlow Northgate "
    "Oakhurst Penrith Queensby Ravenhill Saltmarsh Thornbury Westhaven"
).split()
_HORSES: Final = (
    "Amber Lantern,Bold Margin,Cinder Path,Dusty Ledger,Early Frost,Fair Copy,Golden Mean,Half Past Nine,Iron Promise,"
    "Jolly Tar,Kingfisher,Long Division,Midnight Post,Nine Bells,Open Question,Paper Moon,Quiet Word,Rolling Tide,"
    "Second Wind,Tall Order,Upper Hand,Velvet Rope,Winter Wheat,Yellow Brick"
).split(",")
_HORSES_IN_RACE: Final = 8
_TEAMS_IN_FINAL: Final = 6
# How equal the runners' chances are: the smaller, the more unequal.
_FIELD_EVENNESS: Final = 2.5
_HOME: Final = (30, 50)
_DRAW: Final = (24, 30)


@dataclass(frozen=True, slots=True)
class SimulatedFixture:
    """A contest: ``winners`` of the ``runners`` will win, each place going by ``weights`` among those left."""

    kind: FixtureKind
    number: int
    name: str
    runners: tuple[str, ...]
    weights: tuple[float, ...]
    winners: int
    commission_bps: int


def find_fixture(kind: str, number: int, seed: str = SEED) -> SimulatedFixture:
    """Return the contest of a kind with this number, counted from 1. The kind must be one of :data:`KINDS`."""
    chance = Random(f"{seed} {kind} {number}")
    if kind == "match":
        return _match(number, chance)
    if kind == "race":
        return _race(number, chance)
    assert kind == "final", kind
    return _final(number, chance)


def _match(number: int, chance: Random) -> SimulatedFixture:
    home, away = chance.sample(_TOWNS, 2)
    home_percent, draw_percent = chance.randint(*_HOME), chance.randint(*_DRAW)
    percents = (home_percent, draw_percent, 100 - home_percent - draw_percent)
    weights = tuple(percent / 100 for percent in percents)
    return SimulatedFixture("match", number, f"{home} v {away}", (home, "Draw", away), weights, 1, 200)


def _race(number: int, chance: Random) -> SimulatedFixture:
    name = f"Race {number} at {chance.choice(_TOWNS)}"
    horses = tuple(chance.sample(_HORSES, _HORSES_IN_RACE))
    return SimulatedFixture("race", number, name, horses, _weights(len(horses), chance), 1, 500)


def _final(number: int, chance: Random) -> SimulatedFixture:
    teams = tuple(chance.sample(_TOWNS, _TEAMS_IN_FINAL))
    return SimulatedFixture(
        "final", number, f"Relay final {number}, top 2", teams, _weights(len(teams), chance), 2, 300
    )


def _weights(count: int, chance: Random) -> tuple[float, ...]:
    parts = [chance.gammavariate(_FIELD_EVENNESS, 1) for _ in range(count)]
    return tuple(part / sum(parts) for part in parts)
