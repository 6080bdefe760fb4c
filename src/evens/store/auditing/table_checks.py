"""Auditing tables in which no event leaves rows: statements compare them with what was replayed and with each other."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from evens.store.auditing.differences import Difference
from evens.store.auditing.product import Page
from evens.store.encoding.tables import Table

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire


class TableChecks:
    """Checks that need the whole ledger. Implements ``ProductAudit``.

    ``checks`` has by the name of each check the table that it is about and its statement, which returns a line that
    says what is wrong, or nothing.
    """

    tables: Sequence[Table] = ()

    def __init__(self, checks: Mapping[str, tuple[str, str]]) -> None:
        self._checks = checks

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare nothing: no event of a page leaves rows here."""

    def remaining(self) -> Iterable["Check"]:
        """Return the checks, each to be made on its own."""
        for table, sql in self._checks.values():
            yield partial(check_table, sql=sql, table=table)


async def check_table(wire: "Wire", *arguments: object, sql: str, table: str) -> None:
    """Raise :class:`Difference` if a statement returns a line that says what is wrong with a table."""
    found = await wire.fetchval(sql, *arguments)
    if found is not None:
        raise Difference(f"{table}: {found}")
