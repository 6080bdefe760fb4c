"""Wrong values and shapes: refused by the name of the field, whatever the exchange is asked."""

from typing import Any, Final

import pytest

from tests.edges.conftest import Caller
from tests.edges.exchange.floor import MARKET, items, open_market, order_of, place, wallet

ORDERS: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"odds": 2.5}, "odds"),
    ({"odds": 2}, "odds"),
    ({"odds": "2.555"}, "odds"),
    ({"odds": "1.00"}, "odds"),
    ({"odds": "1"}, "odds"),
    ({"odds": "1000.01"}, "odds"),
    ({"odds": "-2.00"}, "odds"),
    ({"odds": "2e0"}, "odds"),
    ({"odds": "NaN"}, "odds"),
    ({"odds": "2,50"}, "odds"),
    ({"odds": "3/2"}, "odds"),
    ({"odds": "٢.٥"}, "odds"),
    ({"odds": ""}, "odds"),
    ({"odds": None}, "odds"),
    ({"stake": 10}, "stake"),
    ({"stake": 10.5}, "stake"),
    ({"stake": "0.00"}, "stake"),
    ({"stake": "-1.00"}, "stake"),
    ({"stake": "1.001"}, "stake"),
    ({"stake": "1e3"}, "stake"),
    ({"stake": "Infinity"}, "stake"),
    ({"stake": str(2**63)}, "stake"),
    ({"stake": None}, "stake"),
    ({"side": "buy"}, "side"),
    ({"side": "BACK"}, "side"),
    ({"side": None}, "side"),
    ({"time_in_force": "ioc"}, "time_in_force"),
    ({"persistence": "keep"}, "persistence"),
    ({"min_fill": "1.00"}, "min_fill"),
    ({"min_fill": "0", "time_in_force": "fok"}, "min_fill"),
    ({"min_fill": 1, "time_in_force": "fok"}, "min_fill"),
    ({"market_version": 0}, "market_version"),
    ({"market_version": "1"}, "market_version"),
    ({"market_version": True}, "market_version"),
    ({"market_version": 1.0}, "market_version"),
    ({"client_ref": ""}, "client_ref"),
    ({"client_ref": "a\nb"}, "client_ref"),
    ({"client_ref": "x" * 501}, "client_ref"),
    ({"runner_id": 1}, "runner_id"),
    ({"market_id": 7}, "market_id"),
    ({"price": "2.00"}, "price"),
)

MARKETS: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"name": ""}, "name"),
    ({"runners": []}, "runners"),
    ({"runners": [{"name": "Ann"}]}, "runners"),
    ({"runners": [{"name": str(number)} for number in range(201)]}, "runners"),
    ({"runners": [{"name": "Ann"}, {"name": "Bo"}, {"name": "Ann"}]}, "runners[2].name"),
    ({"runners": [{"name": "Ann"}, {}]}, "runners[1].name"),
    ({"runners": ["Ann", "Bo"]}, "runners[0]"),
    ({"winners": 0}, "winners"),
    ({"winners": 3}, "winners"),
    ({"winners": "1"}, "winners"),
    ({"commission_bps": 10_001}, "commission_bps"),
    ({"commission_bps": -1}, "commission_bps"),
    ({"commission_bps": 2.5}, "commission_bps"),
    ({"ladder": "tens"}, "ladder"),
    ({"min_stake": "0"}, "min_stake"),
    ({"min_stake": "0.001"}, "min_stake"),
    ({"currency": "XXX"}, "currency"),
    ({"starts_at": "2026-11-20T19:30:00"}, "starts_at"),
    ({"starts_at": None}, "starts_at"),
    ({"bet_delay_seconds": 31}, "bet_delay_seconds"),
    ({"event": ""}, "event"),
    ({"sport": "tennis"}, "sport"),
)

DEEDS: Final[tuple[tuple[str, dict[str, Any], str], ...]] = (
    ("settle", {}, "winners"),
    ("settle", {"winners": [], "tied": [2]}, "tied[0]"),
    ("settle", {"winners": [1]}, "winners[0]"),
    ("settle", {"winners": ["1"], "dead_heat": "yes"}, "dead_heat"),
    ("settle", {"winners": ["1"], "resettle": True}, "resettle"),
    ("void", {"correction": 1}, "correction"),
    ("runners/1/remove", {}, "reduction_bps"),
    ("runners/1/remove", {"reduction_bps": 10_001}, "reduction_bps"),
)

QUESTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("markets?status=finished", "status"),
    ("markets?limit=0", "limit"),
    ("markets/{market}/book?depth=0", "depth"),
    ("markets/{market}/book?depth=1001", "depth"),
    ("markets/{market}/book?depth=+5", "depth"),
    ("markets/{market}/candles?runner=1&interval=2m", "interval"),
    ("markets/{market}/candles?runner=1", "interval"),
    ("markets/{market}/candles?interval=1m", "runner"),
    ("markets/{market}/candles?runner=1&interval=1m&from=yesterday", "from"),
    ("markets/{market}/trades?after=x", "after"),
    ("orders?status=open", "status"),
    ("orders?sort=odds", "sort"),
    ("positions?limit=201", "limit"),
)


@pytest.fixture
async def market(operator: Caller) -> str:
    """An open market of three runners."""
    return await open_market(operator)


def fields(answer: Any) -> list[str]:
    """Return which fields a refusal names; whatever else was answered instead is not among them."""
    return [error["field"] for error in answer.json()["errors"]] if answer.status_code == 422 else [answer.text]


async def test_a_wrong_value_in_an_order_is_refused_by_its_field(ada: Caller, market: str) -> None:
    right = order_of(market, "back", "2.00", "5.00")
    for wrong, field in ORDERS:
        assert fields(await ada.post("/v1/exchange/orders", {**right, **wrong})) == [field], wrong
    assert await wallet(ada) == ("100.00", "0.00")


async def test_what_an_order_cannot_do_without_is_asked_for(ada: Caller, market: str) -> None:
    right = order_of(market, "back", "2.00", "5.00")
    for missing in right:
        body = {field: value for field, value in right.items() if field != missing}
        assert fields(await ada.post("/v1/exchange/orders", body)) == [missing]


async def test_all_that_is_wrong_in_an_order_is_told_at_once(ada: Caller, market: str) -> None:
    answer = await ada.post("/v1/exchange/orders", order_of(market, "buy", "1.00", "5.00"))
    assert fields(answer) == ["side", "odds"]


async def test_a_wrong_value_in_a_market_is_refused_by_its_field(operator: Caller) -> None:
    for wrong, field in MARKETS:
        assert field in fields(await operator.post("/v1/exchange/markets", {**MARKET, **wrong})), wrong
    assert await items(operator, "/v1/exchange/markets") == []


async def test_a_wrong_value_in_an_operators_request_is_refused_by_its_field(operator: Caller, market: str) -> None:
    for deed, body, field in DEEDS:
        answer = await operator.post(f"/v1/exchange/markets/{market}/{deed}", body)
        assert fields(answer) == [field], (deed, body)


async def test_a_wrong_question_is_refused_by_its_parameter(ada: Caller, market: str) -> None:
    for path, field in QUESTIONS:
        assert fields(await ada.get(f"/v1/exchange/{path.format(market=market)}")) == [field], path


async def test_a_wrong_value_in_a_change_is_refused_by_its_field(ada: Caller, market: str) -> None:
    path = f"/v1/exchange/orders/{(await place(ada, market, 'back', '2.00', '5.00'))['id']}"
    for body, field in (({}, "odds"), ({"odds": 2}, "odds"), ({"stake": "0"}, "stake"), ({"side": "lay"}, "side")):
        assert fields(await ada.put(path, body)) == [field], body
    for amount in ("0", "0.00", "-1", "0.001", "1e1", ""):
        assert fields(await ada.delete(path, reduce_by=amount)) == ["reduce_by"], amount


async def test_a_wrong_discount_is_refused_by_its_field(operator: Caller, ada: Caller) -> None:
    for wrong in (-1, 10_001, "5", 2.5, None, True):
        answer = await operator.put(f"/v1/users/{ada.id}/commission-discount", {"discount_bps": wrong})
        assert fields(answer) == ["discount_bps"], wrong
