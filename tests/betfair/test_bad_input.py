"""What is wrong with a whole call: Betfair's errors in their order, and never a 500."""

import json
from typing import Any

import httpx2
import pytest

from evens.edges.betfair.errors import ACCOUNT as ACCOUNT_ERRORS
from evens.edges.betfair.errors import BETTING as BETTING_ERRORS
from evens.edges.betfair.errors import HEARTBEAT as HEARTBEAT_ERRORS
from evens.edges.betfair.errors import ApiError
from tests.betfair.conftest import Floor, Program, limit

BETTING = "/exchange/betting/json-rpc/v1"
CATALOGUE = "SportsAPING/v1.0/listMarketCatalogue"


def code_of(answer: dict[str, Any]) -> str:
    """Return the code of an error, or the message of one that JSON-RPC knows."""
    error = answer["error"]
    data = error.get("data")
    assert data[data["exceptionname"]]["errorDetails"]
    return error["message"] if error["message"].startswith("DSC") else data[data["exceptionname"]]["errorCode"]


def call(program: Program, method: str, params: Any, **headers: str) -> str:
    """Make a call that fails, and return its code."""
    return code_of(program.call(method, params, **headers))


def test_the_first_thing_that_is_wrong_is_told(ann: Program) -> None:
    wrong: Any = {"filter": {"nonsense": 1}, "maxResults": 0}
    nobody = {"X-Application": "", "X-Authentication": ""}
    assert call(ann, "SportsAPING/v1.0/listNothing", wrong, **nobody) == "DSC-0021"
    assert call(ann, CATALOGUE, wrong, **nobody) == "NO_APP_KEY"
    assert call(ann, CATALOGUE, wrong, **{"X-Authentication": ""}) == "NO_SESSION"
    assert call(ann, CATALOGUE, wrong, **{"X-Authentication": "stale"}) == "INVALID_SESSION_INFORMATION"
    assert call(ann, CATALOGUE, wrong) == "DSC-0009"
    assert call(ann, CATALOGUE, {"filter": {}, "maxResults": 0}) == "TOO_MUCH_DATA"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (CATALOGUE, {"filter": {}, "maxResults": "10"}),
        (CATALOGUE, {"filter": {}, "maxResults": 10, "colour": "red"}),
        (CATALOGUE, {"filter": {"eventTypeIds": [7]}, "maxResults": 10}),
        (CATALOGUE, {"filter": {}, "maxResults": 10, "sort": "BEST"}),
        (CATALOGUE, {"filter": {"marketStartTime": {"from": "soon"}}, "maxResults": 10}),
        (CATALOGUE, [1]),
        ("SportsAPING/v1.0/placeOrders", {"marketId": "1.1", "instructions": [{"side": "BUY"}]}),
        ("SportsAPING/v1.0/placeOrders", {"marketId": 1.1, "instructions": [limit(1, "BACK", 2, 2)]}),
        ("SportsAPING/v1.0/placeOrders", {"marketId": "1.1", "instructions": [limit(1, "BACK", 2, 2) | {"x": 1}]}),
        ("SportsAPING/v1.0/listClearedOrders", {"betStatus": "LOST"}),
        (CATALOGUE, {"filter": {"marketIds": 1_001 * ["1.1"]}, "maxResults": 10}),
        (CATALOGUE, {"filter": {"textQuery": 201 * "x"}, "maxResults": 10}),
        ("SportsAPING/v1.0/listCurrentOrders", {"betIds": 1_001 * ["1"]}),
        ("SportsAPING/v1.0/listCurrentOrders", {"customerOrderRefs": ["\0"]}),
        ("SportsAPING/v1.0/listClearedOrders", {"betStatus": "SETTLED", "customerStrategyRefs": ["a\0"]}),
        ("HeartbeatAPING/v1.0/heartbeat", {"preferredTimeoutSeconds": 1.5}),
        ("HeartbeatAPING/v1.0/heartbeat", {"preferredTimeoutSeconds": 10**30}),
        ("SportsAPING/v1.0/listCurrentOrders", {"fromRecord": 10**30}),
        (
            "SportsAPING/v1.0/placeOrders",
            {
                "marketId": "1.1",
                "instructions": [limit(1, "BACK", 2, 2)],
                "marketVersion": {"version": 10**30},
            },
        ),
        (
            "SportsAPING/v1.0/placeOrders",
            {
                "marketId": "1.1",
                "instructions": [limit(1, "BACK", 2, 2)],
                "marketVersion": {"version": 2**63},
            },
        ),
        ("AccountAPING/v1.0/getAccountFunds", {"wallet": "MINE"}),
    ],
)
def test_parameters_of_another_kind_are_refused(ann: Program, method: str, params: Any) -> None:
    assert call(ann, method, params) == "DSC-0009"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (CATALOGUE, {}),
        ("SportsAPING/v1.0/placeOrders", {"marketId": "1.1"}),
        ("SportsAPING/v1.0/placeOrders", {"marketId": "1.1", "instructions": [{"side": "BACK"}]}),
    ],
)
def test_parameters_that_are_missing_are_refused(ann: Program, method: str, params: Any) -> None:
    assert call(ann, method, params) == "DSC-0018"


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("SportsAPING/v1.0/placeOrders", {"marketId": "1.1", "instructions": []}, "INVALID_INPUT_DATA"),
        (
            "SportsAPING/v1.0/placeOrders",
            {"marketId": "1.1", "instructions": [limit(1, "BACK", 2, 2)], "customerRef": "x" * 33},
            "INVALID_INPUT_DATA",
        ),
        ("SportsAPING/v1.0/listCurrentOrders", {"fromRecord": -1}, "INVALID_INPUT_DATA"),
        ("SportsAPING/v1.0/listCurrentOrders", {"recordCount": 1001}, "INVALID_INPUT_DATA"),
        ("SportsAPING/v1.0/listCurrentOrders", {"betIds": ["1"] * 251}, "REQUEST_SIZE_EXCEEDS_LIMIT"),
        ("SportsAPING/v1.0/listMarketProfitAndLoss", {"marketIds": ["1.1"] * 51}, "TOO_MUCH_DATA"),
        ("HeartbeatAPING/v1.0/heartbeat", {"preferredTimeoutSeconds": -1}, "INVALID_INPUT_DATA"),
        ("AccountAPING/v1.0/listCurrencyRates", {"fromCurrency": "XXX"}, "INVALID_INPUT_DATA"),
        ("AccountAPING/v1.0/getAccountStatement", {"recordCount": 101}, "INVALID_INPUT_DATA"),
    ],
)
def test_what_cannot_be_done_is_refused(ann: Program, method: str, params: Any, code: str) -> None:
    assert call(ann, method, params) == code


