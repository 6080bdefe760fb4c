"""Booking: submit a command under the caller's key, wait for its commit, answer from the receipt."""

import asyncio
import hashlib
from collections.abc import Sequence
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
from evens.edges.http.protocol.idempotency import command_id, item_key, random_command_id
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


async def check_alone(caller: Caller[Any], command: Command, key: str | None) -> None:
    """Raise a 409 for what takes a second operator, unless it was booked under this key before."""
    if not await caller.shared.two_operators.may_alone(caller.principal, command):
        known = key and await caller.shared.gateway.receipt(command_id(caller.principal.scope, key))
        if not known:
            raise refuse_alone()


async def submit_each(
    caller: Caller[Any], items: Sequence[tuple[int, Command]], key: str | None, request: BaseModel
) -> list[ItemResult]:
    """Book commands of a batch, each under its position and the batch's key, and return what became of each.

    The key is taken for ``request``, all of the batch, before any of them is booked: from then on no other batch and no
    other command can have it. Raises :class:`KeyReused` if something else has it, and what
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
        await submit(gateway, BeginBatch(_hash(request)), key, actor)
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


def _hash(request: BaseModel) -> str:
    """Return what tells a batch from another one; fields that a later version adds make no difference while unused."""
    return hashlib.sha256(request.model_dump_json(exclude_defaults=True).encode()).hexdigest()


async def _result_of(caller: Caller[Any], future: asyncio.Future[Answer]) -> ItemResult:
    try:
        receipt, replayed = await future
    except (NotBooked, KeyReused) as trouble:
        return ItemResult(present_trouble(trouble).document(), replayed=False)
    return ItemResult((await caller.shared.presenter.present(receipt)).body, replayed)
