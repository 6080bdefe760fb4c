"""What a rail needs of the house, and what the house needs of a rail."""

from dataclasses import dataclass
from typing import Protocol

from evens.core.values.ids import CustomerId, TransferId


class ChainUnavailable(Exception):
    """The chain's node or the signer cannot be asked, or not be believed, now. ``str()`` says why, without secrets."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What became of a command: the transfer that it made, or why it was refused."""

    transfer: TransferId | None = None
    refused: str | None = None


class Books(Protocol):
    """Books money by commands. All raise :class:`evens.sequencer.errors.NotBooked` if there is no answer yet.

    ``key`` names a command for ever: under the same key it is booked once.
    """

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        ...

    @property
    def scale(self) -> int | None:
        """How many fraction digits the rail's currency has; ``None`` while it is not known."""
        ...

    async def credit(self, customer: CustomerId, amount_minor: int, reference: str, *, key: str) -> Booked:
        """Book a deposit."""
        ...

    async def complete(self, withdrawal: TransferId, *, key: str) -> Booked:
        """Let the money that was set aside leave."""
        ...

    async def give_back(self, withdrawal: TransferId, *, key: str) -> Booked:
        """Return the money that was set aside."""
        ...


class Reports(Protocol):
    """Tells operators what they should know."""

    def report(self, what: str, **facts: object) -> None:
        """Report what happened, in a word, with its facts."""
        ...


class Rail(Protocol):
    """A way for money in and out. ``name`` is its own in every table."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def address(self, customer: CustomerId) -> str:
        """Return the address that this customer pays to, the same one every time."""
        ...

    async def watch(self) -> None:
        """Book what has arrived for good. Raises :class:`ChainUnavailable`, and what the books and tables raise."""
        ...

    async def pay(self) -> None:
        """Move every payout on as far as it goes now. Raises as :meth:`watch` does."""
        ...