@pytest.mark.parametrize(
    ("method", "params", "named"),
    [
        (CATALOGUE, {}, "filter"),
        (CATALOGUE, {"filter": {}, "maxResults": "10"}, "maxResults"),
        (CATALOGUE, {"filter": {}, "maxResults": 10, "colour": "red"}, "colour"),
        (CATALOGUE, {"filter": {"marketStartTime": {"from": "soon"}}, "maxResults": 10}, "marketStartTime.from"),
        ("SportsAPING/v1.0/listCurrentOrders", {"placedDateRange": {"to": "late"}}, "placedDateRange.to"),
        (
            "SportsAPING/v1.0/listClearedOrders",
            {"betStatus": "SETTLED", "settledDateRange": {"to": 7}},
            "settledDateRange",
        ),
        ("SportsAPING/v1.0/listNothing", {}, "listNothing"),
        *(
            ("SportsAPING/v1.0/listMarketBook", {"marketIds": ["1.1"], "priceProjection": projection}, named)
            for projection, named in (
                ({"exBestOffersOverrides": {"bestPricesDepth": 0}}, "exBestOffersOverrides.bestPricesDepth is 0"),
                ({"exBestOffersOverrides": {"rollupModel": "PAYOUT"}}, "rollupModel PAYOUT"),
                ({"rolloverStakes": True}, "priceProjection.rolloverStakes"),
            )
        ),
        *(
            (
                "SportsAPING/v1.0/placeOrders",
                {"marketId": "1.1", "instructions": [limit(1, "BACK", 2, 2)], "customerRef": reference},
                named,
            )
            for reference, named in (("x" * 33, "customerRef has 33 characters"), ("a\nb", "cannot be printed"))
        ),
        ("SportsAPING/v1.0/listRunnerBook", {"marketId": "1.1", "selectionId": 9}, "selectionId"),
        ("SportsAPING/v1.0/listCurrentOrders", {"orderBy": "BY_VOID_TIME"}, "orderBy"),
    ],
)
def test_whoever_reads_the_answer_learns_which_parameter_is_wrong(
    ann: Program, method: str, params: Any, named: str
) -> None:
    error = ann.call(method, params)["error"]
    assert error["message"].startswith(("DSC", "ANGX-0002"))
    assert named in error["data"][error["data"]["exceptionname"]]["errorDetails"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b'{"id": 1, "id": 2}', b"[" * 100_000])
