"""What may be asked of the ledger itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefineCurrency:
    """Add a currency. Its scale can never change afterwards."""

    code: str
    scale: int
