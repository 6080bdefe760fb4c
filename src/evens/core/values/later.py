"""Fields that commands, events and terms have got since records without them were written."""

from dataclasses import field
from typing import Final, TypeVar

T = TypeVar("T")

LATER: Final = "later"
"""What marks such a field in its metadata."""


def later(default: T) -> T:
    """Return the declaration of a field that came later; ``default`` is what a record without it means.

    Such fields stand behind all others. While the last of them have their defaults they are not stored, so that a
    record is the same bytes as it was before there were these fields.
    """
    return field(default=default, metadata={LATER: True})
