"""The exchange in the tables: what is loaded is what was live, at every moment, and the audit agrees."""

import asyncio
import random
from dataclasses import replace
from itertools import pairwise
from typing import cast

import pytest

from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    CancelOrder,
    CreateMarket,
    PlaceOrder,
    ReinstateRunner,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SetCommissionDiscount,
    SettleMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.events.exchange import MarketCreated, OrderPlaced
from evens.core.events.ledger import Rejected
from evens.core.exchange import parts
from evens.core.exchange.recalling import PositionsBooked
from evens.core.state import House
from evens.core.values.betting import (
    BookedPosition,
    MarketStatus,
    MarketTerms,
    Persistence,
    ReductionRule,
    Side,
    TimeInForce,
)
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.odds import CLASSIC, FINEST, Ladder
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.encoding.codec import decode
from evens.store.exchange.matches import RunnerTotals
from evens.store.exchange.queries import ExchangeQueries
from evens.store.journal import connect
from evens.store.loading import load_house
from evens.store.recalling import recall
from tests.conftest import Stage
from tests.core.recalling import recall as recall_from

pytestmark = pytest.mark.anyio


def terms(*, ladder: Ladder = CLASSIC, bet_delay_ms: int = 0) -> MarketTerms:
    return MarketTerms("Winner", ("Ann", "Bo", "Cy", "Di"), 1, 0, 100, 500, bet_delay_ms, "the derby – 14:30", ladder)


COVERED = replace(terms(), reductions=ReductionRule.BET, cover_removals=True, every_reduction=True)


async def market(stage: Stage, offered: MarketTerms) -> MarketId:
    created = (await stage.submit(CreateMarket("USD", offered))).events[0]
    assert isinstance(created, MarketCreated)
    return created.market


async def loaded(stage: Stage) -> House:
    wire = await connect(stage.dsns.app, "test")
    try:
        async with wire.transaction(isolation="repeatable_read", readonly=True):
            return await load_house(wire)
    finally:
        await wire.close()


async def agrees(stage: Stage) -> None:
    """Hold the house that the tables make against the live one."""
    stored = await loaded(stage)
    assert list(stored.lines()) == list(stage.sequencer.house.lines())
    stored.check()


async def work_through(stage: Stage) -> None:
    """Let the writer carry out what the house has to do of itself; it does so unasked."""
    async with asyncio.timeout(30):
        await stage.at_rest()
    await agrees(stage)


def random_order(chance: random.Random, customer: CustomerId, market: MarketId) -> PlaceOrder:
    return PlaceOrder(
        customer,
        market,
        RunnerId(chance.randint(1, 4)),
        chance.choice(list(Side)),
        chance.choice(CLASSIC.odds[90:104]),
        chance.randint(100, 3_000),
        chance.choice(list(TimeInForce)),
        chance.choice([None, 50]),
        chance.choice(list(Persistence)),
        None,
        chance.choice([None, "mine"]),
    )


async def trade(stage: Stage, chance: random.Random, customers: list[CustomerId], market: MarketId, times: int) -> None:
    """Let customers place, replace and cancel, many at once so that batches hold several changes of one order."""
    orders: list[tuple[CustomerId, OrderId]] = []
    for _ in range(times):
        commands: list[Command] = [random_order(chance, chance.choice(customers), market) for _ in range(40)]
        for customer, order in chance.sample(orders, min(len(orders), 15)):
            commands.append(CancelOrder(customer, order, chance.choice([None, 70])))
            commands.append(ReplaceOrder(customer, order, chance.choice(CLASSIC.odds[90:104])))
        for receipt in await asyncio.gather(*[stage.submit(command) for command in commands]):
            orders += [(event.customer, event.order) for event in receipt.events if isinstance(event, OrderPlaced)]


async def recalls_like_the_journal(stage: Stage, wanted: PositionsBooked) -> None:
    """Hold what is read of positions against what the journal says of them."""
    wire = await connect(stage.dsns.app, "test")
    happened = [
        event
        for row in await wire.fetch("SELECT payload FROM evens.journal ORDER BY seq")
        for event in decode(row["payload"])[2]
    ]
    recalled = cast("tuple[BookedPosition, ...]", await recall(wire, wanted))
    await wire.close()
    assert recalled == recall_from(wanted, happened)
    assert 1 < len(recalled) <= wanted.limit


async def test_the_tables_hold_the_live_state_through_a_markets_whole_life(stage: Stage) -> None:
    chance = random.Random(5)
    customers = [await stage.customer(f"c{number}", USD=80_000) for number in range(12)]
    await stage.submit(SetCommissionDiscount(customers[0], 2_500))
    first = await market(stage, terms())
    other = await market(stage, terms(ladder=FINEST, bet_delay_ms=3_600_000))
    await agrees(stage)
    for each in (first, other):
        await trade(stage, chance, customers, each, 4)
        await agrees(stage)
    for command in (TurnInPlay(first), TurnInPlay(other)):
        await stage.submit(command)
        await work_through(stage)
    await trade(stage, chance, customers, other, 2)
    await agrees(stage)
    await stage.submit(RemoveRunner(first, RunnerId(4), 1_550))
    await work_through(stage)
    await stage.submit(ResumeMarket(first))
    await trade(stage, chance, customers, first, 2)
    await stage.submit(SettleMarket(first, (RunnerId(1),)))
    await work_through(stage)
    await stage.submit(SettleMarket(first, (RunnerId(2), RunnerId(3)), dead_heat=True, correction=True))
    await work_through(stage)
    await stage.submit(VoidMarket(other))
    await work_through(stage)
    assert (await audit(stage.dsns.app)).problems == []
    await recalls_like_the_journal(stage, PositionsBooked(first, 1, CustomerId(0), 500))
    await recalls_like_the_journal(stage, PositionsBooked(first, 2, customers[2], 3))
    house = stage.sequencer.house
    assert house.exchange.markets[first].positions == house.exchange.markets[other].positions == {}
    assert house.exchange.orders == {}


