"""A house that reads a line provider and publishes at it, and the few steps that tests of that have in common."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import httpx2
from prometheus_client import CollectorRegistry

from evens.program.line import LineParts, TableFixtures, open_line
from evens.settings import Settings
from tests.edges.conftest import Caller, OpenHouse
from tests.feeds.line.provider_stub import DEADLINE, KEY

EVENTS: Final = "/v1/sportsbook/events"
ANN_BO: Final = [{"name": "Ann", "odds": "1.80"}, {"name": "Bo", "odds": "2.10"}]


def new_event(**more: Any) -> dict[str, Any]:
    """Return the body of an event with one market of two selections."""
    markets = [{"name": "Match odds", "selections": ANN_BO}]
    return {"title": "Ann v Bo", "deadline": DEADLINE, "sport": "tennis", "markets": markets, **more}


def odds_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the odds of an event's only market by the keys of its selections."""
    (market,) = event["markets"]
    return {each["key"]: each["odds"] for each in market["selections"]}


@asynccontextmanager
async def reading(house: OpenHouse, key: str = KEY, **places: str) -> AsyncGenerator[LineParts]:
    """Let a house read providers: their names with dialect, ``+`` and address; all have one key."""
    settings = Settings(
        line_sources=",".join(f"{name}={place}" for name, place in places.items()),
        line_keys=",".join(f"{name}={key}" for name in places),
    )
    gateway, tables = house.services.gateway, TableFixtures(house.services.sportsbook.reads)
    parts = open_line(settings, gateway, tables, CollectorRegistry(), "http://127.0.0.1:9")
    assert parts is not None
    sportsbook = replace(house.services.sportsbook, line=parts.view)
    house.app.state.services = replace(house.services, sportsbook=sportsbook, line_intake=parts.intake)
    try:
        for name in places:
            await parts.feed.tick(name)
        yield parts
    finally:
        await parts.close()


async def create(operator: Caller, *, key: str | None = None, **more: Any) -> dict[str, Any]:
    """Create an event that is published, and return it."""
    answer = await operator.post(EVENTS, new_event(**more), key=key)
    assert answer.status_code == 201, answer.text
    return answer.json()


def problem_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]
