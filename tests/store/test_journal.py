"""The journal in PostgreSQL: what is acknowledged is there, what two leaders do, and what a psql session cannot do."""

import asyncio

import asyncpg
import pytest

from evens.core.commands.exchange import PlaceOrder
from evens.core.commands.wallets import (
    Deposit,
    FreezeCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    UnfreezeCustomer,
)
from evens.core.events.ledger import Rejected
from evens.core.state import House
from evens.core.values.betting import Side
from evens.core.values.ids import AccountClass, MarketId, Rail, RunnerId, TransferId, account_id
from evens.sequencer.errors import CommandFailed, KeyReused, NotLeading
from evens.store.journal import PostgresJournal
from tests.conftest import Dsns, Stage

pytestmark = pytest.mark.anyio

_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'evens writer' AND datname = current_database()
"""
_BALANCE = "SELECT balance FROM evens.balances WHERE account = $1"


async def _reload(stage: Stage) -> House:
    stage.sequencer.stop()
    journal = PostgresJournal(stage.dsns.app)
    await journal.lead(lambda: None)
    house = await journal.load()
    await journal.resign()
    return house


async def test_the_house_loaded_from_the_tables_is_the_house_that_was_written(stage: Stage) -> None:
    ann = await stage.customer("Ann", USD=10_00, EUR=5_00)
    bob = await stage.customer("bob")
    await stage.submit(Transfer(ann, bob, "USD", 3_00, memo="lunch"))
    asked = await stage.submit(RequestWithdrawal(ann, "USD", 2_00))
    await stage.submit(RequestWithdrawal(ann, "EUR", 1_00))
    await stage.submit(RejectWithdrawal(TransferId(asked.at)))
    await stage.submit(FreezeCustomer(bob))
    await stage.submit(FreezeCustomer(ann))
    last = await stage.submit(UnfreezeCustomer(bob))
    live = stage.sequencer.house.digest()

    house = await _reload(stage)

    house.check()
    assert (house.seq, house.at) == (last.seq, last.at)
    assert house.digest() == live
    assert house.wallets.frozen.keys() == {ann}


async def test_a_key_finds_its_receipt_after_a_restart(stage: Stage) -> None:
    ann = await stage.customer("ann")
    first = await stage.submit(Deposit(ann, "USD", 1_00, Rail.DESK), key="k1")
    stage.sequencer.stop()
    restarted = Stage(stage.dsns)
    running = asyncio.create_task(restarted.sequencer.run())
    await restarted.leads()

    again = await restarted.submit(Deposit(ann, "USD", 1_00, Rail.DESK), key="k1")
    with pytest.raises(KeyReused):
        await restarted.submit(Deposit(ann, "USD", 2_00, Rail.DESK), key="k1")

    assert again == first
    restarted.sequencer.stop()
    await running


async def test_of_two_leaders_only_the_later_one_can_append(stage: Stage) -> None:
    ann = await stage.customer("ann", USD=1_00)
    usurper = await asyncpg.connect(stage.dsns.app)
    await usurper.execute("SELECT evens.take_lead()")
    stage.observer.led.clear()

    deposit = asyncio.ensure_future(stage.submit(Deposit(ann, "USD", 5_00, Rail.DESK), key="after"))
    await asyncio.wait([deposit])

    assert deposit.exception() is not None
    await stage.leads()
    receipt = await stage.submit(Deposit(ann, "USD", 5_00, Rail.DESK), key="after")
    assert await usurper.fetchval("SELECT count(*) FROM evens.journal WHERE seq = $1", receipt.seq) == 1
    await usurper.close()


async def test_a_second_server_stands_by_and_takes_over_at_once(stage: Stage) -> None:
    ann = await stage.customer("ann", USD=1_00)
    second = Stage(stage.dsns)
    running = asyncio.create_task(second.sequencer.run())
    await second.observer.idled.wait()
    with pytest.raises(NotLeading, match="another server leads"):
        await second.submit(Deposit(ann, "USD", 1_00, Rail.DESK))

    stage.sequencer.stop()
    await second.leads()

    assert await second.submit(Deposit(ann, "USD", 1_00, Rail.DESK))
    assert second.sequencer.house.ledger.balance_minor(account_id(ann, 1, AccountClass.CASH)) == 2_00
    second.sequencer.stop()
    await running


async def test_a_server_that_stands_by_can_be_stopped(stage: Stage) -> None:
    second = Stage(stage.dsns)
    running = asyncio.create_task(second.sequencer.run())
    await second.observer.idled.wait()

    second.sequencer.stop()

    await asyncio.wait_for(running, 5)


async def test_a_broken_connection_is_noticed_and_mended_without_a_restart(stage: Stage, dsns: Dsns) -> None:
    ann = await stage.customer("ann", USD=1_00)
    owner = await asyncpg.connect(dsns.owner)

    stage.observer.idled.clear()
    await owner.execute(_CUT)
    await stage.observer.idled.wait()
    await stage.leads()

    await stage.submit(Deposit(ann, "USD", 1_00, Rail.DESK))
    assert await owner.fetchval(_BALANCE, account_id(ann, 1, AccountClass.CASH)) == 2_00
    await owner.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evens.journal SET at = at",
        "DELETE FROM evens.journal",
        "TRUNCATE evens.journal",
        "UPDATE evens.transfers SET amount = amount + 1",
        "DELETE FROM evens.transfers",
        "TRUNCATE evens.transfers",
        "INSERT INTO evens.transfers SELECT id + 1, seq, debit, credit, amount, 0, 0, id, kind FROM evens.transfers",
        "UPDATE evens.balances SET balance = balance + 1",
        "INSERT INTO evens.balances VALUES (1, 100)",
        "DELETE FROM evens.balances",
        "UPDATE evens.head SET seq = 0",
        "UPDATE evens.customers SET username = 'x'",
        "UPDATE evens.withdrawals SET status = 'rejected'",
        "UPDATE evens.currencies SET scale = 3",
        "SELECT evens.correct_effective_sums('{}', '{}', '{}', '{}', '{}')",
        "ALTER TABLE evens.transfers DISABLE TRIGGER ALL",
        "SET ROLE evens_owner",
    ],
)
async def test_the_application_role_cannot_touch_what_is_recorded(stage: Stage, statement: str) -> None:
    await stage.customer("ann", USD=1_00)
    session = await asyncpg.connect(stage.dsns.app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await session.execute(statement)
    await session.close()


@pytest.mark.parametrize("table", ["journal", "transfers"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {}"])
async def test_not_even_the_owner_changes_history_by_mistake(stage: Stage, table: str, statement: str) -> None:
    await stage.customer("ann", USD=1_00)
    session = await asyncpg.connect(stage.dsns.owner)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="what is recorded stays as it is"):
        await session.execute(statement.format(f"evens.{table}"))
    await session.close()


async def test_a_transfer_posted_by_hand_still_balances_and_never_overdraws(stage: Stage) -> None:
    ann = await stage.customer("ann", USD=1_00)
    bob = await stage.customer("bob")
    debit, credit = account_id(ann, 1, AccountClass.CASH), account_id(bob, 1, AccountClass.CASH)
    session = await asyncpg.connect(stage.dsns.app)
    post = """
        SELECT evens.post_transfers(ARRAY[$1::bigint], '{1}', ARRAY[$2::bigint], ARRAY[$3::bigint], ARRAY[$4::bigint],
            '{0}', '{0}', ARRAY[$1::bigint], '{3}', ARRAY[$2::bigint, $3::bigint], ARRAY[$5::bigint, $6::bigint], false)
    """
    with pytest.raises(asyncpg.CheckViolationError):
        await session.execute(post, 7, debit, credit, 5_00, -4_00, 5_00)
    with pytest.raises(asyncpg.DataCorruptedError):
        await session.execute(post, 7, debit, credit, 50, 1_00, 50)
    assert await session.fetchval("SELECT sum(balance) FROM evens.balances") == 0
    assert await session.fetchval("SELECT count(*) FROM evens.transfers") == 1
    await session.close()


async def test_a_command_that_no_record_can_hold_is_set_aside_and_the_house_goes_on(stage: Stage) -> None:
    ann = await stage.customer("ann", USD=10_00)
    beyond = PlaceOrder(ann, MarketId(7), RunnerId(1), Side.BACK, 200, 1_00, market_version=10**30)
    with pytest.raises(CommandFailed):
        await stage.submit(beyond)
    await asyncio.wait_for(stage.observer.idled.wait(), 30)
    await stage.leads()
    receipt = await stage.submit(Deposit(ann, "USD", 1_00, Rail.DESK))
    assert not isinstance(receipt.events[0], Rejected)
