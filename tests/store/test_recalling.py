"""What a command has to know of the past is read from the tables: each request can be met, and met exactly."""

from typing import get_args, get_type_hints

import pytest

from evens.core.commands.wallets import Deposit, SetDepositLimits, Withdraw
from evens.core.events.wallets import DepositLimitsSet
from evens.core.state import PRODUCTS
from evens.core.values.deposit_limits import GrossDeposits, Period, bounds
from evens.core.values.ids import Rail
from evens.core.values.moments import DAY_NS
from evens.store.journal import PostgresJournal
from evens.store.recalling import RECALLS
from tests.conftest import Stage


@pytest.mark.anyio
async def test_deposits_so_far_are_those_of_the_periods_of_the_last_one(stage: Stage) -> None:
    ann = await stage.customer("ann", EUR=7_00)
    nothing = await stage.submit(SetDepositLimits(ann, "USD", 100_00))
    bob = await stage.customer("bob")
    at = (await stage.submit(Deposit(bob, "USD", 1, Rail.DESK))).at
    month_begins_at = bounds(Period.MONTH, at)[0]
    for amount_minor, effective_at in ((20, month_begins_at), (300, month_begins_at - 1), (4000, at - 400 * DAY_NS)):
        await stage.submit(Deposit(bob, "USD", amount_minor, Rail.DESK, effective_at))
    await stage.submit(Withdraw(bob, "USD", 4, Rail.DESK))
    limited = await stage.submit(SetDepositLimits(bob, "USD", None, None, 100_00))
    last_at = stage.sequencer.house.wallets.deposits
    await stage.submit(Deposit(bob, "USD", 5, Rail.DESK))

    assert deposited(nothing.events[0]) == GrossDeposits()
    sums = deposited(limited.events[0])
    assert at < sums.last_at < limited.at
    assert sums.month_minor == 21
    assert sums.day_minor == 1 + 20 * (bounds(Period.DAY, at)[0] <= month_begins_at)
    assert sums.week_minor == 1 + sum(
        minor
        for minor, moment in ((20, month_begins_at), (300, month_begins_at - 1))
        if moment >= bounds(Period.WEEK, at)[0]
    )
    assert [each.month_minor for each in last_at.values()] == [0, 26]

    stage.sequencer.stop()
    journal = PostgresJournal(stage.dsns.app)
    await journal.lead(lambda: None)
    loaded = await journal.load()
    await journal.resign()
    assert loaded.digest() == stage.sequencer.house.digest()


def deposited(event: object) -> GrossDeposits:
    assert isinstance(event, DepositLimitsSet)
    assert event.deposited is not None
    return event.deposited


def test_the_store_can_read_whatever_the_rules_ask_for() -> None:
    wanted = {
        kind
        for rules in PRODUCTS
        for recall in rules.recalls.values()
        for kind in get_args(get_type_hints(recall)["return"])
        if kind is not type(None)
    }
    assert wanted == RECALLS.keys()
    assert wanted
