"""What never changes about markets, remembered: every order needs its market's currency before anything else."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from evens.core.values.betting import MarketTerms
from evens.core.values.money import Currency
from evens.edges.http.protocol.currencies import Currencies
from evens.store.exchange.queries import ExchangeQueries, MarketRow

MARKETS_MAX: Final = 10_000
"""How many markets are remembered; the one remembered first makes room for another."""


@dataclass(frozen=True, slots=True)
class KnownMarket:
    """A market as it was created. ``created_at`` is in nanoseconds since 1970."""

    id: int
    currency: Currency
    terms: MarketTerms
    created_at: int


class KnownMarkets:
    """Reads each market from the tables once."""

    def __init__(self, exchange: ExchangeQueries, currencies: Currencies) -> None:
        self._exchange = exchange
        self._currencies = currencies
        self._known: OrderedDict[int, KnownMarket] = OrderedDict()

    async def find(self, market: int) -> KnownMarket | None:
        """Return a market, archived or not; ``None`` if there never was one. Raises ``StoreUnavailable``."""
        known = self._known.get(market)
        if known is not None:
            return known
        row = await self._exchange.market(market)
        return None if row is None else self.learn(row)

    def learn(self, row: MarketRow) -> KnownMarket:
        """Remember what a row tells."""
        known = KnownMarket(row.id, self._currencies.by_number(row.currency_number), row.terms, row.created_at)
        self._known[row.id] = known
        if len(self._known) > MARKETS_MAX:
            self._known.popitem(last=False)
        return known
