"""How whoever pays asks the signer: one request and one answer a connection, each a line of JSON, over a Unix socket.

The signer is not told what to sign but what to pay: it makes the transaction by itself, of its own token on its own
chain.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from evens.feeds.chain.protocols import ChainUnavailable

LINE_BYTES_MAX: Final = 16 * 1024
"""How long a request or an answer may be."""

TIMEOUT_S: Final = 10.0


class SigningRefused(Exception):
    """The signer does not sign this payment; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Who signs, and what: payments of one token on one chain, from one address. Addresses in lower case."""

    address: str
    chain_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Payment:
    """What to sign: units of the token to an address, with everything that a transaction needs besides."""

    recipient: str
    units: int
    nonce: int
    gas: int
    fee_wei: int
    tip_wei: int


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction, and its hash."""

    raw: str
    tx_hash: str


class SignerClient:
    """The signer behind a socket. Every method raises :class:`ChainUnavailable` if it does not answer."""

    def __init__(self, socket: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._socket = socket
        self._timeout_s = timeout_s

    async def identity(self) -> SignerIdentity:
        """Return who signs."""
        answer = await self._ask({"ask": "identity"})
        return SignerIdentity(str(answer["address"]), int(answer["chain_id"]), str(answer["token"]))

    async def sign(self, payment: Payment) -> Signed:
        """Have a payment signed. Raises :class:`SigningRefused` if that is against the signer's rules."""
        # Numbers of a chain are longer than what other programs keep of a JSON number.
        fields = {
            "recipient": payment.recipient,
            "units": str(payment.units),
            "nonce": str(payment.nonce),
            "gas": str(payment.gas),
            "fee_wei": str(payment.fee_wei),
            "tip_wei": str(payment.tip_wei),
        }
        answer = await self._ask({"ask": "payment", **fields})
        return Signed(str(answer["raw"]), str(answer["hash"]))

    async def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = await asyncio.open_unix_connection(self._socket, limit=LINE_BYTES_MAX)
                try:
                    writer.write(json.dumps(request).encode() + b"\n")
                    await writer.drain()
                    line = await reader.readline()
                finally:
                    writer.close()
            answer: Any = json.loads(line)
        except (TimeoutError, OSError, ValueError) as error:
            raise ChainUnavailable(f"the signer does not answer: {type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ChainUnavailable("the signer's answer is none")
        said = cast("dict[str, Any]", answer)
        if "refused" in said:
            raise SigningRefused(str(said["refused"]))
        return said
