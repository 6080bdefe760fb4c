"""Challenges over HTTP: the few steps that tests of them have in common."""

import asyncio
import time
from dataclasses import replace
from typing import Any, Final

from evens.core.values.moments import format_time
from tests.edges.conftest import Caller, OpenHouse

SECOND_NS: Final = 10**9
LATER: Final = "2099-01-01T00:00:00Z"
DARE: Final[dict[str, Any]] = {
    "title": "Ann beats Bo",
    "side": "back",
    "odds": "2.50",
    "stake": "10.00",
    "currency": "USD",
    "expires_at": LATER,
}


async def offer(caller: Caller, **more: Any) -> dict[str, Any]:
    """Offer a challenge that is taken, and return it."""
    answer = await caller.post("/v1/challenges", {**DARE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def act(caller: Caller, challenge: dict[str, Any], deed: str, body: Any = None) -> dict[str, Any]:
    """Do something with a challenge that is not refused, and return the challenge."""
    answer = await caller.post(f"/v1/challenges/{challenge['token']}/{deed}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(caller: Caller, challenge: dict[str, Any], deed: str, body: Any = None) -> tuple[int, str]:
    """Do something with a challenge that is refused, and return the status and why."""
    answer = await caller.post(f"/v1/challenges/{challenge['token']}/{deed}", body)
    return answer.status_code, answer.json()["code"]


async def shown(house: OpenHouse, challenge: dict[str, Any]) -> dict[str, Any]:
    """Return a challenge as whoever has the link sees it."""
    return (await house.nobody.get(f"/v1/challenges/{challenge['token']}")).json()


async def ended(house: OpenHouse, challenge: dict[str, Any], status: str) -> dict[str, Any]:
    """Return a challenge as soon as it has this status."""
    async with asyncio.timeout(30):
        while (found := await shown(house, challenge))["status"] != status:
            pass
    return found


def soon() -> str:
    """Return a time that a request still reaches."""
    return format_time(time.time_ns() + 2 * SECOND_NS)


def pay_at_once(house: OpenHouse) -> None:
    """Let the house pay what resolvers say without waiting for disputes, in challenges offered from now on."""
    choose_terms(house, dispute_window_ms=0)


def choose_terms(house: OpenHouse, **chosen: int) -> None:
    """Let the house offer challenges on these terms from now on."""
    challenges = house.services.challenges
    changed = replace(challenges, settings=replace(challenges.settings, **chosen))
    house.app.state.services = replace(house.services, challenges=changed)
