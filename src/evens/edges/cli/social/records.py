"""How figures of records are written, and the choices that several commands offer."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

NOTHING: Final = "–"


class Product(StrEnum):
    """What was bet on."""

    ALL = "all"
    EXCHANGE = "exchange"
    SPORTSBOOK = "sportsbook"
    POOLS = "pools"


def share_text(share: str | None) -> str:
    """Return a share as a percentage with one digit: ``"0.0512"`` is ``"5.1 %"``."""
    return NOTHING if share is None else f"{Decimal(share) * 100:.1f} %"


def fee_text(share: str) -> str:
    """Return a performance fee as a percentage with all its digits: ``"0.125"`` is ``"12.5 %"``."""
    return f"{(Decimal(share) * 100).normalize():f} %"


def ratio_text(ratio: str | None) -> str:
    """Return a ratio with two digits."""
    return NOTHING if ratio is None else f"{Decimal(ratio):.2f}"
