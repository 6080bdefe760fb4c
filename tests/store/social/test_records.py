"""Records say what was really won and lost: hedged, corrected, void, with oneself; and agree with the ledger."""

import random
import time
from typing import Final

import asyncpg
import pytest

from evens.core.commands.exchange import PlaceOrder, RemoveRunner, ResumeMarket, TurnInPlay
from evens.core.commands.wallets import RequestWithdrawal, TagCustomer
from evens.core.values.betting import Side
from evens.core.values.ids import (
    HOUSE,
    AccountClass,
    CustomerId,
    RunnerId,
    account_currency,
    account_holder,
    account_id,
)
from evens.core.values.records import RecordPeriod, RecordProduct, day_number
from tests.store.fixed_odds.book import everything
from tests.store.pools.series import Series, everything_in_pools
from tests.store.social.stands import Stands

pytestmark = pytest.mark.anyio

OWNED: Final = AccountClass.CASH, AccountClass.ESCROW, AccountClass.WITHDRAWING, AccountClass.RECEIVABLE
"""What a customer has, and what they owe."""


async def people(stands: Stands, *names: str) -> list[CustomerId]:
    """Register customers with 1,000.00 USD each."""
    return [await stands.stage.customer(name, USD=1_000_00) for name in names]


@pytest.mark.parametrize("winner", [1, 2])
async def test_a_position_that_was_hedged_counts_once_whoever_wins(stands: Stands, winner: int) -> None:
    ann, bob, cy = await people(stands, "ann", "bob", "cy")
    market = await stands.market()
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.match(market, cy, ann, 200, 15_00)
    await stands.settle(market, winner)
    figures = await stands.figures(ann)
    assert figures is not None
    assert (figures.profit_minor, figures.turnover_minor, figures.bets) == (5_00, 25_00, 2)
    assert (figures.settled, figures.won, figures.roi_ppm) == (1, 1, 200_000)


async def test_every_period_and_product_knows_it_net_of_commission(stands: Stands) -> None:
    ann, bob = await people(stands, "ann", "bob")
    market = await stands.market(commission_bps=500)
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.settle(market, 1)
    rows = await stands.queries.records(ann, 1, day_number(time.time_ns()))
    assert {(row.product, row.period): row.figures.profit_minor for row in rows} == {
        (product, period): 19_00 for product in (RecordProduct.ALL, RecordProduct.EXCHANGE) for period in RecordPeriod
    }
    assert await stands.profit_minor(bob) == -20_00


async def test_what_is_void_is_no_record(stands: Stands) -> None:
    ann, bob = await people(stands, "ann", "bob")
    market = await stands.market()
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.settle(market)
    assert await stands.figures(ann) is None


async def test_a_correction_corrects_the_record_and_its_day_stays(stands: Stands) -> None:
    ann, bob = await people(stands, "ann", "bob")
    market = await stands.market()
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.settle(market, 1)
    owner = await asyncpg.connect(stands.stage.dsns.owner)
    yesterday = day_number(time.time_ns()) - 1
    await owner.execute("UPDATE evens.outcomes SET settled_at = settled_at - 86400000000000, day = $1", yesterday)
    await owner.execute(
        "INSERT INTO evens.record_days_due SELECT customer, currency_number, product, day FROM evens.record_days"
    )
    await owner.close()
    await stands.settle(market, 2, correction=True)
    rows = await stands.queries.records(ann, 1, yesterday)
    assert {row.figures.profit_minor for row in rows if row.period is RecordPeriod.DAY} == {-10_00}
    assert {row.figures.profit_minor for row in rows if row.period is RecordPeriod.ALL_TIME} == {-10_00}
    assert await stands.figures(ann, RecordProduct.EXCHANGE) is None, "it is still the record of the day before"


