"""What a lobby and a trader's page read: markets by words, what was traded at each price, profits less commission."""

from typing import Any

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, CY, items, open_market, place

MARKETS = "/v1/exchange/markets"


async def test_markets_are_found_by_words(operator: Caller, ada: Caller) -> None:
    lodz = await open_market(operator, name="Winner", event="ŁKS Łódź – Bayern München")
    race = await open_market(operator, name="Grand Prix", runners=[{"name": "O'Brien"}, {"name": "Zoë"}])

    async def found(q: str, **more: str) -> list[str]:
        return [market["id"] for market in await items(ada, MARKETS, q=q, **more)]

    assert await found("munch LODZ") == [lodz]
    assert await found("wi") == [lodz]
    assert await found("zoe obrien") == []
    assert await found("ZOE o'bri") == [race]
    assert await found("prix", status="open") == [race]
    assert await found("prix", status="suspended") == []
    assert await found(" ") == [race, lodz]
    first = (await ada.get(MARKETS, q="r", limit=1)).json()
    assert (first["items"], first["next"]) == ([], None)


async def test_a_search_for_odd_characters_is_no_error(operator: Caller, ada: Caller) -> None:
    await open_market(operator)
    for q in ("'", "\\", "!&|<->:*()", "%", "\x01", "\x1b\x7f", "💥", "a" * 200, "\u202e", "ß", "\ufdfa" * 200, "':*"):
        for path in (MARKETS, "/v1/sportsbook/events", "/v1/pools", "/v1/pools/rounds", "/v1/challenges?public=true"):
            answer = (
                await ada.get(path, q=q) if "?" not in path else await ada.get("/v1/challenges", public="true", q=q)
            )
            assert answer.status_code == 200, (path, q, answer.text)
    long = await ada.get(MARKETS, q="a" * 201)
    assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "q")


async def test_what_was_traded_is_told_by_price(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    for odds, stake in (("3.00", "10.00"), ("2.00", "5.00"), ("3.00", "2.50")):
        await place(bob, market, "lay", odds, stake)
        await place(ada, market, "back", odds, stake)
    ann = {
        "runner_id": ANN,
        "name": "Ann",
        "matched": "17.50",
        "prices": [{"odds": "2.00", "size": "5.00"}, {"odds": "3.00", "size": "12.50"}],
    }
    bo: dict[str, Any] = {"runner_id": BO, "name": "Bo", "matched": "0.00", "prices": []}
    cy = {**bo, "runner_id": CY, "name": "Cy"}
    assert await items(ada, f"{MARKETS}/{market}/traded") == [ann, bo, cy]
    assert await items(ada, f"{MARKETS}/{market}/traded", runner=BO) == [bo]
    assert (await ada.get(f"{MARKETS}/{market}/traded", runner="9")).json()["code"] == "runner_unknown"


async def test_a_position_tells_what_is_left_after_commission(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")

    async def net(caller: Caller, **more: str) -> list[str]:
        (position,) = await items(caller, "/v1/exchange/positions", **more)
        return [runner["market_if_win_net"] for runner in position["runners"]]

    assert await net(ada) == ["19.00", "-10.00", "-10.00"]
    await operator.put(f"/v1/users/{ada.id}/commission-discount", {"discount_bps": 5_000})
    assert await net(ada) == ["19.50", "-10.00", "-10.00"]
    everybody = await items(operator, f"{MARKETS}/{market}/positions")
    nets = [each["runners"][0]["market_if_win_net"] for each in everybody]
    assert sorted(nets) == ["-20.00", "19.50"]
