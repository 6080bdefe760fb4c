"""Pays approved withdrawals, one transaction each, and follows every one until it is mined deep enough or returned.

Whoever works here is alone: the job holds the rail's lock. So a nonce is what the account has sent, waiting
transactions included, or what lies behind all that were ever given here, whichever is more. A payout is tried out
first; what its recipient cannot be paid is returned without a nonce, and the next one goes on. Then it is signed,
recorded, and only then handed over: after a crash at any moment it is either still approved, or recorded and handed
over again.

What is recorded is followed by its hashes. One that the node has lost is handed over again. One that waits too long is
signed again with the same nonce and a higher fee, so that at most one of them is ever mined. A nonce that something
else has used, deep enough, makes the payout ``stuck``: an operator looks at the account and approves or rejects it
anew.
"""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from eth_utils.address import is_checksum_address

from evens.feeds.chain.approving import Approving
from evens.feeds.chain.evm.node import EvmNode, Mined, NodeRefused
from evens.feeds.chain.evm.signing import Payment, SignerClient, SigningRefused
from evens.feeds.chain.evm.token import Scales, balance_of, read_transfer, says_yes
from evens.feeds.chain.evm.transfer_call import transfer_data
from evens.feeds.chain.metrics import ChainMetrics
from evens.feeds.chain.protocols import ChainUnavailable, Reports
from evens.feeds.chain.turns import Turns
from evens.store.chain.rows import ChainWithdrawal, Sending
from evens.store.chain.withdrawals import ChainWithdrawals

