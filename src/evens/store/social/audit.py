"""Auditing records: outcomes agree with what was booked, days with outcomes, and figures with days.

No event leaves rows in them, and they are behind the journal: what was settled is read for them a moment later, is due
then, and is worked out after that. So what is due is left out, and so is what the journal has behind the place up to
which it was read.

Example: a market was settled at +40.00, read and worked out, and is corrected to −10.00. Until the correction is read,
the record says +40.00 and nothing is due, though −10.00 was booked. The audit meets the correction in the journal
behind that place, and leaves the market out.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.records import RecordProduct
from evens.store.auditing.product import Page
from evens.store.auditing.table_checks import TableChecks, check_table
from evens.store.social.due import Due, Tagged, due_of
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_SQL: Final = statements("social", "audit")

OUTCOMES: Final = (
    "outcomes_otherwise_in_markets",
    "outcomes_otherwise_in_events",
    "outcomes_otherwise_of_bets",
    "outcomes_otherwise_in_rounds",
)
"""The checks that compare outcomes with what was booked."""

CHECKS: Final = {
    **dict.fromkeys(OUTCOMES, "outcomes"),
    "outcomes_on_another_day": "outcomes",
    "days_otherwise_than_outcomes": "record_days",
    "figures_otherwise_than_days": "record_figures",
}
"""Each check by its statement, with the table that it names."""


class Unread:
    """What the journal has behind the place up to which it was read for the records."""

    def __init__(self) -> None:
        self.due: set[Due] = set()
        self.tagged: set[int] = set()

    def arguments(self, check: str) -> tuple[Any, ...]:
        """Return what a check's statement is given."""
        things: dict[str, tuple[Any, ...]] = {
            "outcomes_otherwise_in_markets": (self._of(RecordProduct.EXCHANGE), sorted(self.tagged)),
            "outcomes_otherwise_in_events": self._markets_of_events(),
            "outcomes_otherwise_of_bets": (self._of(RecordProduct.SPORTSBOOK),),
            "outcomes_otherwise_in_rounds": (self._of(RecordProduct.POOLS),),
        }
        return things.get(check, ())

    def _of(self, product: RecordProduct) -> list[int]:
        return sorted([due.thing for due in self.due if due.product is product and not due.part])

    def _markets_of_events(self) -> tuple[list[int], list[str]]:
        due = sorted([(due.thing, due.part) for due in self.due if due.part])
        return [thing for thing, _ in due], [part for _, part in due]


class RecordsAudit(TableChecks):
    """The audit of the records' tables. Implements ``ProductAudit``."""

    def __init__(self) -> None:
        super().__init__({name: (table, _SQL[name]) for name, table in CHECKS.items() if name not in OUTCOMES})
        self._unread = Unread()
        self._read_up_to: int | None = None

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare nothing, but take note of what was not read yet."""
        if self._read_up_to is None:
            self._read_up_to = int(await wire.fetchval(_SQL["read_up_to"]))
        for receipt in page.receipts:
            if receipt.seq > self._read_up_to:
                found = due_of(receipt)
                self._unread.due.update([each for each in found if isinstance(each, Due)])
                self._unread.tagged.update([each.customer for each in found if isinstance(each, Tagged)])

    def remaining(self) -> Iterable["Check"]:
        """Return the checks, each to be made on its own."""
        for name in OUTCOMES:
            yield partial(_check_outcomes, check=name, unread=self._unread)
        yield from super().remaining()


async def _check_outcomes(wire: "Wire", *, check: str, unread: Unread) -> None:
    await check_table(wire, *unread.arguments(check), sql=_SQL[check], table=CHECKS[check])
