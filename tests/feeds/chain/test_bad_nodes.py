"""Nodes that lag, contradict themselves, or are of another chain: none of them moves the cursor wrongly."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from evens.core.values.ids import CustomerId, TransferId
from evens.feeds.chain.protocols import ChainUnavailable
from tests.conftest import Stage
from tests.feeds.chain.chain import Chain
from tests.feeds.chain.conftest import CONFIRMATIONS, RAIL, Quay
from tests.feeds.chain.lagging import LaggingNode, Refusal, Twist

pytestmark = pytest.mark.anyio

BOB = "0x" + "b0" * 20


@pytest.fixture
async def node(chain: Chain) -> AsyncIterator[LaggingNode]:
    node = LaggingNode(chain)
    await node.start()
    yield node
    await node.stop()


@pytest.fixture
async def behind(quay: Quay, node: LaggingNode) -> Quay:
    """Read the chain through the proxy from now on."""
    quay.settings = quay.settings.model_copy(update={"chain_url": node.url})
    await quay.restart()
    return quay


@pytest.fixture
async def ann(stage: Stage) -> CustomerId:
    return await stage.customer("ann")


def empty(wanted: str, instead: Any = None) -> Twist:
    return lambda method, params, result: instead if method == wanted else result


def without_the_last(method: str, params: list[Any], result: Any) -> Any:
    return result[:-1] if method == "eth_getBlockReceipts" else result


def of_another_block(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        return [each | {"blockHash": "0x" + "ab" * 32} for each in result]
    return result


def without_transactions(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockByHash":
        return result | {"transactions": []}
    return [] if method == "eth_getBlockReceipts" else result


def without_logs(method: str, params: list[Any], result: Any) -> Any:
    return [each | {"logs": []} for each in result] if method == "eth_getBlockReceipts" else result


def without_a_log_in_between(method: str, params: list[Any], result: Any) -> Any:
    if method == "eth_getBlockReceipts":
        return [each | {"logs": each["logs"][:1] + each["logs"][2:]} for each in result]
    return result


TWISTS: dict[str, Twist] = {
    "receipts without their logs": without_logs,
    "receipts without some log": without_a_log_in_between,
    "no receipts": empty("eth_getBlockReceipts", []),
    "receipts unknown": empty("eth_getBlockReceipts"),
    "part of the receipts": without_the_last,
    "receipts of another block": of_another_block,
    "a block without its transactions": without_transactions,
    "no block": empty("eth_getBlockByHash"),
    "no block of this number": empty("eth_getBlockByNumber"),
}


@pytest.mark.parametrize("twist", TWISTS.values(), ids=TWISTS.keys())
async def test_an_answer_that_lacks_something_moves_nothing(
    behind: Quay, node: LaggingNode, ann: CustomerId, twist: Twist
) -> None:
    """Pools 5: a lagging node's empty answer moves nothing, and nothing is lost by it."""
    payees = ["0x" + "11" * 20, "0x" + "22" * 20, await behind.address(ann)]
    transfer = behind.token.send("transferMany(address[],uint256)", payees, 4_000_000)
    behind.chain.mine(CONFIRMATIONS)
    node.twist = twist
    with pytest.raises(ChainUnavailable):
        await behind.rail.watch()
    cursor = await behind.desk.deposits.cursor(RAIL)
    assert cursor is not None
    assert cursor.number < int(behind.chain.receipt(transfer)["blockNumber"], 16)
    node.twist = lambda method, params, result: result
    await behind.rail.watch()
    assert behind.cash(ann) == 4_000_000


def in_capitals(method: str, params: list[Any], result: Any) -> Any:
    text = re.sub('"0x([0-9a-f]{64})"', lambda found: f'"0x{found[1].upper()}"', json.dumps(result))
    return json.loads(text)


