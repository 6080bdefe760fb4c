"""Auditing the exchange: its tables, row by row, against what the events of the journal should have left in them.

Rows are compared, and forgotten, as soon as they can no longer change: an order when it is closed, a market with its
positions, totals and settlements when it is archived. So what is remembered is what is live, however long the history.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from evens.core.values.ids import HOUSE_ORDER
from evens.store.auditing.expected_rows import ExpectedRows, check_parents, compare_keys, compare_span
from evens.store.auditing.product import Page
from evens.store.encoding.rows import Rows
from evens.store.exchange.tables import (
    CHANGE_MARKETS,
    CHANGE_ORDERS,
    CHANGE_PERSISTENCES,
    CHANGE_POSITIONS,
    CREATE_MARKETS,
    MARKETS,
    MATCHES,
    ORDERS,
    PLACE_ORDERS,
    POSITIONS,
    POST_MATCHES,
    RELEASE_ORDERS,
    REMOVE_RUNNERS,
    RUNNER_TOTALS,
    SETTLE_POSITIONS,
    SETTLEMENTS,
    TRADED,
)

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire


class ExchangeAudit:
    """What the exchange's tables should hold. Implements ``ProductAudit``.

    The discount that the exchange keeps with a customer is compared as part of the loaded house.
    """

    tables = (MARKETS, ORDERS, MATCHES, RUNNER_TOTALS, TRADED, POSITIONS, SETTLEMENTS)

    def __init__(self) -> None:
        self._markets = ExpectedRows(MARKETS)
        self._orders = ExpectedRows(ORDERS)
        self._totals = ExpectedRows(RUNNER_TOTALS)
        self._traded = ExpectedRows(TRADED)
        self._positions = ExpectedRows(POSITIONS)
        self._settlements = ExpectedRows(SETTLEMENTS)
        self._of_markets = (self._markets, self._totals, self._traded, self._positions, self._settlements)

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the matches of a page, the orders that are closed in it, and the markets that are archived in it."""
        rows = page.rows
        await compare_keys(wire, CREATE_MARKETS, rows, page.seqs)
        await compare_keys(wire, PLACE_ORDERS, rows, page.seqs)
        await compare_span(wire, POST_MATCHES, rows, page.moments)
        self._add_markets(rows)
        self._add_orders(rows)
        self._add_totals(rows)
        self._positions.add(CHANGE_POSITIONS, rows)
        self._settlements.insert(SETTLE_POSITIONS, rows)
        await self._orders.compare(wire, [order for order in self._changed_orders(rows) if not self._is_open(order)])
        archived = {market for market, _ in rows.of(CHANGE_MARKETS) if self._markets.row(market)["archived"]}
        for expected in self._of_markets:
            await expected.compare(wire, archived)

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of open orders and of markets that are not archived."""
        for expected in (*self._of_markets, self._orders):
            yield expected.compare_rest
        for table in (RUNNER_TOTALS, TRADED, POSITIONS, SETTLEMENTS):
            yield partial(check_parents, table=table, parents=MARKETS)

    def _add_markets(self, rows: Rows) -> None:
        self._markets.insert(CREATE_MARKETS, rows)
        self._markets.patch(CHANGE_MARKETS, rows)
        for market, runner, reduction_bps in rows.of(REMOVE_RUNNERS):
            fields = self._markets.row(market)
            fields["removals"] = [*fields["removals"], runner, reduction_bps]

    def _add_orders(self, rows: Rows) -> None:
        self._orders.insert(PLACE_ORDERS, rows)
        for (order,) in rows.of(RELEASE_ORDERS):
            self._orders.row(order)["due_at"] = None
        for order, persistence in rows.of(CHANGE_PERSISTENCES):
            self._orders.row(order)["persistence"] = persistence
        self._orders.add(CHANGE_ORDERS, rows)
        for order in self._changed_orders(rows):
            fields = self._orders.row(order)
            fields["remaining"] = fields["stake"] - fields["matched"] - fields["cancelled"] - fields["lapsed"]
            fields["open"] = fields["remaining"] > 0

    def _add_totals(self, rows: Rows) -> None:
        for row in rows.of(POST_MATCHES):
            match = dict(zip(POST_MATCHES.columns, row, strict=True))
            by_house = match["stake"] if HOUSE_ORDER in (match["maker"], match["taker"]) else 0
            total = self._totals.row_or_new((match["market"], match["runner"]), matched=0, by_house=0)
            total["matched"] += match["stake"]
            total["by_house"] += by_house
            total["last_odds"] = match["odds"]
            traded = self._traded.row_or_new((match["market"], match["runner"], match["odds"]), stake=0, by_house=0)
            traded["stake"] += match["stake"]
            traded["by_house"] += by_house

    @staticmethod
    def _changed_orders(rows: Rows) -> Iterable[int]:
        return rows.summed.get(CHANGE_ORDERS, {})

    def _is_open(self, order: int) -> bool:
        return self._orders.row(order)["open"]
