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
