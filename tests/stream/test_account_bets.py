"""An account's channel tells that bets with the house and in pools changed; the lists have them then as they are."""

import time

import pytest

from evens.core.commands.fixed_odds import DeclareResults, FundHouse, PlaceBet, PublishLine, WantedLeg
from evens.core.commands.pools import CreatePool, LockRound, OpenRound, PlacePoolBet, SettleRound
from evens.core.events.fixed_odds import LinePublished
from evens.core.values.fixed_odds import LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import FixtureId, PoolId, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from tests.edges.conftest import Caller
from tests.stream.client import Client, Message
from tests.stream.conftest import StreamServer, id_of

pytestmark = pytest.mark.anyio

HOUR_NS = 3600 * 10**9
FAR = 4 * 10**18


async def _follow(client: Client, who: Caller) -> None:
    await client.authenticate(who.bearer)
    await client.request("subscribe", channel="account")
    assert (await client.receive())["type"] == "snapshot"


async def _told(client: Client) -> Message:
    """Return the next message about bets; the house books a result in parts, of which not each concerns everybody."""
    while "changed" not in (message := await client.receive()):
        pass
    return message


async def _match(streaming: StreamServer) -> FixtureId:
    selections = (LineSelection("home", "Home", 200), LineSelection("away", "Away", 200))
    line = Line("Leeds v York", time.time_ns() + HOUR_NS, markets=(LineMarket("main", "Winner", selections),))
    await streaming.book(FundHouse("USD", 10**9))
    published = (await streaming.book(PublishLine("main", "cup-1", 1, line))).events[0]
    assert isinstance(published, LinePublished)
    return published.fixture


async def test_a_bet_with_the_house_is_told_of_when_it_is_placed_and_when_it_is_lost(streaming: StreamServer) -> None:
    ada = await streaming.customer("ada")
    fixture = await _match(streaming)
    async with streaming.connected() as client:
        await _follow(client, ada)
        await streaming.book(PlaceBet(id_of(ada), "USD", 500, (WantedLeg(fixture, "main", "home", 200),)))
        placed = await _told(client)
        lost = SelectionResult("main", "home", LegResult.LOST), SelectionResult("main", "away", LegResult.WON)
        await streaming.book(DeclareResults(fixture, lost))
        ended = await _told(client)
    assert placed["changed"] == ended["changed"] == ["bets"]
    assert [bet["status"] for bet in (await ada.get("/v1/sportsbook/bets")).json()["items"]] == ["lost"]


async def test_a_stake_in_a_pool_is_told_of_when_it_is_placed_and_when_it_is_lost(streaming: StreamServer) -> None:
    ada, bob, carl = [await streaming.customer(name) for name in ("ada", "bob", "carl")]
    terms = PoolTerms("NDX", "IXIC", 100, running='{"calendar":"none"}')
    pool = PoolId((await streaming.book(CreatePool("ndx", "USD", terms))).seq)
    round_ = RoundId((await streaming.book(OpenRound(pool, "99990001", FAR, FAR + 10))).seq)
    async with streaming.connected() as client, streaming.connected() as other:
        await _follow(client, ada)
        await _follow(other, carl)
        await streaming.book(PlacePoolBet(id_of(ada), pool, PoolSide.DOWN, 500))
        placed = await _told(client)
        await streaming.book(PlacePoolBet(id_of(bob), pool, PoolSide.UP, 500))
        await streaming.book(LockRound(round_))
        await streaming.book(SettleRound(round_, RoundResult.UP, '{"price":"2","reference":"1"}'))
        ended = await _told(client)
        seq = await streaming.deposit(id_of(carl), 100)
        alone = await other.receive()
    assert placed["changed"] == ended["changed"] == ["pool_bets"]
    assert [bet["status"] for bet in (await ada.get("/v1/pools/bets")).json()["items"]] == ["lost"]
    # Who has not bet is told of nothing but what is theirs.
    assert (alone["seq"], "changed" in alone) == (seq, False)
