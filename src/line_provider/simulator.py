"""A line that moves by itself: football, tennis and racing, with results within minutes.

What is done follows from the seed alone, step by step: :func:`script` yields requests and how long to wait before each.
They go through the same checks and rules as those of the API. Only the deadlines depend on when the steps are done.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import structlog

from evens.core.values.moments import SECOND_NS, format_time
from evens.edges.http.protocol.problem import Refused
from line_provider.bodies import EventChange, NewEvent
from line_provider.publisher import Publisher

LIVE: Final = 6
"""How many events are open at a time."""

_TOWNS: Final = (
    "Ashford Bexley Corby Dunmow Epping Frome Goole Hythe Ilkley Jarrow Kendal Leek Malton Nairn Oakham".split()
)
_PLAYERS: Final = "Abara Brandt Costa Dufour Ekström Farkas Greco Horvat Ivanov Janda Kovač Lindt Moreau Novak".split()
_HORSES: Final = "Amber Bracken Cinder Damson Ember Fallow Garnet Heather Indigo Juniper Kestrel Larkspur".split()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the simulator. ``event`` is ``None`` to publish; deadlines are ``{"after_s": n}``."""

    wait_s: float
    event: str | None
    body: dict[str, Any]


@dataclass(slots=True)
class _Live:
    """An open event, with the chances that its odds follow."""

    id: str
    chances: dict[str, list[float]]
    markets: list[dict[str, Any]]
    left: int
    suspended: bool = False
    is_race: bool = False


def script(seed: int) -> Iterator[Step]:
    """Yield what happens, without end; the same for the same seed."""
    chance, number = random.Random(seed), 0
    live: list[_Live] = []
    while True:
        while len(live) < LIVE:
            number += 1
            event = _opened(chance, f"sim-{seed}-{number}")
            live.append(event.line)
            yield Step(0.1, None, event.body)
        event = chance.choice(live)
        event.left -= 1
        wait_s = chance.uniform(0.05, 0.3)
        if event.left <= 0:
            live.remove(event)
            yield Step(wait_s, event.id, _ended(chance, event))
        else:
            yield Step(wait_s, event.id, _moved(chance, event))


@dataclass(frozen=True, slots=True)
class _Opened:
    line: _Live
    body: dict[str, Any]


def _opened(chance: random.Random, event_id: str) -> _Opened:
    sport = chance.choice(("football", "tennis", "racing"))
    if sport == "football":
        home, away = chance.sample(_TOWNS, 2)
        title, named = f"{home} v {away}", {"home": home, "draw": "Draw", "away": away}
        extra = [
            ("total_2.5", "Goals: 2.5", {"over": "Over 2.5", "under": "Under 2.5"}),
            ("handicap_-0.5", f"{home} -0.5", {"home": f"{home} -0.5", "away": f"{away} +0.5"}),
        ]
    elif sport == "tennis":
        one, two = chance.sample(_PLAYERS, 2)
        title, named = f"{one} v {two}", {"first": one, "second": two}
        extra = [("total_22.5", "Games: 22.5", {"over": "Over 22.5", "under": "Under 22.5"})]
    else:
        names = chance.sample(_HORSES, 7)
        title, named, extra = f"{chance.choice(_TOWNS)}, 2 miles", {name.lower(): name for name in names}, []
    markets = [_market(chance, key, name, named) for key, name, named in [("main", "Winner", named), *extra]]
    chances = {m["key"]: [100 / float(each["coefficient"]) for each in m["selections"]] for m in markets}
    left = chance.randint(60, 200)
    body = {
        "id": event_id,
        "title": title,
        "sport": sport,
        "competition": "Simulated",
        "deadline": {"after_s": left},
        "markets": markets,
    }
    return _Opened(_Live(event_id, chances, markets, left, is_race=sport == "racing"), body)


def _market(chance: random.Random, key: str, name: str, named: dict[str, str]) -> dict[str, Any]:
    weights = [chance.uniform(1, 4) for _ in named]
    total = sum(weights)
    selections = [
        {"key": each, "name": label, "coefficient": _odds(weight / total)}
        for (each, label), weight in zip(named.items(), weights, strict=True)
    ]
    return {"key": key, "name": name, "selections": selections}


def _odds(probability: float) -> str:
    return f"{max(1.02, 0.95 / probability):.2f}"


def _moved(chance: random.Random, event: _Live) -> dict[str, Any]:
    dice = chance.random()
    if event.suspended or dice < 0.03:
        event.suspended = not event.suspended
        return {"suspended": event.suspended}
    market = chance.choice(event.markets)
    if event.is_race and dice < 0.05 and len(market["selections"]) > 4:
        gone = market["selections"].pop()
        event.chances[market["key"]].pop()
        return {"removed": [{"selection": gone["key"], "reduction_bps": chance.randrange(200, 2500, 100)}]}
    weights = event.chances[market["key"]]
    weights[:] = [weight * chance.uniform(0.94, 1.06) for weight in weights]
    total = sum(weights)
    changed = [
        {"key": each["key"], "coefficient": _odds(weight / total)}
        for each, weight in zip(market["selections"], weights, strict=True)
    ]
    return {"markets": [{"key": market["key"], "selections": changed}]}


def _ended(chance: random.Random, event: _Live) -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    for market in event.markets:
        keys = [each["key"] for each in market["selections"]]
        winner = chance.choices(keys, event.chances[market["key"]])[0]
        results.append({"market": market["key"], "selection": winner, "result": "won"})
    return {"status": "FINISHED", "results": results}


class Simulator:
    """Does what the script says. What is refused, such as an id from a run before, is logged and passed over."""

    def __init__(self, publisher: Publisher, seed: int) -> None:
        self._publisher = publisher
        self._seed = seed
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until :meth:`stop`."""
        # Each run has events of its own: those of the run before stay as they were left.
        run = format(int(time.time()), "x")
        for step in script(self._seed):
            try:
                async with asyncio.timeout(step.wait_s):
                    await self._stopping.wait()
                return
            except TimeoutError:
                pass
            try:
                await self._do(step, run)
            except Refused as refused:
                _log.info("simulator_refused", code=refused.problem.code, detail=refused.problem.detail)

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def _do(self, step: Step, run: str) -> None:
        if step.event is not None:
            await self._publisher.change(f"{step.event}-{run}", EventChange.model_validate(step.body))
            return
        seconds: int = step.body["deadline"]["after_s"]
        deadline = format_time(time.time_ns() + seconds * SECOND_NS)
        body = {**step.body, "id": f"{step.body['id']}-{run}", "deadline": deadline}
        await self._publisher.create(NewEvent.model_validate(body))
