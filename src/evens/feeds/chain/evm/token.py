"""The one token that counts: its transfers as they are written to a chain, and its units as amounts."""

from dataclasses import dataclass
from typing import Final

from evens.feeds.chain.evm.node import EvmNode, Log
from evens.feeds.chain.protocols import ChainUnavailable

TRANSFER_TOPIC: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""The first topic of an ERC-20 transfer's log: the hash of ``Transfer(address,address,uint256)``."""

DECIMALS_MAX: Final = 36

_BALANCE_OF: Final = "0x70a08231"
_DECIMALS: Final = "0x313ce567"
_WORD_BYTES: Final = 32
_TRANSFER_TOPICS: Final = 3


@dataclass(frozen=True, slots=True)
class Transferred:
    """A transfer that a contract logged; addresses in lower case."""

    contract: str
    sender: str
    recipient: str
    units: int


@dataclass(frozen=True, slots=True)
class Scales:
    """How many digits the token and the house's currency have behind the point."""

    token: int
    currency: int

    def minor(self, units: int) -> tuple[int, int]:
        """Return the whole minor units in units of the token, and the dust: units that make no whole one."""
        if self.token < self.currency:
            return units * 10 ** (self.currency - self.token), 0
        return divmod(units, 10 ** (self.token - self.currency))

    def units(self, minor: int) -> int | None:
        """Return the units of the token for minor units, ``None`` if the token is too coarse for them."""
        if self.token >= self.currency:
            return minor * 10 ** (self.token - self.currency)
        units, rest = divmod(minor, 10 ** (self.currency - self.token))
        return None if rest else units


def read_transfer(log: Log) -> Transferred | None:
    """Return the ERC-20 transfer that a log tells of, if it does."""
    if len(log.topics) != _TRANSFER_TOPICS or log.topics[0] != TRANSFER_TOPIC:
        return None
    data = log.data.removeprefix("0x")
    if len(data) != 2 * _WORD_BYTES:
        return None
    return Transferred(log.contract, "0x" + log.topics[1][-40:], "0x" + log.topics[2][-40:], int(data, 16))


async def decimals_of(node: EvmNode, token: str) -> int:
    """Ask the token how many digits it has behind the point."""
    decimals = _read_word(await node.call(token, _DECIMALS))
    if decimals > DECIMALS_MAX:
        raise ChainUnavailable(f"the token says that it has {decimals} digits behind the point")
    return decimals


async def balance_of(node: EvmNode, token: str, address: str) -> int:
    """Ask the token how many units an address has."""
    return _read_word(await node.call(token, f"{_BALANCE_OF}{int(address, 16):064x}"))


def says_yes(answer: bytes) -> bool:
    """Return whether a token's answer to a transfer is a yes: true, or nothing, as old tokens answer."""
    return not answer or int.from_bytes(answer[:_WORD_BYTES]) == 1


def _read_word(answer: bytes) -> int:
    if len(answer) < _WORD_BYTES:
        raise ChainUnavailable("there is no token at EVENS_CHAIN_TOKEN on this chain")
    return int.from_bytes(answer[:_WORD_BYTES])
