"""Markets as anybody sees them: their terms, prices, book, trades and candles."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from evens.core.commands.exchange import PlaceOrder, SettleMarket, TurnInPlay
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.receipts import Receipt
from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId
from evens.core.values.public_ids import parse_market_id
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, CY, MARKET, change, items, open_market, place
from tests.edges.wallets.test_transactions import walk


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """Another customer with 100.00 USD."""
    return await house.customer("bob", USD=100_00)


async def show(caller: Caller, market: str) -> dict[str, Any]:
    return (await caller.get(f"/v1/exchange/markets/{market}")).json()


async def test_a_new_market_has_the_houses_usual_terms(operator: Caller, ada: Caller) -> None:
    answer = await operator.post("/v1/exchange/markets", MARKET)
    told = answer.json()
    assert answer.status_code == 201
    assert told == await show(ada, told["id"])
    assert told.pop("id").startswith("mkt_")
    assert told.pop("created_at").endswith("Z")
    assert told.pop("ladder_bands")[0] == {"up_to": "2.00", "step": "0.01"}
    runner: dict[str, Any] = {"status": "active", "reduction_bps": None, "to_back": [], "to_lay": [], "last_odds": None}
    assert told == {
        "name": "Match odds",
        "event": None,
        "currency": "USD",
        "starts_at": "2026-11-20T19:30:00Z",
        "winners": 1,
        "winners_min": 1,
        "commission_bps": 500,
        "ladder": "classic",
        "min_stake": "1.00",
        "cover_removals": False,
        "cross_matching": False,
        "bet_delay_seconds": 0,
        **dict.fromkeys(("event_type", "competition", "country", "venue", "market_type")),
        "status": "open",
        "working": False,
        "version": 1,
        "in_play_since": None,
        "settled_at": None,
        "runners": [
            {"id": number, "name": name, "matched": "0.00", **runner}
            for number, name in ((ANN, "Ann"), (BO, "Bo"), (CY, "Cy"))
        ],
    }


async def test_a_market_can_have_terms_of_its_own(operator: Caller) -> None:
    terms = {
        "event": "ann-bo-2026",
        "currency": "EUR",
        "winners": 3,
        "winners_min": 0,
        "cover_removals": True,
        "commission_bps": 0,
        "ladder": "finest",
        "min_stake": "0.01",
        "bet_delay_seconds": 5,
    }
    told = await show(operator, await open_market(operator, **terms, starts_at="2026-11-20T20:30:00+01:00"))
    assert {name: told[name] for name in terms} == terms
    assert told["starts_at"] == "2026-11-20T19:30:00Z"
    assert told["ladder_bands"] == [{"up_to": "1000.00", "step": "0.01"}]


async def test_the_usual_least_stake_is_scaled_to_the_currency(operator: Caller) -> None:
    assert (await show(operator, await open_market(operator, currency="USDC")))["min_stake"] == "1.000000"


async def test_a_market_shows_the_best_prices_last_odds_and_volume(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await open_market(operator)
    for odds in ("2.00", "2.20", "2.10", "1.90"):
        await place(bob, market, "lay", odds, "2.00")
    for odds in ("3.00", "2.50"):
        await place(ada, market, "back", odds, "3.00")
    await place(ada, market, "back", "2.20", "1.50")
    ann, bo, _ = (await show(ada, market))["runners"]
    assert ann["to_back"] == [
        {"odds": "2.20", "size": "0.50"},
        {"odds": "2.10", "size": "2.00"},
        {"odds": "2.00", "size": "2.00"},
    ]
    assert ann["to_lay"] == [{"odds": "2.50", "size": "3.00"}, {"odds": "3.00", "size": "3.00"}]
    assert (ann["last_odds"], ann["matched"]) == ("2.20", "1.50")
    assert (bo["to_back"], bo["last_odds"], bo["matched"]) == ([], None, "0.00")
    assert (await items(ada, "/v1/exchange/markets"))[0] == await show(ada, market)


async def test_the_book_is_as_deep_as_asked_for(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await open_market(operator)
    for odds in ("2.00", "2.10", "2.10", "1.90"):
        await place(bob, market, "lay", odds, "2.00")
    await place(ada, market, "back", "3.00", "3.00", BO)
    book = (await ada.get(f"/v1/exchange/markets/{market}/book", depth="2")).json()
    assert (book["market_id"], book["at"][-1], book["seq"] > 0) == (market, "Z", True)
    assert book["runners"] == [
        {
            "runner_id": ANN,
            "name": "Ann",
            "to_back": [
                {"odds": "2.10", "size": "4.00", "orders": 2},
                {"odds": "2.00", "size": "2.00", "orders": 1},
            ],
            "to_lay": [],
        },
        {"runner_id": BO, "name": "Bo", "to_back": [], "to_lay": [{"odds": "3.00", "size": "3.00", "orders": 1}]},
        {"runner_id": CY, "name": "Cy", "to_back": [], "to_lay": []},
    ]
    whole = (await ada.get(f"/v1/exchange/markets/{market}/book")).json()
    assert [level["odds"] for level in whole["runners"][0]["to_back"]] == ["2.10", "2.00", "1.90"]


async def trade(ada: Caller, bob: Caller, market: str, odds: str, stake: str, runner: str = ANN) -> None:
    await place(bob, market, "lay", odds, stake, runner)
    await place(ada, market, "back", odds, stake, runner)


async def test_trades_are_listed_newest_first_and_tell_nobodys_name(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await open_market(operator)
    for odds, runner in (("2.00", ANN), ("3.00", BO), ("2.10", ANN)):
        await trade(ada, bob, market, odds, "1.00", runner)
    path = f"/v1/exchange/markets/{market}/trades"
    listed = await walk(ada, path, limit=2)
    assert [(each["odds"], each["runner_id"]) for each in listed] == [("2.10", ANN), ("3.00", BO), ("2.00", ANN)]
    newest = listed[0]
    assert newest.pop("id").startswith("trd_")
    assert newest.pop("at").endswith("Z")
    assert newest.pop("order_id").startswith("ord_"), "ada's own order: she is a party"
    assert newest == {"market_id": market, "runner_id": ANN, "odds": "2.10", "size": "1.00", "taker_side": "back"}
    assert [each["odds"] for each in await items(ada, path, runner=ANN)] == ["2.10", "2.00"]


async def test_candles_tell_a_stretch_of_trading_in_brief(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await open_market(operator)
    for odds in ("2.00", "2.40", "1.80", "2.10"):
        await trade(ada, bob, market, odds, "1.00")
    path = f"/v1/exchange/markets/{market}/candles"
    candles = await items(ada, path, runner=ANN, interval="1d")
    # A day can end in between.
    assert 1 <= len(candles) <= 2
    assert (candles[-1]["open"], candles[0]["close"]) == ("2.00", "2.10")
    assert max(each["high"] for each in candles) == "2.40"
    assert min(each["low"] for each in candles) == "1.80"
    assert sum(each["trades"] for each in candles) == 4
    assert {each["opens_at"][10:] for each in candles} == {"T00:00:00Z"}
    finer = await walk(ada, path, runner=ANN, interval="10s", limit=1)
    assert sum(Decimal(each["volume"]) for each in finer) == 4
    assert await items(ada, path, runner=BO, interval="1d") == []
    assert await items(ada, path, runner=ANN, interval="1d", to="2020-01-01T00:00:00Z") == []
    assert len(await items(ada, path, runner=ANN, interval="1d", **{"from": "2020-01-01T00:00:00Z"})) == len(candles)


async def test_markets_are_listed_by_status_and_event_a_page_at_a_time(operator: Caller, ada: Caller) -> None:
    markets = [await open_market(operator, event=f"e{number % 2}") for number in range(5)]
    await change(operator, markets[3], "suspend")
    newest_first = markets[::-1]
    assert [each["id"] for each in await walk(ada, "/v1/exchange/markets", limit=2)] == newest_first
    assert [each["id"] for each in await items(ada, "/v1/exchange/markets", status="suspended")] == [markets[3]]
    found = await items(ada, "/v1/exchange/markets", status="open", event="e1")
    assert [each["id"] for each in found] == [markets[1]]


async def test_a_change_tells_how_it_left_the_market(operator: Caller) -> None:
    market = await open_market(operator)
    told = (await operator.post(f"/v1/exchange/markets/{market}/suspend")).json()
    assert (told["id"], told["status"], told["working"], told["version"]) == (market, "suspended", False, 2)
    assert told["runners"] == [{"id": ANN, "name": "Ann"}, {"id": BO, "name": "Bo"}, {"id": CY, "name": "Cy"}]
    told = (await operator.post(f"/v1/exchange/markets/{market}/settle", {"winners": [ANN]})).json()
    assert (told["status"], told["working"], told["version"]) == ("closed", True, None)


async def test_a_market_that_is_at_work_takes_no_orders(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    market = parse_market_id(await open_market(operator))
    assert market is not None
    assert ada.customer is not None
    # Next to each other in the inbox, so that the market's work cannot be done in between.
    commands = [
        TurnInPlay(market),
        PlaceOrder(ada.customer, market, RunnerId(1), Side.BACK, 200, 1_00),
    ]
    answers = house.services.gateway.submit_all([(bytes([n] * 16), each) for n, each in enumerate(commands)], actor="x")
    presented = [await house.services.presenter.present((await answer)[0]) for answer in answers]
    assert (presented[0].status, presented[0].body.working) == (200, True)
    assert (presented[1].status, presented[1].body["code"]) == (409, "market_busy")


async def test_what_is_asked_of_a_market_that_the_house_has_let_go_of_is_refused_as_such(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    market = parse_market_id(await open_market(operator))
    assert market is not None
    assert ada.customer is not None
    for command in (
        SettleMarket(market, (RunnerId(1),), correction=True),
        PlaceOrder(ada.customer, market, RunnerId(1), Side.BACK, 200, 1),
    ):
        receipt = Receipt(99, 99, bytes(16), "x", command, (Rejected(ExchangeReason.MARKET_UNKNOWN),))
        presented = await house.services.presenter.present(receipt)
        assert (presented.status, presented.body["code"]) == (409, "market_archived")


@pytest.mark.parametrize(
    ("deed", "body", "words", "ends_as"),
    [
        ("in-play", None, "Orders that do not persist are being taken back.", "in_play"),
        ("close", None, "What is unmatched is being taken back.", "closed"),
        ("runners/1/remove", {"reduction_bps": 0}, "Bets on the runner are being made void", "suspended"),
        (
            "settle",
            {"winners": [BO]},
            "Its bets are being settled, a part at a time. The market is `settled`",
            "settled",
        ),
        ("void", None, "Its bets are being undone, a part at a time. The market is `void`", "void"),
    ],
)
async def test_what_goes_on_after_the_answer_is_said_and_where_to_follow_it(
    operator: Caller, ada: Caller, deed: str, body: Any, words: str, ends_as: str
) -> None:
    """Hold 25: `settle` and `void`, and whatever else is done in parts, say what is coming and where to follow it."""
    market = await open_market(operator)
    await place(ada, market, "back", "2.00", "1.00")
    answer = (await operator.post(f"/v1/exchange/markets/{market}/{deed}", body, key="k")).json()
    assert answer["working"]
    assert answer["coming"].startswith(words)
    assert answer["follow"] == f"/v1/exchange/markets/{market}"
    async with asyncio.timeout(30):
        while (followed := (await operator.get(answer["follow"])).json())["working"]:
            pass
    assert followed["status"] == ends_as
    again = await operator.post(f"/v1/exchange/markets/{market}/{deed}", body, key="k")
    assert again.json() == answer


async def test_where_nothing_goes_on_nothing_is_said_to(operator: Caller) -> None:
    market = await open_market(operator)
    for deed in ("suspend", "resume"):
        answer = (await operator.post(f"/v1/exchange/markets/{market}/{deed}")).json()
        assert (answer["working"], answer["coming"], answer["follow"]) == (False, None, None)


async def test_a_market_says_what_it_is_about(operator: Caller, ada: Caller) -> None:
    about = {
        "event_type": "Horse Racing",
        "competition": "Winter Cup",
        "country": "GB",
        "venue": "Ascot",
        "market_type": "WIN",
    }
    body = {"name": "Winner", "starts_at": "2030-01-01T12:00:00Z", "runners": [{"name": "Ann"}, {"name": "Bo"}]}
    made = (await operator.post("/v1/exchange/markets", body | about)).json()
    assert {name: made[name] for name in about} == about
    shown = (await ada.get(f"/v1/exchange/markets/{made['id']}")).json()
    assert {name: shown[name] for name in about} == about
    for name, wrong in (("country", "gb"), ("market_type", "match odds"), ("venue", "")):
        refused = await operator.post("/v1/exchange/markets", body | {name: wrong})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, name)
