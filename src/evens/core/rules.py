"""What a product's room exports: its part of the house, and the functions that decide and apply.

The kernel and the house only merge these exports, so a new command touches neither of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from evens.core.commands.every import Command
from evens.core.events.every import Event

Handler = Callable[..., Iterator[Event]]
"""Decides a command: takes the product's state, the command, its ``seq`` and ``at``, and yields at least one event.

What was recalled for the command, if anything, is a fifth argument.

Each event is applied as it is yielded, so that what follows is decided on what it left. A refusal comes first, alone.
"""

Applier = Callable[[Any, Any], None]
"""Changes the product's state as an event says. It never refuses: what happened has happened."""


class LeftChanged(Exception):
    """A handler changed the house to look ahead, broke, and may not have taken back all of it. It says what broke."""


class State(Protocol):
    """One product's part of the house."""

    def check(self) -> None:
        """Raise :class:`evens.core.ledger.accounts.InvariantBroken` if the part contradicts itself."""
        ...

    def lines(self) -> Iterator[str]:
        """Yield everything decisions depend on as text, one fact a line, in a fixed order. The digest covers it."""
        ...

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield what this product holds in escrow: an account id and minor units, several times for one account."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one product.

    ``part`` names the attribute of :class:`evens.core.state.House` that the handlers and appliers work on. ``is_due``
    says, for each command that the product puts on the agenda with a due time, whether it is still to be given when
    that time has come: an order that was to be released may have been cancelled meanwhile.

    ``recalls`` is for commands that depend on something of the past that the state does not hold. It says what has to
    be read from the tables for a command, if anything; what was read is given to the handler as one more argument. The
    handler puts into its events what a replay has to know of it.
    """

    part: str
    handlers: Mapping[type[Command], Handler]
    appliers: Mapping[type[Event], Applier]
    is_due: Mapping[type[Command], Callable[[Any, Any], bool]] = field(
        default_factory=dict[type[Command], Callable[[Any, Any], bool]]
    )
    recalls: Mapping[type[Command], Callable[[Any, Any], Any]] = field(
        default_factory=dict[type[Command], Callable[[Any, Any], Any]]
    )


def change_nothing(state: Any, event: Any) -> None:
    """Apply an event that only tells something, such as a refusal."""
