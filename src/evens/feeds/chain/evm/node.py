"""What a node of the chain says, asked by JSON-RPC: each answer bounded in time, and used only in its right shape."""

import asyncio
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from aiohttp import ClientError, ClientTimeout
from eth_utils.crypto import keccak
from web3 import AsyncHTTPProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

from evens.feeds.chain.protocols import ChainUnavailable

TIMEOUT_S: Final = 20.0
"""How long an answer may take."""

_GWEI: Final = 10**9
_NO_TRANSACTIONS: Final = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
"""The root of the transactions of a block that has none."""
_NODE_IS_BEHIND: Final = "the node does not have all of a block"
_HASH: Final = re.compile("0x[0-9a-f]{64}")
_BLOOM_BITS: Final = 2048


class NodeRefused(ChainUnavailable):
    """The node answered with an error. ``reverted``: the contract refuses what was tried."""

    def __init__(self, method: str, message: str, *, reverted: bool) -> None:
        super().__init__(f"the node refuses {method}: {message[:200]}")
        self.message = message.lower()
        self.reverted = reverted


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract logged."""

    contract: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction of a block with what it led to. ``recipient`` is ``None`` if it made a contract."""

    hash: str
    sender: str
    recipient: str | None
    value: int
    succeeded: bool
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """A block of the chain that the node takes for the right one."""

    number: int
    hash: str
    parent: str
    base_fee_wei: int


@dataclass(frozen=True, slots=True)
class Mined:
    """Where a transaction is and what it led to."""

    block_number: int
    block_hash: str
    succeeded: bool
    logs: tuple[Log, ...]


class EvmNode:
    """One node. Every method raises :class:`ChainUnavailable` if there is no answer that can be used."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        timeout = ClientTimeout(total=timeout_s)
        # What is asked again, and when, is decided by whoever asks.
        self._provider = AsyncHTTPProvider(url, {"timeout": timeout}, exception_retry_configuration=None)
        self._timeout_s = timeout_s

    async def close(self) -> None:
        """Close every connection."""
        await self._provider.disconnect()

    async def chain_id(self) -> int:
        """Return the number of the chain."""
        return _number(await self._ask("eth_chainId"))

    async def head(self) -> int:
        """Return the number of the newest block."""
        return _number(await self._ask("eth_blockNumber"))

    async def header(self, number: int) -> Header | None:
        """Return a block by its number, ``None`` if the node does not have it."""
        block = await self._ask("eth_getBlockByNumber", hex(number), False)
        with _shape_of("a block"):
            return None if block is None else _header(block)

    async def transactions(self, header: Header) -> list[Transaction]:
        """Return every transaction of exactly this block, with its receipt.

        A node that lags, or has forgotten, may answer with nothing, or with a part. So what it says is taken only if
        there is a receipt of this very block for each of the block's transactions, and logs for all that the block's
        filter tells of.
        """
        block, receipts = await asyncio.gather(
            self._ask("eth_getBlockByHash", header.hash, True), self._ask("eth_getBlockReceipts", header.hash)
        )
        with _shape_of("a block with its receipts"):
            return _together(header.hash, block, receipts)

    async def mined(self, tx_hash: str) -> Mined | None:
        """Return where a transaction was mined, ``None`` if it was not, or the node does not know."""
        receipt = await self._ask("eth_getTransactionReceipt", tx_hash)
        with _shape_of("a receipt"):
            if receipt is None or receipt.get("blockNumber") is None:
                return None
            at = _number(receipt["blockNumber"]), _hash(receipt["blockHash"])
            return Mined(*at, _succeeded(receipt), _logs(receipt))

    async def knows(self, tx_hash: str) -> bool:
        """Return whether the node has a transaction, mined or waiting."""
        return await self._ask("eth_getTransactionByHash", tx_hash) is not None

    async def nonce(self, address: str, at: int | None = None) -> int:
        """Return how many transactions an account has sent as of a block, by default with those that wait."""
        return _number(await self._ask("eth_getTransactionCount", address, "pending" if at is None else hex(at)))

    async def coins(self, address: str) -> int:
        """Return an account's coins, in wei."""
        return _number(await self._ask("eth_getBalance", address, "latest"))

    async def call(self, contract: str, data: str, sender: str | None = None) -> bytes:
        """Return what a contract would answer. Raises :class:`NodeRefused` if it refuses."""
        asked = {"to": contract, "data": data} | ({} if sender is None else {"from": sender})
        with _shape_of("a contract's answer"):
            return bytes.fromhex(str(await self._ask("eth_call", asked, "latest")).removeprefix("0x"))

    async def gas(self, contract: str, data: str, sender: str) -> int:
        """Return how much gas a call would take, as of the newest block."""
        # With what waits to be mined, a transfer to somebody who is about to have their first tokens looks too cheap.
        return _number(await self._ask("eth_estimateGas", {"to": contract, "data": data, "from": sender}, "latest"))

    async def fees(self) -> tuple[int, int]:
        """Return what to pay per gas at most, and the part of it that goes to the miner, in wei."""
        head = await self.header(await self.head())
        try:
            tip_wei = _number(await self._ask("eth_maxPriorityFeePerGas"))
        except NodeRefused:
            tip_wei = _GWEI
        # The base fee rises by an eighth per block at most, so this is enough for six full blocks.
        return 2 * (head.base_fee_wei if head else 0) + tip_wei, tip_wei

    async def send(self, raw: str) -> None:
        """Hand over a signed transaction. Raises :class:`NodeRefused` if the node does not take it."""
        await self._ask("eth_sendRawTransaction", raw)

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._provider.make_request(RPCEndpoint(method), list(params))
        except (TimeoutError, ClientError, OSError, Web3Exception, ValueError) as error:
            raise ChainUnavailable(f"the node does not answer {method}: {type(error).__name__}") from error
        with _shape_of(f"one to {method}"):
            said = cast("Mapping[str, Any]", answer)
            failure = said.get("error")
            if failure is None:
                return said["result"]
        raise _refusal(method, failure)


