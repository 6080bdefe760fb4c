"""The same request under the same key gives the first answer, whatever is known since.

What operators ask of a pool is made into a command by what is known then: its terms, its rounds, the calendar, the
sources. The key stands for what they asked.
"""

from typing import Any

import pytest

from evens.core.values.pools import RoundResult
from evens.edges.http.pools.schedule import Told
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools import test_against_sources
from tests.edges.pools.test_against_sources import PRICES, Sources
from tests.edges.pools.window import CODE, PATH, POOL, TIMES, at_rest, bet, create, open_round

# The fixtures of a house whose sources say what a test says.
sources, desk = test_against_sources.sources, test_against_sources.desk


async def _same(caller: Caller, first: Any, path: str, body: Any, key: str) -> None:
    again = await caller.post(path, body, key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content), again.text
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    outcome = (await caller.get(f"/v1/outcomes/{key}")).json()
    assert (outcome["status"], outcome["body"]) == (first.status_code, first.json())


async def test_a_round_is_opened_once_under_its_key(operator: Caller) -> None:
    await create(operator)
    body = {"code": CODE, **TIMES}
    first = await operator.post(f"{PATH}/rounds", body, key="open")
    assert first.status_code == 201, first.text
    await operator.post(f"{PATH}/stop")
    await _same(operator, first, f"{PATH}/rounds", body, "open")


async def test_a_pool_is_created_and_changed_once_under_its_key(operator: Caller) -> None:
    created = await operator.post("/v1/pools", POOL, key="create")
    changes = {"fee_bps": 200}
    changed = await operator.patch(PATH, changes, key="change")
    assert (created.status_code, changed.json()["fee_bps"]) == (201, 200), changed.text
    stopped = await operator.post(f"{PATH}/stop", key="stop")
    await operator.patch(PATH, {"fee_bps": 300, "name": "Another"})
    await operator.post(f"{PATH}/resume")
    await _same(operator, created, "/v1/pools", POOL, "create")
    await _same(operator, stopped, f"{PATH}/stop", None, "stop")
    again = await operator.patch(PATH, changes, key="change")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (changed.content, "true")
    # That there is to be no largest stake is something else than not to speak of it.
    other = await operator.patch(PATH, {**changes, "max_stake": None}, key="change")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    shown = (await operator.get(PATH)).json()
    assert (shown["fee_bps"], shown["stopped"]) == (300, False)


async def test_what_the_sources_said_first_is_the_answer_for_ever(desk: Caller, sources: Sources) -> None:
    path, body = f"{PATH}/rounds/{CODE}/settle", {"result": "auto"}
    refused = await desk.post(path, body, key="settle")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_price")
    sources.told = Told(RoundResult.UP, PRICES)
    first = await desk.post(path, body, key="settle")
    assert (first.status_code, first.json()["result"]) == (200, "up"), first.text
    await at_rest(desk)
    sources.told = Told(RoundResult.DOWN, PRICES)
    await _same(desk, first, path, body, "settle")
    other = await desk.post(path, {"result": "up"}, key="settle")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_what_voids_a_round_keeps_the_close_of_its_time(desk: Caller, sources: Sources) -> None:
    sources.told = Told(None, '{"verdict":"decided","price":"101.5"}')
    path, body = f"{PATH}/rounds/{CODE}/void", {"reason": "Trading was halted."}
    first = await desk.post(path, body, key="void")
    assert (first.status_code, first.json()["result"]) == (200, "void"), first.text
    await at_rest(desk)
    await _same(desk, first, path, body, "void")


@pytest.mark.parametrize("change", [{"code": "20990105"}, {"locks_at": "2099-01-02T20:00:00Z"}])
async def test_another_round_under_the_same_key_is_refused(
    house: OpenHouse, operator: Caller, ada: Caller, change: dict[str, str]
) -> None:
    await create(operator)
    body = {"code": CODE, **TIMES}
    await operator.post(f"{PATH}/rounds", body, key="open")
    other = await operator.post(f"{PATH}/rounds", {**body, **change}, key="open")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    # Nor is it another caller's key, or taken from the round that is there.
    await bet(ada, "up", "1.00")
    await open_round(operator, "20990105")


async def test_what_was_refused_can_be_mended_under_its_key(operator: Caller) -> None:
    await create(operator)
    body = {"code": CODE, **TIMES}
    wrong = {**body, "settles_at": "2098-01-02T20:00:00Z"}
    refused = await operator.post(f"{PATH}/rounds", wrong, key="open")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "settles_at")
    opened = await operator.post(f"{PATH}/rounds", body, key="open")
    assert opened.status_code == 201, opened.text
    await _same(operator, opened, f"{PATH}/rounds", body, "open")
    other = await operator.post(f"{PATH}/rounds", wrong, key="open")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
