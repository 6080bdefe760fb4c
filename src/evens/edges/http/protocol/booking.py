"""Booking: submit a command under the caller's key, wait for its commit, answer from the receipt."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.edges.http.protocol.access import Call
from evens.edges.http.protocol.answering import answer_presented
from evens.edges.http.protocol.faults import present_trouble
from evens.edges.http.protocol.idempotency import command_id, item_key, random_command_id
from evens.edges.http.services import Services
from evens.sequencer.errors import KeyReused, NotBooked
from evens.sequencer.inbox import Answer


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one of several commands, as a body, and whether it was told before."""

    body: Any
    replayed: bool


async def submit(services: Services, command: Command, key: str | None, actor: str) -> tuple[Receipt, bool]:
    """Return the command's receipt, and whether it was given before under this key.

    Keys are kept apart by ``actor``. Raises what :mod:`evens.sequencer.errors` lists.
    """
    if key is None:
        return await services.inbox.submit(command, command_id=random_command_id(), actor=actor, unseen=True)
    return await services.inbox.submit(command, command_id=command_id(actor, key), actor=actor)


async def book(call: Call, command: Command, key: str | None) -> Response:
    """Book a command and return the answer to it."""
    receipt, replayed = await submit(call.services, command, key, call.principal.scope)
    return answer_presented(await call.services.presenter.present(receipt), replayed=replayed)


async def submit_each(call: Call, items: Sequence[tuple[int, Command]], key: str | None) -> list[Told]:
    """Book commands of a batch, each under its position and the batch's key, and return what became of each.

    Raises :class:`KeyReused` if the key was used for another batch or anything else, and what
    :mod:`evens.sequencer.errors` lists if nothing became of any; of some, it is told one by one.
    """
    actor = call.principal.scope
    if key is None:
        commands = [(random_command_id(), command) for _, command in items]
    else:
        end = items[-1][0]
        commands = [
            (command_id(actor, item_key(key, position, is_last=position == end)), command)
            for position, command in items
        ]
        await _check_key(call, key, dict(commands), end)
    futures = call.services.inbox.submit_all(commands, actor=actor, unseen=key is None)
    await asyncio.wait(futures)
    troubles = [future.exception() for future in futures]
    if all(isinstance(trouble, NotBooked) for trouble in troubles) and troubles[0] is not None:
        raise troubles[0]
    return [await _tell(call, future) for future in futures]


async def _check_key(call: Call, key: str, commands: Mapping[bytes, Command], end: int) -> None:
    """Refuse a batch, before anything is booked, unless it is the one that was begun under its key, if any was."""
    actor = call.principal.scope
    ids = [command_id(actor, key)]
    for position in range(end + 1):
        ids += (command_id(actor, item_key(key, position, is_last=is_last)) for is_last in (False, True))
    known = await call.services.queries.receipts(ids)
    if any(receipt.command != commands.get(seen) for seen, receipt in known.items()):
        raise KeyReused


async def _tell(call: Call, future: asyncio.Future[Answer]) -> Told:
    try:
        receipt, replayed = await future
    except (NotBooked, KeyReused) as trouble:
        return Told(present_trouble(trouble).document(), replayed=False)
    return Told((await call.services.presenter.present(receipt)).body, replayed)
