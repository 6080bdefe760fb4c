"""What a client missed that goes on from a place in the journal: read once, then merged with what came meanwhile."""

from typing import Any, Protocol

from evens.edges.stream.topic import View


class Missed(Protocol):
    """What happened to one thing after a client's place, up to ``seq``."""

    @property
    def seq(self) -> int:
        """The place in the journal as of which it was read."""
        ...

    def merged(self, view: View) -> dict[str, Any]:
        """Return what to tell the client beside the view's snapshot, with what the view recorded after ``seq``."""
        ...


class Resumption(Protocol):
    """Reads what clients missed. A channel that has none lets clients begin with a snapshot only."""

    async def read(self, number: int, since: int) -> Missed | None:
        """Return what happened to a thing after ``since``; ``None`` if the journal has not got there.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...
