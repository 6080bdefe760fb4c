"""The rows that a batch of events leaves, and the one SQL statement that writes them all.

How it works
------------
Projections add rows to a :class:`Rows`, each under the :class:`evens.store.encoding.tables.Write` that is to write it.
:meth:`WriteOrder.bind` turns them into a single ``SELECT append_journal(…), post_transfers(…), …`` with only the
functions that the batch needs: one round trip to the server, and by itself one transaction. PostgreSQL calls the
functions from left to right, so the order of the writes is part of the meaning: an order is inserted before it is
changed. The text of a statement depends only on which writes were touched; it is kept, and so the driver's prepared
statement for it is found again.

Most writes get a row for each event. Where a batch may change one row many times, a projection *sums up* instead: it
keeps one list of sums, or of the latest values, for each key, and the row is written once, however many events changed
it.

In numbers
----------
Customer 5 pays 7 and then 3 minor units to customer 6. Two rows are added under ``POST_TRANSFERS``::

    (1000, 41, 81936, 98320, 7, 93, 7, 1000, 3)     transfer, seq, debit, credit, amount, both balances after it, …
    (1001, 42, 81936, 98320, 3, 90, 10, 1001, 3)

``bind`` turns the rows into columns, ``(1000, 1001), (41, 42), (81936, 81936), …``. ``POST_TRANSFERS`` concludes from
the columns which balances the function must find in the end: accounts ``[81936, 98320]`` with ``[90, 10]``, and
``False`` because no transfer is back-dated. The statement is ``SELECT evens.append_journal($1::bigint, …),
evens.post_transfers($9::bigint[], …)`` with 20 arguments, however many transfers the batch has.

If an order of the same batch is matched with stakes of 40 and 60 at odds 250, its sums under ``CHANGE_ORDERS`` are
``{order: [100, 25000, 0, 0]}``, and its row is updated once.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from evens.core.receipts import Receipt
from evens.store.encoding.tables import Row, Write


class Rows:
    """The rows that a batch adds, by the write that is to store them.

    ``added`` has lists of rows in the order of the write's columns; ``summed`` what is to be added to rows, or to be in
    the place of what they have, by the table's key (a number if the key is one column, else a tuple).
    """

    __slots__ = ("added", "summed")

    def __init__(self) -> None:
        self.added: defaultdict[Write, list[Row]] = defaultdict(list)
        self.summed: defaultdict[Write, dict[Any, list[Any]]] = defaultdict(dict)

    def of(self, write: Write) -> Sequence[Row]:
        """Return all rows for a write, which are either added or summed; none if there are none."""
        summed = self.summed.get(write)
        if summed is None:
            return self.added.get(write, ())
        if len(write.table.key) == 1:
            return [(key, *sums) for key, sums in summed.items()]
        return [(*key, *sums) for key, sums in summed.items()]


Projector = Callable[[Rows, Receipt, Any], None]
"""Adds the rows that an event of a receipt leaves."""


class UndeclaredWrite(LookupError):
    """A projection added rows for a write that is in no room's ``WRITES``; nobody would store them."""


class WriteOrder:
    """All writes that a batch may need, in the order in which the database is to run them."""

    def __init__(self, *writes: Write) -> None:
        self.writes = writes
        self._places = {write: place for place, write in enumerate(writes)}

    def bind(self, rows: Rows, before: Sequence[Any]) -> tuple[str, list[Any]]:
        """Return the statement for these rows and its arguments, beginning with those ``before`` the first arrays.

        Raises :class:`UndeclaredWrite` if there are rows that no known write stores.
        """
        arguments: list[Any] = [*before]
        touched: list[Write] = []
        for write in sorted(rows.added.keys() | rows.summed.keys(), key=self._place):
            arrays = [*zip(*rows.of(write), strict=True)]
            if not arrays:
                # A projection looked the write up and then had nothing for it.
                continue
            touched.append(write)
            arguments.extend(arrays)
            if write.conclude is not None:
                arguments.extend(write.conclude(dict(zip(write.columns, arrays, strict=True))))
        return _statement(tuple(touched)), arguments

    def _place(self, write: Write) -> int:
        try:
            return self._places[write]
        except KeyError:
            raise UndeclaredWrite(f"{write.function} is in no WRITES: add it to those of its room.") from None


@cache
def _statement(touched: tuple[Write, ...]) -> str:
    calls: list[str] = []
    place = 0
    for write in touched:
        arguments = ", ".join(f"${place + offset}::{kind}" for offset, kind in enumerate(write.kinds, 1))
        calls.append(f"evens.{write.function}({arguments})")
        place += len(write.kinds)
    return "SELECT " + ", ".join(calls)
