"""When clients are sent something: what changed in the round of the picture, and all rounds leave time for others."""

import pytest

from evens.core.commands.exchange import PlaceOrder
from evens.core.values.betting import Side
from evens.core.values.ids import RunnerId
from evens.edges.betfair.stream import stream
from evens.edges.stream import broadcaster
from evens.edges.stream.broadcaster import pause_after
from tests.betfair.stream.conftest import BetfairServer


@pytest.mark.anyio
async def test_changes_are_sent_in_the_round_of_their_picture(
    betfair: BetfairServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, (ann,) = await betfair.house.market(), await betfair.house.customers(1)

    def for_ever(_began: float) -> float:
        return 3600

    async with betfair.connected(await betfair.session()) as client:
        # From the next round of them on, what is sent besides pictures is not sent any more.
        monkeypatch.setattr(stream, "pause_after", for_ever)
        await client.follow(marketFilter={"marketIds": [f"1.{market}"]})
        for odds in (250, 240):
            await betfair.house.book(PlaceOrder(ann, market, RunnerId(1), Side.LAY, odds, 1_000))
            (entry,) = (await client.next_change())["mc"]
            assert entry["rc"][0]["atb"] == [[odds / 100, 10.0]]


@pytest.mark.parametrize(("took_s", "expected_s"), [(0.02, 0.05), (0.07, 0.07), (5, 0.1)])
def test_a_long_round_is_followed_by_a_pause_as_long_but_not_for_too_long(
    monkeypatch: pytest.MonkeyPatch, took_s: float, expected_s: float
) -> None:
    monkeypatch.setattr(broadcaster, "thread_time", lambda: 100 + took_s)
    assert pause_after(100, 0.05) == pytest.approx(expected_s)
