"""What a source is to the feed, whichever dialect its provider speaks."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from evens.core.values.fixed_odds import Line, LineChange

IfTaken = Literal["refuse", "same", "any"]
"""What to do if the provider has an event with the id already: refuse it, take it if it is the same, or take it."""


class PublishRefused(Exception):
    """A provider does not publish what it was sent. ``status`` and ``code`` are those of its problem document.

    ``errors`` are the fields that it names, in the words of :class:`evens.core.values.fixed_odds.Line` and so with
    ``odds`` where it says ``coefficient``, each with what is wrong; ``str()`` is its sentence.
    """

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.errors = tuple(errors)


class PublishNotAllowed(Exception):
    """A provider does not let us write. ``str()`` says what is wrong, without secrets."""


class LinePublisher(Protocol):
    """A provider that publishes what it is sent. The event is in the house when a call returns.

    All methods raise :class:`PublishRefused`, :class:`PublishNotAllowed`, and what the methods of :class:`LineSource`
    do; then nobody knows whether it is published.
    """

    async def create(self, key: str, line: Line, if_taken: IfTaken) -> None:
        """Publish a new fixture under a key."""
        ...

    async def change(self, key: str, change: LineChange) -> None:
        """Publish other odds, another title or another deadline of a fixture, or suspend parts of it."""
        ...


class LineSource(Protocol):
    """One provider. What it says goes to the desk; the feed says when to ask.

    All methods that ask raise :class:`evens.feeds.upstream.SourceFailed`,
    :class:`evens.sequencer.errors.NotBooked` or :class:`evens.store.errors.StoreUnavailable`.
    """

    @property
    def name(self) -> str:
        """The name under which its fixtures are known."""
        ...

    @property
    def publisher(self) -> LinePublisher | None:
        """What publishes at the provider; ``None`` for a provider that is only read."""
        ...

    @property
    def has_missed(self) -> bool:
        """Whether the provider itself said that messages were missed, and they have not been recovered."""
        ...

    async def prepare(self) -> None:
        """Have the provider send its messages here, if it needs to be told."""
        ...

    async def pull(self) -> int | None:
        """Read the line, and return the moment of which it is, in nanoseconds since 1970.

        ``None`` for a provider that only sends messages: it is fresh as long as it is not silent.
        """
        ...

    async def recover(self) -> bool:
        """Ask for everything that may have been missed; return whether it is complete."""
        ...

    async def reconcile(self) -> None:
        """Ask about what should have ended."""
        ...

    def restart(self) -> None:
        """Forget how far was read, because the house may have been led by another server."""
        ...

    def signing_secrets(self) -> Sequence[str]:
        """Return the secrets with which the provider may have signed its messages."""
        ...

    @property
    def awaits_secrets(self) -> bool:
        """Whether the provider signs its messages, and it is not known here yet with which secret."""
        ...

    async def hear(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take a message, and return once what it says is booked or was known.

        Raises :class:`evens.feeds.line.sayings.SayingInvalid`, too.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
