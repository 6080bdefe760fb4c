"""Simulated punters: they bet with the house on whatever it offers, sometimes on several at once, and cash out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from evens.sim.amounts import format_cents
from evens.sim.newcomers import SEED

TURNS_PER_SECOND: Final = 1.5
PAUSE_S_MAX: Final = 3.0

_CASHES_OUT: Final = 0.06
_SEVERAL: Final = 0.2
_LEGS_MAX: Final = 3
_ODDS_MAX: Final = 12.0
"""Longest odds of a selection that a punter bets on."""

_STAKE_CENTS: Final = (2_00, 5_00, 10_00, 20_00, 25_00)


@dataclass(frozen=True, slots=True)
class Leg:
    """A selection to bet on, by the keys of its event and market."""

    event_id: str
    market: str
    selection: str


@dataclass(frozen=True, slots=True)
class Wager:
    """A bet to place, ``pause_s`` after the turn before: with one leg a single. No legs: cash a bet out instead."""

    username: str
    legs: tuple[Leg, ...]
    stake: str
    pause_s: float


class Punters:
    """Decides what these customers bet on; the same for the same customers and events."""

    def __init__(self, usernames: Sequence[str], seed: str = SEED) -> None:
        self._usernames = usernames
        self._chance = Random(f"{seed} punters")

    def turn(self, events: Sequence[Mapping[str, Any]]) -> Wager:
        """Return what is done next about the events as the API shows them."""
        chance = self._chance
        pause_s = min(chance.expovariate(TURNS_PER_SECOND), PAUSE_S_MAX)
        username, stake = chance.choice(self._usernames), format_cents(chance.choice(_STAKE_CENTS))
        if chance.random() < _CASHES_OUT:
            return Wager(username, (), stake, pause_s)
        count = chance.randint(2, _LEGS_MAX) if chance.random() < _SEVERAL else 1
        chosen = chance.sample(events, min(count, len(events)))
        legs = [leg for event in chosen if (leg := self._leg(event)) is not None]
        return Wager(username, tuple(legs), stake, pause_s)

    def _leg(self, event: Mapping[str, Any]) -> Leg | None:
        """Return one of an event's open selections that has a fair chance, if there is any."""
        open_to_bets = [
            (market["key"], selection)
            for market in event["markets"]
            if market["status"] == "open"
            for selection in market["selections"]
            if selection["status"] == "open" and 1.0 < float(selection["odds"]) <= _ODDS_MAX
        ]
        if not open_to_bets:
            return None
        weights = [1 / float(selection["odds"]) for _, selection in open_to_bets]
        market, selection = self._chance.choices(open_to_bets, weights)[0]
        return Leg(event["id"], market, selection["key"])
