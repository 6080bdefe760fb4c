"""Many payouts, several servers, and operators who decide at once."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.wallets import (
    CompleteWithdrawal,
    ExcludeCustomer,
    FreezeCustomer,
    RejectWithdrawal,
    ReverseTransaction,
    UnfreezeCustomer,
)
from evens.core.events.ledger import TransferKind
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from evens.feeds.chain.job import ChainJob
from evens.feeds.chain.metrics import ChainMetrics
from evens.store.auditing.audit import audit
from evens.store.chain import withdrawals as tables
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay, rail_of

pytestmark = pytest.mark.anyio

BOB = "0x" + "b0" * 20
WITHDRAWING = AccountClass.WITHDRAWING


@pytest.fixture
async def ann(quay: Quay) -> CustomerId:
    return await quay.stage.customer("ann", USDC=10**12)


async def limited(quay: Quay, limit: str) -> None:
    quay.settings = quay.settings.model_copy(update={"chain_approval_limit": limit})
    await quay.restart()


async def test_payouts_that_cannot_go_on_keep_no_others_waiting(
    quay: Quay, ann: CustomerId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pools 5: a hundred over the limit, or over what the account has, in front of one that is not."""
    monkeypatch.setattr(tables, "AT_ONCE", 3)
    monkeypatch.setattr("evens.feeds.chain.turns.AT_ONCE", 3)
    await limited(quay, "50")
    over_the_limit = [await quay.request(ann, 60_000_000, BOB) for _ in range(7)]
    within = await quay.request(ann, 1_000_000, BOB)
    for _ in range(4):
        await quay.rail.pay()
    assert (await quay.status(within))[0] == "sent"
    for each in over_the_limit:
        await quay.desk.withdrawals.approve(each, "operator:test")
    too_much = [await quay.request(ann, 2_000_000_000, BOB) for _ in range(7)]
    await quay.desk.approving.take_up()
    for each in too_much:
        await quay.desk.withdrawals.approve(each, "operator:test")
    last = await quay.request(ann, 2_000_000, BOB)
    for _ in range(12):
        await quay.rail.pay()
        quay.chain.mine(CONFIRMATIONS)
    assert [(await quay.status(each))[0] for each in (*over_the_limit, last)] == ["confirmed"] * 8
    assert {await quay.status(each) for each in too_much} == {("approved", "account_short")}


async def test_two_servers_credit_and_pay_once(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: the same transaction seen by two servers at once, and two that approve at once."""
    address = await quay.address(ann)
    transfers = 10
    for _ in range(transfers):
        quay.token.transfer(address, 1_000_000)
    asked = [await quay.request(ann, 1_000_000, BOB) for _ in range(5)]
    quay.chain.mine(CONFIRMATIONS)
    servers = [await rail_of(quay.stage, quay.database, quay.settings, quay.reports) for _ in range(3)]
    jobs = [
        ChainJob(rail, desk.books, desk.deposits, desk.withdrawals, ChainMetrics(CollectorRegistry()), 0.01)
        for desk, rail in servers
    ]
    await quay.desk.approving.take_up()
    approvals = [desk.withdrawals.approve(each, "operator:test") for desk, _ in servers for each in asked]
    assert sum(each is not None for each in await asyncio.gather(*approvals)) == len(asked)
    for _ in range(4):
        await asyncio.gather(*(job.once() for job in jobs))
        await asyncio.gather(*(job.once() for job in jobs))
        quay.chain.mine(CONFIRMATIONS)
    for _, rail in servers:
        await rail.close()
    assert [(await quay.status(each))[0] for each in asked] == ["confirmed"] * 5
    assert (quay.token.balance(BOB), quay.outside()) == (5_000_000, 5_000_000 - transfers * 1_000_000)
    assert (await audit(quay.stage.dsns.app)).problems == []


async def test_whoever_approves_and_rejects_at_once_gets_one_of_both(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: approve and reject at once, while a server pays."""
    cash, rejected = quay.cash(ann), 0
    for _ in range(8):
        asked = await quay.request(ann, 1_000_000, BOB)
        await quay.desk.approving.take_up()

        async def reject(withdrawal: TransferId = asked) -> bool:
            if await quay.desk.withdrawals.claim(withdrawal, "rejected") is None:
                return False
            await quay.stage.submit(RejectWithdrawal(withdrawal))
            return True

        steps = quay.desk.withdrawals.approve(asked, "operator:test"), reject(), quay.rail.pay()
        _, was_rejected, _ = await asyncio.gather(*steps)
        await quay.rail.pay()
        quay.chain.mine(CONFIRMATIONS)
        await quay.rail.pay()
        assert (await quay.status(asked))[0] == ("rejected" if was_rejected else "confirmed")
        rejected += was_rejected
    paid = (8 - rejected) * 1_000_000
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING), quay.token.balance(BOB)) == (cash - paid, 0, paid)
    assert (await audit(quay.stage.dsns.app)).problems == []


