"""Auditing follows and copies: what was skipped with the page that made it, everything else at the end.

A correction may book another result into a copy long after, and a follow has the results of all its copies.

Each of a leader's bets has one outcome for each follow. Reported is a bet that was skipped and copied, or skipped by
two records; and of follows that have not ended, a number of outcomes that is not the number of bets that the leader
made since the follow began, up to where the copier says that everything is decided. Where the numbers agree, which
bets they stand for is not looked at: what was skipped together is a first, a last and a count.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
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
    USE_FOLLOWS,
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
        self._skipped_up_to: dict[tuple[int, int], int] = {}

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare which follows and copies a page made, and what was skipped in it, which nothing else decides."""
        rows = page.rows
        await compare_keys(wire, START_FOLLOWS, rows, page.seqs)
        await compare_keys(wire, POST_COPIES, rows, page.seqs)
        await compare_keys(wire, POST_SKIPPED_BETS, rows, page.seqs)
        self._skipped.insert(POST_SKIPPED_BETS, rows)
        await self._skipped.compare(wire, {row[0] for row in rows.of(POST_SKIPPED_BETS)})
        for record, skipped in groupby(rows.of(POST_SKIPPED_BETS), key=itemgetter(0)):
            self._skip(record, [dict(zip(POST_SKIPPED_BETS.columns, row, strict=True)) for row in skipped])
        for found in await wire.fetch(_SQL["decided_twice"], *page.seqs):
            raise Difference(
                f"skipped_bets: record {found['id']} skips for follow {found['follow']} what it copied, too"
            )
        self._follows.insert(START_FOLLOWS, rows)
        self._follows.patch(CHANGE_FOLLOWS, rows)
        self._follows.set_given(USE_FOLLOWS, rows)
        self._copies.insert(POST_COPIES, rows)
        self._copies.set(SETTLE_COPIES, rows)
        for number, *_ in rows.of(SETTLE_COPIES):
            self._copies.row(number)["waits"] = False
        await self._copies.compare(wire, [row[0] for row in rows.of(POST_COPIES) if row[_REASON] is not None])

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of follows and copies that may still change."""
        yield self._follows.compare_rest
        yield self._copies.compare_rest
        yield _compare_outcomes

    def _skip(self, record: int, skipped: Sequence[Mapping[str, Any]]) -> None:
        """Note what a record skips. Raises :class:`Difference` if another has skipped of it before."""
        for bets in skipped:
            if bets["first"] <= self._skipped_up_to.get((bets["follow"], bets["product"]), 0):
                raise Difference(
                    f"skipped_bets: record {record} skips for follow {bets['follow']} what was skipped before"
                )
        for bets in skipped:
            key = bets["follow"], bets["product"]
            self._skipped_up_to[key] = max(bets["last"], self._skipped_up_to.get(key, 0))


async def _compare_outcomes(wire: "Wire") -> None:
    """Raise :class:`Difference` if outcomes are missing, or too many, up to where everything should be decided."""
    for found in await wire.fetch(_SQL["decided_otherwise"], TRANSFERS_PER_COMMAND_MAX):
        raise Difference(
            f"copies: for follow {found['follow']}, {found['decided']} of the leader's bets of product "
            f"{found['product']} were copied or skipped, of {found['made']} up to the copier's place"
        )
