"""Finding the first row in which a table differs from what it should hold."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final

import asyncpg


class Difference(Exception):
    """A table differs from what the journal says; the message names the table and the row."""


def compare(table: str, expected: Iterable[Any], stored: Iterable[Any]) -> None:
    """Compare the rows of a table with those that should be in it, both in one order. Raises :class:`Difference`."""
    missing: Final = object()
    for says, has in _differences(expected, stored, missing):
        if has is missing:
            raise Difference(f"{table}: {says} is in the journal but not in the table")
        if says is missing:
            raise Difference(f"{table}: {has} is in the table but not in the journal")
        raise Difference(f"{table}: the journal says {says}, the table {has}")


def _differences(expected: Iterable[Any], stored: Iterable[Any], missing: object) -> Iterator[tuple[Any, Any]]:
    for says, row in zip_longest(expected, stored, fillvalue=missing):
        has = tuple(row) if isinstance(row, asyncpg.Record) else row
        if says != has:
            yield says, has
