"""What a room of the HTTP edge exports: its routes, the commands they submit, and how those are answered.

A room's ``feature.py`` lists the :class:`Endpoints` of its files. The application and the services are composed from
the features alone, so a new file of routes is added in its own room with one line.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Generic, TypeVar

from fastapi import APIRouter

from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.edges.http.protocol.answering import Reply
from evens.edges.http.protocol.booking import ItemBatch
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.refusals import Refusal
from evens.edges.http.protocol.two_operators import Guard

S = TypeVar("S")


class Traffic(IntEnum):
    """How often routes are asked for. A request's path is compared with the busiest routes first."""

    HOT = 0
    BUSY = 1
    USUAL = 2
    RARE = 3


# Without slots: in Python 3.11, making an instance of a subscripted frozen class with slots raises a TypeError.
@dataclass(frozen=True)
class Endpoints(Generic[S]):
    """The routes of one file, and how the commands that they submit are answered.

    ``replies`` has for each of these commands what makes the reply of its receipt, be it booked or refused; ``S`` is
    the type of the room's services, which it is given.
    """

    router: APIRouter
    replies: Mapping[type[Command], Callable[[S, Receipt], Awaitable[Reply]]] = field(
        default_factory=dict[type[Command], Callable[[S, Receipt], Awaitable[Reply]]]
    )
    traffic: Traffic = Traffic.USUAL


@dataclass(frozen=True)
class Feature(Generic[S]):
    """Everything that one room exports.

    ``internal`` lists the product's commands that no route submits, so nobody is answered. ``refusals`` has a record
    for each of the product's own reasons, and ``batches`` describes batches whose items are commands of their own.
    ``proposables`` are what one operator can propose to another, ``guards`` the commands that can be made to need that.
    """

    endpoints: tuple[Endpoints[S], ...]
    internal: frozenset[type[Command]] = frozenset()
    refusals: tuple[Refusal, ...] = ()
    batches: tuple[ItemBatch, ...] = ()
    proposables: tuple[Proposable[S], ...] = ()
    guards: Mapping[type[Command], Guard[S]] = field(default_factory=dict[type[Command], Guard[S]])

    @property
    def answered(self) -> frozenset[type[Command]]:
        """The commands that the room's routes submit."""
        return frozenset(command for each in self.endpoints for command in each.replies)

    def bind(self, services: S) -> dict[type[Command], Callable[[Receipt], Awaitable[Reply]]]:
        """Return how each command is answered, given the room's services."""
        return {command: partial(reply, services) for each in self.endpoints for command, reply in each.replies.items()}