async def test_closing_odds_are_the_last_before_the_off(stands: Stands) -> None:
    ann, bob, cy = await people(stands, "ann", "bob", "cy")
    market = await stands.market()
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.match(market, cy, bob, 200, 2_00)
    await stands.stage.submit(TurnInPlay(market))
    await stands.calm()
    await stands.match(market, cy, bob, 1000, 2_00)
    await stands.settle(market, 1)
    told = {name: await stands.figures(who) for name, who in (("ann", ann), ("bob", bob))}
    assert told["ann"] is not None
    assert told["ann"].closing_ppm == 500_000
    assert told["bob"] is not None
    # Of 12.00 laid, 10.00 at odds that fell from 3.00 to 2.00.
    assert told["bob"].closing_ppm == -333_333 * 10 // 12 + 1


@pytest.mark.parametrize("linked", [("ann", "ann2"), ("cy", "ann2")])
async def test_a_set_of_orders_of_accounts_that_belong_together_does_not_count(
    stands: Stands, linked: tuple[str, str]
) -> None:
    names = ["ann", "ann2", "cy"]
    customers = dict(zip(names, await people(stands, *names), strict=True))
    market = await stands.market(cross_matching=True)
    for name, runner, odds, stake_minor in (("ann2", 2, 300, 20_00), ("cy", 3, 600, 10_00), ("ann", 1, 200, 30_00)):
        order = PlaceOrder(customers[name], market, RunnerId(runner), Side.BACK, odds, stake_minor)
        await stands.stage.submit(order)
    for name in linked:
        await stands.stage.submit(TagCustomer(customers[name], ("card:4711",)))
    await stands.settle(market, 1)
    counted = {name: await stands.profit_minor(customer) for name, customer in customers.items()}
    every = {"ann": 30_00, "ann2": -20_00, "cy": -10_00}
    assert counted == {name: None if name in linked else every[name] for name in names}


async def test_sets_that_go_back_are_a_ring(stands: Stands) -> None:
    ann, bo, cy = await people(stands, "ann", "bo", "cy")
    market = await stands.market(cross_matching=True)
    # Ann has a bet of bo's on runner 1 and gives it back; cy's part in both sets is against both of them.
    for first, second in ((ann, bo), (bo, ann)):
        for customer, runner, odds, stake_minor in (
            (second, 2, 300, 20_00),
            (cy, 3, 600, 10_00),
            (first, 1, 200, 30_00),
        ):
            await stands.stage.submit(PlaceOrder(customer, market, RunnerId(runner), Side.BACK, odds, stake_minor))
    await stands.settle(market, 1)
    assert [await stands.profit_minor(customer) for customer in (ann, bo, cy)] == [None, None, -20_00]


@pytest.mark.parametrize("before", [True, False])
async def test_what_people_trade_with_their_own_second_account_does_not_count(stands: Stands, before: bool) -> None:
    ann, second, cy = await people(stands, "ann", "ann2", "cy")
    market = await stands.market()
    await stands.match(market, ann, second, 300, 10_00)
    await stands.match(market, ann, cy, 400, 5_00)
    tags = [TagCustomer(who, ("card:4711",)) for who in (ann, second)]
    if before:
        for tag in tags:
            await stands.stage.submit(tag)
    await stands.settle(market, 1)
    if not before:
        assert await stands.profit_minor(second) == -20_00
        for tag in tags:
            await stands.stage.submit(tag)
        await stands.keep()
    figures = await stands.figures(ann)
    assert figures is not None
    assert (figures.profit_minor, figures.turnover_minor, figures.bets) == (15_00, 5_00, 1)
    assert await stands.figures(second) is None
    assert await stands.profit_minor(cy) == -15_00
    await stands.stage.submit(TagCustomer(ann, ()))
    await stands.keep()
    assert await stands.profit_minor(ann) == 35_00, "they do not belong together any more"


