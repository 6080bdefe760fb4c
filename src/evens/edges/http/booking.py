"""Booking: submit a command under the caller's key, wait for its commit, answer from the receipt."""

from starlette.responses import Response

from evens.core.commands import Command
from evens.core.receipts import Receipt
from evens.edges.http.access import Call
from evens.edges.http.answering import answer_presented
from evens.edges.http.idempotency import command_id, random_command_id
from evens.edges.http.services import Services


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
