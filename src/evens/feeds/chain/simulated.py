"""A rail without a chain, for development: deposits are said to have arrived, payouts are made when approved."""

import hashlib
from typing import Final

from evens.core.values.ids import CustomerId
from evens.feeds.chain.approving import Approving
from evens.feeds.chain.crediting import Crediting
from evens.feeds.chain.turns import Turns
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.rows import Arrival, Block, ChainDeposit
from evens.store.chain.withdrawals import ChainWithdrawals

NAME: Final = "simulated"

_NO_BLOCK: Final = Block(0, "")
_NOBODY: Final = "0x" + "0" * 40


class SimulatedRail:
    """Implements :class:`evens.feeds.chain.protocols.Rail`."""

    name = NAME

    def __init__(
        self, deposits: ChainDeposits, withdrawals: ChainWithdrawals, crediting: Crediting, approving: Approving
    ) -> None:
        self._deposits = deposits
        self._withdrawals = withdrawals
        self._crediting = crediting
        self._approving = approving
        self._turns = Turns(NAME, withdrawals)

    def address(self, customer: CustomerId) -> str:
        """Return what looks like an address and is nobody's."""
        return "0x" + hashlib.sha256(f"evens simulated rail {customer}".encode()).hexdigest()[:40]

    async def arrive(self, customer: CustomerId, amount_minor: int, tx_hash: str, index: int) -> ChainDeposit | None:
        """Credit what is said to have arrived, once per hash and index; ``None`` if they stand for something else."""
        arrival = Arrival(
            tx_hash=tx_hash,
            ordinal=index,
            block=_NO_BLOCK,
            token=None,
            sender=_NOBODY,
            address=self.address(customer),
            customer=customer,
            units=amount_minor,
            amount_minor=amount_minor,
        )
        found = await self._deposits.find(NAME, arrival)
        return None if found is None else await self._crediting.credit(found)

    async def watch(self) -> None:
        """Credit what an interruption left."""
        await self._crediting.credit_all()

    async def pay(self) -> None:
        """Make every approved payout at once."""
        await self._approving.take_up()
        for each in await self._turns.next("approved"):
            await self._withdrawals.begin(each.id)
        for each in await self._turns.next("signing"):
            made = "0x" + hashlib.sha256(f"evens simulated payout {each.id}".encode()).hexdigest()
            await self._approving.complete(each, made, 0)
