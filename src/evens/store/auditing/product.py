"""What the audit needs of a product: comparing a page's rows, and in the end what could still change."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from evens.core.receipts import Receipt
from evens.store.encoding.rows import Rows
from evens.store.encoding.tables import Table

if TYPE_CHECKING:
    from evens.store.database import Wire

    Check = Callable[[Wire], Awaitable[None]]
    """Compares one table, and raises :class:`evens.store.auditing.differences.Difference` at its first wrong row."""

KEY_MIN: Final = -(2**63)
KEY_MAX: Final = 2**63 - 1

KeySpan = tuple[int, int]
"""The first key that belongs to a stretch of a table, and the first one after it that does not."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the journal: its records, the rows that their events should have left, and the keys of such rows.

    ``seqs`` is the span of keys that are a place in the journal, ``moments`` of those that are a time. The spans of
    successive pages follow each other without gaps, so comparing each of them also finds rows that nobody wrote.
    """

    receipts: Sequence[Receipt]
    rows: Rows
    seqs: KeySpan
    moments: KeySpan


class ProductAudit(Protocol):
    """The audit of one product's tables. It is given the pages in order, each once."""

    @property
    def tables(self) -> Sequence[Table]:
        """The tables that are compared, here or as part of the loaded house."""
        ...

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare what was made and what became final in this page, and remember what can still change.

        Raises :class:`evens.store.auditing.differences.Difference`.
        """
        ...

    def remaining(self) -> Iterable["Check"]:
        """Return checks of all that could still change after the last page, each to be made on its own."""
        ...
