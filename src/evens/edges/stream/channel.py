"""What a channel is: one kind of thing that clients can subscribe to. A product adds a file with its channel."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from evens.core.events.every import Event
from evens.edges.stream.missed import Resumption
from evens.edges.stream.topic import View
from evens.identity.principal import Principal

Route = Callable[[Any], Iterable[int] | None]
"""Returns the numbers of the things that an event changed, each once; ``None`` if it may belong to any of them."""


class Channel(Protocol):
    """All that the stream needs to know of one kind of thing. A thing's number identifies it, such as a market id."""

    name: str
    """What clients call the channel in their requests."""

    needs_credential: bool
    """Whether a subscription ends when the credential it was made with expires or is revoked."""

    pause_s: float
    """How far apart two messages about one thing are at least; 0 is a round."""

    unknown_code: str
    """The error code of a subscription to something that does not exist."""

    unknown_detail: str
    """The sentence that goes with ``unknown_code``."""

    resumption: Resumption | None
    """Reads what a client missed that names a ``seq``; ``None`` if one can only begin with a snapshot."""

    routes: Mapping[type[Event], Route]
    """By type of event: which things it changed. A view ignores an event that came to it because of a ``None``.

    Routes are called for every event of their types while there is any subscription, so a channel can also use one to
    keep up to date what its views share.
    """

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the number and the public id of what a client means by an id, if this client may follow it.

        Raises :class:`evens.edges.stream.messages.StreamError` or :class:`evens.edges.http.protocol.problem.Refused`.
        """
        ...

    async def load(self, number: int) -> View | None:
        """Return a view of a thing as the database has it now; ``None`` if there is no such thing.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        ...
