"""Auditing the pools: a round with its bets and what was booked is compared when it is archived.

Until then a correction can change it. One that was recalled for a correction after it was archived is compared when
it is archived again. So what is remembered is what is live, a week of history, and what was corrected after that.
"""

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from evens.store.auditing.differences import Difference
from evens.store.auditing.expected_rows import ExpectedRows, check_parents, compare_keys, compare_span
from evens.store.auditing.product import Page
from evens.store.encoding.rows import Rows
from evens.store.pools.tables import (
    CHANGE_POOLS,
    CHANGE_ROUNDS,
    CREATE_POOLS,
    DECIDE_ROUNDS,
    OPEN_ROUNDS,
    PLACE_POOL_BETS,
    POOL_BETS,
    POOLS,
    ROUND_RESULTS,
    ROUND_SIDES,
    ROUNDS,
    SETTLE_STAKES,
    STAKE_SIDES,
    STAKES_SETTLED,
)

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire


_SETTLEMENTS: Final = "SELECT id, settlement FROM evens.rounds WHERE id = ANY ($1::bigint[])"


class PoolsAudit:
    """What the pools' tables should hold. Implements ``ProductAudit``."""

    tables = (POOLS, ROUNDS, ROUND_SIDES, ROUND_RESULTS, POOL_BETS, STAKES_SETTLED)

    def __init__(self) -> None:
        self._pools = ExpectedRows(POOLS)
        self._rounds = ExpectedRows(ROUNDS)
        self._sides = ExpectedRows(ROUND_SIDES)
        self._results = ExpectedRows(ROUND_RESULTS)
        self._settled = ExpectedRows(STAKES_SETTLED)
        self._of_rounds = (self._rounds, self._sides, self._results, self._settled)

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the bets of a page, which never change, and the rounds archived in it."""
        rows = page.rows
        await compare_keys(wire, CREATE_POOLS, rows, page.seqs)
        await compare_keys(wire, OPEN_ROUNDS, rows, page.seqs)
        await compare_span(wire, PLACE_POOL_BETS, rows, page.seqs)
        self._add(rows)
        archived = {number for number, changes in rows.of(CHANGE_ROUNDS) if json.loads(changes).get("archived")}
        archived -= await self._corrected_later(wire, archived)
        for expected in self._of_rounds:
            await expected.compare(wire, archived)

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of what can still change."""
        for expected in (self._pools, *self._of_rounds):
            yield expected.compare_rest
        for table in (ROUND_SIDES, ROUND_RESULTS, STAKES_SETTLED):
            yield partial(check_parents, table=table, parents=ROUNDS)

    async def _corrected_later(self, wire: "Wire", archived: set[int]) -> set[int]:
        """Return which of these rounds the tables have with a later result, to be compared when that is archived."""
        stored = await wire.fetch(_SETTLEMENTS, sorted(archived))
        expected = {number: self._rounds.row(number) for number in archived}
        again = {number for number, fields in expected.items() if not fields["archived"]}
        return again | {number for number, settlement in stored if settlement > expected[number]["settlement"]}

    def _add(self, rows: Rows) -> None:
        self._pools.insert(CREATE_POOLS, rows)
        self._pools.patch(CHANGE_POOLS, rows)
        self._rounds.insert(OPEN_ROUNDS, rows)
        try:
            self._rounds.patch(CHANGE_ROUNDS, rows)
        except KeyError as error:
            # It was final by what the tables say, and the journal goes on.
            raise Difference(f"rounds: {error} is not as its last result left it") from error
        self._sides.add(STAKE_SIDES, rows)
        self._results.insert(DECIDE_ROUNDS, rows)
        self._settled.insert(SETTLE_STAKES, rows)
