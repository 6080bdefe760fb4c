"""Auditing the exchange: its tables, row by row, against what the events of the journal should have left in them.

A row is compared, and forgotten, as soon as it can no longer change; so what is remembered is what is live, and the
history is as long as it likes.
"""

import json
from typing import TYPE_CHECKING, Any, Final

from evens.core.events.every import Event
from evens.core.receipts import Receipt
from evens.core.values.betting import ChallengeStatus, MarketStatus, Stage
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.store.auditing.differences import compare
from evens.store.auditing.expected_rows import Shelf
from evens.store.encoding.rows import Rows
from evens.store.projections import PROJECTORS
from evens.store.sql import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_SQL: Final = statements("audit")
_FIRST: Final = -(2**63)
_LAST: Final = 2**63 - 1

_MARKET: Final = (
    *("currency_number", "terms", "created_at", "status", "stage", "version", "turned_at", "settled_at", "removals"),
    *("removed_up_to", "settlement", "shares", "parts", "archived"),
)
_PLACED: Final = (
    *("market", "runner", "customer", "side", "odds", "stake", "persistence", "time_in_force", "min_fill", "due_at"),
    *("placed_at", "client_ref"),
)
_OFFERED: Final = (
    *("customer", "title", "side", "odds", "stake", "profit", "currency_number", "expires_at", "public", "market"),
    *("runner", "resolver", "fee_bps", "dispute_window_ms", "offered_at"),
)
_CHALLENGE: Final = (
    *_OFFERED,
    *("status", "acceptor", "accepted_at", "outcome", "payable_at", "disputed_by", "ended_at"),
)
_BOOKED: Final = ("outcome", "backer_profit", "layer_profit", "fee")
_NEVER_TAKEN: Final = (ChallengeStatus.CANCELLED, ChallengeStatus.EXPIRED)


class ExchangeAudit:
    """What the exchange's tables should hold after the events that were taken."""

    def __init__(self) -> None:
        self._rows = Rows()
        self._markets = Shelf("markets")
        self._orders = Shelf("orders")
        self._challenges = Shelf("challenges")
        self._totals = Shelf("runner_totals")
        self._positions = Shelf("positions")
        self._settled = Shelf("settlements")
        self._paid = Shelf("challenge_settlements")
        self._of_markets = (self._markets, self._totals, self._positions, self._settled)
        self._of_challenges = (self._challenges, self._paid)
        self._reached = _FIRST, _FIRST

    def take(self, receipt: Receipt, event: Event) -> None:
        """Note what an event should have left."""
        projector = PROJECTORS[type(event)]
        if projector is not None:
            projector(self._rows, receipt, event)

    async def compare_page(self, wire: "Wire", seq: int, at: int) -> None:
        """Compare what was made and what was finished since the last page; this one ends with the record ``seq``.

        Raises :class:`evens.store.auditing.differences.Found`.
        """
        rows, self._rows = self._rows, Rows()
        await self._compare_made(wire, rows, seq, at + TRANSFERS_PER_COMMAND_MAX)
        self._add_markets(rows)
        self._add_orders(rows)
        self._add_bets(rows)
        self._add_challenges(rows)
        orders = [order for order in rows.order_changes if not self._orders.row(order)["open"]]
        await self._orders.compare(wire, orders)
        archived = {market for market, _ in rows.market_changes if self._markets.row(market)["archived"]}
        over = {challenge for challenge, _ in rows.challenge_changes if _is_over(self._challenges.row(challenge))}
        if archived:
            over |= {challenge for challenge, row in self._challenges.rows() if row["market"] in archived}
        for shelf in self._of_markets:
            await shelf.compare(wire, archived)
        for shelf in self._of_challenges:
            await shelf.compare(wire, over)

    async def compare_rest(self, wire: "Wire") -> None:
        """Compare what may still change, and see that nothing else is there. Raises as ``compare_page`` does."""
        await self._compare_made(wire, Rows(), _LAST, _LAST)
        for shelf in (*self._of_markets, self._orders, *self._of_challenges):
            await shelf.compare_rest(wire)
        for shelf in (self._totals, self._positions, self._settled):
            await shelf.check_parents(wire, "market")
        await self._paid.check_parents(wire, "challenge")

    async def _compare_made(self, wire: "Wire", rows: Rows, seq: int, before_at: int) -> None:
        """Compare which markets, orders, challenges and matches there are from the last page to here."""
        after_seq, from_at = self._reached
        self._reached = seq, before_at
        for table, made in (("markets", rows.markets), ("orders", rows.orders), ("challenges", rows.challenges)):
            compare(table, [row[:1] for row in made], await wire.fetch(_SQL[f"made_{table}"], after_seq, seq))
        compare("matches", rows.matches, await wire.fetch(_SQL["made_matches"], from_at, before_at))

    def _add_markets(self, rows: Rows) -> None:
        for market, currency_number, terms, created_at in rows.markets:
            created = (currency_number, json.loads(terms), created_at)
            begun = (MarketStatus.OPEN, Stage.NOTHING, 1, None, None, list[int](), 0, 0, list[int](), 0, False)
            self._markets.put(market, (), dict(zip(_MARKET, (*created, *begun), strict=True)))
        for market, changed in rows.market_changes:
            self._markets.row(market).update(json.loads(changed))
        for market, *removal in rows.removals:
            self._markets.row(market)["removals"] += removal

    def _add_orders(self, rows: Rows) -> None:
        for order, *placed in rows.orders:
            fields = dict(zip(_PLACED, placed, strict=True))
            counted = {"remaining": fields["stake"], "matched": 0, "matched_value": 0, "cancelled": 0, "lapsed": 0}
            self._orders.put(order, (), {**fields, **counted, "open": True})
        for (order,) in rows.releases:
            self._orders.row(order)["due_at"] = None
        for order, sums in rows.order_changes.items():
            row = self._orders.row(order)
            for column, more in zip(("matched", "matched_value", "cancelled", "lapsed"), sums, strict=True):
                row[column] += more
            row["remaining"] = row["stake"] - row["matched"] - row["cancelled"] - row["lapsed"]
            row["open"] = row["remaining"] > 0

    def _add_bets(self, rows: Rows) -> None:
        for _, market, runner, odds, stake, *_parties in rows.matches:
            total = self._totals.put(market, (runner,), {"matched": 0, "last_odds": odds})
            total["matched"] += stake
            total["last_odds"] = odds
        for (market, customer, runner), (stake, value) in rows.position_changes.items():
            position = self._positions.put(market, (customer, runner), {"stake": 0, "value": 0})
            position["stake"] += stake
            position["value"] += value
        for market, settlement, customer, profit, commission in rows.settlements:
            self._settled.put(market, (settlement, customer), {"profit": profit, "commission": commission})

    def _add_challenges(self, rows: Rows) -> None:
        for challenge, *offered in rows.challenges:
            begun = (*offered, ChallengeStatus.OFFERED, None, None, None, None, None, None)
            self._challenges.put(challenge, (), dict(zip(_CHALLENGE, begun, strict=True)))
        for challenge, changed in rows.challenge_changes:
            self._challenges.row(challenge).update(json.loads(changed))
        for challenge, settlement, *booked in rows.challenge_settlements:
            self._paid.put(challenge, (settlement,), dict(zip(_BOOKED, booked, strict=True)))


def _is_over(challenge: dict[str, Any]) -> bool:
    """Return whether a challenge can no longer change; one on a market can, until the market is archived."""
    status = challenge["status"]
    return status in _NEVER_TAKEN or (status == ChallengeStatus.SETTLED and challenge["market"] is None)