def test_what_is_not_json_is_refused(floor: Floor, body: bytes) -> None:
    answer = httpx2.post(floor.server.url + BETTING, content=body, headers={"X-Application": "any"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (200, "DSC-0008")


@pytest.mark.parametrize("body", [7, "text", None, {}, [], [1], [[]], {"method": 5}])
def test_what_is_no_call_is_refused(ann: Program, body: Any) -> None:
    answer = ann.post(BETTING, body)
    assert answer.status_code == 200
    told = answer.json()
    assert "error" in (told[0] if isinstance(told, list) else told)


def test_a_body_of_ten_megabytes_is_refused_without_being_read(ann: Program) -> None:
    content = json.dumps({"method": CATALOGUE, "params": {"filter": {"textQuery": "x" * 10_000_000}}}).encode()
    headers = {"X-Application": "any", "X-Authentication": ann.key}
    answer = httpx2.post(ann.url + BETTING, content=content, headers=headers, timeout=60)
    assert (answer.status_code, code_of(answer.json())) == (200, "REQUEST_SIZE_EXCEEDS_LIMIT")


def test_a_list_is_answered_call_by_call_and_one_of_a_thousand_not_at_all(ann: Program) -> None:
    calls: list[Any] = [
        {"jsonrpc": "2.0", "method": CATALOGUE, "params": {"filter": {}, "maxResults": most}, "id": most}
        for most in (1, 0, 2)
    ]
    first, second, third = ann.post(BETTING, calls).json()
    assert (first["id"], third["id"], code_of(second)) == (1, 2, "TOO_MUCH_DATA")
    assert len(third["result"]) <= 2
    many = ann.post(BETTING, calls[:1] * 1000)
    assert (many.status_code, code_of(many.json())) == (200, "REQUEST_SIZE_EXCEEDS_LIMIT")


def test_rest_answers_the_result_alone_and_faults_as_betfair_does(ann: Program) -> None:
    rest = "/exchange/betting/rest/v1.0/listEventTypes/"
    assert isinstance(ann.post(rest, {"filter": {}}).json(), list)
    failed = ann.post(rest, {"filter": {}}, **{"X-Authentication": "stale"})
    assert (failed.status_code, failed.json()["faultcode"], failed.json()["faultstring"]) == (
        400,
        "Client",
        "ANGX-0003",
    )
    assert failed.json()["detail"]["APINGException"]["errorCode"] == "INVALID_SESSION_INFORMATION"
    nothing = ann.post("/exchange/betting/rest/v1.0/listNothing/", {})
    assert (nothing.status_code, nothing.json()["faultstring"]) == (404, "DSC-0021")
    funds = ann.post("/exchange/account/rest/v1.0/getAccountFunds/", {})
    assert "availableToBetBalance" in funds.json()


def test_the_operation_can_stand_in_the_address_and_ids_may_be_missing(ann: Program) -> None:
    answer = ann.post(f"{BETTING}/SportsAPING/v1.0/listEventTypes", {"params": {"filter": {}}})
    assert isinstance(answer.json()["result"], list)


def test_a_key_that_acts_for_nobody_cannot_bet(floor: Floor, ann: Program) -> None:
    desk = Program("desk", floor.server.key, floor.server.url, "")
    assert "result" in desk.call(CATALOGUE, {"filter": {}, "maxResults": 1})
    assert call(desk, "SportsAPING/v1.0/listCurrentOrders", {}) == "ACCESS_DENIED"


@pytest.mark.parametrize("path", ["/api/nothing", "/exchange/scores/json-rpc/v1", "/exchange/betting/rest/v1.0/a/b"])
def test_other_addresses_of_betfairs_are_not_here(floor: Floor, path: str) -> None:
    assert httpx2.post(floor.server.url + path, json={}).status_code == 404


@pytest.mark.parametrize(
    ("method", "params", "headers", "message", "code"),
    [
        (CATALOGUE, {"filter": {}, "maxResults": 0}, {}, "ANGX-0001", "TOO_MUCH_DATA"),
        ("SportsAPING/v1.0/listCurrentOrders", {"fromRecord": -1}, {}, "ANGX-0002", "INVALID_INPUT_DATA"),
        (CATALOGUE, {}, {"X-Authentication": "stale"}, "ANGX-0003", "INVALID_SESSION_INFORMATION"),
        (CATALOGUE, {}, {"X-Application": ""}, "ANGX-0004", "NO_APP_KEY"),
        (CATALOGUE, {}, {"X-Authentication": ""}, "ANGX-0005", "NO_SESSION"),
        (
            "SportsAPING/v1.0/listCurrentOrders",
            {"betIds": ["1"] * 251},
            {},
            "ANGX-0014",
            "REQUEST_SIZE_EXCEEDS_LIMIT",
        ),
        ("AccountAPING/v1.0/getAccountStatement", {"recordCount": 101}, {}, "AANGX-0001", "INVALID_INPUT_DATA"),
        (
            "AccountAPING/v1.0/getAccountFunds",
            {},
            {"X-Authentication": "stale"},
            "AANGX-0002",
            "INVALID_SESSION_INFORMATION",
        ),
        ("AccountAPING/v1.0/getAccountFunds", {}, {"X-Authentication": ""}, "AANGX-0010", "NO_SESSION"),
        ("AccountAPING/v1.0/getAccountFunds", {}, {"X-Application": ""}, "AANGX-0011", "NO_APP_KEY"),
        (
            "AccountAPING/v1.0/transferFunds",
            {"from": "UK", "to": "AUSTRALIAN", "amount": 1},
            {},
            "AANGX-0016",
            "WALLET_TRANSFER_ERROR",
        ),
        ("HeartbeatAPING/v1.0/heartbeat", {"preferredTimeoutSeconds": -1}, {}, "HBT-0001", "INVALID_INPUT_DATA"),
        ("HeartbeatAPING/v1.0/heartbeat", {}, {"X-Application": ""}, "HBT-0003", "NO_APP_KEY"),
    ],
)
def test_every_error_has_the_number_of_betfairs_definition(
    ann: Program, method: str, params: Any, headers: dict[str, str], message: str, code: str
) -> None:
    answer = ann.call(method, params, **headers)
    assert (answer["error"]["message"], code_of(answer)) == (message, code)


def test_whatever_can_go_wrong_has_a_code_in_every_family() -> None:
    for family in (BETTING_ERRORS, ACCOUNT_ERRORS, HEARTBEAT_ERRORS):
        for code in ("ACCESS_DENIED", "REQUEST_SIZE_EXCEEDS_LIMIT", "SERVICE_BUSY", "TIMEOUT_ERROR", "NO_SESSION"):
            assert family.message_of(ApiError(code)).startswith(family.prefix)
        for code in ("TOO_MANY_REQUESTS", "UNEXPECTED_ERROR", "INVALID_SESSION_INFORMATION", "NO_APP_KEY"):
            assert family.message_of(ApiError(code)).startswith(family.prefix)
