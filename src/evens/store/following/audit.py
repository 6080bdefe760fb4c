"""Auditing follows and copies: what was skipped with the page that made it, everything else at the end.

A correction may book another result into a copy long after, and a follow has the results of all its copies.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from evens.store.auditing.differences import Difference
from evens.store.auditing.expected_rows import ExpectedRows, compare_keys
from evens.store.auditing.product import Page
from evens.store.following.tables import (
    CHANGE_FOLLOWS,
    COPIES,
    FOLLOWS,
    POST_COPIES,
    POST_SKIPPED_BETS,
    SETTLE_COPIES,
    SKIPPED_BETS,
    START_FOLLOWS,
)
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_SQL: Final = statements("following", "queries")
_REASON: Final = list(POST_COPIES.columns).index("reason")


class FollowingAudit:
    """What the tables of following should hold. Implements ``ProductAudit``."""

    tables = (FOLLOWS, COPIES, SKIPPED_BETS)

    def __init__(self) -> None:
        self._follows = ExpectedRows(FOLLOWS)
        self._skipped = ExpectedRows(SKIPPED_BETS)
        self._copies = ExpectedRows(COPIES)

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare which follows and copies a page made, and what was skipped in it, which nothing else decides."""
        rows = page.rows
        await compare_keys(wire, START_FOLLOWS, rows, page.seqs)
        await compare_keys(wire, POST_COPIES, rows, page.seqs)
        await compare_keys(wire, POST_SKIPPED_BETS, rows, page.seqs)
        self._skipped.insert(POST_SKIPPED_BETS, rows)
        await self._skipped.compare(wire, {row[0] for row in rows.of(POST_SKIPPED_BETS)})
        for found in await wire.fetch(_SQL["decided_twice"], *page.seqs):
            raise Difference(
                f"skipped_bets: record {found['id']} skips for follow {found['follow']} what it copied, too"
            )
        self._follows.insert(START_FOLLOWS, rows)
        self._follows.patch(CHANGE_FOLLOWS, rows)
        self._copies.insert(POST_COPIES, rows)
        self._copies.set(SETTLE_COPIES, rows)
        for number, *_ in rows.of(SETTLE_COPIES):
            self._copies.row(number)["waits"] = False
        await self._copies.compare(wire, [row[0] for row in rows.of(POST_COPIES) if row[_REASON] is not None])

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of follows and copies that may still change."""
        yield self._follows.compare_rest
        yield self._copies.compare_rest
