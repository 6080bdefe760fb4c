"""What was found out of orders when they were admitted together, for the commands right behind that place them.

Admitting orders finds out what each of them meets once those before it are placed
(:mod:`evens.core.exchange.admitting`). The commands that place them are decided next, and so find the house exactly as
it was foreseen; nothing is looked up in the book again. Every command has a place of its own in the journal, so the
places tell that nothing came between.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evens.core.commands.exchange import PlaceOrder
from evens.core.exchange.legs import CrossFill
from evens.core.values.ids import CustomerId


class Prospect(NamedTuple):
    """What would become of an order at once.

    It meets ``fills``, of the customers ``makers``, which leave ``left_minor`` of its stake, and perhaps ``more`` in a
    next part. One that is ``delayed`` meets nothing yet. One that is ``killed`` finds less than ``min_fill_minor``, and
    lapses.
    """

    fills: Sequence[CrossFill]
    makers: Mapping[CustomerId, None]
    left_minor: int
    more: bool
    delayed: bool
    min_fill_minor: int
    killed: bool


class Admitted:
    """Orders that were admitted by the ``seq``-th command, with the prospect of each."""

    __slots__ = ("_next_seq", "_rest")

    def __init__(self, seq: int, orders: Sequence[PlaceOrder], prospects: Sequence[Prospect]) -> None:
        self._next_seq = seq + 1
        self._rest = list(zip(orders, prospects, strict=True))[::-1]

    def take(self, command: PlaceOrder, seq: int) -> Prospect | None:
        """Return the prospect of an order that is placed by the ``seq``-th command, once.

        ``None`` if it is not the next of them, or if another command came between. It has to be the same object, as
        how many orders there may be is not looked at when commands are compared.
        """
        if seq != self._next_seq or not self._rest or self._rest[-1][0] is not command:
            return None
        self._next_seq += 1
        return self._rest.pop()[1]