@contextmanager
def _shape_of(what: str) -> Generator[None]:
    """Say that an answer is none if it turns out not to have the shape of ``what``."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ChainUnavailable(f"the node's answer is not {what}: {type(error).__name__}") from error


def _together(block_hash: str, block: Any, receipts: Any) -> list[Transaction]:
    """Return a block's transactions with what they led to. Raises :class:`ChainUnavailable` if anything is missing."""
    if block is None or receipts is None or _hash(block["hash"]) != block_hash:
        raise ChainUnavailable(_NODE_IS_BEHIND)
    sent: Sequence[Any] = block["transactions"]
    if len(receipts) != len(sent) or (not sent and _hash(block["transactionsRoot"]) != _NO_TRANSACTIONS):
        raise ChainUnavailable(_NODE_IS_BEHIND)
    found: list[Transaction] = []
    for each, receipt in zip(sent, receipts, strict=True):
        if _hash(receipt["blockHash"]) != block_hash or _hash(receipt["transactionHash"]) != _hash(each["hash"]):
            raise ChainUnavailable(_NODE_IS_BEHIND)
        found.append(_transaction(each, receipt))
    if _number(block.get("logsBloom", "0x0")) & ~_bloom(log for sent in found for log in sent.logs):
        raise ChainUnavailable(_NODE_IS_BEHIND)
    return found


def _bloom(logs: Iterable[Log]) -> int:
    """Return the filter that a block with these logs has: three bits for each contract and topic."""
    bloom = 0
    for text in {word for log in logs for word in (log.contract, *log.topics)}:
        digest = keccak(hexstr=text)
        for place in (0, 2, 4):
            bloom |= 1 << int.from_bytes(digest[place : place + 2]) % _BLOOM_BITS
    return bloom


def _refusal(method: str, failure: Any) -> NodeRefused:
    if not isinstance(failure, Mapping):
        return NodeRefused(method, str(failure), reverted=False)
    said = cast("Mapping[str, Any]", failure)
    message = str(said.get("message", ""))
    return NodeRefused(method, message, reverted=said.get("code") == 3 or "revert" in message.lower())


def _hash(value: Any) -> str:
    """Return a hash in lower case: what is named by it has one name, however a node writes it."""
    text = str(value).lower()
    if _HASH.fullmatch(text) is None:
        raise ValueError("this is no hash")
    return text


def _number(value: Any) -> int:
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise ChainUnavailable(f"the node says {str(value)[:40]!r} instead of a number") from error


def _header(block: Any) -> Header:
    base_fee = block.get("baseFeePerGas") or "0x0"
    return Header(_number(block["number"]), _hash(block["hash"]), _hash(block["parentHash"]), _number(base_fee))


def _transaction(sent: Any, receipt: Any) -> Transaction:
    return Transaction(
        hash=_hash(sent["hash"]),
        sender=sent["from"].lower(),
        recipient=sent["to"].lower() if sent.get("to") else None,
        value=_number(sent["value"]),
        succeeded=_succeeded(receipt),
        logs=_logs(receipt),
    )


def _succeeded(receipt: Any) -> bool:
    return _number(receipt["status"]) == 1


def _logs(receipt: Any) -> tuple[Log, ...]:
    """Return what a transaction logged. Its logs follow each other in their block, so none between them is missing."""
    places = [_number(log["logIndex"]) for log in receipt["logs"]]
    if places != list(range(places[0], places[0] + len(places)) if places else ()):
        raise ValueError("logs are missing")
    return tuple(
        Log(log["address"].lower(), tuple(topic.lower() for topic in log["topics"]), log["data"])
        for log in receipt["logs"]
    )
