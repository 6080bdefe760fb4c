"""Deposits over a real chain: what is credited, when, and that it is credited once."""

import pytest

from evens.core.commands.wallets import SetDepositLimits
from evens.core.values.ids import CustomerId
from evens.feeds.chain.evm import watcher
from evens.store.chain.rows import COINS
from tests.conftest import Stage
from tests.feeds.chain.chain import COIN, call_data, deploy
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ann(stage: Stage) -> CustomerId:
    return await stage.customer("ann")


async def test_a_transfer_is_credited_once_it_is_deep_enough_and_only_once(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: credited once N deep."""
    address = await quay.address(ann)
    quay.token.transfer(address, 12_345_678)
    quay.chain.mine(CONFIRMATIONS - 1)
    await quay.rail.watch()
    assert quay.cash(ann) == 0
    quay.chain.mine()
    await quay.rail.watch()
    assert (quay.cash(ann), quay.outside()) == (12_345_678, -12_345_678)
    quay.chain.mine(5)
    await quay.restart()
    await quay.rail.watch()
    assert quay.cash(ann) == 12_345_678
    assert await quay.arrivals() == [("credited", None, 12_345_678)]


async def test_figures_say_where_the_chain_is_and_how_far_it_was_read(
    quay: Quay, ann: CustomerId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pools 6: chain lag."""
    await quay.rail.watch()
    monkeypatch.setattr(watcher, "BLOCKS_PER_PASS", 2)
    quay.token.transfer(await quay.address(ann), 5)
    quay.chain.mine(7)
    for behind in (5, 3, 1, 0):
        await quay.rail.watch()
        assert quay.registry.get_sample_value("evens_chain_blocks_behind") == behind
        assert quay.registry.get_sample_value("evens_chain_head") == quay.chain.head
    assert quay.registry.get_sample_value("evens_chain_arrivals_total", {"outcome": "credited"}) == 1


async def test_150_transfers_in_one_transaction_are_150_deposits(quay: Quay, stage: Stage) -> None:
    """Pools 5: the ordinal of the log within its receipt tells them apart."""
    people = [await stage.customer(f"customer{number}") for number in range(3)]
    addresses = [await quay.address(people[number % 3]) for number in range(150)]
    quay.token.send("transferMany(address[],uint256)", addresses, 1_000_000)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert [quay.cash(each) for each in people] == [50_000_000] * 3
    assert len(await quay.arrivals()) == 150


async def test_what_is_not_the_token_credits_nothing_and_is_reported(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: another token of the same symbol, zero-value transfers and coins credit nothing."""
    address = await quay.address(ann)
    namesake = deploy(quay.chain, "USDC", 6)
    namesake.transfer(address, 5_000_000)
    quay.token.transfer(address, 0)
    quay.chain.send(address, value=COIN)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert quay.cash(ann) == 0
    assert await quay.arrivals() == [
        ("ignored", "other_token", None),
        ("ignored", "zero_value", None),
        ("ignored", "coins", None),
    ]
    assert quay.reports.words() == ["chain_arrival_ignored"] * 3
    rows = await quay.desk.deposits.deposits(ann, None, ignored=True, before=2**62, limit=9)
    assert rows[0].arrival.ordinal == COINS
    assert rows[0].arrival.units == COIN


async def test_a_transfer_that_failed_or_went_elsewhere_is_none(quay: Quay, ann: CustomerId) -> None:
    address = await quay.address(ann)
    quay.token.transfer(address, 10**30)  # more than there is: it is mined, and fails
    quay.token.transfer("0x" + "11" * 20, 5)
    quay.token.send("approve(address,uint256)", address, 7)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert await quay.arrivals() == []


async def test_a_reorganisation_before_the_depth_credits_what_the_chain_has_in_the_end(
    quay: Quay, ann: CustomerId, stage: Stage
) -> None:
    """Pools 5: on the canonical chain only."""
    bob = await stage.customer("bob")
    to_ann, to_bob = await quay.address(ann), await quay.address(bob)
    rival = quay.chain.accounts[1]
    quay.token.mint(rival, 9_000_000)
    quay.chain.mine()
    dropped = quay.token.transfer(to_ann, 1_000_000)
    quay.chain.mine(CONFIRMATIONS - 1)
    await quay.rail.watch()
    data = call_data("transfer(address,uint256)", to_bob, 2_000_000)
    instead = {"from": rival, "to": quay.token.address, "data": data, "gas": hex(200_000)}
    quay.chain.reorganise(CONFIRMATIONS - 1, [(instead, 0)])
    quay.chain.drop(dropped)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert (quay.cash(ann), quay.cash(bob)) == (0, 2_000_000)
    assert await quay.arrivals() == [("credited", None, 2_000_000)]
    assert quay.reports.said == []


async def test_a_transfer_that_a_reorganisation_moves_is_the_same_deposit(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: block-wide log indexes change, the ordinal within the receipt does not."""
    address = await quay.address(ann)
    transfer = quay.token.transfer(address, 3_000_000)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert quay.cash(ann) == 3_000_000
    raw = quay.chain.ask("eth_getRawTransactionByHash", transfer)
    # The same transaction again, in the block behind the one that it was in, after the credit.
    quay.chain.reorganise(CONFIRMATIONS, [(raw, 1)])
    assert quay.chain.receipt(transfer) is not None
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert quay.cash(ann) == 3_000_000
    assert await quay.arrivals() == [("credited", None, 3_000_000)]
    assert "chain_reorganised_deeper_than_confirmations" in quay.reports.words()
    row = await quay.desk.deposits.deposit(quay.rail.name, transfer, 0)
    assert row is not None
    assert row.arrival.block.number == int(quay.chain.receipt(transfer)["blockNumber"], 16)


async def test_a_deposit_that_a_deep_reorganisation_takes_away_is_reported(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: reorganisations after N: nothing is taken back by itself, and operators are told."""
    transfer = quay.token.transfer(await quay.address(ann), 3_000_000)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    quay.chain.reorganise(CONFIRMATIONS)
    quay.chain.drop(transfer)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert quay.chain.receipt(transfer) is None
    assert (quay.cash(ann), await quay.arrivals()) == (3_000_000, [("orphaned", None, 3_000_000)])
    (report,) = [facts for what, facts in quay.reports.said if what == "chain_reorganised_deeper_than_confirmations"]
    assert report["orphaned"] == [transfer]


async def test_what_arrived_while_nobody_read_is_credited_later(quay: Quay, ann: CustomerId, stage: Stage) -> None:
    """Pools 5: a cursor that survives a restart."""
    address = await quay.address(ann)
    for _ in range(20):
        quay.token.transfer(address, 1_000_000)
        quay.chain.mine()
    quay.chain.mine(CONFIRMATIONS)
    await quay.restart()
    await quay.rail.watch()
    assert quay.cash(ann) == 20_000_000


async def test_a_refused_deposit_is_kept_and_reported_and_the_next_goes_on(quay: Quay, ann: CustomerId) -> None:
    await quay.stage.submit(SetDepositLimits(ann, "USDC", 2_000_000))
    address = await quay.address(ann)
    quay.token.transfer(address, 5_000_000)
    quay.token.transfer(address, 1_000_000)
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    assert quay.cash(ann) == 1_000_000
    assert await quay.arrivals() == [("refused", "deposit_limit", 5_000_000), ("credited", None, 1_000_000)]
    assert quay.reports.words() == ["chain_deposit_refused"]
