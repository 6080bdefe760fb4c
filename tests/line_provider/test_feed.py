"""Reading the line: lists with their tags, and every change in order, however much is written meanwhile."""

import asyncio
import itertools
import json

import pytest

from line_provider import store
from line_provider.simulator import script
from tests.line_provider.conftest import Line

pytestmark = pytest.mark.anyio


async def test_a_list_is_not_sent_again_while_nothing_is_different(line: Line) -> None:
    await line.publish("m-1")
    first = await line.http.get("/events?active=true")
    tag = {"If-None-Match": first.headers["etag"]}
    again = await line.http.get("/events?active=true", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    await line.change("m-1", coefficient="1.60")
    changed = await line.http.get("/events?active=true", headers=tag)
    assert changed.json()["change"] == 2
    assert changed.json()["items"][0]["coefficient"] == "1.60"


async def test_a_list_comes_in_pages_newest_first(line: Line) -> None:
    for number in range(5):
        await line.publish(f"m-{number}", sport="tennis" if number % 2 else "football")
    page = (await line.http.get("/events?limit=2")).json()
    rest = (await line.http.get(f"/events?limit=9&after={page['next']}")).json()
    assert [each["id"] for each in page["items"] + rest["items"]] == [f"m-{number}" for number in (4, 3, 2, 1, 0)]
    assert len((await line.http.get("/events?sport=tennis")).json()["items"]) == 2


async def test_changes_are_complete_and_in_order_under_concurrent_writes(line: Line) -> None:
    for number in range(4):
        await line.publish(f"m-{number}")
    seen: list[int] = []
    versions: dict[str, int] = {}

    async def write(number: int) -> None:
        for odds in range(30):
            await line.change(f"m-{number % 4}", coefficient=f"{odds + 2}.{number:02}")

    async def read() -> None:
        while len(seen) < 4 + 8 * 30:
            page = (await line.http.get(f"/changes?limit=7&after={seen[-1] if seen else 0}")).json()
            for each in page["items"]:
                seen.append(each["change"])
                assert each["event"]["version"] == versions.get(each["event"]["id"], 0) + 1
                versions[each["event"]["id"]] = each["event"]["version"]

    async with asyncio.timeout(60):
        await asyncio.gather(read(), *(write(number) for number in range(8)))
    assert seen == list(range(1, len(seen) + 1))


@pytest.mark.parametrize("path", ["/changes?", "/events?", "/events?active=true&"])
async def test_a_page_of_large_events_is_short_and_says_that_more_follow(
    line: Line, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for number in range(4):
        await line.publish(f"m-{number}")
    whole = (await line.http.get(path)).json()
    assert whole["next"] is None
    monkeypatch.setattr(store, "PAGE_BYTES", 2 * len(json.dumps((await line.http.get("/events/m-0")).json())) - 100)
    # As many rows are asked for at a time as a page has, and fewer.
    for at_once in (1, 2, 50):
        monkeypatch.setattr(store, "_AT_ONCE", at_once)
        pages = [(await line.http.get(f"{path}limit=4")).json()]
        while pages[-1]["next"] is not None:
            pages.append((await line.http.get(f"{path}limit=4&after={pages[-1]['next']}")).json())
        assert [each for page in pages for each in page["items"]] == whole["items"]
        assert len(pages) == 2


async def test_old_changes_that_later_ones_contain_are_left_out(line: Line) -> None:
    await line.publish("m-1")
    await line.change("m-1", coefficient="1.60")
    await line.change("m-1", status="FINISHED_WIN")
    await line.ask("POST", "/events/m-1/rollback")
    await line.provider.services.store.compact(2**62)
    assert [each["change"] for each in (await line.http.get("/changes")).json()["items"]] == [3, 4]


def test_the_simulator_does_the_same_for_the_same_seed() -> None:
    steps = list(itertools.islice(script(7), 3000))
    assert steps == list(itertools.islice(script(7), 3000))
    assert steps != list(itertools.islice(script(8), 3000))
    bodies = [step.body for step in steps]
    assert any("removed" in body for body in bodies)
    assert any("suspended" in body for body in bodies)
    assert any(body.get("status") == "FINISHED" for body in bodies)
