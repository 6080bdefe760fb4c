"""Booking: submit a command under the caller's key, wait for its commit, answer from the receipt.

Most commands say what the request says, so the same request is the same command, and :func:`book` is all there is to
do. Some are made of what is known at that moment (a round by the calendar, a result by its sources). Made again, they
would be another command or none, so that their key would not give the first answer again: :func:`book_made` takes the
key for the request, and makes the command only if nothing was booked for it before. A request of which no command can
be made takes no key, so that it can be mended and sent again under the same one.

What is done outside of the house, by a provider, is no command: :func:`do_once` notes under the key that it was asked
for, and once it is done that it was.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from evens.core.commands.every import Command
from evens.core.commands.ledger import BeginBatch
from evens.core.receipts import Receipt
from evens.edges.gateway import Answer, Gateway
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer_reply
from evens.edges.http.protocol.faults import present_trouble
from evens.edges.http.protocol.idempotency import command_id, done_key, item_key, made_key, random_command_id
from evens.edges.http.protocol.problem import Problem
from evens.edges.http.protocol.proposing import refuse_alone
from evens.sequencer.errors import KeyReused, NotBooked


@dataclass(frozen=True, slots=True)
class ItemBatch:
    """A kind of batch whose items are commands of their own, each under its position and the batch's key.

    ``command`` is what an item becomes, and ``items_max`` how many there can be. ``unsubmitted`` is the answer to an
    item that cannot become a command, and so leaves no receipt.
    """

    command: type[Command]
    items_max: int
    unsubmitted: Problem


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one item of a batch, as a body, and whether that is a replay."""

    body: Any
    replayed: bool


async def submit(gateway: Gateway, command: Command, key: str | None, actor: str) -> Answer:
    """Return the command's receipt, and whether it was given before under this key.

    Keys are kept apart by ``actor``. Raises what :mod:`evens.sequencer.errors` lists.
    """
    if key is None:
        return await gateway.submit(command, command_id=random_command_id(), actor=actor, unseen=True)
    return await gateway.submit(command, command_id=command_id(actor, key), actor=actor)


async def book(caller: Caller[Any], command: Command, key: str | None) -> Response:
    """Book a command and return the answer to it. Raises a 409 if it takes a second operator."""
    await check_alone(caller, command, key)
    receipt, replayed = await submit(caller.shared.gateway, command, key, caller.principal.scope)
    return answer_reply(await caller.shared.presenter.present(receipt), replayed=replayed)


async def book_made(
    caller: Caller[Any], request: tuple[object, ...], make: Callable[[], Awaitable[Command]], key: str | None
) -> Response:
    """Book what ``make`` returns, unless this request was booked under its key before, and return the answer to it.

    ``request`` is all that was asked for: words, numbers and bodies. Raises :class:`KeyReused` if the key stands for
    another request, a 409 if it takes a second operator, and what ``make`` raises; nothing is booked then, and the same
    request can come again.
    """
    gateway, actor = caller.shared.gateway, caller.principal.scope
    if key is None:
        return await book(caller, await make(), None)
    command = None
    if not await is_known(caller, key):
        command = await _make_alone(caller, make)
    await take_key(caller, key, *request)
    receipt, replayed = await gateway.receipt(command_id(actor, made_key(key))), True
    if receipt is None:
        command = command or await _make_alone(caller, make)
        try:
            receipt, replayed = await submit(gateway, command, made_key(key), actor)
        except KeyReused:
            # The same request came twice at once, and what was known changed between the two.
            receipt = await gateway.receipt(command_id(actor, made_key(key)))
            assert receipt is not None
    return answer_reply(await caller.shared.presenter.present(receipt), replayed=replayed)


async def do_once(
    caller: Caller[Any], request: tuple[object, ...], do: Callable[[], Awaitable[None]], key: str | None
) -> bool:
    """Do something outside of the house, unless it was done under its key before; return whether it was.

    The key stands for the request from its beginning, so that nothing else can be asked under it while nobody knows
    whether that was done. What ``do`` raises ends the request, which can come again. Raises :class:`KeyReused` if the
    key stands for another request.
    """
    if key is not None:
        await take_key(caller, key, *request)
        if await is_known(caller, done_key(key)):
            return True
    await do()
    if key is not None:
        await take_key(caller, done_key(key), *request)
    return False


