"""Simulated leaders, each of whom bets in a style of their own and lets others copy; and who follows them, how far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

from evens.sim.amounts import format_cents
from evens.sim.newcomers import SEED

PAUSE_S: Final = (1.5, 4.0)
"""How long the pauses between two bets are."""

Product = Literal["exchange", "sportsbook", "pools"]
Style = Literal["favourites", "lays", "outsiders", "doubles", "against"]

_ODDS_MAX: Final = 12.0
"""Longest odds of a selection that a leader bets on."""

_STAKE_CENTS: Final = (4_00, 6_00, 8_00, 10_00)
_POOL_STAKE_CENTS: Final = (1_00, 2_00)
_STAKE_MIN: Final = "1.00"


@dataclass(frozen=True, slots=True)
class SimulatedLeader:
    """Somebody who shows what they bet and how, and lets others copy it."""

    username: str
    display_name: str
    bio: str
    style: Style


@dataclass(frozen=True, slots=True)
class SimulatedFollower:
    """Somebody who copies a leader; ``limits`` are as ``POST /v1/follows`` takes them."""

    username: str
    leader: str
    limits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pick:
    """A bet of a leader, ``pause_s`` after the one before: ``body`` is as its product's API takes it, but for whose.

    ``None`` if there is nothing to bet on in the leader's style.
    """

    username: str
    product: Product
    body: Mapping[str, Any] | None
    pause_s: float


LEADERS: Final = (
    SimulatedLeader("cleo", "Cleo of the favourites", "I back whoever is likeliest, on the exchange.", "favourites"),
    SimulatedLeader("milo", "Milo the bookmaker", "I lay what everybody backs, on the exchange.", "lays"),
    SimulatedLeader(
        "gus", "Gus and the outsiders", "Long odds with the house: I lose often, and then I do not.", "outsiders"
    ),
    SimulatedLeader("otto", "Otto, two at a time", "Two favourites with the house, both of which must win.", "doubles"),
    SimulatedLeader("vera", "Vera goes the other way", "In pools, on the side that has less.", "against"),
)

_CAPS: Final = {"allocation": "200.00", "per_bet_cap": "20.00", "daily_cap": "100.00"}
_EXCHANGE: Final = {"products": ["exchange"]}
_SPORTSBOOK: Final = {"products": ["sportsbook"]}

FOLLOWERS: Final = (
    SimulatedFollower("ada", "cleo", {"mode": "fixed", "stake": "2.00", **_CAPS, **_EXCHANGE, "max_slippage_ticks": 3}),
    SimulatedFollower("ada", "gus", {"mode": "fixed", "stake": "1.00", **_CAPS, **_SPORTSBOOK}),
    SimulatedFollower("bo", "cleo", {"mode": "proportional", "ratio": "0.5", **_CAPS, **_EXCHANGE}),
    # So little a day that it is soon used up.
    SimulatedFollower("dina", "cleo", {"mode": "fixed", "stake": "3.00", **_CAPS, "daily_cap": "9.00", **_EXCHANGE}),
    # A quarter of a small stake is less than the smallest.
    SimulatedFollower("hana", "milo", {"mode": "proportional", "ratio": "0.2", **_CAPS, **_EXCHANGE}),
    SimulatedFollower(
        "emil", "gus", {"mode": "proportional", "ratio": "0.25", **_CAPS, **_SPORTSBOOK, "min_odds": "4.00"}
    ),
    SimulatedFollower("ivo", "otto", {"mode": "fixed", "stake": "2.50", **_CAPS, **_SPORTSBOOK}),
    SimulatedFollower("juno", "vera", {"mode": "proportional", "ratio": "1", **_CAPS, "products": ["pools"]}),
)


class Leading:
    """Decides what the leaders among these customers bet; the same for the same customers, events and markets."""

    def __init__(self, usernames: Sequence[str], seed: str = SEED) -> None:
        here = set(usernames)
        self.leaders = tuple(leader for leader in LEADERS if leader.username in here)
        self.followers = tuple(each for each in FOLLOWERS if {each.username, each.leader} <= here)
        self._chance = Random(f"{seed} leaders")

    def turn(
        self,
        markets: Sequence[Mapping[str, Any]],
        events: Sequence[Mapping[str, Any]],
        rounds: Sequence[Mapping[str, Any]],
    ) -> Pick:
        """Return what is bet next on markets, events and open rounds of pools, as the API shows them."""
        chance = self._chance
        leader, pause_s = chance.choice(self.leaders), chance.uniform(*PAUSE_S)
        product: Product
        if leader.style in ("favourites", "lays"):
            product, body = "exchange", self._order("back" if leader.style == "favourites" else "lay", markets)
        elif leader.style == "against":
            product, body = "pools", self._stake(rounds)
        else:
            product, body = "sportsbook", self._bet(leader.style, events)
        return Pick(leader.username, product, body, pause_s)

    def _order(self, side: Literal["back", "lay"], markets: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Return an order that takes what is offered on the likeliest runner of a market at once, or nothing."""
        waiting = f"to_{side}"
        offered = [
            (market["id"], runner)
            for market in markets
            for runner in market["runners"]
            if runner[waiting] and runner["id"] == _likeliest(market, waiting)
        ]
        if not offered:
            return None
        market, runner = self._chance.choice(offered)
        return {
            "market_id": market,
            "runner_id": runner["id"],
            "side": side,
            "odds": runner[waiting][0]["odds"],
            "stake": format_cents(self._chance.choice(_STAKE_CENTS)),
            "time_in_force": "fok",
            "min_fill": _STAKE_MIN,
        }

    def _bet(self, style: Style, events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Return a single on an outsider, or a double of two favourites, or nothing."""
        best = max if style == "outsiders" else min
        legs = [
            {"event_id": event["id"], "market": market, "selection": selection["key"]}
            for event in events
            if (found := _open_selections(event))
            for market, selection in (best(found, key=lambda each: float(each[1]["odds"])),)
        ]
        count = 1 if style == "outsiders" else 2
        if len(legs) < count:
            return None
        chosen = self._chance.sample(legs, count)
        amount = {"amount": format_cents(self._chance.choice(_STAKE_CENTS))}
        return {**chosen[0], **amount} if count == 1 else {"legs": chosen, **amount}

    def _stake(self, rounds: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Return a stake on the side of a round that has less, or nothing."""
        if not rounds:
            return None
        chosen = self._chance.choice(rounds)
        sides = chosen["sides"]
        side = min(("up", "down"), key=lambda name: float(sides[name]["staked"]))
        amount = format_cents(self._chance.choice(_POOL_STAKE_CENTS))
        return {"pool": chosen["pool"], "side": side, "amount": amount}


def _likeliest(market: Mapping[str, Any], waiting: str) -> str | None:
    """Return the runner whose best odds on this side are the shortest."""
    offered = [runner for runner in market["runners"] if runner[waiting]]
    return min(offered, key=lambda runner: float(runner[waiting][0]["odds"]))["id"] if offered else None


def _open_selections(event: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return what one can bet on in an event at odds that are not too long, each with its market's key."""
    return [
        (market["key"], selection)
        for market in event["markets"]
        if market["status"] == "open"
        for selection in market["selections"]
        if selection["status"] == "open" and 1.0 < float(selection["odds"]) <= _ODDS_MAX
    ]
