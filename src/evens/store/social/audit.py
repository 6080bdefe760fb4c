"""Auditing records: outcomes agree with what was booked, days with outcomes, and figures with days.

No event leaves rows in them, and they are behind the journal, so what is still due is left out.
"""

from typing import Final

from evens.store.auditing.table_checks import TableChecks
from evens.store.sql_files import statements

_SQL: Final = statements("social", "audit")

CHECKS: Final = {
    "outcomes_otherwise_in_markets": "outcomes",
    "outcomes_otherwise_in_events": "outcomes",
    "outcomes_otherwise_of_bets": "outcomes",
    "outcomes_otherwise_in_rounds": "outcomes",
    "outcomes_on_another_day": "outcomes",
    "days_otherwise_than_outcomes": "record_days",
    "figures_otherwise_than_days": "record_figures",
}
"""Each check by its statement, with the table that it names."""


def audit_records() -> TableChecks:
    """Return the audit of the records' tables."""
    return TableChecks({name: (table, _SQL[name]) for name, table in CHECKS.items()})