async def is_known(caller: Caller[Any], key: str | None) -> bool:
    """Return whether this key stands for something that was decided, so that it is answered as it was then."""
    return key is not None and await caller.shared.gateway.receipt(command_id(caller.principal.scope, key)) is not None


async def _make_alone(caller: Caller[Any], make: Callable[[], Awaitable[Command]]) -> Command:
    command = await make()
    await check_alone(caller, command, None)
    return command


async def receipt_of(gateway: Gateway, actor: str, key: str) -> Receipt | None:
    """Return what was booked for a request under its key; ``None`` for a batch, whose items have their own."""
    receipt = await gateway.receipt(command_id(actor, key))
    if receipt is not None and isinstance(receipt.command, BeginBatch):
        return await gateway.receipt(command_id(actor, made_key(key)))
    return receipt


async def check_alone(caller: Caller[Any], command: Command, key: str | None) -> None:
    """Raise a 409 for what takes a second operator, unless it was booked under this key before."""
    may_alone = await caller.shared.two_operators.may_alone(caller.principal, command)
    if not may_alone and not await is_known(caller, key):
        raise refuse_alone()


async def begin_batch(caller: Caller[Any], key: str | None, request: BaseModel) -> int | None:
    """Take a key for a batch, before anything of it is booked, and return when it was taken first.

    From then on no other batch and no other command can have it. Raises :class:`KeyReused` if something else has it.
    """
    return None if key is None else (await take_key(caller, key, request)).at


async def take_key(caller: Caller[Any], key: str, *request: object) -> Receipt:
    """Let a key stand for a request, and return the receipt of when it came first.

    Raises :class:`KeyReused` if the key stands for something else.
    """
    receipt, _ = await submit(caller.shared.gateway, BeginBatch(hash_request(*request)), key, caller.principal.scope)
    return receipt


async def submit_each(caller: Caller[Any], items: Sequence[tuple[int, Command]], key: str | None) -> list[ItemResult]:
    """Book commands of a batch, each under its position and the batch's key, and return what became of each.

    The same positions have to come under the same key, which :func:`begin_batch` has taken. Raises what
    :mod:`evens.sequencer.errors` lists if no command got a receipt; if some did, each result says so for itself.
    """
    actor, gateway = caller.principal.scope, caller.shared.gateway
    if key is None:
        commands = [(random_command_id(), command) for _, command in items]
    else:
        end = items[-1][0]
        commands = [
            (command_id(actor, item_key(key, position, is_last=position == end)), command)
            for position, command in items
        ]
    futures = gateway.submit_all(commands, actor=actor, unseen=key is None)
    await asyncio.wait(futures)
    troubles = [future.exception() for future in futures]
    if all(isinstance(trouble, NotBooked) for trouble in troubles) and troubles[0] is not None:
        raise troubles[0]
    return [await _result_of(caller, future) for future in futures]


async def batch_receipts(gateway: Gateway, actor: str, key: str, batches: Sequence[ItemBatch]) -> dict[int, Receipt]:
    """Return the receipts of a batch's items by position, empty if no batch was submitted under this key."""
    positions = {
        command_id(actor, item_key(key, position, is_last=is_last)): position
        for position in range(max(batch.items_max for batch in batches))
        for is_last in (False, True)
    }
    receipts = await gateway.receipts(list(positions))
    return {positions[seen]: receipt for seen, receipt in receipts.items()}


def hash_request(*request: object) -> str:
    """Return what tells a request from others; fields that a later version adds make no difference while unused."""
    said = [
        each.model_dump_json(exclude_defaults=True) if isinstance(each, BaseModel) else str(each) for each in request
    ]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


async def _result_of(caller: Caller[Any], future: asyncio.Future[Answer]) -> ItemResult:
    try:
        receipt, replayed = await future
    except (NotBooked, KeyReused) as trouble:
        return ItemResult(present_trouble(trouble).document(), replayed=False)
    return ItemResult((await caller.shared.presenter.present(receipt)).body, replayed)
