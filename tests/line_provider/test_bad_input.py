"""Whatever is sent to the line provider, the answer is a problem document that names what is wrong, never a crash."""

from typing import Any

import pytest

from line_provider.app import create_app
from line_provider.door import LineDoor
from tests.edges.conftest import talking_to
from tests.line_provider.conftest import KEY, Line, in_s

pytestmark = pytest.mark.anyio

COEFFICIENTS = [
    "0",
    "0.00",
    "-1",
    "1.234",
    "1e3",
    "１.50",
    "NaN",
    "Infinity",
    "1" + "0" * 30,
    "",
    " 1.50",
    "1,50",
    "+2",
    2,
    1.5,
]
IDS = ["a\x00b", "a\nb", "a/b", "%2F/", "x" * 300, "", " ", ".", "..", "a\u202eb", 7]
DEADLINES = [
    "2099-01-01T00:00:00",
    "10000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2099-13-01T00:00:00Z",
    "soon",
    "",
    1,
]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("coefficient", value) for value in COEFFICIENTS],
        *[("id", value) for value in IDS],
        *[("deadline", value) for value in DEADLINES],
    ],
)
async def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(line: Line, field: str, value: Any) -> None:
    body = {"id": "m", "title": "Rain?", "deadline": in_s(60), "coefficient": "1.50", field: value}
    answer = await line.ask("POST", "/events", body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await line.http.get("/changes")).json()["last"] == 0


HOME = {"key": "home", "name": "Home", "coefficient": "2.00"}
CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({"results": [{"selection": "home"}]}, "results[0].result", "is required"),
    ({"removed": [{"market": "half", "selection": "home", "reduction_bps": -1}]}, "removed[0].reduction_bps", "0"),
    ({"markets": [{"key": "half", "selections": []}]}, "markets[0].selections", "must not be empty"),
    ({"markets": [{"key": "half"}, {"key": "half"}]}, "markets[1].key", "more than once"),
    ({"markets": [{"key": "half", "selections": [HOME, HOME]}]}, "markets[0].selections[1].key", "more than once"),
    ({"markets": {"half": 1}}, "markets", "must be a list"),
    ({"results": {"home": "won"}}, "results", "must be a list"),
    ({"selections": [{"key": "home"}]}, "selections", "send markets"),
]
"""Bodies, the field that is wrong in each, and a part of what is said of it."""


@pytest.mark.parametrize(("body", "field", "message"), CHANGES)
async def test_a_change_that_makes_no_sense_is_refused_by_the_one_field_that_is_wrong(
    line: Line, body: Any, field: str, message: str
) -> None:
    event = await line.publish("m", markets=[{"key": "half", "name": "Half time", "selections": [HOME]}])
    answer = await line.change("m", **body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]
    assert (await line.http.get("/events/m")).json() == event


@pytest.mark.parametrize("event_id", ["a%2Fb", "a%00b", "%0A", "x" * 300, "%FF", "..%2F..%2Fmetrics", "%E2%80%AE"])
async def test_an_id_that_can_be_none_is_unknown(line: Line, event_id: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"coefficient": "2.00"})):
        answer = await line.ask(method, f"/events/{event_id}", body)
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_other_methods_and_addresses_are_told_apart(line: Line) -> None:
    wrong = await line.ask("DELETE", "/events")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert set(wrong.headers["allow"].split(", ")) >= {"GET", "POST"}
    nowhere = await line.ask("GET", "/nowhere")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")


async def test_a_body_that_is_too_large_or_no_json_is_refused(line: Line) -> None:
    headers = {"Authorization": "Bearer evl_test", "Content-Type": "application/json"}
    for content, status in ((b"{" + b" " * 5_000_000 + b"}", 413), (b"{", 400), (b"[" * 100_000, 400), (b"\xff", 400)):
        answer = await line.http.post("/events", content=content, headers=headers)
        assert answer.status_code in {status, 422}, (answer.status_code, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_answers_carry_the_headers_that_those_of_evens_carry(line: Line) -> None:
    for answer in (await line.http.get("/events"), await line.http.get("/nowhere")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in answer.headers
        assert "x-request-id" in answer.headers


async def test_too_many_requests_are_refused_by_address_without_the_key_and_together_with_it(line: Line) -> None:
    app = create_app(line.provider.services, LineDoor(KEY, without_key=2, with_key=3))
    async with talking_to(app) as http:
        wrong, right = {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {KEY}"}
        answers = [await http.get("/events"), await http.get("/events", headers=wrong), await http.get("/events")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert (answers[2].json()["code"], int(answers[2].headers["retry-after"]) > 0) == ("rate_limited", True)
        held = [await http.get("/events", headers=right) for _ in range(4)]
        assert [answer.status_code for answer in held] == [200, 200, 200, 429]
        assert (await http.get("/healthz")).status_code == 200
