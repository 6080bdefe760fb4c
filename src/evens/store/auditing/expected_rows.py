"""Rows as they should be in a table, kept until they can no longer change and are compared."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from evens.store.auditing.differences import Found, compare
from evens.store.sql import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("audit")
_GROUPS_AT_ONCE: Final = 10_000

Key = tuple[int, ...]
Fields = dict[str, Any]


class Shelf:
    """The rows that one table should have and that may still change, by the market, order or challenge they belong to.

    The statement of the table's name selects what a row belongs to, then what tells its rows apart, in that order, then
    all else in the order in which rows are put here.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self._groups: dict[int, dict[Key, Fields]] = {}

    def put(self, group: int, key: Key, fields: Fields) -> Fields:
        """Add a row, or find the one that is there already under this key, and return it to be changed."""
        return self._groups.setdefault(group, {}).setdefault(key, fields)

    def row(self, group: int) -> Fields:
        """Return the row of a group that has only one."""
        return self._groups[group][()]

    def rows(self) -> Iterable[tuple[int, Fields]]:
        """Return the only row of each group."""
        return [(group, rows[()]) for group, rows in self._groups.items()]

    async def compare(self, wire: "Wire", groups: Iterable[int]) -> None:
        """Hold the table against the rows of these groups, and forget them. Raises :class:`Found`."""
        asked = sorted(groups)
        for start in range(0, len(asked), _GROUPS_AT_ONCE):
            part = asked[start : start + _GROUPS_AT_ONCE]
            expected = [
                (group, *key, *fields.values())
                for group in part
                for key, fields in sorted(self._groups.pop(group, {}).items())
            ]
            compare(self.table, expected, map(_read, await wire.fetch(_SQL[self.table], part)))

    async def compare_rest(self, wire: "Wire") -> None:
        """Hold the table against all that is left. Raises :class:`Found`."""
        await self.compare(wire, list(self._groups))

    async def check_parents(self, wire: "Wire", parent: str) -> None:
        """Raise :class:`Found` if the table has rows that belong to no ``parent``."""
        stray = await wire.fetchval(_SQL[f"stray_{self.table}"])
        if stray is not None:
            raise Found(f"{self.table}: {parent} {stray} is in the table but not in the journal")


def _read(row: Any) -> tuple[Any, ...]:
    """Return a row's values, those in JSON as what they mean: how it is written is up to the database."""
    values = tuple(row)
    if "terms" in row:
        place = list(row.keys()).index("terms")
        values = (*values[:place], json.loads(values[place]), *values[place + 1 :])
    return values