async def test_a_hash_that_is_written_in_capitals_is_the_same_one(
    behind: Quay, node: LaggingNode, ann: CustomerId
) -> None:
    """Pools 5: an identity has one spelling, however a node writes it after a change of software."""
    address = await behind.address(ann)
    behind.token.transfer(address, 4_000_000)
    behind.chain.mine(CONFIRMATIONS)
    await behind.rail.watch()
    raw = behind.chain.ask(
        "eth_getRawTransactionByHash",
        behind.chain.ask("eth_getBlockByNumber", hex(behind.chain.head - CONFIRMATIONS + 1), False)["transactions"][0],
    )
    behind.chain.reorganise(CONFIRMATIONS, [(raw, 0)])
    behind.chain.mine(CONFIRMATIONS)
    node.twist = in_capitals
    await behind.rail.watch()
    assert await behind.arrivals() == [("credited", None, 4_000_000)]
    assert behind.cash(ann) == 4_000_000


async def approved(behind: Quay, customer: CustomerId, amount_minor: int, destination: str) -> TransferId:
    asked = await behind.request(customer, amount_minor, destination)
    await behind.desk.approving.take_up()
    await behind.desk.withdrawals.approve(asked, "operator:test")
    return asked


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas", "eth_sendRawTransaction"])
async def test_what_a_node_refuses_of_one_payout_keeps_no_other_waiting(
    behind: Quay, node: LaggingNode, method: str
) -> None:
    """Pools 5: a recipient that burns all gas, or a transaction the node does not take, and the next goes on."""
    ann = await behind.stage.customer("ann", USDC=9_000_000)
    odd, fine = await approved(behind, ann, 1_000_000, "0x" + "ee" * 20), await approved(behind, ann, 2_000_000, BOB)

    def burns(asked: str, params: list[Any], result: Any) -> Any:
        if asked == method and "ee" * 20 in str(params[0]):
            raise Refusal("out of gas: 30000000 used")
        return result

    node.twist = burns
    for _ in range(2):
        await behind.rail.pay()
        assert (await behind.status(odd))[1] == "node_refused"
    behind.chain.mine(CONFIRMATIONS)
    await behind.rail.pay()
    assert (await behind.status(fine))[0] == "confirmed"
    assert behind.reports.words().count("chain_payout_waits") == 1
    node.twist = lambda method, params, result: result
    for _ in range(2):
        await behind.rail.pay()
        behind.chain.mine(CONFIRMATIONS)
    await behind.rail.pay()
    assert [(await behind.status(each))[0] for each in (odd, fine)] == ["confirmed", "confirmed"]
    assert behind.outside() == 3_000_000


