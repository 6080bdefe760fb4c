"""From receipts to replies: each product says how its commands are answered, and one presenter joins them.

The same receipt gives the same status and body, whether it is the first answer, a replay, or asked for later.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from evens.core.commands.every import Command
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.edges.http.protocol.answering import Reply, reply_problem
from evens.edges.http.protocol.refusals import Refusals


class HasRefusals(Protocol):
    """Services that can present a refusal."""

    @property
    def refusals(self) -> Refusals:
        """Every refusal there can be."""
        ...


S = TypeVar("S", bound=HasRefusals)


class ReceiptPresenter:
    """Turns any receipt into its reply, by the type of its command."""

    def __init__(self, replies: Mapping[type[Command], Callable[[Receipt], Awaitable[Reply]]]) -> None:
        self._replies = replies

    def present(self, receipt: Receipt) -> Awaitable[Reply]:
        """Return the reply to the receipt's command. Awaiting it raises ``StoreUnavailable`` where it takes a query."""
        return self._replies[type(receipt.command)](receipt)


def reply_with(status: int, present: Callable[[S, Receipt], Any]) -> Callable[[S, Receipt], Awaitable[Reply]]:
    """Return what answers a command with this status and what ``present`` makes of its receipt, or with its refusal."""

    async def reply(services: S, receipt: Receipt) -> Reply:
        first = receipt.events[0]
        if isinstance(first, Rejected):
            return reply_problem(services.refusals.present(first.reason, first.facts))
        return Reply(status, present(services, receipt))

    return reply
