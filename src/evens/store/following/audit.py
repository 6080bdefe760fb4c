"""Auditing follows and copies: a copy with the page that made it, a follow once it has ended."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from evens.core.values.following import FollowStatus
from evens.store.auditing.expected_rows import ExpectedRows, compare_keys, compare_span
from evens.store.auditing.product import Page
from evens.store.following.tables import CHANGE_FOLLOWS, COPIES, FOLLOWS, POST_COPIES, START_FOLLOWS

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire


class FollowingAudit:
    """What the tables of following should hold. Implements ``ProductAudit``."""

    tables = (FOLLOWS, COPIES)

    def __init__(self) -> None:
        self._follows = ExpectedRows(FOLLOWS)

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the copies of a page, and the follows that ended in it."""
        rows = page.rows
        await compare_keys(wire, START_FOLLOWS, rows, page.seqs)
        await compare_span(wire, POST_COPIES, rows, page.seqs)
        self._follows.insert(START_FOLLOWS, rows)
        self._follows.patch(CHANGE_FOLLOWS, rows)
        ended = {
            follow
            for follow, changes in rows.of(CHANGE_FOLLOWS)
            if json.loads(changes).get("status") == FollowStatus.ENDED
        }
        await self._follows.compare(wire, ended)

    def remaining(self) -> Iterable["Check"]:
        """Return the check of follows that have not ended."""
        yield self._follows.compare_rest
