"""The settings about the operator console: what takes two operators, and how long a proposal waits for the second."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from evens.core.values.money import SCALE_MAX, parse_amount

_KINDS: Final = ("settle", "correct", "void", "reverse", "deposit", "withdrawal")
_LIMITED: Final = ("deposit", "withdrawal")


def parse_two_operators(text: str) -> dict[str, str | None]:
    """Return limits by kind from ``"settle,correct,deposit:1000.00"``, ``None`` where there is no limit.

    Raises ``ValueError`` naming the part that is wrong.
    """
    limits: dict[str, str | None] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        kind, colon, above = part.partition(":")
        if kind not in _KINDS or kind in limits or (colon and kind not in _LIMITED):
            raise ValueError(f"{part!r} must be one of {', '.join(_KINDS)}, once; the last two may have :AMOUNT")
        if colon:
            try:
                parse_amount(above, SCALE_MAX)
            except ValueError as error:
                raise ValueError(f"{part!r} has an amount that {error}") from error
        limits[kind] = above if colon else None
    return limits


def _check_two_operators(text: str) -> str:
    parse_two_operators(text)
    return text


class ConsoleSettings(BaseSettings):
    """What an operator chooses about how operators work together."""

    two_operators: Annotated[str, AfterValidator(_check_two_operators)] = ""
    """What takes two operators, with commas: ``settle``, ``correct``, ``void``, ``reverse``, ``deposit`` and
    ``withdrawal``; the last two also above an amount in units of any currency, as in ``deposit:1000``."""

    approvals_expire_s: float = Field(default=24 * 3600.0, ge=60, allow_inf_nan=False)
    """How long a proposal waits for a second operator, in seconds."""
