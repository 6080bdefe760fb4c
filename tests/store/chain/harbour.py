"""A rail's tables with rows of every kind, written by the methods that the rail itself uses, beside a real ledger."""

from dataclasses import dataclass

from evens.core.commands.wallets import CompleteWithdrawal, Deposit, RejectWithdrawal, RequestWithdrawal
from evens.core.events.ledger import Transferred
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.rows import COINS, Arrival, Block, Sending
from evens.store.chain.withdrawals import ChainWithdrawals
from evens.store.database import Database
from tests.conftest import Stage

RAIL = "evm-1"
TOKEN = "0x" + "70" * 20
ACCOUNT = "0x" + "ac" * 20
BOB = "0x" + "B0" * 20


def block(number: int) -> Block:
    return Block(number, f"0x{number:064x}")


@dataclass(slots=True)
class Harbour:
    """Does by hand what a rail does, step by step."""

    stage: Stage
    deposits: ChainDeposits
    withdrawals: ChainWithdrawals
    ann: CustomerId
    address: str

    def arrival(self, tx: int, at: int, amount_minor: int | None, reason: str | None = None) -> Arrival:
        ordinal, token = (COINS, None) if reason == "coins" else (0, TOKEN)
        parts = token, BOB.lower(), self.address, self.ann, 5_000
        return Arrival(f"0x{tx:064x}", ordinal, block(at), *parts, amount_minor, 1, reason)

    async def credited(self, arrival: Arrival) -> TransferId:
        assert arrival.amount_minor is not None
        command = Deposit(self.ann, "USDC", arrival.amount_minor, Rail.CHAIN, None, arrival.tx_hash)
        return moved(await self.stage.submit(command))

    async def asked(self, amount_minor: int) -> TransferId:
        asked = moved(await self.stage.submit(RequestWithdrawal(self.ann, "USDC", amount_minor, None, BOB)))
        await self.withdrawals.take_up(RAIL, "USDC", asked)
        return asked

    async def sent(self, asked: TransferId, nonce: int) -> str:
        await self.withdrawals.approve(asked, "operator:test")
        raw = f"0x02a9059cbb{BOB[2:].lower():0>64}{5:064x}"
        sending = Sending(f"0x{nonce:064x}", asked, ACCOUNT, nonce, raw, 10, 1)
        assert await self.withdrawals.set_off(sending)
        return sending.tx_hash

    async def confirmed(self, asked: TransferId, nonce: int) -> None:
        tx = await self.sent(asked, nonce)
        await self.stage.submit(CompleteWithdrawal(asked, Rail.CHAIN))
        await self.withdrawals.close(asked, "confirmed", tx_hash=tx, block_number=100)


def moved(receipt: object) -> TransferId:
    events = getattr(receipt, "events", ())
    return next(event.transfer for event in events if isinstance(event, Transferred))


async def busy_harbour(stage: Stage, database: Database) -> Harbour:
    """Use everything once: each status of arrivals and payouts, an interrupted one of both among them."""
    ann = await stage.customer("ann", USDC=1_000)
    deposits, withdrawals = ChainDeposits(database), ChainWithdrawals(database)
    harbour = Harbour(stage, deposits, withdrawals, ann, "0x" + "a1" * 20)
    await deposits.keep_address(RAIL, ann, "0x" + "A1" * 20)
    await stage.customer("bob")
    await deposits.keep_address(RAIL, CustomerId(ann + 2), "0x" + "b2" * 20)
    first = [harbour.arrival(1, 7, 50), harbour.arrival(2, 7, 60), harbour.arrival(3, 7, None, "coins")]
    last = [harbour.arrival(4, 8, 70), harbour.arrival(5, 8, 80), harbour.arrival(6, 9, 90)]
    for at, arrivals in ((6, []), (7, first), (8, last[:2]), (9, last[2:])):
        await deposits.take_in(RAIL, block(at), arrivals, await deposits.cursor(RAIL))
    found = {each.arrival.tx_hash: each for each in await deposits.uncredited(RAIL)}
    for arrival in (first[0], last[2]):
        await deposits.decide(found[arrival.tx_hash].id, "credited", transfer=await harbour.credited(arrival))
    await deposits.decide(found[first[1].tx_hash].id, "refused", reason="deposit_limit")
    await harbour.credited(last[0])  # and it was not recorded
    await deposits.go_back(RAIL, block(8), block(9))
    await _payouts(harbour)
    return harbour


async def _payouts(harbour: Harbour) -> None:
    await harbour.asked(10)
    await harbour.withdrawals.approve(await harbour.asked(11), "operator:test")
    await harbour.sent(await harbour.asked(12), 1)
    await harbour.confirmed(await harbour.asked(13), 2)
    stuck = await harbour.asked(14)
    await harbour.sent(stuck, 3)
    await harbour.withdrawals.close(stuck, "stuck", reason="nonce_taken")
    interrupted = await harbour.asked(15)
    await harbour.sent(interrupted, 4)
    await harbour.stage.submit(CompleteWithdrawal(interrupted, Rail.CHAIN))
    returned = await harbour.asked(16)
    await harbour.withdrawals.approve(returned, "operator:test")
    await harbour.stage.submit(RejectWithdrawal(returned))
    await harbour.withdrawals.close(returned, "returned", reason="recipient_refused")
    by_hand, rejected = await harbour.asked(17), await harbour.asked(18)
    await harbour.withdrawals.claim(by_hand, "by_hand")
    await harbour.stage.submit(CompleteWithdrawal(by_hand))
    await harbour.withdrawals.claim(rejected, "rejected")
