"""Withdrawals over a real chain: approved, signed by a process of its own, mined, or returned."""

import time
from pathlib import Path

import pytest

from evens.core.values.ids import AccountClass, CustomerId, TransferId
from evens.feeds.chain.evm.node import EvmNode
from evens.feeds.chain.evm.signing import SignerClient
from evens.feeds.chain.protocols import ChainUnavailable
from tests.conftest import Stage
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay, signing
from tests.folders import passable_folder

pytestmark = pytest.mark.anyio

BOB = "0x" + "b0" * 20
EVE = "0x" + "ee" * 20
WITHDRAWING = AccountClass.WITHDRAWING


@pytest.fixture
async def ann(stage: Stage) -> CustomerId:
    return await stage.customer("ann", USDC=100_000_000)


async def approved(quay: Quay, customer: CustomerId, amount_minor: int, destination: str = BOB) -> TransferId:
    asked = await quay.request(customer, amount_minor, destination)
    await quay.desk.approving.take_up()
    assert await quay.desk.withdrawals.approve(asked, "operator:test") is not None
    return asked


async def test_a_withdrawal_waits_for_an_operator_and_leaves_once(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: request, approval, signed by the signer, broadcast, confirmed."""
    asked = await quay.request(ann, 40_000_000, BOB)
    await quay.rail.pay()
    assert (await quay.status(asked), quay.chain.waiting()) == (("waiting", None), [])
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING)) == (60_000_000, 40_000_000)
    await quay.desk.withdrawals.approve(asked, "operator:test")
    await quay.rail.pay()
    assert len(quay.chain.waiting()) == 1
    await quay.restart()
    await quay.rail.pay()
    assert len(quay.chain.waiting()) == 1
    quay.chain.mine(CONFIRMATIONS - 1)
    await quay.rail.pay()
    assert (await quay.status(asked))[0] == "sent"
    quay.chain.mine()
    await quay.rail.pay()
    await quay.rail.pay()
    assert (await quay.status(asked))[0] == "confirmed"
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING), quay.outside()) == (60_000_000, 0, 40_000_000)
    assert quay.token.balance(BOB) == 40_000_000


async def test_the_limit_approves_what_a_customer_takes_in_a_day(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: approval by limit or operator."""
    quay.settings = quay.settings.model_copy(update={"chain_approval_limit": "50"})
    await quay.restart()
    first, second, third = [await quay.request(ann, minor, BOB) for minor in (30_000_000, 30_000_000, 20_000_000)]
    await quay.rail.pay()
    assert [(await quay.status(each))[0] for each in (first, second, third)] == ["sent", "waiting", "sent"]


async def test_a_recipient_whom_the_token_refuses_is_returned_and_the_next_goes_on(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: a blacklisted recipient keeps nobody waiting."""
    quay.token.send("setBlacklisted(address,bool)", EVE, True)
    quay.chain.mine()
    refused, next_one = await approved(quay, ann, 10_000_000, EVE), await approved(quay, ann, 5_000_000)
    await quay.rail.pay()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert (await quay.status(refused), await quay.status(next_one)) == (
        ("returned", "recipient_refused"),
        ("confirmed", None),
    )
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING), quay.token.balance(BOB)) == (95_000_000, 0, 5_000_000)
    assert "chain_payout_returned" in quay.reports.words()


async def test_one_that_is_blacklisted_while_it_is_on_its_way_is_returned(quay: Quay, ann: CustomerId) -> None:
    asked = await approved(quay, ann, 10_000_000, EVE)
    await quay.rail.pay()
    (payout,) = quay.chain.waiting()
    # Mined before the payout, because it pays more.
    raw = quay.chain.ask("eth_getRawTransactionByHash", payout)
    quay.chain.drop(payout)
    quay.token.send("setBlacklisted(address,bool)", EVE, True)
    quay.chain.mine()
    quay.chain.ask("eth_sendRawTransaction", raw)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert await quay.status(asked) == ("returned", "reverted")
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING)) == (100_000_000, 0)


async def test_a_token_that_is_paused_returns_nobodys_money(quay: Quay, ann: CustomerId) -> None:
    quay.token.send("setPaused(bool)", True)
    quay.chain.mine()
    asked = await approved(quay, ann, 10_000_000)
    with pytest.raises(ChainUnavailable, match="takes no transfers"):
        await quay.rail.pay()
    assert await quay.status(asked) == ("approved", None)


async def test_a_transaction_that_the_node_has_lost_is_handed_over_again(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: dropped transactions."""
    asked = await approved(quay, ann, 10_000_000)
    await quay.rail.pay()
    (lost,) = quay.chain.waiting()
    quay.chain.drop(lost)
    assert quay.chain.waiting() == []
    later = await approved(quay, ann, 1_000_000)
    await quay.rail.pay()
    assert len(quay.chain.waiting()) == 2
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert [(await quay.status(each))[0] for each in (asked, later)] == ["confirmed", "confirmed"]
    assert quay.token.balance(BOB) == 11_000_000


async def test_one_that_waits_too_long_is_replaced_by_one_with_a_higher_fee(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: fee bumping; at most one of a nonce is mined."""
    asked = await approved(quay, ann, 10_000_000)
    await quay.rail.pay()
    (first,) = quay.chain.waiting()
    quay.settings = quay.settings.model_copy(update={"chain_raise_fee_after_s": 0.001})
    await quay.restart()
    await quay.rail.pay()
    (second,) = quay.chain.waiting()
    assert second != first
    quay.settings = quay.settings.model_copy(update={"chain_raise_fee_after_s": 1000})
    await quay.restart()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    found = await quay.desk.withdrawals.one(asked)
    assert found is not None
    assert (found.status, found.tx_hash, quay.token.balance(BOB)) == ("confirmed", second, 10_000_000)
    sendings = await quay.desk.withdrawals.sendings(asked)
    assert {each.nonce for each in sendings} == {0}
    assert sendings[0].fee_wei * 8 >= sendings[1].fee_wei * 9


async def test_a_first_transaction_that_is_mined_after_all_is_the_payout(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: replaced transactions: whichever of a nonce is mined counts, once."""
    asked = await approved(quay, ann, 10_000_000)
    await quay.rail.pay()
    (first,) = quay.chain.waiting()
    raw = quay.chain.ask("eth_getRawTransactionByHash", first)
    quay.settings = quay.settings.model_copy(update={"chain_raise_fee_after_s": 0.001})
    await quay.restart()
    await quay.rail.pay()
    (second,) = quay.chain.waiting()
    quay.chain.drop(second)
    quay.chain.ask("eth_sendRawTransaction", raw)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    found = await quay.desk.withdrawals.one(asked)
    assert found is not None
    assert (found.status, found.tx_hash, quay.token.balance(BOB)) == ("confirmed", first, 10_000_000)


async def test_a_reorganisation_that_drops_a_payout_sends_it_again_and_books_it_once(
    quay: Quay, ann: CustomerId
) -> None:
    """Pools 5: reorganisations before and after N."""
    asked = await approved(quay, ann, 10_000_000)
    await quay.rail.pay()
    (payout,) = quay.chain.waiting()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    await quay.rail.pay()
    assert (await quay.status(asked))[0] == "confirmed"
    quay.chain.reorganise(CONFIRMATIONS)
    quay.chain.drop(payout)
    quay.chain.mine(CONFIRMATIONS)
    assert quay.token.balance(BOB) == 0
    await quay.rail.watch()
    assert (await quay.status(asked))[0] == "sent"
    await quay.rail.pay()
    assert quay.chain.waiting() == [payout]
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert ((await quay.status(asked))[0], quay.token.balance(BOB)) == ("confirmed", 10_000_000)
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING), quay.outside()) == (90_000_000, 0, 10_000_000)


async def test_nothing_is_paid_twice_when_the_process_dies_between_two_steps(
    quay: Quay, ann: CustomerId, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dead(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Dead

    asked = await approved(quay, ann, 10_000_000)
    # Recorded and not handed over.
    with monkeypatch.context() as broken:
        broken.setattr(EvmNode, "send", die)
        with pytest.raises(Dead):
            await quay.rail.pay()
    assert ((await quay.status(asked))[0], quay.chain.waiting()) == ("sent", [])
    await quay.restart()
    await quay.rail.pay()
    quay.chain.mine(CONFIRMATIONS)
    # Booked and not recorded as such.
    with monkeypatch.context() as broken:
        broken.setattr(type(quay.desk.withdrawals), "close", die)
        with pytest.raises(Dead):
            await quay.rail.pay()
    assert ((await quay.status(asked))[0], quay.outside()) == ("sent", 10_000_000)
    await quay.restart()
    await quay.rail.pay()
    assert ((await quay.status(asked))[0], quay.outside(), quay.token.balance(BOB)) == (
        "confirmed",
        10_000_000,
        10_000_000,
    )


async def test_what_is_being_sent_cannot_be_rejected_and_what_is_rejected_is_not_sent(
    quay: Quay, ann: CustomerId
) -> None:
    first, second = await approved(quay, ann, 1_000_000), await approved(quay, ann, 2_000_000)
    assert await quay.desk.withdrawals.claim(second, "rejected") is not None
    await quay.rail.pay()
    assert await quay.desk.withdrawals.claim(first, "rejected") is None
    assert len(quay.chain.waiting()) == 1
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert quay.token.balance(BOB) == 1_000_000


@pytest.mark.parametrize("destination", ["0x" + "00" * 20, "0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266"])
async def test_an_address_that_is_nobodys_or_mistyped_is_returned(
    quay: Quay, ann: CustomerId, destination: str
) -> None:
    asked = await approved(quay, ann, 1_000_000, destination)
    await quay.rail.pay()
    assert (await quay.status(asked), quay.cash(ann)) == (("returned", "destination_invalid"), 100_000_000)


async def test_more_than_the_account_has_waits_and_smaller_ones_go_on(quay: Quay, ann: CustomerId) -> None:
    whale = await quay.stage.customer("whale", USDC=5_000_000_000)
    large, small = await approved(quay, whale, 4_000_000_000), await approved(quay, ann, 1_000_000)
    await quay.rail.pay()
    await quay.rail.pay()
    assert await quay.status(large) == ("approved", "account_short")
    assert (await quay.status(small))[0] == "sent"
    assert quay.reports.words().count("chain_payout_waits") == 1


async def test_a_nonce_that_something_else_used_makes_a_payout_stuck_until_an_operator_decides(
    quay: Quay, ann: CustomerId, signer: Path
) -> None:
    asked = await approved(quay, ann, 1_000_000)
    await quay.rail.pay()
    (payout,) = quay.chain.waiting()
    quay.chain.drop(payout)
    account = (await SignerClient(signer).identity()).address
    quay.chain.ask("anvil_impersonateAccount", account)
    quay.chain.send("0x" + "11" * 20, value=1, sender=account)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert await quay.status(asked) == ("stuck", "nonce_taken")
    assert "chain_payout_stuck" in quay.reports.words()
    await quay.desk.withdrawals.approve(asked, "operator:test")
    await quay.rail.pay()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.pay()
    assert ((await quay.status(asked))[0], quay.token.balance(BOB)) == ("confirmed", 1_000_000)


async def test_without_a_signer_payouts_wait(quay: Quay, ann: CustomerId, tmp_path: Path) -> None:
    quay.settings = quay.settings.model_copy(update={"chain_signer": tmp_path / "nobody.sock"})
    await quay.restart()
    asked = await approved(quay, ann, 1_000_000)
    started = time.monotonic()
    with pytest.raises(ChainUnavailable, match="the signer does not answer"):
        await quay.rail.pay()
    assert (await quay.status(asked))[0] == "approved"
    assert time.monotonic() - started < 15


async def test_another_account_pays_with_nonces_of_its_own_and_the_old_ones_are_followed(
    quay: Quay, ann: CustomerId
) -> None:
    """Pools 5: a signer whose key was replaced."""
    first = await approved(quay, ann, 1_000_000)
    await quay.rail.pay()
    with passable_folder() as folder:
        async with signing(quay.chain, quay.token, folder) as other:
            quay.settings = quay.settings.model_copy(update={"chain_signer": other})
            await quay.restart()
            second = await approved(quay, ann, 2_000_000)
            await quay.rail.pay()
            quay.chain.mine(CONFIRMATIONS)
            await quay.rail.pay()
    rows = [await quay.desk.withdrawals.one(each) for each in (first, second)]
    assert [(row.status, row.nonce) for row in rows if row is not None] == [("confirmed", 0), ("confirmed", 0)]
    assert len({row.account for row in rows if row is not None}) == 2
    assert quay.token.balance(BOB) == 3_000_000
