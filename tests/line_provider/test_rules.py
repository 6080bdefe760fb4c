"""What the line provider takes, what it refuses, and what becomes of events."""

from typing import Any

import pytest

from tests.line_provider.conftest import Line, in_s

pytestmark = pytest.mark.anyio

THREE = [
    {"key": key, "name": key.title(), "coefficient": odds}
    for key, odds in (("home", "2.10"), ("draw", "3.3"), ("away", "4"))
]


async def test_the_simplest_event_has_one_market_with_one_selection(line: Line) -> None:
    event = await line.publish("m-1")
    assert (event["status"], event["coefficient"], event["version"], event["change"]) == ("NEW", "1.50", 1, 1)
    assert event["markets"][0]["selections"][0]["key"] == "win"
    assert (await line.http.get("/events/m-1")).json() == event


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("coefficient", "0"),
        ("coefficient", "-1"),
        ("coefficient", "1.234"),
        ("coefficient", 1.5),
        ("deadline", "2020-01-01T00:00:00Z"),
        ("deadline", "2099-01-01T00:00:00"),
        ("id", "a/b"),
        ("odds", "1.5"),
    ],
)
async def test_what_is_wrong_is_named(line: Line, field: str, value: Any) -> None:
    body = {"id": "m", "title": "Rain?", "deadline": in_s(60), "coefficient": "1.50", field: value}
    answer = await line.ask("POST", "/events", body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_taken_id_is_refused_and_the_first_stays(line: Line) -> None:
    event = await line.publish("m-1")
    body = {"id": "m-1", "title": "Other", "deadline": in_s(60), "coefficient": "9.00"}
    assert (await line.ask("POST", "/events", body)).status_code == 409
    assert (await line.http.get("/events/m-1")).json() == event
    assert (await line.http.get("/changes")).json()["last"] == 1


async def test_a_related_group_is_taken_back_with_null(line: Line) -> None:
    await line.publish("m-1", markets=[{"key": "half", "name": "Half", "selections": THREE, "related_group": "g"}])
    for more, group in (({}, "g"), ({"related_group": None}, None), ({}, None), ({"related_group": "h"}, "h")):
        event = (await line.change("m-1", markets=[{"key": "half", **more}])).json()
        assert event["markets"][0]["related_group"] == group


async def test_writing_takes_the_key(line: Line) -> None:
    body = {"title": "Rain?", "deadline": in_s(60), "coefficient": "1.50"}
    answer = await line.http.post("/events", json=body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="line-provider"'


async def test_new_to_finished_is_the_only_way_forward(line: Line) -> None:
    await line.publish("m-1")
    assert (await line.change("m-1", coefficient="1.7", deadline=in_s(90))).json()["version"] == 2
    finished = (await line.change("m-1", status="FINISHED_WIN")).json()
    assert finished["markets"][0]["selections"][0]["result"] == "won"
    assert (await line.change("m-1", status="FINISHED_WIN")).json() == finished
    for body in ({"status": "FINISHED_LOSE"}, {"status": "NEW"}, {"coefficient": "2.00"}, {"deadline": in_s(99)}):
        answer = await line.change("m-1", **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "event_finished")


async def test_a_result_is_taken_back_and_given_again(line: Line) -> None:
    await line.publish("m-1")
    await line.change("m-1", status="FINISHED_WIN")
    back = (await line.ask("POST", "/events/m-1/rollback")).json()
    assert (back["status"], back["markets"][0]["status"]) == ("NEW", "open")
    assert (await line.change("m-1", status="FINISHED_LOSE")).json()["markets"][0]["selections"][0]["result"] == "lost"
    assert [each["type"] for each in (await line.http.get("/changes")).json()["items"]] == [
        "event_changed",
        "event_finished",
        "result_rolled_back",
        "event_finished",
    ]


async def test_a_passed_deadline_can_still_be_finished(line: Line) -> None:
    await line.publish("m-1", deadline=in_s(0.2))
    while (await line.http.get("/events?active=true")).json()["items"]:
        pass
    assert (await line.change("m-1", status="FINISHED_LOSE")).status_code == 200


async def test_results_are_those_of_whole_markets(line: Line) -> None:
    await line.publish("m-1", selections=THREE)
    assert (await line.change("m-1", status="FINISHED_WIN")).status_code == 422
    assert (await line.change("m-1", status="FINISHED")).json()["errors"][0]["field"] == "results"
    two = [{"selection": key, "result": "won"} for key in ("home", "draw")]
    assert (await line.change("m-1", status="FINISHED", results=two)).status_code == 422
    tied = [{**each, "dead_heat": "1/2"} for each in two]
    event = (await line.change("m-1", status="FINISHED", results=tied)).json()
    assert [each["result"] for each in event["markets"][0]["selections"]] == ["won", "won", "lost"]


async def test_a_removed_runner_is_out_for_good_and_void(line: Line) -> None:
    await line.publish("m-1", selections=THREE)
    removed = [{"selection": "away", "reduction_bps": 1500}]
    away = (await line.change("m-1", removed=removed)).json()["markets"][0]["selections"][2]
    assert (away["status"], away["reduction_bps"]) == ("removed", 1500)
    answer = await line.change("m-1", selections=[{"key": "away", "coefficient": "5.00"}])
    assert answer.json()["code"] == "selection_removed"
    event = (await line.change("m-1", status="FINISHED", results=[{"selection": "home", "result": "half_won"}])).json()
    assert [each["result"] for each in event["markets"][0]["selections"]] == ["half_won", "lost", "void"]


async def test_suspending_is_a_bet_stop(line: Line) -> None:
    await line.publish("m-1", selections=THREE)
    await line.change("m-1", suspended=True)
    await line.change("m-1", suspended=False)
    items = (await line.http.get("/changes?after=1")).json()["items"]
    assert [each["type"] for each in items] == ["bet_stop", "event_changed"]


async def test_the_bets_of_a_time_are_cancelled(line: Line) -> None:
    await line.publish("m-1")
    window = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:05:00Z"}
    event = (await line.ask("POST", "/events/m-1/cancel", window)).json()
    assert event["cancelled"] == [{**window, "markets": []}]
    assert (await line.ask("POST", "/events/m-1/cancel", window)).json() == event
    assert (await line.ask("POST", "/events/m-1/cancel", {**window, "from": in_s(5)})).status_code == 422


async def test_an_unknown_event_is_404(line: Line) -> None:
    assert (await line.http.get("/events/none")).json()["code"] == "event_unknown"
    assert (await line.change("none", coefficient="2.00")).status_code == 404
