"""A real chain on this machine, with a token on it: what tests do to it, and what they ask it."""

import json
import re
import subprocess
import threading
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tools.install_anvil import ensure

BUILT = json.loads(Path(__file__).with_name("TestToken.json").read_text("utf-8"))

CHAIN_ID = 31337
COIN = 10**18


def call_data(signature: str, *arguments: Any) -> str:
    """Return the data of a call, as ``call_data("mint(address,uint256)", who, 5)``."""
    kinds = [kind for kind in re.findall(r"\((.*)\)", signature)[0].split(",") if kind]
    return "0x" + (keccak(text=signature)[:4] + encode(kinds, list(arguments))).hex()


@dataclass(slots=True)
class Chain:
    """A node that mines only when it is told to."""

    url: str
    http: httpx2.Client
    accounts: list[str] = field(default_factory=list[str])
    _id: int = 0

    def ask(self, method: str, *params: Any) -> Any:
        self._id += 1
        body = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": list(params)}
        answer = self.http.post(self.url, json=body).json()
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    @property
    def head(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    def mine(self, blocks: int = 1) -> None:
        self.ask("anvil_mine", hex(blocks))

    def send(self, to: str | None, data: str = "0x", value: int = 0, sender: str | None = None) -> str:
        """Hand over a transaction, which waits for the next block; return its hash."""
        fields = {"from": sender or self.accounts[0], "data": data, "value": hex(value), "gas": hex(15_000_000)}
        return self.ask("eth_sendTransaction", fields | ({} if to is None else {"to": to}))

    def receipt(self, tx: str) -> Any:
        return self.ask("eth_getTransactionReceipt", tx)

    def reorganise(self, depth: int, transactions: Sequence[tuple[Any, int]] = ()) -> None:
        """Replace this many of the last blocks; each transaction is mined in one of them, counted from 0."""
        self.ask("anvil_reorg", depth, [list(each) for each in transactions])

    def waiting(self, besides: str = "") -> list[str]:
        """Return the hashes of the transactions that wait to be mined, without those of one account."""
        pending = self.ask("txpool_content")["pending"]
        accounts = [sent for account, sent in pending.items() if account.lower() != besides]
        return [each["hash"] for sent in accounts for each in sent.values()]

    def drop(self, tx: str) -> None:
        """Have the node forget a transaction that waits, if it does."""
        if tx in self.waiting():
            self.ask("anvil_dropTransaction", tx)


@dataclass(slots=True)
class Token:
    """A token that anybody may mint."""

    chain: Chain
    address: str

    def send(self, signature: str, *arguments: Any, sender: str | None = None) -> str:
        return self.chain.send(self.address, call_data(signature, *arguments), sender=sender)

    def mint(self, to: str, units: int) -> str:
        return self.send("mint(address,uint256)", to, units)

    def transfer(self, to: str, units: int, sender: str | None = None) -> str:
        return self.send("transfer(address,uint256)", to, units, sender=sender)

    def balance(self, of: str) -> int:
        asked = {"to": self.address, "data": call_data("balanceOf(address)", of)}
        return int(self.chain.ask("eth_call", asked, "latest"), 16)


@contextmanager
def running_chain() -> Generator[Chain]:
    """Start a chain on a port of its own, and stop it in the end."""
    command = [str(ensure()), "--port", "0", "--no-mining", "--order", "fifo", "--chain-id", str(CHAIN_ID)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            url = ""
            for line in process.stdout:
                if found := re.search(r"Listening on (127\.0\.0\.1:[0-9]+)", line):
                    url = f"http://{found[1]}"
                    break
            assert url, "anvil did not start"
            # It says each request, and would wait if nobody read that.
            threading.Thread(target=deque, args=(process.stdout, 0), daemon=True).start()
            with httpx2.Client(trust_env=False, timeout=30) as http:
                chain = Chain(url, http)
                chain.accounts = chain.ask("eth_accounts")
                yield chain
        finally:
            process.terminate()


def deploy(chain: Chain, symbol: str = "USDC", decimals: int = 6) -> Token:
    """Put a token on the chain, with a thousand of it for its first account."""
    constructor = encode(["string", "uint8"], [symbol, decimals]).hex()
    tx = chain.send(None, BUILT["bytecode"] + constructor)
    chain.mine()
    token = Token(chain, chain.receipt(tx)["contractAddress"].lower())
    token.mint(chain.accounts[0], 1_000 * 10**decimals)
    chain.mine()
    return token
