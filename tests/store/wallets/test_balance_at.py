"""Balances at a date: always what a naive sum over every entry gives, and never found by reading them all."""

import itertools
import json
import random

import asyncpg
import pytest

from evens.core.commands.wallets import Deposit, Transfer, Withdraw
from evens.core.events.ledger import Rejected, Transferred
from evens.core.values.ids import AccountClass, Rail, account_id
from tests.conftest import Stage

pytestmark = pytest.mark.anyio

SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS
_BALANCE_AT = "SELECT evens.balance_at($1, $2)"


def _naive(entries: list[tuple[int, int]], moment: int) -> int:
    return sum(net for effective_at, net in entries if effective_at <= moment)


def _net(event: Transferred, account: int) -> int:
    return event.amount_minor if event.credit == account else -event.amount_minor


@pytest.mark.parametrize("seed", range(12))
async def test_a_balance_at_any_moment_is_the_sum_of_what_was_effective_by_then(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    ann, bob = await stage.customer("ann"), await stage.customer("bob")
    account = account_id(ann, 1, AccountClass.CASH)
    entries: list[tuple[int, int]] = []
    for _ in range(60):
        now = stage.sequencer.house.at
        # Same moments, neighbours, the far past and before 1970; and every third entry not back-dated at all.
        lately, long_ago, earlier = chance.randrange(5 * SECOND_NS), chance.randrange(20_000), chance.randrange(DAY_NS)
        effective_at = chance.choice([None, None, now - lately, long_ago * DAY_NS, 7, -earlier, 2**40])
        amount = chance.randrange(1, 50)
        command = chance.choice(
            [
                Deposit(ann, "USD", 100 + amount, Rail.IMPORT, effective_at),
                Withdraw(ann, "USD", amount, Rail.IMPORT, effective_at),
                Transfer(ann, bob, "USD", amount, effective_at),
            ]
        )
        event = (await stage.submit(command)).events[0]
        if isinstance(event, Transferred):
            entries.append((event.effective_at, _net(event, account)))

    reader = await asyncpg.connect(stage.dsns.app)
    edges = [moment + offset for moment, _ in entries for offset in (-1, 0, 1)]
    edges += [-(2**63), -1, 0, 2**62, 2**63 - 2] + [chance.randrange(2**61) for _ in range(50)]
    for moment in edges:
        assert await reader.fetchval(_BALANCE_AT, account, moment) == _naive(entries, moment), moment
    await reader.close()


async def test_looking_back_does_not_read_the_history(stage: Stage) -> None:
    """With 20,000 entries, half of them back-dated, a look-up touches some hundred rows at most, not thousands."""
    ann = await stage.customer("ann")
    account = account_id(ann, 1, AccountClass.CASH)
    deposits = [
        Deposit(ann, "USD", 1, Rail.IMPORT, None if number % 2 else 1_000 * DAY_NS + number * 3_600 * SECOND_NS)
        for number in range(20_000)
    ]
    ids = (number.to_bytes(16) for number in itertools.count(1))
    answers = stage.inbox.submit_all(list(zip(ids, deposits, strict=False)), actor="operator:test")
    for answer in answers:
        await answer
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute("VACUUM ANALYZE evens.transfers, evens.effective_sums")

    # The first call of a session reads the catalogue too.
    await owner.fetchval(_BALANCE_AT, account, 0)
    for moment in (1_000 * DAY_NS, 1_400 * DAY_NS + 12_345, stage.sequencer.house.at):
        question = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT evens.balance_at({account}, {moment})"
        plan = json.loads(await owner.fetchval(question))[0]["Plan"]
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 400, moment
    await owner.close()


async def test_a_past_balance_may_be_below_zero_though_no_balance_ever_was(stage: Stage) -> None:
    """A value date says since when a move counts; what could be spent is today's balance, which is never below zero."""
    ann, bob = await stage.customer("ann"), await stage.customer("bob")
    account = account_id(ann, 1, AccountClass.CASH)
    today = (await stage.submit(Deposit(ann, "USD", 5_00, Rail.DESK))).at
    await stage.submit(Transfer(ann, bob, "USD", 3_00, 10 * DAY_NS))
    await stage.submit(Withdraw(ann, "USD", 1_00, Rail.DESK, 20 * DAY_NS))
    refused = (await stage.submit(Withdraw(ann, "USD", 1_01, Rail.DESK, today))).events[0]
    assert isinstance(refused, Rejected)
    reader = await asyncpg.connect(stage.dsns.app)
    moments = (10 * DAY_NS - 1, 10 * DAY_NS, 20 * DAY_NS, today, stage.sequencer.house.at)
    found = [await reader.fetchval(_BALANCE_AT, account, moment) for moment in moments]
    assert found == [0, -3_00, -4_00, 1_00, 1_00]
    await reader.close()


async def test_a_value_date_and_the_moment_itself_are_included(stage: Stage) -> None:
    ann = await stage.customer("ann")
    account = account_id(ann, 1, AccountClass.CASH)
    await stage.submit(Deposit(ann, "USD", 5_00, Rail.DESK, 10 * DAY_NS))
    recorded = (await stage.submit(Deposit(ann, "USD", 1_00, Rail.DESK))).at
    reader = await asyncpg.connect(stage.dsns.app)

    async def at(moment: int) -> int:
        return int(await reader.fetchval(_BALANCE_AT, account, moment))

    assert await at(10 * DAY_NS - 1) == 0
    assert await at(10 * DAY_NS) == 5_00
    assert await at(recorded - 1) == 5_00
    assert await at(recorded) == 6_00
    await reader.close()
