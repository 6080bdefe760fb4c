"""`evens watch` and a naive client of the stream compose the same market from the same messages."""

import pytest

from evens.core.commands.exchange import SuspendMarket
from evens.edges.cli.api import Document
from evens.edges.cli.exchange.market_feed import MarketCopy as CommandCopy
from tests.stream.client import Client, MarketCopy
from tests.stream.conftest import StreamServer
from tests.stream.trading import Trading

pytestmark = pytest.mark.anyio

BEST = 3
FIGURES = ("status", "last_odds", "matched", "reduction_bps")


async def _follow(client: Client, naive: MarketCopy, copy: CommandCopy, seq: int) -> None:
    """Apply the same messages to both copies up to ``seq``, and compare them after each."""
    while naive.seq < seq:
        message = await client.receive()
        assert copy.follows(message)
        copy.take(message)
        naive.take(message)
        _compare(naive, copy)


def _compare(naive: MarketCopy, copy: CommandCopy) -> None:
    view = copy.view()
    assert copy.seq == naive.seq
    assert view.market["status"] == naive.market["status"]
    assert [trade["id"] for trade in view.trades] == [trade["id"] for trade in reversed(naive.trades)][:100]
    for runner in view.market["runners"]:
        twin = naive.runners[runner["id"]]
        assert {name: runner[name] for name in FIGURES} == {name: twin[name] for name in FIGURES}
        to_back, to_lay = naive.book()[runner["id"]]
        assert _pairs(runner["to_back"]) == to_back[:BEST]
        assert _pairs(runner["to_lay"]) == to_lay[:BEST]


def _pairs(levels: list[Document]) -> list[tuple[str, str]]:
    return [(level["odds"], level["size"]) for level in levels]


@pytest.mark.parametrize("seed", range(3))
async def test_both_compose_the_same_market_from_random_trading(streaming: StreamServer, seed: int) -> None:
    market = await streaming.market()
    trading = Trading(streaming, market, await streaming.customers(3), seed)
    await trading.go_on(40)
    async with streaming.connected() as client:
        await client.request("subscribe", channel="market", id=f"mkt_{market}")
        naive = MarketCopy(client)
        snapshot = await client.receive()
        copy = CommandCopy(snapshot, ())
        naive.take(snapshot)
        _compare(naive, copy)
        await trading.go_on(80)
        last = await streaming.book(SuspendMarket(market))
        await _follow(client, naive, copy, last.seq)
    assert naive.deltas > 1
    assert naive.trades
    assert naive.market["status"] == "suspended"
