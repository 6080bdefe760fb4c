"""The signer: the only process that has the private key. It listens on a Unix socket, and on nothing else.

It signs payments of one token on one chain, each and all of a day within limits of its own, whatever it is asked. So
who takes over the server that asks can take what these limits leave, and not the key. The limits of a day are counted
from when the process started.
"""

import asyncio
import json
import os
import re
import secrets
import shutil
import socket
import stat
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import structlog
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_account.types import TransactionDictType

from evens.feeds.chain.evm.signing import LINE_BYTES_MAX, Payment, SigningRefused
from evens.feeds.chain.evm.transfer_call import transfer_data

GAS_MAX: Final = 500_000

_DAY_S: Final = 86_400
_PATIENCE_S: Final = 10.0
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}")
_KEY: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,77}")
_FIELDS: Final = ("recipient", "units", "nonce", "gas", "fee_wei", "tip_wei")

_log: Final = structlog.get_logger(__name__)


class KeyFileInvalid(Exception):
    """The file is missing, can be read by others, or has no key in it; ``str()`` says what to do."""


@dataclass(frozen=True, slots=True)
class SignerRules:
    """What is signed at most: units of the token for one payment and for a day, and what is paid per gas, in wei."""

    chain_id: int
    token: str
    units_max: int
    units_per_day_max: int
    fee_wei_max: int


def make_key(path: Path) -> str:
    """Write a new private key into a file that is not there yet, and return its address."""
    key = secrets.token_hex(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return _account(key).address


def read_key(path: Path) -> LocalAccount:
    """Return the account whose key is in a file that only its owner can read. Raises :class:`KeyFileInvalid`."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise KeyFileInvalid(f"{path} cannot be read; --make-key writes a new key there") from error
    if mode & 0o077:
        raise KeyFileInvalid(f"others can read {path}; make it yours alone: chmod 600 {path}")
    if _KEY.fullmatch(text) is None:
        raise KeyFileInvalid(f"{path} has no private key in it: 64 hexadecimal digits, and nothing else")
    return _account(text)


class Signer:
    """Signs payments from one account within its rules. ``clock`` is in seconds and only goes forward."""

    def __init__(self, account: LocalAccount, rules: SignerRules, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._rules = rules
        self._clock = clock
        self._paid: deque[tuple[float, tuple[int, str, int]]] = deque()

    def answer(self, line: bytes) -> dict[str, Any]:
        """Return the answer to a request."""
        try:
            said: Any = json.loads(line)
            request = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
            ask = request.get("ask")
            if ask == "identity":
                rules = self._rules
                return {"address": self._account.address.lower(), "chain_id": rules.chain_id, "token": rules.token}
            if ask == "payment":
                return self._sign(_payment(request))
            raise SigningRefused("this is neither a payment nor a question who signs")
        except SigningRefused as error:
            _log.warning("signing_refused", why=str(error))
            return {"refused": str(error)}
        except (ValueError, UnicodeError):
            return {"refused": "this is no request"}

    def _sign(self, payment: Payment) -> dict[str, Any]:
        self._check(payment)
        transaction: TransactionDictType = {
            "type": 2,
            "chainId": self._rules.chain_id,
            "nonce": payment.nonce,
            "to": bytes.fromhex(self._rules.token.removeprefix("0x")),
            "value": 0,
            "gas": payment.gas,
            "maxFeePerGas": payment.fee_wei,
            "maxPriorityFeePerGas": payment.tip_wei,
            "data": bytes.fromhex(transfer_data(payment.recipient, payment.units).removeprefix("0x")),
        }
        signed = self._account.sign_transaction(transaction)
        _log.info("signed", recipient=payment.recipient, units=payment.units, nonce=payment.nonce)
        return {"raw": "0x" + signed.raw_transaction.hex(), "hash": "0x" + signed.hash.hex()}

    def _check(self, payment: Payment) -> None:
        rules = self._rules
        if payment.units > rules.units_max:
            raise SigningRefused(f"{payment.units} units are more than the {rules.units_max} of one payment")
        if payment.fee_wei > rules.fee_wei_max or payment.tip_wei > payment.fee_wei:
            raise SigningRefused(f"a fee of {payment.fee_wei} wei per gas is more than {rules.fee_wei_max}")
        if payment.gas > GAS_MAX:
            raise SigningRefused(f"{payment.gas} gas are more than the {GAS_MAX} that a transfer may take")
        now = self._clock()
        while self._paid and self._paid[0][0] <= now - _DAY_S:
            self._paid.popleft()
        # The same payment with a higher fee is still one payment: at most one of a nonce is ever mined.
        same = payment.nonce, payment.recipient, payment.units
        known = {each for _, each in self._paid}
        if same in known:
            return
        if sum(units for _, _, units in known) + payment.units > rules.units_per_day_max:
            raise SigningRefused(f"the {rules.units_per_day_max} units of a day would be exceeded")
        self._paid.append((now, same))


async def serve_signer(signer: Signer, place: Path, group: str | None, ready: Callable[[], None]) -> None:
    """Answer on a Unix socket until cancelled. Its owner may connect, and ``group`` if there is one."""
    with _listener(place, group) as listener:
        server = await asyncio.start_unix_server(_answering(signer), sock=listener, limit=LINE_BYTES_MAX)
        async with server:
            ready()
            await server.serve_forever()


@contextmanager
def _listener(place: Path, group: str | None) -> Generator[socket.socket]:
    place.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listener.bind(str(place))
    finally:
        os.umask(before)
    try:
        if group is not None:
            shutil.chown(place, group=group)
            place.chmod(0o660)
        yield listener
    finally:
        listener.close()
        place.unlink(missing_ok=True)


def _answering(signer: Signer) -> Any:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                line = await reader.readline()
                writer.write(json.dumps(signer.answer(line)).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:
            _log.info("asker_went_away", why=type(error).__name__)
        finally:
            writer.close()

    return answer


def _payment(request: Mapping[str, Any]) -> Payment:
    if set(request) != {"ask", *_FIELDS}:
        raise SigningRefused(f"a payment has exactly these fields: {', '.join(_FIELDS)}")
    recipient = str(request["recipient"]).lower()
    if _ADDRESS.fullmatch(recipient) is None or int(recipient, 16) == 0:
        raise SigningRefused("recipient must be an address that somebody has")
    numbers = [str(request[name]) for name in _FIELDS[1:]]
    if any(_NUMBER.fullmatch(number) is None for number in numbers):
        raise SigningRefused("units, nonce, gas and fees must be whole numbers in decimal digits")
    units, nonce, gas, fee_wei, tip_wei = map(int, numbers)
    if units == 0:
        raise SigningRefused("a payment has at least one unit")
    return Payment(recipient, units, nonce, gas, fee_wei, tip_wei)


def _account(key: str) -> LocalAccount:
    return cast("LocalAccount", Account.from_key("0x" + key.removeprefix("0x")))
