"""Rows as they should be in a table, kept until they can no longer change and are compared."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from evens.store.auditing.differences import Difference, compare
from evens.store.auditing.product import KeySpan
from evens.store.encoding.rows import Rows
from evens.store.encoding.tables import Row, SameAs, Table, Write

if TYPE_CHECKING:
    from evens.store.database import Wire

_GROUPS_AT_ONCE: Final = 10_000

Fields = dict[str, Any]
"""A row's values by column, in the order in which the table declares them."""


class ExpectedRows:
    """The rows that one table should have and that may still change.

    Rows are grouped by the first column of the table's key: an order is a group of its own, while all positions of a
    market are one group. A group is compared, and forgotten, as a whole.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._groups: dict[int, dict[Row, Fields]] = {}
        self._new: Fields = dict.fromkeys(table.columns)
        self._new.update((name, value) for name, value in table.initial.items() if not isinstance(value, SameAs))
        self._copied = [(name, value.column) for name, value in table.initial.items() if isinstance(value, SameAs)]
        self._json = [name for name, kind in table.columns.items() if kind == "jsonb"]
        group, key = table.key[0], ", ".join(table.key)
        self._select = f"{table.select()} WHERE {group} = ANY ($1::bigint[]) ORDER BY {key}"

    def insert(self, write: Write, rows: Rows) -> None:
        """Add the rows of an insertion, or put them in the place of those that have the same key."""
        for row in rows.of(write):
            fields = {**self._new, **dict(zip(write.columns, row, strict=True))}
            for name, source in self._copied:
                fields[name] = fields[source]
            for name in self._json:
                fields[name] = json.loads(fields[name])
            self._put(fields)

    def set(self, write: Write, rows: Rows) -> None:
        """Give columns the values that a change has for them."""
        columns = list(write.columns)[len(self.table.key) :]
        for key, values in self._split(write, rows):
            self._at(key).update(zip(columns, values, strict=True))

    def set_given(self, write: Write, rows: Rows) -> None:
        """Give columns the values that a change has for them; ``None`` leaves one as it is."""
        columns = list(write.columns)[len(self.table.key) :]
        for key, values in self._split(write, rows):
            given = [(name, value) for name, value in zip(columns, values, strict=True) if value is not None]
            self._at(key).update(given)

    def patch(self, write: Write, rows: Rows) -> None:
        """Give columns the values in the JSON objects of a patch."""
        for key, (changes,) in self._split(write, rows):
            self._at(key).update(json.loads(changes))

    def add(self, write: Write, rows: Rows) -> None:
        """Add the values of a change to its columns; a row that is new begins with zeros."""
        columns = list(write.columns)[len(self.table.key) :]
        for key, values in self._split(write, rows):
            fields = self.row_or_new(key, **dict.fromkeys(columns, 0))
            for name, value in zip(columns, values, strict=True):
                fields[name] += value

    def row(self, *key: int) -> Fields:
        """Return the row with this key, to be read or changed. Raises ``KeyError`` if it is not expected."""
        return self._at(key)

    def row_or_new(self, key: Row, **values: Any) -> Fields:
        """Return the row with this key; one with these values if there is none yet."""
        found = self._groups.get(key[0], {}).get(key)
        if found is not None:
            return found
        return self._put({**self._new, **dict(zip(self.table.key, key, strict=True)), **values})

    def rows(self) -> Iterator[Fields]:
        """Yield all rows that may still change."""
        for group in self._groups.values():
            yield from group.values()

    def group(self, group: int) -> Iterable[Fields]:
        """Return the rows of a group, to be read or changed."""
        return self._groups.get(group, {}).values()

    async def compare(self, wire: "Wire", groups: Iterable[int]) -> None:
        """Compare the table with the rows of these groups, and forget them. Raises :class:`Difference`."""
        asked = sorted(groups)
        for start in range(0, len(asked), _GROUPS_AT_ONCE):
            part = asked[start : start + _GROUPS_AT_ONCE]
            expected = [
                tuple(fields.values()) for group in part for _key, fields in sorted(self._groups.pop(group, {}).items())
            ]
            compare(self.table.name, expected, self._read(await wire.fetch(self._select, part)))

    async def compare_rest(self, wire: "Wire") -> None:
        """Compare the table with all rows that are left. Raises :class:`Difference`."""
        await self.compare(wire, list(self._groups))

    def _split(self, write: Write, rows: Rows) -> Iterator[tuple[Row, Row]]:
        width = len(self.table.key)
        for row in rows.of(write):
            yield tuple(row[:width]), tuple(row[width:])

    def _at(self, key: Row) -> Fields:
        return self._groups[key[0]][key]

    def _put(self, fields: Fields) -> Fields:
        key = tuple([fields[name] for name in self.table.key])
        self._groups.setdefault(key[0], {})[key] = fields
        return fields

    def _read(self, stored: Iterable[Any]) -> Iterable[Any]:
        """Return rows with JSON as what it means: how it is written is up to the database."""
        if not self._json:
            return stored
        places = [place for place, kind in enumerate(self.table.columns.values()) if kind == "jsonb"]
        return [
            tuple([json.loads(value) if place in places else value for place, value in enumerate(row)])
            for row in stored
        ]


async def compare_span(wire: "Wire", write: Write, rows: Rows, span: KeySpan) -> None:
    """Compare the stored rows whose keys are in ``span`` with those that were inserted.

    Only the columns that the insertion gives are compared. For tables whose rows, or these columns, never change.
    Raises :class:`Difference`.
    """
    compare(write.table.name, rows.of(write), await _fetch_span(wire, write.table, tuple(write.columns), span))


async def compare_keys(wire: "Wire", write: Write, rows: Rows, span: KeySpan) -> None:
    """Compare which keys in ``span`` the table has with those that were inserted. Raises :class:`Difference`."""
    table = write.table
    places = [list(write.columns).index(name) for name in table.key]
    expected = sorted([tuple([row[place] for place in places]) for row in rows.of(write)])
    compare(table.name, expected, await _fetch_span(wire, table, table.key, span))


async def check_parents(wire: "Wire", table: Table, parents: Table) -> None:
    """Raise :class:`Difference` if the first column of the table's key names none of its ``parents``."""
    group = table.key[0]
    found = f"EXISTS (SELECT FROM evens.{parents.name} AS p WHERE p.{parents.key[0]} = t.{group})"
    stray = await wire.fetchval(f"{table.select(group, alias='t')} WHERE NOT {found} ORDER BY t.{group} LIMIT 1")
    if stray is not None:
        raise Difference(f"{table.name}: {group} {stray} is in the table but not in the journal")


async def _fetch_span(wire: "Wire", table: Table, columns: Sequence[str], span: KeySpan) -> list[Any]:
    first, key = table.key[0], ", ".join(table.key)
    return await wire.fetch(f"{table.select(*columns)} WHERE {first} >= $1 AND {first} < $2 ORDER BY {key}", *span)