_KNOWN_ALREADY: Final = ("already known", "alreadyknown", "already imported", "nonce too low", "underpriced")
"""What nodes say of a transaction that they have, or that one of the same nonce has overtaken."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PayerSettings:
    """The chain and the token, how deep is deep enough, after how long a fee is raised, and to how much at most."""

    chain_id: int
    token: str
    confirmations: int
    raise_after_s: float
    fee_wei_max: int


class Payer:
    """Pays from the signer's account."""

    def __init__(
        self,
        rail: str,
        node: EvmNode,
        signer: SignerClient,
        tables: ChainWithdrawals,
        approving: Approving,
        reports: Reports,
        metrics: ChainMetrics,
        settings: PayerSettings,
    ) -> None:
        self._rail = rail
        self._node = node
        self._signer = signer
        self._tables = tables
        self._approving = approving
        self._reports = reports
        self._metrics = metrics
        self._settings = settings
        self._turns = Turns(rail, tables)

    async def pay(self, scales: Scales) -> None:
        """Follow what is on its way, then send what is approved. What the node refuses keeps nothing else waiting."""
        sent, stuck, approved = [await self._turns.next(status) for status in ("sent", "stuck", "approved")]
        if not (sent or approved or stuck):
            return
        account = await self._account()
        head = await self._node.head()
        if await self._node.header(head) is None:
            raise ChainUnavailable(f"the node says that block {head} is the last, and does not have it")
        refusals: list[NodeRefused] = []
        for payout in sent:
            await self._attempt(payout, self._follow(payout, account, head, scales), refusals)
        for payout in stuck:
            earlier = await self._tables.sendings(payout.id)
            await self._attempt(payout, self._settle(payout, earlier, head, scales), refusals)
        promised = scales.units(await self._tables.promised(self._rail)) or 0
        for payout in approved:
            promised += await self._attempt(payout, self._begin(payout, account, head, scales, promised), refusals) or 0
        if refusals and len(refusals) == len(sent) + len(stuck) + len(approved):
            raise refusals[0]

    async def _attempt(self, payout: ChainWithdrawal, step: Awaitable[T], refusals: list[NodeRefused]) -> T | None:
        """Make a step with a payout, ``None`` if the node refuses it; it is made again in the next pass."""
        try:
            return await step
        except NodeRefused as error:
            refusals.append(error)
            await self._wait(payout, "node_refused", said=str(error))
            return None

    async def _account(self) -> str:
        identity = await self._signer.identity()
        if identity.chain_id != self._settings.chain_id or identity.token != self._settings.token:
            raise ChainUnavailable(
                "the signer signs for another chain or token than EVENS_CHAIN_ID and EVENS_CHAIN_TOKEN"
            )
        return identity.address

    async def _begin(self, payout: ChainWithdrawal, account: str, head: int, scales: Scales, promised: int) -> int:
        """Send an approved payout if it can be sent; return the units that left with it."""
        earlier = await self._tables.sendings(payout.id)
        if await self._settle(payout, earlier, head, scales):
            return 0
        recipient, units = payout.destination.lower(), scales.units(payout.amount_minor)
        if units is None:
            await self._approving.give_back(payout, "returned", reason="token_too_coarse")
            return 0
        if not self._is_payable(payout.destination, account):
            await self._approving.give_back(payout, "returned", reason="destination_invalid")
            return 0
        if await balance_of(self._node, self._settings.token, account) - promised < units:
            await self._wait(payout, "account_short")
            return 0
        if not await self._accepts(account, recipient, units):
            await self._approving.give_back(payout, "returned", reason="recipient_refused")
            return 0
        return units if await self._send_first(payout, account, recipient, units) else 0

    def _is_payable(self, destination: str, account: str) -> bool:
        digits = destination.removeprefix("0x")
        is_mixed = digits not in {digits.lower(), digits.upper()}
        nobody = {account, self._settings.token, "0x" + "0" * 40}
        return destination.lower() not in nobody and (not is_mixed or is_checksum_address(destination))

    async def _accepts(self, account: str, recipient: str, units: int) -> bool:
        """Return whether the token lets the recipient be paid. Raises if it lets nobody be paid at all."""
        if await self._would_pay(account, recipient, units):
            return True
        if not await self._would_pay(account, account, units):
            raise ChainUnavailable("the token takes no transfers from the signer's account now")
        return False

    async def _would_pay(self, account: str, recipient: str, units: int) -> bool:
        try:
            return says_yes(await self._node.call(self._settings.token, transfer_data(recipient, units), account))
        except NodeRefused as error:
            if not error.reverted:
                raise
            return False

    async def _send_first(self, payout: ChainWithdrawal, account: str, recipient: str, units: int) -> bool:
        gas = await self._gas(account, recipient, units)
        if gas is None:
            await self._wait(payout, "gas_unknown")
            return False
        fee_wei, tip_wei = self._affordable(*await self._node.fees())
        if await self._node.coins(account) < gas * fee_wei:
            await self._wait(payout, "account_short_of_coins")
            return False
        nonce = max(await self._node.nonce(account), await self._tables.next_nonce(self._rail, account))
        sending = await self._sign(payout, account, Payment(recipient, units, nonce, gas, fee_wei, tip_wei))
        if sending is None or not await self._tables.set_off(sending):
            return False
        await self._hand_over(sending)
        return True

    async def _gas(self, account: str, recipient: str, units: int) -> int | None:
        """Return how much gas to allow for a payment, ``None`` if it would fail now."""
        try:
            return await self._node.gas(self._settings.token, transfer_data(recipient, units), account) * 3 // 2
        except NodeRefused as error:
            if not error.reverted:
                raise
            return None

    def _affordable(self, fee_wei: int, tip_wei: int) -> tuple[int, int]:
        fee_wei = min(fee_wei, self._settings.fee_wei_max)
        return fee_wei, min(tip_wei, fee_wei)

    async def _sign(self, payout: ChainWithdrawal, account: str, payment: Payment) -> Sending | None:
        try:
            signed = await self._signer.sign(payment)
        except SigningRefused as error:
            await self._wait(payout, f"signer_refused: {error}"[:200])
            return None
        paid = signed.raw, payment.fee_wei, payment.tip_wei
        return Sending(signed.tx_hash, payout.id, account, payment.nonce, *paid)

    async def _hand_over(self, sending: Sending) -> None:
        try:
            await self._node.send(sending.raw)
        except NodeRefused as error:
            # It is recorded, so it is handed over again; whether it was mined is asked by its hash.
            if not any(words in error.message for words in _KNOWN_ALREADY):
                raise

    async def _follow(self, payout: ChainWithdrawal, account: str, head: int, scales: Scales) -> None:
        """Find out what became of a payout, and do what it takes that it goes on."""
        sendings = await self._tables.sendings(payout.id)
        if await self._settle(payout, sendings, head, scales):
            return
        current = [each for each in sendings if (each.account, each.nonce) == (payout.account, payout.nonce)]
        highest, deep = current[0], head - self._settings.confirmations + 1
        if deep >= 0 and await self._node.nonce(highest.account, deep) > highest.nonce:
            await self._tables.close(payout.id, "stuck", reason="nonce_taken")
            self._reports.report("chain_payout_stuck", withdrawal=f"txn_{payout.id}", nonce=payout.nonce)
            return
        newest = max(each.sent_at.timestamp() for each in current if each.sent_at is not None)
        is_late = time.time() - newest >= self._settings.raise_after_s
        # What an earlier account has signed can only be handed over as it is.
        if is_late and highest.account == account and await self._raise(payout, highest, scales):
            return
        if not await self._node.knows(highest.tx_hash):
            await self._hand_over(highest)

    async def _settle(self, payout: ChainWithdrawal, sendings: Sequence[Sending], head: int, scales: Scales) -> bool:
        """Book the end of a payout that is mined deep enough; return whether any of its transactions is mined."""
        for sending in sendings:
            mined = await self._node.mined(sending.tx_hash)
            if mined is None:
                continue
            header = await self._node.header(mined.block_number)
            if header is None or header.hash != mined.block_hash:
                continue
            if head - mined.block_number + 1 >= self._settings.confirmations:
                await self._book(payout, sending, mined, scales)
            return True
        return False

    async def _book(self, payout: ChainWithdrawal, sending: Sending, mined: Mined, scales: Scales) -> None:
        if self._has_paid(payout, mined, sending.account, scales):
            await self._approving.complete(payout, sending.tx_hash, mined.block_number)
            return
        await self._approving.give_back(
            payout, "returned", reason="reverted", tx_hash=sending.tx_hash, block_number=mined.block_number
        )

    def _has_paid(self, payout: ChainWithdrawal, mined: Mined, account: str, scales: Scales) -> bool:
        moved = [read_transfer(log) for log in mined.logs if log.contract == self._settings.token]
        paid = (account, payout.destination.lower(), scales.units(payout.amount_minor))
        return mined.succeeded and any(
            each is not None and (each.sender, each.recipient, each.units) == paid for each in moved
        )

    async def _raise(self, payout: ChainWithdrawal, highest: Sending, scales: Scales) -> bool:
        """Send a payout again with a fee that replaces the one before; return whether it was sent."""
        fee_wei, tip_wei = await self._node.fees()
        # Nodes take a replacement only if both parts of the fee are a tenth higher.
        fee_wei, tip_wei = max(fee_wei, _eighth_more(highest.fee_wei)), max(tip_wei, _eighth_more(highest.tip_wei))
        if fee_wei > self._settings.fee_wei_max:
            if await self._tables.note(payout.id, "fee_limit"):
                self._reports.report("chain_payout_waits_for_lower_fees", withdrawal=f"txn_{payout.id}")
            return False
        recipient, units = payout.destination.lower(), scales.units(payout.amount_minor) or 0
        gas = await self._gas(highest.account, recipient, units)
        if gas is None:
            return False  # What is on its way will be mined, and be found to have failed.
        payment = Payment(recipient, units, highest.nonce, gas, fee_wei, min(tip_wei, fee_wei))
        sending = await self._sign(payout, highest.account, payment)
        if sending is None:
            return False
        await self._tables.add_sending(sending)
        self._metrics.fee_raised()
        await self._hand_over(sending)
        return True

    async def _wait(self, payout: ChainWithdrawal, why: str, **facts: object) -> None:
        """Leave a payout as it is; operators are told once."""
        if await self._tables.note(payout.id, why):
            self._reports.report("chain_payout_waits", withdrawal=f"txn_{payout.id}", why=why, **facts)


def _eighth_more(wei: int) -> int:
    return wei + wei // 8 + 1
