"""What a customer missed: the matches since a place in the journal, and the orders that are over since then."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evens.core.values.ids import CustomerId
from evens.core.values.money import Currency
from evens.core.values.public_ids import format_order_id
from evens.edges.http.exchange.presenting import present_order
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.account_match import present_match
from evens.edges.stream.topic import View
from evens.store.exchange.matches import Fill
from evens.store.exchange.queries import OrderRow
from evens.store.exchange.snapshots import Snapshots

MATCHES_MISSED_MAX: Final = 1_000
"""Most matches that a returning client is told; of more, the latest."""


@dataclass(frozen=True, slots=True)
class AccountMissed:
    """Implements :class:`evens.edges.stream.missed.Missed`."""

    seq: int
    since: int
    fills: Sequence[Fill]
    ended: Sequence[OrderRow]
    currencies: Mapping[int, Currency]
    """By market."""

    def merged(self, view: View) -> dict[str, Any]:
        """Return matches, oldest first, and orders that were open or came since and are over now."""
        shown, recent = view.snapshot(), view.delta(self.seq)
        matches = [present_match(fill, self.currencies[fill.market]) for fill in self.fills]
        ended = {format_order_id(row.id): present_order(row, self.currencies[row.market]) for row in self.ended}
        ended.update((order.id, order) for order in recent.get("orders", ()))
        for order in shown["orders"]:
            ended.pop(order.id, None)
        told = matches[-MATCHES_MISSED_MAX:] + recent.get("matches", [])
        missed: dict[str, Any] = {"since": self.since, "matches": told, "orders": list(ended.values())}
        if len(matches) > MATCHES_MISSED_MAX or recent.get("matches_omitted"):
            missed["matches_omitted"] = True
        return {"missed": missed}


class AccountResumption:
    """Implements :class:`evens.edges.stream.missed.Resumption`."""

    def __init__(self, snapshots: Snapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies

    async def read(self, number: int, since: int) -> AccountMissed | None:
        """Read what a customer missed."""
        absence = await self._snapshots.absence(CustomerId(number), since, MATCHES_MISSED_MAX + 1)
        if absence is None:
            return None
        # The single writer shares this thread, so it gets its turn before more is presented.
        await asyncio.sleep(0)
        currencies = {
            market: self._currencies.by_number(currency) for market, currency in absence.market_currencies.items()
        }
        return AccountMissed(absence.seq, since, absence.fills, absence.ended, currencies)
