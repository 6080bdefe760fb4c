"""The kernel: runs the handler of a command and applies what happened.

``step`` is the only way in. It runs the handler, a generator, and applies each event as it is yielded, so that a later
event of the same command is decided on what the earlier ones left. Who decides and applies what, the products' rooms
say (:class:`evens.core.rules.Rules`); this module merges them.
"""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.events.every import Event
from evens.core.rules import Applier, Handler, LeftChanged
from evens.core.state import PRODUCTS, House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX

_Part = Callable[[House], Any]

HANDLERS: Final[dict[type[Command], tuple[_Part, Handler]]] = {
    command: (attrgetter(rules.part), handler) for rules in PRODUCTS for command, handler in rules.handlers.items()
}
"""Who decides each command: the part of the house it works on, and the handler."""

APPLIERS: Final[dict[type[Event], tuple[_Part, Applier]]] = {
    event: (attrgetter(rules.part), applier) for rules in PRODUCTS for event, applier in rules.appliers.items()
}
"""How each event changes the house."""


class OutOfOrder(Exception):
    """A command or its events carry a place in the journal that does not follow the house's own. This is a bug."""


class HandlerFailed(Exception):
    """A handler raised, or yielded no event at all: a bug in the rules.

    ``house_intact`` says whether the house is still as it was before.
    """

    def __init__(self, command: Command, house_intact: bool) -> None:
        super().__init__(f"deciding {command!r} failed")
        self.house_intact = house_intact


def step(house: House, command: Command, seq: int, at: int, recalled: object = None) -> tuple[Event, ...]:
    """Decide a command as the ``seq``-th of the journal, recorded at ``at`` (nanoseconds since 1970, UTC).

    ``recalled`` is what :meth:`evens.core.state.House.recall` asks for, ``None`` if it asks for nothing. Changes the
    house and returns what happened, at least one event. Raises :class:`OutOfOrder` if the place does not follow the
    last one, and :class:`HandlerFailed` if the rules themselves break.
    """
    _check_place(house, seq, at)
    part, handler = HANDLERS[type(command)]
    happened: list[Event] = []
    try:
        given = (part(house), command, seq, at) if recalled is None else (part(house), command, seq, at, recalled)
        for event in handler(*given):
            changed, applier = APPLIERS[type(event)]
            applier(changed(house), event)
            happened.append(event)
    except Exception as error:
        # A handler may change the house while it looks ahead, and takes that back: unless it says that it could not.
        raise HandlerFailed(command, not happened and not isinstance(error, LeftChanged)) from error
    if not happened:
        raise HandlerFailed(command, house_intact=True) from ValueError("the handler yielded no event")
    house.seq, house.at = seq, at
    return tuple(happened)


def apply(house: House, happened: Iterable[Event], seq: int, at: int) -> None:
    """Apply the recorded events of one command, as :func:`step` did when it was decided."""
    _check_place(house, seq, at)
    for event in happened:
        changed, applier = APPLIERS[type(event)]
        applier(changed(house), event)
    house.seq, house.at = seq, at


def _check_place(house: House, seq: int, at: int) -> None:
    if seq != house.seq + 1 or at < house.at + TRANSFERS_PER_COMMAND_MAX:
        raise OutOfOrder(f"place ({seq}, {at}) does not follow ({house.seq}, {house.at})")