@pytest.mark.parametrize("self_excluded", [False, True])
async def test_a_limit_lets_nothing_of_a_frozen_customer_leave(
    quay: Quay, ann: CustomerId, self_excluded: bool
) -> None:
    """Pools 5: who is frozen, or has excluded themselves, is paid what an operator has looked at, and paid in."""
    await limited(quay, "50")
    first, second = await quay.request(ann, 1_000_000, BOB), await quay.request(ann, 2_000_000, BOB)
    await quay.desk.approving.take_up()
    assert (await quay.status(first))[0] == "approved"
    await quay.stage.submit(ExcludeCustomer(ann, 2**62) if self_excluded else FreezeCustomer(ann))
    cash = quay.cash(ann)
    quay.token.transfer(await quay.address(ann), 3_000_000)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    await quay.rail.pay()
    assert quay.cash(ann) == cash + 3_000_000
    assert [(await quay.status(each))[0] for each in (first, second)] == ["waiting", "waiting"]
    await quay.desk.withdrawals.approve(first, "operator:test")
    if not self_excluded:
        await quay.stage.submit(UnfreezeCustomer(ann))
    await quay.rail.pay()
    assert [(await quay.status(each))[0] for each in (first, second)] == [
        "sent",
        "waiting" if self_excluded else "sent",
    ]


@pytest.mark.parametrize("by_hand", [False, True])
async def test_what_was_decided_without_the_rail_is_let_go_of(quay: Quay, ann: CustomerId, by_hand: bool) -> None:
    """Pools 5: a server whose EVENS_CHAIN_RAIL is off decides a withdrawal that another has approved."""
    asked, waiting = await quay.request(ann, 1_000_000, BOB), await quay.request(ann, 2_000_000, BOB)
    await quay.desk.approving.take_up()
    await quay.desk.withdrawals.approve(asked, "operator:test")
    for each in (asked, waiting):
        await quay.stage.submit(CompleteWithdrawal(each) if by_hand else RejectWithdrawal(each))
    await quay.rail.pay()
    assert {(await quay.status(each))[0] for each in (asked, waiting)} == {"by_hand" if by_hand else "rejected"}
    assert quay.chain.waiting() == []
    assert (await audit(quay.stage.dsns.app)).problems == []


async def test_a_payout_that_was_reversed_is_not_sent_again_by_a_reorganisation(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: a reversal gave the customer the money back, so the chain must not pay it as well."""
    cash = quay.cash(ann)
    asked = await quay.request(ann, 1_000_000, BOB)
    await quay.desk.approving.take_up()
    await quay.desk.withdrawals.approve(asked, "operator:test")
    await quay.rail.pay()
    (payout,) = quay.chain.waiting()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    await quay.rail.pay()
    number = quay.stage.sequencer.house.ledger.currencies["USDC"].number
    cash_account, aside = (account_id(ann, number, kept) for kept in (AccountClass.CASH, WITHDRAWING))
    await quay.stage.submit(
        ReverseTransaction(asked, "sent back", TransferKind.WITHDRAWAL, cash_account, aside, 1_000_000, Rail.CHAIN)
    )
    quay.chain.reorganise(CONFIRMATIONS)
    quay.chain.drop(payout)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    await quay.rail.pay()
    assert (quay.chain.waiting(), quay.cash(ann), quay.outside()) == ([], cash, 0)
    (report,) = [facts for what, facts in quay.reports.said if what == "chain_reorganised_deeper_than_confirmations"]
    assert (report["sent_again"], report["returned_and_perhaps_paid"]) == ([], [f"txn_{asked}"])
    assert (await audit(quay.stage.dsns.app)).problems == []
