"""Cross-matched orders in the tables: the house has none of their orders and positions, and everything replays."""

import asyncio
import random
from dataclasses import replace

import pytest

from evens.core.commands.exchange import CancelOrder, PlaceOrder, SettleMarket
from evens.core.events.exchange import Matched, OrderPlaced
from evens.core.values.betting import ReductionRule, Side
from evens.core.values.ids import HOUSE, HOUSE_ORDER, AccountClass, CustomerId, OrderId, RunnerId, account_id
from evens.core.values.odds import CLASSIC
from evens.store.auditing.audit import audit
from evens.store.console.journal import JournalQueries
from evens.store.database import Database
from evens.store.exchange.queries import ExchangeQueries
from tests.conftest import Stage
from tests.store.exchange.test_exchange import agrees, market, terms, work_through

pytestmark = pytest.mark.anyio

CROSSING = replace(terms(), reductions=ReductionRule.BET, min_stake_minor=1, cross_matching=True)


async def test_the_tables_hold_sets_through_a_markets_whole_life(stage: Stage, database: Database) -> None:
    chance = random.Random(8)
    customers = [await stage.customer(f"c{number}", USD=500_000) for number in range(8)]
    number = await market(stage, CROSSING)
    orders: list[tuple[CustomerId, OrderId]] = []
    crossed: list[Matched] = []
    for _ in range(6):
        commands = [
            PlaceOrder(
                chance.choice(customers),
                number,
                RunnerId(chance.randint(1, 4)),
                chance.choice(list(Side)),
                CLASSIC.moved(400, chance.randint(-12, 12)),
                chance.randint(1, 3_000),
            )
            for _ in range(40)
        ]
        taken_back = [CancelOrder(*order) for order in chance.sample(orders, min(len(orders), 8))]
        for receipt in await asyncio.gather(*[stage.submit(command) for command in [*commands, *taken_back]]):
            orders += [(event.customer, event.order) for event in receipt.events if isinstance(event, OrderPlaced)]
            crossed += [
                event
                for event in receipt.events
                if isinstance(event, Matched) and HOUSE_ORDER in (event.maker, event.taker)
            ]
        await agrees(stage)
    assert len(crossed) > 50
    rounding = account_id(HOUSE, stage.sequencer.house.exchange.markets[number].currency_number, AccountClass.ROUNDING)
    for place, winner in enumerate((2, 4)):
        await stage.submit(SettleMarket(number, (RunnerId(winner),), correction=place > 0))
        await work_through(stage)
        assert stage.sequencer.house.ledger.balance_minor(rounding) > 0
    assert (await audit(stage.dsns.app)).problems == []
    fills = await ExchangeQueries(database).market_fills(number, limit=1_000)
    assert {fill.customer for fill in fills} <= set(customers)
    of_sets = {event.match for event in crossed}
    assert len([fill for fill in fills if fill.match in of_sets]) == len(of_sets)


async def test_the_history_of_an_order_has_the_sets_that_it_was_a_leg_of(stage: Stage, database: Database) -> None:
    ann, bob, cid, dan = [await stage.customer(name, USD=100_000) for name in ("ann", "bob", "cid", "dan")]
    number = await market(stage, replace(CROSSING, runners=("a", "b", "c")))
    placed: list[OrderId] = []
    for customer, runner, odds, stake_minor in ((bob, 2, 300, 4000), (cid, 3, 600, 2000), (ann, 1, 200, 3000)):
        order = PlaceOrder(customer, number, RunnerId(runner), Side.BACK, odds, stake_minor)
        (first, *_) = (await stage.submit(order)).events
        assert isinstance(first, OrderPlaced)
        placed.append(first.order)
    (meets, *_) = (await stage.submit(PlaceOrder(dan, number, RunnerId(2), Side.LAY, 300, 100))).events
    assert isinstance(meets, OrderPlaced)
    journal = JournalQueries(database)
    for newest_first, beyond in ((True, 2**62), (False, 0)):
        found = await journal.found("order", placed[0], beyond=beyond, newest_first=newest_first, limit=10)
        of_it = [placed[0], placed[2], meets.order]
        assert [record.receipt.seq for record in found] == sorted(of_it, reverse=newest_first)
