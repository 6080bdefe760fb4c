"""Betting with the house over HTTP: the few steps that tests of the sportsbook have in common."""

import asyncio
import time
from typing import Any, Final

from evens.core.commands.fixed_odds import FundHouse, PublishLine
from evens.core.values.fixed_odds import Line, LineMarket, LineSelection
from tests.edges.conftest import Caller, OpenHouse

HOUR_NS: Final = 3600 * 10**9
HOME: Final = LineSelection("home", "Ann", 250)
DRAW: Final = LineSelection("draw", "Draw", 300)
AWAY: Final = LineSelection("away", "Bo", 400)
MATCH: Final = LineMarket("main", "Match odds", (HOME, DRAW, AWAY))
ONE: Final = LineMarket("main", "Win", (LineSelection("win", "Yes", 200),))


async def publish(house: OpenHouse, key: str, *markets: LineMarket, version: int = 1, **more: Any) -> None:
    """Let the provider publish an event, or change it."""
    line = Line(
        title=more.pop("title", f"Event {key}"),
        deadline=more.pop("deadline", time.time_ns() + HOUR_NS),
        markets=markets,
        **more,
    )
    await house.stage.submit(PublishLine("main", key, version, line))


async def fund(house: OpenHouse, minor: int = 10_000_00) -> None:
    """Pay into the bank."""
    await house.stage.submit(FundHouse("USD", minor))


def single(event: str, amount: str = "10.00", selection: str = "home", **more: Any) -> dict[str, Any]:
    """Return the body of a bet on one selection."""
    return {"event_id": event, "selection": selection, "amount": amount, **more}


async def place(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Place a bet that is taken, and return it."""
    answer = await caller.post("/v1/sportsbook/bets", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(caller: Caller, body: dict[str, Any], **more: Any) -> tuple[int, str]:
    """Place a bet that is refused, and return the status and why."""
    answer = await caller.post("/v1/sportsbook/bets", body, **more)
    return answer.status_code, answer.json()["code"]


async def settle(operator: Caller, event: str, *results: tuple[str, str], **more: Any) -> None:
    """Say how selections of the main market ended."""
    named = [{"selection": selection, "result": result} for selection, result in results]
    answer = await operator.post(f"/v1/sportsbook/events/{event}/settle", {"results": named, **more})
    assert answer.status_code == 200, answer.text


async def over(caller: Caller, bet: str) -> dict[str, Any]:
    """Return a bet as soon as it is over."""
    async with asyncio.timeout(30):
        while True:
            found = (await caller.get(f"/v1/sportsbook/bets/{bet}")).json()
            if found["status"] != "open":
                return found
