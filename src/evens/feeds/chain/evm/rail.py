"""The rail over an EVM chain: its addresses, its watcher and its payer, once the node is known to be the right one."""

from evens.core.values.ids import CustomerId
from evens.feeds.chain.approving import Approving
from evens.feeds.chain.crediting import Crediting
from evens.feeds.chain.evm.addresses import ReceivingAddresses
from evens.feeds.chain.evm.node import EvmNode
from evens.feeds.chain.evm.payer import Payer
from evens.feeds.chain.evm.token import Scales, decimals_of
from evens.feeds.chain.evm.watcher import Watcher
from evens.feeds.chain.protocols import Books, ChainUnavailable


def rail_name(chain_id: int) -> str:
    """Return the name under which a chain's rail is in the tables."""
    return f"evm-{chain_id}"


class EvmRail:
    """Implements :class:`evens.feeds.chain.protocols.Rail`. Without a payer, withdrawals are taken up and wait."""

    def __init__(
        self,
        chain_id: int,
        token: str,
        node: EvmNode,
        addresses: ReceivingAddresses,
        watcher: Watcher,
        crediting: Crediting,
        approving: Approving,
        payer: Payer | None,
        books: Books,
    ) -> None:
        self.name = rail_name(chain_id)
        self._chain_id = chain_id
        self._token = token
        self._node = node
        self._addresses = addresses
        self._watcher = watcher
        self._crediting = crediting
        self._approving = approving
        self._payer = payer
        self._books = books
        self._scales: Scales | None = None

    def address(self, customer: CustomerId) -> str:
        """Return the customer's address."""
        return self._addresses.address(customer)

    async def watch(self) -> None:
        """Credit what was found, read on, and credit again."""
        scales = await self._known()
        await self._crediting.credit_all()
        try:
            await self._watcher.read(scales)
        finally:
            await self._crediting.credit_all()

    async def pay(self) -> None:
        """Take up what was asked for, and pay what is approved."""
        await self._approving.take_up()
        if self._payer is not None:
            await self._payer.pay(await self._known())

    async def close(self) -> None:
        """Close every connection."""
        await self._node.close()

    async def _known(self) -> Scales:
        """Return the digits of token and currency, once the node's chain is the one that was meant."""
        if self._scales is None:
            found = await self._node.chain_id()
            if found != self._chain_id:
                raise ChainUnavailable(f"the node is of chain {found}, and EVENS_CHAIN_ID is {self._chain_id}")
            scale = self._books.scale
            if scale is None:
                raise ChainUnavailable("the currencies are not known yet")
            self._scales = Scales(await decimals_of(self._node, self._token), scale)
        return self._scales
