"""Runs the chain's signer as a process of its own."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from evens.edges.cli.operations import OperationRefused, Signing
from evens.feeds.chain.evm.signer import KeyFileInvalid, Signer, SignerRules, make_key, read_key, serve_signer


def make(file: Path) -> str:
    """Write a new private key into a file, and return its address. Raises :class:`OperationRefused`."""
    try:
        return make_key(file)
    except FileExistsError as error:
        raise OperationRefused(f"{file} is there already; a key is never overwritten. Name another file.") from error
    except OSError as error:
        raise OperationRefused(f"{file} cannot be written: {error.strerror}.") from error


def serve(signing: Signing, ready: Callable[[str], None]) -> int:
    """Sign until SIGINT or SIGTERM, and return 0. Raises :class:`OperationRefused`."""
    try:
        account = read_key(signing.key_file)
    except KeyFileInvalid as error:
        raise OperationRefused(f"{error}.") from error
    rules = SignerRules(signing.chain_id, signing.token, signing.amount_max, signing.day_max, signing.fee_wei_max)
    try:
        asyncio.run(_until_signal(Signer(account, rules), signing, lambda: ready(account.address)))
    except (OSError, LookupError) as error:
        raise OperationRefused(f"{signing.socket} cannot be listened on: {error}.") from error
    return 0


async def _until_signal(signer: Signer, signing: Signing, ready: Callable[[], None]) -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await serve_signer(signer, signing.socket, signing.group, ready)
    except asyncio.CancelledError:
        return
