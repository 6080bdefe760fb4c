"""Declarations: each table's columns, written once, and the SQL functions that write them.

How it works
------------
A product's room declares each of its tables in ``tables.py``: the columns with their PostgreSQL types, the key, and
what a new row holds in those columns that an insert does not mention. Beside the tables it declares its *writes*. A
:class:`Write` is one SQL function of the migrations that takes an array for each column. Four things follow from these
declarations, so that none of them repeats the columns:

- the row that a projection adds (:attr:`Write.row`; the hot projections build the same thing as a plain tuple);
- the call that sends the rows to the database, with its types (:mod:`evens.store.encoding.rows`);
- the rows that the audit expects, and the statements with which it reads the stored ones (:mod:`evens.store.auditing`);
- the columns that loading selects (:meth:`Table.select`).

The migrations remain the truth about the database. ``tests/store/test_declarations.py`` holds every declaration against
the catalogue of a migrated database, in both directions.

In numbers
----------
::

    WITHDRAWALS = Table(
        "withdrawals",
        columns={
            "id": "bigint",
            "customer": "bigint",
            "currency_number": "smallint",
            "amount": "bigint",
            "status": "text",
            "rail": "smallint",
        },
        key=("id",),
        initial={"status": "pending", "rail": None},
    )
    REQUEST_WITHDRAWALS = insertion("request_withdrawals", WITHDRAWALS)
    CLOSE_WITHDRAWALS = change("close_withdrawals", WITHDRAWALS, "status", "rail")

``REQUEST_WITHDRAWALS`` takes the four columns without an initial value. A projection adds ``(1700, 5, 1, 250)`` to it:
withdrawal 1700 of customer 5, 250 minor units of currency 1. The batch calls
``evens.request_withdrawals($1::bigint[], $2::bigint[], $3::smallint[], $4::bigint[])`` with the arrays
``[1700], [5], [1], [250]``.
The audit expects ``(1700, 5, 1, 250, "pending", None)``. After ``(1700, "completed", -1)`` was added to
``CLOSE_WITHDRAWALS``, it expects ``(1700, 5, 1, 250, "completed", -1)``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Row = tuple[Any, ...]
"""The values of a row, in the order of the columns of its :class:`Write`."""

Arrays = Mapping[str, Sequence[Any]]
"""The values of a write's rows, column by column."""


@dataclass(frozen=True, slots=True)
class SameAs:
    """The initial value of a column that starts as a copy of another column of the new row."""

    column: str


BY_DATABASE: Final = object()
"""The initial value of a column that the database numbers itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table of schema ``evens``: its columns with their PostgreSQL types, in the order in which rows are compared.

    ``initial`` says what a new row holds in the columns that an insert leaves out. Tables are compared by identity.
    Raises ``ValueError`` if ``key`` or ``initial`` name a column that is not declared.
    """

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    initial: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        copied = [value.column for value in self.initial.values() if isinstance(value, SameAs)]
        self.check_columns((*self.key, *self.initial, *copied))

    @property
    def inserted(self) -> tuple[str, ...]:
        """The columns that an insert must give."""
        return tuple(name for name in self.columns if name not in self.initial)

    def check_columns(self, names: Sequence[str]) -> None:
        """Raise ``ValueError`` unless all of these are columns of the table."""
        unknown = [name for name in names if name not in self.columns]
        if unknown:
            raise ValueError(f"Table {self.name} has no column {', '.join(unknown)}; declare it with the others.")

    def select(self, *names: str, alias: str = "") -> str:
        """Return ``SELECT … FROM … AS alias`` for these columns, or all of them; joins and conditions can follow.

        Raises ``ValueError`` if one of them is not a column of the table.
        """
        self.check_columns(names)
        table = alias or self.name
        listed = ", ".join([f"{table}.{name}" for name in names or self.columns])
        return " ".join(("SELECT", listed, "FROM", f"evens.{self.name}", "AS", table))


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """An SQL function that writes rows of a table, with an array for each of ``columns`` (types by name).

    ``also`` are further tables that the function writes from the same rows. ``before`` are the types of arguments that
    come before the arrays; ``after`` those of arguments behind them, which ``conclude`` works out from the arrays.
    Writes are compared by identity, so that looking one up costs no more than reading an attribute.
    """

    function: str
    table: Table
    columns: Mapping[str, str]
    also: tuple[Table, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    conclude: Callable[[Arrays], Sequence[Any]] | None = None

    def row(self, **values: Any) -> Row:
        """Return a row from one keyword for each column. Hot projections build the tuple themselves.

        Raises ``TypeError`` if the keywords are not exactly the columns.
        """
        if values.keys() != self.columns.keys():
            raise TypeError(f"{self.function} takes {', '.join(self.columns)}; not {', '.join(values)}")
        return tuple([values[name] for name in self.columns])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of the function's arguments, in order."""
        return (*self.before, *(f"{kind}[]" for kind in self.columns.values()), *self.after)


def insertion(
    function: str,
    table: Table,
    *,
    also: tuple[Table, ...] = (),
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    conclude: Callable[[Arrays], Sequence[Any]] | None = None,
) -> Write:
    """Declare a function that inserts rows: it takes the columns without an initial value. JSON is sent as text."""
    columns = {name: _as_sent(table.columns[name]) for name in table.inserted}
    return Write(function, table, columns, also, before, after, conclude)


def change(function: str, table: Table, *names: str) -> Write:
    """Declare a function that takes the key and these columns: it sets them, or adds to them."""
    table.check_columns(names)
    return Write(function, table, {name: table.columns[name] for name in (*table.key, *names)})


def patch(function: str, table: Table) -> Write:
    """Declare a function that takes the key and a JSON object of the columns that change."""
    return Write(function, table, {**{name: table.columns[name] for name in table.key}, "changes": "text"})


def _as_sent(kind: str) -> str:
    return "text" if kind == "jsonb" else kind
