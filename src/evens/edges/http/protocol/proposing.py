"""What one operator can propose and another one approve: settlements, corrections, reversals, large payments.

A room's ``feature.py`` lists its :class:`Proposable` things, each under a word (``what``). The same function reads the
request for the route that does it at once, for a preview and for a proposal, so that all three mean the same command.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from evens.core.commands.every import Command
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.bodies import Body
from evens.edges.http.protocol.problem import Refused, problem

S = TypeVar("S")

APPROVAL_NEEDED: Final = "approval_needed"


Before = Callable[[Any, Any, str], Awaitable[Any]]
"""What is done before a command is booked, with the room's services, the command, and who decided it."""


@dataclass(frozen=True)
class Proposable(Generic[S]):
    """A thing that can be proposed.

    ``read`` returns the command that ``id`` and ``body`` mean, as the caller's own route would; ``body`` is ``None``
    where that takes none, and what ``has_target`` needs the ``id``. ``services_of`` picks the room's services out of
    all of them. ``before`` is done first, and may be done again; what it returns, if anything, is the answer, and the
    command is not booked.
    """

    what: str
    services_of: Callable[[Any], S]
    read: Callable[[Caller[S], str, Any], Awaitable[Command]]
    body: type[Body] | None = None
    has_target: bool = True
    before: Before | None = None


def refuse_alone() -> Refused:
    """Return the 409 for what takes a second operator."""
    detail = "This takes two operators in this house: propose it with POST /v1/approvals, and let another one approve."
    return Refused(problem(409, APPROVAL_NEEDED, detail))