async def test_removals_that_are_corrected_and_taken_back_are_loaded_as_they_are(
    stage: Stage, database: Database
) -> None:
    """Hold 10 and 15: bets, removals and what is covered survive a restart, and what the tables say is in escrow."""
    chance = random.Random(6)
    queries = ExchangeQueries(database)
    customers = [await stage.customer(f"c{number}", USD=80_000) for number in range(12)]
    number = await market(stage, COVERED)
    for step in (
        None,
        RemoveRunner(number, RunnerId(4), 1_550),
        RemoveRunner(number, RunnerId(3), 700),
        RemoveRunner(number, RunnerId(4), 2_000),
        ReinstateRunner(number, RunnerId(3)),
        TurnInPlay(number),
        RemoveRunner(number, RunnerId(2), 400),
    ):
        if step is not None:
            receipt = await stage.submit(step)
            assert not isinstance(receipt.events[0], Rejected), step
            await work_through(stage)
            await stage.submit(ResumeMarket(number))
        await trade(stage, chance, customers[:6], number, 2)
        await agrees(stage)
        live = stage.sequencer.house.exchange.markets[number]
        assert any(position.bare for position in live.positions.values()) == (step is not None)
        for customer in customers:
            (row,) = await queries.positions(customer, number, limit=10) or [None]
            assert (0 if row is None else row.exposure_minor) == live.exposure_minor(customer)
        if step is None:
            await trade(stage, chance, customers[6:], number, 2)
    await stage.submit(SettleMarket(number, (), fewer=True))
    await work_through(stage)
    assert (await audit(stage.dsns.app)).problems == []


async def test_single_bets_are_loaded_while_a_change_reaches_one_customer_after_the_other(
    stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 10: exposure that covers removals depends on them until the customer is settled."""
    monkeypatch.setattr(parts, "CUSTOMERS_PER_CHUNK", 1)
    queries = ExchangeQueries(database)
    customers = [await stage.customer(f"c{number}", USD=10**9) for number in range(12)]
    number = await market(stage, COVERED)
    for command in (
        RemoveRunner(number, RunnerId(4), 3_000),
        RemoveRunner(number, RunnerId(4), 6_000),
        ReinstateRunner(number, RunnerId(4)),
        SettleMarket(number, (RunnerId(1),)),
    ):
        await stage.submit(ResumeMarket(number))
        for place, (first, second) in enumerate(pairwise(customers)):
            for backs, lays, odds, stake_minor in (
                (second, first, 100_000, 100),
                (first, second, 200, 100_000),
                (second, first, 101, 99_900),
            ):
                # Every second customer's bets with the one before and the one behind cancel out.
                for who, side in ((lays, Side.LAY), (backs, Side.BACK)):
                    stake = stake_minor * (place // 2 + 1)
                    await stage.submit(PlaceOrder(who, number, RunnerId(1), side, odds, stake))
        held = stage.sequencer.house.exchange.markets[number]
        for customer in customers:
            (row,) = await queries.positions(customer, number, limit=1)
            assert row.exposure_minor == held.exposure_minor(customer)
        assert not isinstance((await stage.submit(command)).events[0], Rejected)
        while stage.sequencer.house.agenda.long_work:
            (await loaded(stage)).check()
        await work_through(stage)


async def test_what_is_asked_of_the_tables_is_what_the_book_holds(stage: Stage, database: Database) -> None:
    chance = random.Random(8)
    queries = ExchangeQueries(database)
    customers = [await stage.customer(f"c{number}", USD=80_000) for number in range(6)]
    number = await market(stage, terms())
    await trade(stage, chance, customers, number, 3)
    live = stage.sequencer.house.exchange.markets[number]
    book = (await queries.books([number]))[number]
    assert book.seq == stage.sequencer.house.seq
    for runner, waiting in live.books.items():
        for side in Side:
            levels = [level for level in book.levels if (level.runner, level.side) == (runner, side)]
            stored = [(level.odds, level.waiting_minor) for level in levels]
            assert stored == sorted(waiting.levels(side))
    for customer in customers:
        (held,) = await queries.positions(customer, number, limit=1)
        assert held.exposure_minor == live.exposure_minor(customer)
        waiting = await queries.orders(customer, market=number, status="executable", limit=200)
        assert {order.id for order in waiting} == live.positions[customer].orders.keys()
    trades = [row.trade for row in await queries.trades(number, limit=500)]
    totals = (await queries.runner_totals([number]))[number]
    for runner, figures in totals.items():
        mine = [trade for trade in trades if trade.runner == runner]
        assert figures == RunnerTotals(sum(trade.stake_minor for trade in mine), mine[0].odds)
        candles = await queries.candles(number, RunnerId(runner), 3_600 * 10**9, limit=10)
        assert sum(candle.volume_minor for candle in candles) == figures.matched_minor
        assert candles[0].last == figures.last_odds
    assert (await queries.markets(event="the derby – 14:30", limit=5))[0].terms == terms()
    assert await queries.markets(statuses=[MarketStatus.SETTLED], limit=5) == []
    assert await queries.receivables(limit=5) == []
