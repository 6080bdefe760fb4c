"""What may be asked of the ledger itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefineCurrency:
    """Add a currency. Its scale can never change afterwards."""

    code: str
    scale: int


@dataclass(frozen=True, slots=True)
class BeginBatch:
    """Take an idempotency key for a batch whose items are commands of their own; ``request`` is a hash of all of it.

    Under the same key no other batch can begin then, and no other command be booked.
    """

    request: str
