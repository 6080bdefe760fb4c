"""What may be asked of the ledger itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefineCurrency:
    """Add a currency. Its scale can never change afterwards."""

    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class BeginBatch:
    """Take an idempotency key for a request whose commands have keys of their own; ``request`` is a hash of all of it.

    It is a batch of many items, or one command that is made of what is known when the request comes. Under the same key
    nothing else can begin then, and no other command be booked.
    """

    request: str
