"""The leaderboard channel: places change when records do, and when users choose not to be listed."""

import pytest

from evens.core.commands.exchange import PlaceOrder, SettleMarket
from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId
from tests.stream.conftest import StreamServer, id_of

pytestmark = pytest.mark.anyio

BOARD = "week/profit/all/USD"


async def test_a_board_begins_whole_and_goes_on_with_the_places_that_change(streaming: StreamServer) -> None:
    market = await streaming.market()
    ada, bob = await streaming.customer("ada"), await streaming.customer("bob")
    async with streaming.connected() as client, streaming.connected() as other:
        for each in (client, other):
            await each.request("subscribe", channel="leaderboard", id=BOARD)
        snapshot = await client.receive()
        assert (snapshot["type"], snapshot["id"], snapshot["items"]) == ("snapshot", BOARD, [])
        assert (snapshot["currency"], snapshot["minimum"]["bets"] > 0) == ("USD", True)
        assert await other.receive() == snapshot

        await streaming.book(PlaceOrder(id_of(ada), market, RunnerId(1), Side.LAY, 300, 10_00))
        await streaming.book(PlaceOrder(id_of(bob), market, RunnerId(1), Side.BACK, 300, 10_00))
        await streaming.book(SettleMarket(market, (RunnerId(1),)))
        places: dict[str, tuple[int, str]] = {}
        seq = snapshot["seq"]
        while len(places) < 2:
            delta = await client.receive()
            assert await other.receive() == delta
            assert (delta["type"], delta["prev_seq"], delta["gone"]) == ("delta", seq, [])
            seq = delta["seq"]
            places |= {each["username"]: (each["rank"], each["profit"]) for each in delta["items"]}
        assert places == {"bob": (1, "20.00"), "ada": (2, "-20.00")}
        asked = (await bob.get("/v1/leaderboard", period="week")).json()["items"]
        assert {each["username"]: (each["rank"], each["profit"]) for each in asked} == places

        assert (await bob.patch("/v1/me/profile", {"listed": False})).status_code == 200
        delta = await client.receive()
        assert (delta["prev_seq"], delta["gone"]) == (seq, ["bob"])
        assert [(each["username"], each["rank"]) for each in delta["items"]] == [("ada", 1)]

        async with streaming.connected() as late:
            await late.request("subscribe", channel="leaderboard", id=BOARD)
            assert [each["username"] for each in (await late.receive())["items"]] == ["ada"]


@pytest.mark.parametrize(
    "board",
    ["week", "week/profit/all", "year/profit/all/USD", "week/luck/all/USD", "week/profit/chess/USD", "week/roi/all/X"],
)
async def test_an_id_that_names_no_board_is_refused_with_what_it_takes(streaming: StreamServer, board: str) -> None:
    async with streaming.connected() as client:
        await client.request("subscribe", channel="leaderboard", id=board)
        refused = await client.receive()
        assert (refused["code"], refused["field"]) == ("field_invalid", "id")
        assert "week/profit/all/USD" in refused["detail"]


async def test_a_board_has_to_be_named(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        await client.request("subscribe", channel="leaderboard")
        assert (await client.receive())["code"] == "field_missing"
