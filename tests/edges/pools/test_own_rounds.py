"""Rounds that operators open, settle and void themselves: their codes are the calendar's, and their closes are kept."""

import json
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evens.core.values.pool_running import parse_running
from evens.core.values.pools import RoundResult
from evens.edges.http.app import create_app
from evens.edges.http.pools.schedule import Told
from evens.feeds.rounds.calendar import calendar_of
from evens.program.rounds import EdgeSchedule, schedule_of_files
from evens.store.pools.rows import RoundRow
from tests.edges.conftest import Caller, OpenHouse, talking_to
from tests.edges.pools.window import PATH, TIMES, at_rest, create, refused

pytestmark = pytest.mark.anyio

MINUTE = {
    "calendar": "every:60",
    "settle_after_close_s": 0,
    "sources": [{"name": "walk", "kind": "simulated", "seed": 7}],
}
SESSIONS = calendar_of(parse_running('{"calendar":"every:60"}'))
CLOSE = json.dumps({"verdict": "decided", "price": "101.5"})


@pytest.fixture
async def timed(house: OpenHouse, operator: Caller, tmp_path: Path) -> AsyncGenerator[Caller]:
    """Return an operator of a house with calendars."""
    schedule: EdgeSchedule = schedule_of_files(tmp_path)

    class Sources:
        """Calendars as they are, and a close that is known."""

        runs = True
        times, check_code, check = schedule.times, schedule.check_code, schedule.check

        async def ask(self, asked: RoundRow) -> Told:
            """Return that it went up."""
            return Told(RoundResult.UP, CLOSE)

    services = replace(house.services, pools=replace(house.services.pools, schedule=Sources()))
    async with talking_to(create_app(services)) as http:
        yield replace(operator, http=http)


def code_ahead(rounds: int) -> str:
    """Return the code of the round so many ahead."""
    found = SESSIONS.next_after(None, time.time_ns())
    for _ in range(rounds - 1):
        found = SESSIONS.next_after(found.code, 0)
    return found.code


async def test_a_code_that_is_none_of_the_next_rounds_is_refused_by_name(timed: Caller) -> None:
    await create(timed, **MINUTE)
    for code in ("special", "20271126", code_ahead(20)):
        for times in ({}, TIMES):
            answer = await timed.post(f"{PATH}/rounds", {"code": code, **times})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code"), code
    opened = await timed.post(f"{PATH}/rounds", {"code": code_ahead(5)})
    assert opened.status_code == 201, opened.text
    assert await refused(timed, f"{PATH}/rounds", {"code": opened.json()["code"]}) == (409, "round_exists")


@pytest.mark.parametrize(
    ("deed", "body"), [("void", {"reason": "We were away."}), ("settle", {"result": "up"})], ids=["void", "settle"]
)
async def test_a_round_decided_by_hand_keeps_the_close_of_its_sources(
    timed: Caller, deed: str, body: dict[str, Any]
) -> None:
    await create(timed, **MINUTE)
    code, soon = code_ahead(3), (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()
    opened = await timed.post(f"{PATH}/rounds", {"code": code, "locks_at": soon, "settles_at": soon})
    assert opened.status_code == 201, opened.text
    while (await timed.get(f"{PATH}/rounds/{code}")).json()["status"] != "locked":
        continue
    assert (await timed.post(f"{PATH}/rounds/{code}/{deed}", body)).status_code == 200
    await at_rest(timed, code)
    assert '"price":"101.5"' in (await timed.get(f"{PATH}/rounds/{code}/proof")).text.replace(" ", "")
    again = {"result": "down", "price": "99.5", "reason": "It was wrong."}
    assert (await timed.post(f"{PATH}/rounds/{code}/correct", again)).status_code == 200
    await at_rest(timed, code)
    assert '"price":"99.5"' in (await timed.get(f"{PATH}/rounds/{code}/proof")).text.replace(" ", "")


async def test_what_cannot_be_is_refused_and_a_limit_can_be_taken_away(timed: Caller) -> None:
    assert await refused(timed, "/v1/pools", {"key": "x", "name": "x", "symbol": "X", "calendar": "XYZW"}) == (
        422,
        "validation_failed",
    )
    assert (await create(timed, **MINUTE, max_stake="5.00"))["max_stake"] == "5.00"
    assert (await timed.patch(PATH, {"name": "Another"})).json()["max_stake"] == "5.00"
    assert (await timed.patch(PATH, {"max_stake": None})).json()["max_stake"] is None
