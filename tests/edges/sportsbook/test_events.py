"""Events, and what operators do to them and to the house's own money, by the real application on a real database."""

import asyncio
import time

import pytest

from evens.core.commands.fixed_odds import DeclareResults
from evens.core.values.fixed_odds import LegResult, LineMarket, LineSelection, SelectionResult
from evens.core.values.moments import format_time
from evens.edges.http.protocol.recent import RecentPages
from evens.identity.principal import Role
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, items, wallet
from tests.edges.sportsbook.counter import (
    HOUR_NS,
    MATCH,
    ONE,
    fund,
    over,
    place,
    publish,
    refused,
    settle,
    single,
)

EVENTS = "/v1/sportsbook/events"


async def test_an_event_is_shown_as_its_provider_published_it(house: OpenHouse, ada: Caller) -> None:
    deadline = time.time_ns() + HOUR_NS
    await publish(house, "m1", MATCH, title="Ann v Bo", sport="tennis", deadline=deadline)
    await publish(house, "m2", ONE)
    found = (await ada.get(f"{EVENTS}/m1")).json()
    assert found["as_of"] is not None
    del found["as_of"]
    odds = {"home": ("Ann", "2.50"), "draw": ("Draw", "3.00"), "away": ("Bo", "4.00")}
    assert found == {
        "id": "m1",
        "title": "Ann v Bo",
        "sport": "tennis",
        "competition": None,
        "starts_at": None,
        "deadline": format_time(deadline),
        "status": "new",
        "suspended": False,
        "coefficient": None,
        "markets": [
            {
                "key": "main",
                "name": "Match odds",
                "status": "open",
                "selections": [
                    {"key": key, "name": name, "odds": each, "status": "open", "result": None, "dead_heat": None}
                    for key, (name, each) in odds.items()
                ],
            }
        ],
        "version": 1,
        "stale": False,
    }
    assert (await ada.get(f"{EVENTS}/m2")).json()["coefficient"] == "2.00"


async def test_active_events_are_those_that_one_can_bet_on(house: OpenHouse, ada: Caller) -> None:
    await publish(house, "m1", ONE, sport="tennis", title="Ann v Bo")
    await publish(house, "m2", ONE, sport="chess")
    await publish(house, "late", ONE, deadline=time.time_ns() - 1)
    await publish(house, "stopped", ONE, suspended=True)
    assert [event["id"] for event in await items(ada, EVENTS)] == ["m2", "m1"]
    assert [event["id"] for event in await items(ada, EVENTS, status="all")] == ["stopped", "late", "m2", "m1"]
    assert [event["id"] for event in await items(ada, EVENTS, sport="Tennis")] == ["m1"]
    assert [event["id"] for event in await items(ada, EVENTS, q="ann v")] == ["m1"]
    page = (await ada.get(EVENTS, limit=1)).json()
    assert [event["id"] for event in page["items"]] == ["m2"]
    assert [event["id"] for event in await items(ada, EVENTS, limit=1, after=page["next"])] == ["m1"]
    assert (await ada.get(EVENTS, status="closed")).status_code == 422


@pytest.mark.parametrize("key", ["3f0e8a52-0000-4000-8000-000000000001", "a:b", "cup/final 1"])
async def test_any_string_names_an_event(house: OpenHouse, operator: Caller, key: str) -> None:
    await publish(house, key, ONE)
    path = f"{EVENTS}/{key.replace('/', '%2F').replace(' ', '%20')}"
    assert (await operator.get(path)).json()["id"] == key
    assert (await operator.post(f"{path}/suspend")).json() == {
        "id": key,
        "status": None,
        "held": True,
        "decided": None,
        "reopened": None,
        "cancelled": None,
        "restored": None,
        "coming": None,
    }


