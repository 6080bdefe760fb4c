"""Whatever a chain and servers do: in the end the books say what the chain says."""

import asyncio
import random

import pytest

from evens.core.values.ids import AccountClass, CustomerId, TransferId
from evens.feeds.chain.protocols import ChainUnavailable
from evens.store.auditing.audit import audit
from evens.store.errors import StoreUnavailable
from tests.conftest import Stage
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay, rail_of

pytestmark = pytest.mark.anyio

START = 50_000_000
STEPS = 60
PAYEES = ["0x" + f"{number:02x}" * 20 for number in range(0xA0, 0xA4)]
REFUSED = "0x" + "ee" * 20


class Weather:
    """Does what chains, customers, operators and machines do, one thing after the other."""

    def __init__(self, quay: Quay, people: list[CustomerId], seed: int) -> None:
        self.quay = quay
        self.people = people
        self.chance = random.Random(seed)
        self.asked: dict[TransferId, tuple[str, int]] = {}

    async def step(self) -> None:
        happens = (
            *(self.pay_in, self.pay_in, self.request, self.mine, self.mine, self.mine),
            *(self.reorganise, self.drop, self.watch, self.watch, self.pay, self.pay, self.restart),
            *(self.crowd, self.audit),
        )
        await self.chance.choice(happens)()

    async def pay_in(self) -> None:
        addresses = [await self.quay.address(self.chance.choice(self.people)) for _ in range(self.chance.randint(1, 4))]
        self.quay.token.send("transferMany(address[],uint256)", addresses, self.chance.randint(0, 3) * 1_000_000)

    async def request(self) -> None:
        minor, payee = self.chance.randint(1, 3_000_000), self.chance.choice([*PAYEES, REFUSED])
        withdrawal = await self.quay.request(self.chance.choice(self.people), minor, payee)
        self.asked[withdrawal] = payee, minor
        await self.quay.desk.approving.take_up()
        await self.quay.desk.withdrawals.approve(withdrawal, "operator:test")

    async def mine(self) -> None:
        self.quay.chain.mine(self.chance.randint(1, 3))

    async def reorganise(self) -> None:
        self.quay.chain.reorganise(self.chance.randint(1, CONFIRMATIONS + 1))

    async def drop(self) -> None:
        """Have the node lose a payout. (A lost deposit would only keep its sender's later ones waiting.)"""
        sender = self.quay.chain.accounts[0].lower()
        if waiting := sorted(self.quay.chain.waiting(besides=sender)):
            self.quay.chain.drop(self.chance.choice(waiting))

    async def watch(self) -> None:
        await self.quay.rail.watch()

    async def pay(self) -> None:
        await self.quay.rail.pay()

    async def restart(self) -> None:
        await self.quay.restart()

    async def crowd(self) -> None:
        """Have two servers work at once, as if the lock had been lost."""
        quay = self.quay
        _, rail = await rail_of(quay.stage, quay.database, quay.settings, quay.reports)
        parts = (quay.rail.watch, rail.watch, quay.rail.pay, rail.pay)
        outcomes = await asyncio.gather(*(part() for part in parts), return_exceptions=True)
        await rail.close()
        for outcome in outcomes:
            # Whoever finds the tables changed by the other takes the node to contradict itself, and looks again later.
            assert outcome is None or isinstance(outcome, (StoreUnavailable, ChainUnavailable)), outcome

    async def audit(self) -> None:
        assert (await audit(self.quay.stage.dsns.app)).problems == []

    async def calm(self) -> None:
        """Let everything that is on its way arrive."""
        for _ in range(30):
            await self.quay.rail.pay()
            self.quay.chain.mine(CONFIRMATIONS)
            await self.quay.rail.watch()
            if not await self.quay.desk.withdrawals.counts(self.quay.rail.name):
                return
        raise AssertionError(await self.quay.desk.withdrawals.counts(self.quay.rail.name))


@pytest.mark.parametrize("seed", range(6))
async def test_the_books_say_what_the_chain_says(quay: Quay, stage: Stage, seed: int) -> None:
    """Pools 5: nothing credited wrongly, nothing lost, nobody paid twice."""
    quay.token.send("setBlacklisted(address,bool)", REFUSED, True)
    quay.chain.mine(CONFIRMATIONS)
    people = [await stage.customer(f"customer{number}", USDC=START) for number in range(3)]
    before = [quay.token.balance(await quay.address(each)) for each in people]
    weather = Weather(quay, people, seed)
    for _ in range(STEPS):
        await weather.step()
    await weather.calm()
    await weather.audit()
    arrived = [quay.token.balance(await quay.address(each)) for each in people]
    paid = {payee: quay.token.balance(payee) for payee in (*PAYEES, REFUSED)}
    assert paid[REFUSED] == 0
    for withdrawal, (payee, _) in weather.asked.items():
        assert await quay.status(withdrawal) == (
            ("returned", "recipient_refused") if payee == REFUSED else ("confirmed", None)
        )
    wanted = {payee: sum(minor for to, minor in weather.asked.values() if to == payee) for payee in PAYEES}
    assert {payee: paid[payee] for payee in PAYEES} == wanted
    orphaned = await quay.desk.deposits.deposits(None, "orphaned", ignored=True, before=2**62, limit=1000)
    assert [quay.chain.receipt(each.arrival.tx_hash) for each in orphaned] == [None] * len(orphaned)
    came_in = sum(after - first for first, after in zip(before, arrived, strict=True))
    # What a deep reorganisation lost for good, after it was credited, stays credited.
    came_in += sum(each.arrival.amount_minor or 0 for each in orphaned if each.transfer is not None)
    assert sum(map(quay.cash, people)) == len(people) * START + came_in - sum(wanted.values())
    assert quay.outside() == sum(wanted.values()) - came_in
    assert [quay.cash(each, AccountClass.WITHDRAWING) for each in people] == [0, 0, 0]
