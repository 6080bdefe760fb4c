"""What exposure that covers removals needs of the tables: the single bets, as of one moment, and the market's terms."""

from dataclasses import replace
from typing import Any

import pytest

from evens.core.commands.exchange import PlaceOrder, RemoveRunner
from evens.core.commands.wallets import Withdraw
from evens.core.events.exchange import OrderPlaced, RunnerRemoved
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import AccountClass, CustomerId, MarketId, Rail, RunnerId, account_id
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.exchange import oversight, positions, queries
from evens.store.exchange.oversight import MarketOversight
from evens.store.exchange.queries import ExchangeQueries
from tests.conftest import Stage
from tests.store.exchange.test_exchange import COVERED, agrees, market, work_through

pytestmark = pytest.mark.anyio


async def between(stage: Stage, number: MarketId, ann: CustomerId, bob: CustomerId) -> None:
    """Give ann bets that lose most, namely 503.99, after a reduction of 49.50 %; 8.99 without one or the greatest."""
    for who, odds, stake_minor in ((bob, 100_000, 100), (ann, 200, 100_000), (bob, 101, 99_900)):
        await strike(stage, number, who, ann if who == bob else bob, odds, stake_minor)


async def strike(
    stage: Stage, number: MarketId, backer: CustomerId, layer: CustomerId, odds: int, stake_minor: int
) -> None:
    """Let two customers bet with each other."""
    for who, side in ((layer, Side.LAY), (backer, Side.BACK)):
        receipt = await stage.submit(PlaceOrder(who, number, RunnerId(1), side, odds, stake_minor))
        assert isinstance(receipt.events[0], OrderPlaced)


def escrow_minor(stage: Stage, number: MarketId, customer: CustomerId) -> int:
    house = stage.sequencer.house
    held = account_id(customer, house.exchange.markets[number].currency_number, AccountClass.ESCROW)
    return house.ledger.balance_minor(held)


@pytest.mark.parametrize(
    ("offered", "held_minor", "lent_minor"),
    [
        pytest.param(COVERED, 50_399, 0, id="opened now"),
        pytest.param(replace(COVERED, every_reduction=False), 899, 49_500, id="opened by an earlier build"),
    ],
)
async def test_a_market_covers_what_it_promised_when_it_was_opened(
    stage: Stage, database: Database, offered: MarketTerms, held_minor: int, lent_minor: int
) -> None:
    """Hold 10: what an earlier build left in escrow is what this one wants there, so that it starts and goes on."""
    ann, bob = [await stage.customer(name, USD=110_000) for name in ("ann", "bob")]
    number = await market(stage, offered)
    await between(stage, number, ann, bob)
    await agrees(stage)
    assert escrow_minor(stage, number, ann) == held_minor
    (row,) = await ExchangeQueries(database).positions(ann, number, limit=1)
    assert row.exposure_minor == held_minor
    await stage.submit(Withdraw(ann, "USD", 110_000 - held_minor, Rail.DESK))
    removed = (await stage.submit(RemoveRunner(number, RunnerId(2), 4_950))).events[0]
    assert isinstance(removed, RunnerRemoved)
    assert removed.lent_minor == lent_minor
    await work_through(stage)
    assert (await audit(stage.dsns.app)).problems == []


async def test_positions_are_read_as_of_one_moment(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 10: bets that are struck while stands are read do not show exposure that never was."""
    ann, bob = [await stage.customer(name, USD=10**7) for name in ("ann", "bob")]
    number = await market(stage, COVERED)
    await between(stage, number, ann, bob)

    async def late(*asked: Any) -> Any:
        await strike(stage, number, bob, ann, 100_000, 1_000)
        return await positions.read_bets(*asked)

    for module in (queries, oversight):
        monkeypatch.setattr(module, "read_bets", late)
    for _ in range(2):
        before = {who: escrow_minor(stage, number, who) for who in (ann, bob)}
        (row,) = await ExchangeQueries(database).positions(ann, number, limit=1)
        assert row.exposure_minor == before[ann] != escrow_minor(stage, number, ann)
        before = {who: escrow_minor(stage, number, who) for who in (ann, bob)}
        rows = await MarketOversight(database).positions(number, limit=2)
        assert {row.customer: row.exposure_minor for row in rows} == before