async def test_nobody_bets_on_what_an_operator_has_suspended(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    assert (await operator.post(f"{EVENTS}/m1/suspend")).json()["held"] is True
    again = await operator.post(f"{EVENTS}/m1/suspend")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changes")
    assert "order" not in again.json()["detail"]
    assert (await ada.get(f"{EVENTS}/m1")).json()["suspended"] is True
    assert await refused(ada, single("m1")) == (409, "event_suspended")
    assert (await operator.post(f"{EVENTS}/m1/resume")).json()["held"] is False
    await place(ada, single("m1"))
    assert (await operator.post(f"{EVENTS}/nothing/resume")).status_code == 404


async def test_a_void_event_gives_stakes_back(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    bet = await place(ada, single("m1"))
    said = (await operator.post(f"{EVENTS}/m1/void")).json()
    assert (said["status"], said["decided"]) == ("void", ["main"])
    assert (await over(ada, bet["id"]))["status"] == "void"
    assert await wallet(ada) == ("100.00", "0.00")
    event = (await ada.get(f"{EVENTS}/m1")).json()
    assert (event["status"], event["markets"][0]["status"]) == ("void", "void")
    await check_books(house)


async def test_a_dead_heat_pays_on_the_part_that_wins(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", LineMarket("main", "Top", (LineSelection("a", "A", 200), LineSelection("b", "B", 200))))
    bet = await place(ada, single("m1", selection="a"))
    tied = [{"selection": each, "result": "won", "dead_heat": "1/2"} for each in "ab"]
    answer = await operator.post(f"{EVENTS}/m1/settle", {"results": tied})
    assert answer.status_code == 200, answer.text
    paid = await over(ada, bet["id"])
    assert (paid["status"], paid["payout"], paid["legs"][0]["dead_heat"]) == ("won", "10.00", "1/2")
    shown = (await ada.get(f"{EVENTS}/m1")).json()["markets"][0]["selections"][0]
    assert (shown["result"], shown["dead_heat"]) == ("won", "1/2")


@pytest.mark.parametrize(
    ("results", "field"),
    [
        ([], "results"),
        ([{"selection": "home", "result": "tied"}], "results[0].result"),
        ([{"selection": "home", "result": "won", "dead_heat": "2/1"}], "results[0].dead_heat"),
        ([{"selection": "home", "result": "lost", "dead_heat": "1/2"}], "results[0].dead_heat"),
        ([{"selection": "home", "result": "won"}, {"selection": "home", "result": "lost"}], "results[1].selection"),
    ],
)
async def test_wrong_results_are_422_and_named(
    house: OpenHouse, operator: Caller, results: list[object], field: str
) -> None:
    await publish(house, "m1", MATCH)
    answer = await operator.post(f"{EVENTS}/m1/settle", {"results": results})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_contradiction_is_listed_until_an_operator_decides(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    for key in ("m1", "m2"):
        await publish(house, key, MATCH)
    bet = await place(ada, single("m1", selection="away"))
    for key in ("m1", "m2"):
        await settle(operator, key, ("home", "won"))
    assert (await over(ada, bet["id"]))["status"] == "lost"
    for key in ("m1", "m2"):
        fixture = (await house.services.sportsbook.events.require(key)).id
        await house.stage.submit(DeclareResults(fixture, (SelectionResult("main", "away", LegResult.WON),)))
    newest, oldest = await items(operator, "/v1/sportsbook/conflicts")
    assert (newest["event_id"], oldest["event_id"]) == ("m2", "m1")
    assert [each["selection"] for each in (*oldest["stands"], *oldest["contradicts"])] == ["home", "away"]
    kept = await operator.post("/v1/sportsbook/conflicts/close", {"event_id": "m2"})
    assert kept.status_code == 200, kept.text
    await settle(operator, "m1", ("away", "won"), correction=True)
    assert await items(operator, "/v1/sportsbook/conflicts") == []
    async with asyncio.timeout(30):
        while (await ada.get(f"/v1/sportsbook/bets/{bet['id']}")).json()["status"] != "won":
            pass
    assert await wallet(ada) == ("130.00", "0.00")
    await check_books(house)


async def test_exposure_is_the_worst_case_and_offsetting_bets_free_it(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    await place(ada, single("m1"))
    (one,) = await items(operator, "/v1/sportsbook/exposure")
    assert (one["event_id"], one["bets"], one["staked"], one["worst_case"]) == ("m1", 1, "10.00", "15.00")
    assert (one["market"], one["market_name"]) == ("main", "Match odds")
    await place(ada, single("m1", selection="away"))
    (both,) = await items(operator, "/v1/sportsbook/exposure", event_id="m1")
    assert (both["bets"], both["worst_case"]) == (2, "20.00")
    shown = {each["selection"]: each["returns"] for each in both["selections"]}
    assert shown == {"home": "25.00", "away": "40.00"}
    balances = {each["currency"]: each for each in await items(operator, "/v1/house/balances")}
    assert (balances["USD"]["bank"], balances["USD"]["reserved"]) == ("9980.00", "20.00")


async def test_all_that_is_reserved_is_explained(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    for event in ("m1", "m2", "m3"):
        await publish(house, event, MATCH)
    await place(ada, single("m1"))
    both = [{"event_id": event, "selection": "home"} for event in ("m1", "m2")]
    await place(ada, {"legs": both, "amount": "2.00"})
    await place(ada, {"legs": [*both, {"event_id": "m3", "selection": "draw"}], "amount": "1.00"})
    found = (await operator.get("/v1/sportsbook/exposure")).json()
    # 2.00 at 6.25 win 10.50, 1.00 at 18.75 win 17.75; each counts in full with each of its events.
    shown = [(one["event_id"], one["bets"], one["staked"], one["worst_case"]) for one in found["accumulators"]]
    assert shown == [("m3", 1, "1.00", "17.75"), ("m2", 2, "3.00", "28.25"), ("m1", 2, "3.00", "28.25")]
    reserved = {"currency": "USD", "singles": "15.00", "accumulators": "28.25", "reserved": "43.25"}
    assert found["reserved"] == [reserved]
    balances = {each["currency"]: each for each in await items(operator, "/v1/house/balances")}
    assert balances["USD"]["reserved"] == "43.25"
    only = (await operator.get("/v1/sportsbook/exposure", event_id="m3")).json()
    assert only["items"] == []
    assert [one["event_id"] for one in only["accumulators"]] == ["m3"]
    assert [one["reserved"] for one in only["reserved"]] == ["17.75"]
    nothing = await operator.get("/v1/sportsbook/exposure", event_id="nothing")
    assert nothing.status_code == 404


async def test_the_owner_pays_in_and_out_of_the_bank(house: OpenHouse, operator: Caller) -> None:
    root = await house.someone(Role.ADMIN, "root")
    paid = await root.post("/v1/house/deposits", {"amount": "50.00", "reference": "seed"}, key="seed")
    assert paid.status_code == 201, paid.text
    moved = paid.json()
    assert (moved["kind"], moved["bank_after"], moved["reference"]) == ("deposit", "50.00", "seed")
    assert (await root.post("/v1/house/deposits", {"amount": "50.00", "reference": "seed"}, key="seed")).json() == moved
    short = await root.post("/v1/house/withdrawals", {"amount": "50.01"})
    assert (short.status_code, short.json()["code"], short.json()["available"]) == (402, "insufficient_funds", "50.00")
    out = (await root.post("/v1/house/withdrawals", {"amount": "20.00"})).json()
    assert (out["kind"], out["bank_after"]) == ("withdrawal", "30.00")
    assert (await root.post("/v1/house/deposits", {"amount": "1.001"})).json()["errors"][0]["field"] == "amount"
    assert (await operator.post("/v1/house/deposits", {"amount": "1.00"})).status_code == 403
    usd = next(each for each in await items(operator, "/v1/house/balances") if each["currency"] == "USD")
    assert usd == {
        "currency": "USD",
        "bank": "30.00",
        "reserved": "0.00",
        "fees": "0.00",
        "rounding": "0.00",
        "receivable": "0.00",
        "owed": "0.00",
    }
    await check_books(house)


async def test_a_page_is_worked_out_once_for_all_who_ask_at_once() -> None:
    now, made = 0.0, 0

    async def make() -> bytes:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        return b"%d" % made

    pages = RecentPages[str, bytes](lambda: now)
    assert await asyncio.gather(*[pages.get("first", make) for _ in range(5)]) == [b"1"] * 5
    now = 0.2
    assert await pages.get("first", make) == b"1"
    assert await pages.get("second", make) == b"2"
    now = 0.5
    assert await pages.get("first", make) == b"3"


async def test_events_are_found_by_the_beginnings_of_words(house: OpenHouse, ada: Caller) -> None:
    await publish(house, "m1", ONE, sport="football", title="Łódź – Bayern München", competition="Coupe d'Été")
    await publish(house, "m2", ONE, sport="tennis", title="Ann v Bo")
    await publish(house, "late", ONE, title="Bayern II", deadline=time.time_ns() - 1)
    for q, found in (("munch LOD", ["m1"]), ("ete", ["m1"]), ("foot bay", ["m1"]), ("ayern", []), ("tenn", ["m2"])):
        assert [event["id"] for event in await items(ada, EVENTS, q=q)] == found, q
    assert [event["id"] for event in await items(ada, EVENTS, q="bayern", status="all")] == ["late", "m1"]
    assert [event["id"] for event in await items(ada, EVENTS, q="bayern", status="all", sport="FOOTBALL")] == ["m1"]


async def test_sports_are_counted(house: OpenHouse, ada: Caller) -> None:
    await publish(house, "m1", ONE, sport="tennis")
    await publish(house, "m2", ONE, sport="Chess")
    await publish(house, "m3", ONE, sport="chess")
    await publish(house, "m4", ONE)
    await publish(house, "late", ONE, sport="golf", deadline=time.time_ns() - 1)
    found = {each["sport"]: each["events"] for each in await items(ada, "/v1/sportsbook/sports")}
    assert found == {"Chess": 2, "tennis": 1, None: 1}
