"""A server that dies at any step of a pass: the next one goes on, and nothing is paid or credited twice."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest

from evens.core.values.ids import CustomerId
from evens.feeds.chain.evm.node import EvmNode
from evens.feeds.chain.evm.signing import SignerClient
from evens.feeds.chain.protocols import ChainUnavailable
from evens.program.chain import GatewayBooks
from evens.store.auditing.audit import audit
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.withdrawals import ChainWithdrawals
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay

pytestmark = pytest.mark.anyio

BOB = "0x" + "b0" * 20

STEPS = {
    EvmNode: ("header", "transactions", "mined", "knows", "nonce", "coins", "call", "gas", "fees", "send"),
    SignerClient: ("identity", "sign"),
    GatewayBooks: ("credit", "complete", "give_back"),
    ChainDeposits: ("cursor", "owners", "take_in", "uncredited", "decide"),
    ChainWithdrawals: ("take_up", "follow_the_books", "live", "set_off", "add_sending", "sendings", "close", "note"),
}
"""Everything that a pass asks or tells somebody else."""


class Dead(BaseException):
    """The process ends here."""


@contextmanager
def dying(at: int, *, behind: bool) -> Generator[Callable[[], int]]:
    """Die before, or behind, the step with this number; yield how many steps there were."""
    taken = 0

    def mortal(step: Any) -> Any:
        async def take(*arguments: Any, **named: Any) -> Any:
            nonlocal taken
            mine, taken = taken, taken + 1
            if mine == at and not behind:
                raise Dead
            done = await step(*arguments, **named)
            if mine == at:
                raise Dead
            return done

        return take

    with pytest.MonkeyPatch.context() as patch:
        for owner, names in STEPS.items():
            for name in names:
                patch.setattr(owner, name, mortal(getattr(owner, name)))
        yield lambda: taken


async def passes(quay: Quay) -> None:
    """Let a payout and a deposit arrive, pass after pass."""
    await quay.rail.watch()
    await quay.rail.pay()
    quay.chain.mine(CONFIRMATIONS)
    await quay.rail.watch()
    await quay.rail.pay()


@pytest.mark.parametrize("behind", [False, True], ids=["before a step", "behind a step"])
async def test_a_server_that_dies_at_any_step_is_taken_over_from(quay: Quay, behind: bool) -> None:
    """Pools 5: the server is killed before and behind every single step of paying and crediting."""
    ann = await quay.stage.customer("ann", USDC=900_000_000)
    address = await quay.address(ann)
    at, ended, paid, arrived = 0, False, 0, 0
    while not ended:
        withdrawal = await quay.request(ann, 1_000_000, BOB)
        await quay.desk.approving.take_up()
        await quay.desk.withdrawals.approve(withdrawal, "operator:test")
        quay.token.transfer(address, 2_000_000)
        quay.chain.mine(CONFIRMATIONS)
        with dying(at, behind=behind) as taken:
            try:
                await passes(quay)
                ended = taken() <= at
            except Dead:
                pass
        assert (await audit(quay.stage.dsns.app)).problems == []
        await quay.restart()
        await passes(quay)
        paid, arrived, at = paid + 1_000_000, arrived + 2_000_000, at + 1
        assert (quay.token.balance(BOB), (await quay.status(withdrawal))[0]) == (paid, "confirmed")
        assert quay.outside() == paid - arrived
    assert at > 35
    assert (await audit(quay.stage.dsns.app)).problems == []
    assert quay.reports.words() == []


async def test_a_signer_that_dies_before_it_answers_has_signed_one_payment(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pools 5: the signer dies between signing and broadcast."""
    ann: CustomerId = await quay.stage.customer("ann", USDC=9_000_000)
    withdrawal = await quay.request(ann, 1_000_000, BOB)
    await quay.desk.approving.take_up()
    await quay.desk.withdrawals.approve(withdrawal, "operator:test")
    sign, signed = SignerClient.sign, list[str]()

    async def lost(signer: SignerClient, payment: Any) -> Any:
        signed.append((await sign(signer, payment)).tx_hash)
        raise ChainUnavailable("the signer does not answer: ConnectionResetError")

    with monkeypatch.context() as broken:
        broken.setattr(SignerClient, "sign", lost)
        for _ in range(2):
            with pytest.raises(ChainUnavailable):
                await quay.rail.pay()
    assert ((await quay.status(withdrawal))[0], quay.chain.waiting()) == ("approved", [])
    await passes(quay)
    assert (quay.token.balance(BOB), (await quay.status(withdrawal))[0]) == (1_000_000, "confirmed")
    # Whatever was lost has the nonce of what was mined: nobody can make two payments of it.
    assert quay.chain.ask("eth_getTransactionCount", await account(quay), "latest") == "0x1"
    assert signed


async def account(quay: Quay) -> str:
    (row,) = await quay.desk.withdrawals.many(None, None, before=2**62, limit=10)
    assert row.account is not None
    return row.account