async def test_a_node_that_refuses_everything_is_trouble(behind: Quay, node: LaggingNode) -> None:
    ann = await behind.stage.customer("ann", USDC=9_000_000)
    for _ in range(2):
        await approved(behind, ann, 1_000_000, BOB)

    def refuses(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_call":
            raise Refusal("rate limit exceeded")
        return result

    await behind.rail.watch()
    node.twist = refuses
    with pytest.raises(ChainUnavailable, match="rate limit"):
        await behind.rail.pay()


async def test_a_head_that_nobody_has_confirms_no_payout(behind: Quay, node: LaggingNode) -> None:
    """Pools 5: a node that says that the chain is longer than it is."""
    ann = await behind.stage.customer("ann", USDC=9_000_000)
    asked = await approved(behind, ann, 1_000_000, BOB)
    await behind.rail.pay()
    behind.chain.mine()
    node.twist = empty("eth_blockNumber", hex(behind.chain.head + 1000))
    for part in (behind.rail.watch, behind.rail.pay):
        with pytest.raises(ChainUnavailable):
            await part()
    assert (await behind.status(asked))[0] == "sent"


async def test_a_head_that_lags_moves_nothing(behind: Quay, node: LaggingNode, ann: CustomerId) -> None:
    behind.token.transfer(await behind.address(ann), 4_000_000)
    behind.chain.mine(CONFIRMATIONS)
    before = await behind.desk.deposits.cursor(RAIL)
    node.twist = empty("eth_blockNumber", "0x1")
    await behind.rail.watch()
    assert await behind.desk.deposits.cursor(RAIL) == before


async def test_a_node_that_is_down_or_of_another_chain_is_not_believed(behind: Quay, node: LaggingNode) -> None:
    def down(method: str, params: list[Any], result: Any) -> Any:
        raise ConnectionError

    node.twist = down
    with pytest.raises(ChainUnavailable):
        await behind.rail.watch()
    node.twist = empty("eth_chainId", "0x1")
    with pytest.raises(ChainUnavailable, match="the node is of chain 1, and EVENS_CHAIN_ID is 31337"):
        await behind.rail.watch()


async def test_a_chain_that_has_none_of_the_blocks_read_is_another_chain(behind: Quay, node: LaggingNode) -> None:
    def other(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result is not None:
            return result | {"hash": "0x" + "cd" * 32, "parentHash": "0x" + "ef" * 32}
        return result

    behind.chain.mine(CONFIRMATIONS)
    before = await behind.desk.deposits.cursor(RAIL)
    node.twist = other
    with pytest.raises(ChainUnavailable, match="another chain"):
        await behind.rail.watch()
    assert await behind.desk.deposits.cursor(RAIL) == before


async def test_a_node_that_knows_no_receipts_pays_nobody_twice(behind: Quay, node: LaggingNode) -> None:
    """Pools 5: what looks like a nonce that something else used is left to an operator, and heals by itself."""
    ann = await behind.stage.customer("ann", USDC=9_000_000)
    asked = await behind.request(ann, 4_000_000, BOB)
    await behind.desk.approving.take_up()
    await behind.desk.withdrawals.approve(asked, "operator:test")
    await behind.rail.pay()
    behind.chain.mine(CONFIRMATIONS)
    node.twist = empty("eth_getTransactionReceipt")
    for _ in range(3):
        await behind.rail.pay()
    assert await behind.status(asked) == ("stuck", "nonce_taken")
    assert behind.chain.waiting() == []
    node.twist = lambda method, params, result: result
    await behind.rail.pay()
    assert ((await behind.status(asked))[0], behind.token.balance(BOB)) == ("confirmed", 4_000_000)


async def test_a_node_that_lags_behind_a_payout_is_waited_for(behind: Quay, node: LaggingNode) -> None:
    ann = await behind.stage.customer("ann", USDC=9_000_000)
    asked = await behind.request(ann, 4_000_000, BOB)
    await behind.desk.approving.take_up()
    await behind.desk.withdrawals.approve(asked, "operator:test")
    await behind.rail.pay()
    behind.chain.mine(CONFIRMATIONS)

    def lags(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getTransactionCount":
            return "0x0"
        return None if method in {"eth_getTransactionReceipt", "eth_getTransactionByHash"} else result

    node.twist = lags
    await behind.rail.pay()
    assert (await behind.status(asked))[0] == "sent"
    node.twist = lambda method, params, result: result
    await behind.rail.pay()
    assert ((await behind.status(asked))[0], behind.token.balance(BOB)) == ("confirmed", 4_000_000)


ASKED = (
    *("eth_chainId", "eth_blockNumber", "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getBlockReceipts"),
    *("eth_call", "eth_getTransactionReceipt", "eth_getTransactionCount", "eth_estimateGas", "eth_getBalance"),
    "eth_getTransactionByHash",
)
NONSENSE: tuple[Any, ...] = ([], {}, "x", 5, True, [None], [[]], {"hash": 1}, {"blockNumber": "x"}, "0x", "")


async def test_an_answer_of_another_shape_is_never_believed(behind: Quay, node: LaggingNode, ann: CustomerId) -> None:
    """Pools 5: chain node wrong: nothing credited wrongly, nothing lost."""
    rich = await behind.stage.customer("rich", USDC=9_000_000)
    asked = await behind.request(rich, 4_000_000, BOB)
    await behind.desk.approving.take_up()
    await behind.desk.withdrawals.approve(asked, "operator:test")
    behind.token.transfer(await behind.address(ann), 3_000_000)
    behind.chain.mine(CONFIRMATIONS)
    for method in ASKED:
        for nonsense in NONSENSE:
            node.twist = empty(method, nonsense)
            await behind.restart()
            for part in (behind.rail.watch, behind.rail.pay):
                with suppress(ChainUnavailable):
                    await part()
    assert behind.cash(ann) in {0, 3_000_000}
    node.twist = lambda method, params, result: result
    await behind.restart()
    for _ in range(3):
        await behind.rail.watch()
        await behind.rail.pay()
        behind.chain.mine(CONFIRMATIONS)
    await behind.rail.pay()
    assert (behind.cash(ann), behind.token.balance(BOB)) == (3_000_000, 4_000_000)
    assert (await behind.status(asked))[0] == "confirmed"