@pytest.mark.parametrize("before", [True, False])
async def test_whoever_is_paid_out_to_one_place_is_one(stands: Stands, before: bool) -> None:
    ann, second = await people(stands, "ann", "ann2")
    market = await stands.market()
    await stands.match(market, ann, second, 300, 10_00)
    payouts = [
        RequestWithdrawal(ann, "USD", 1_00, destination="GB29 NWBK 6016 1331"),
        RequestWithdrawal(second, "USD", 1_00, destination="gb29-nwbk-6016-1331"),
    ]
    for payout in payouts if before else ():
        await stands.stage.submit(payout)
    await stands.settle(market, 1)
    for payout in () if before else payouts:
        await stands.stage.submit(payout)
    await stands.keep()
    assert await stands.figures(ann) is None
    assert await stands.figures(second) is None


async def test_stakes_that_go_round_do_not_count(stands: Stands) -> None:
    ann, bob, cy, dee = await people(stands, "ann", "bob", "cy", "dee")
    market = await stands.market()
    for backer, layer in ((ann, bob), (bob, cy), (cy, ann)):
        await stands.match(market, backer, layer, 300, 10_00)
    await stands.match(market, ann, dee, 300, 4_00)
    await stands.settle(market, 2)
    figures = await stands.figures(ann)
    assert figures is not None
    assert (figures.profit_minor, figures.turnover_minor) == (-4_00, 4_00)
    assert await stands.figures(bob) is None
    assert await stands.profit_minor(dee) == 4_00


@pytest.mark.parametrize("seed", range(3))
async def test_all_that_can_happen_agrees_with_the_ledger_and_with_a_second_start(stands: Stands, seed: int) -> None:
    await everything(stands)
    await stands.keep()
    await everything_in_pools(Series(stands.stage))
    await stands.keep()
    await trade(stands, random.Random(seed))
    kept = await stands.tables()
    await agrees_with_the_ledger(stands)
    await stands.keeping.begin_again()
    assert not any((await stands.tables()).values())
    await stands.keep()
    assert await stands.tables() == kept


async def trade(stands: Stands, chance: random.Random) -> None:
    """Let four customers trade on five markets that are settled, void, corrected, or lose a runner."""
    customers = await people(stands, "ann", "bob", "cy", "dee")
    for _ in range(5):
        market = await stands.market(chance.choice([0, 500]))
        for _ in range(12):
            backer, layer = chance.sample(customers, 2)
            odds, stake_minor = chance.choice([150, 200, 310, 500]), chance.randrange(1_00, 20_00)
            await stands.match(market, backer, layer, odds, stake_minor, chance.randint(1, 3))
        if chance.random() < 0.3:
            await stands.stage.submit(RemoveRunner(market, RunnerId(3), 2_500))
            await stands.calm()
            await stands.stage.submit(ResumeMarket(market))
        await stands.settle(market, *chance.choice([(1,), (2,), ()]))
        for _ in range(chance.randrange(3)):
            await stands.settle(market, *chance.choice([(1,), (2,)]), correction=True)


async def agrees_with_the_ledger(stands: Stands) -> None:
    """Fail unless what customers own, less what came in, is the sum of all their outcomes."""
    owner = await asyncpg.connect(stands.stage.dsns.owner)
    try:
        outcomes = await owner.fetch(
            "SELECT customer, currency_number, sum(profit)::bigint AS profit FROM evens.outcomes GROUP BY 1, 2"
        )
        came_in = await owner.fetch(
            "SELECT credit AS account, sum(amount)::bigint AS minor FROM evens.transfers WHERE kind = 1 GROUP BY 1"
        )
    finally:
        await owner.close()
    profits = {(row["customer"], row["currency_number"]): row["profit"] for row in outcomes}
    ledger = stands.stage.sequencer.house.ledger
    assert len(profits) > 10
    for row in came_in:
        key = account_holder(row["account"]), account_currency(row["account"])
        if key[0] == HOUSE:
            continue
        owned_minor = sum(ledger.balance_minor(account_id(*key, each)) for each in OWNED)
        assert owned_minor - row["minor"] == profits.get(key, 0), key
