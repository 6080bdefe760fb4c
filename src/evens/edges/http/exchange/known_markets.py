"""Markets by their ids, and what never changes about them, remembered: every order needs its market's currency first.

This is all that other products know of the exchange.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from evens.core.values.betting import MarketTerms
from evens.core.values.ids import MarketId, RunnerId
from evens.core.values.money import Currency
from evens.core.values.public_ids import parse_market_id
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import Refused, refuse_not_found
from evens.store.exchange.queries import ExchangeQueries, MarketRow

MARKETS_MAX: Final = 10_000
"""How many markets are remembered; the one remembered first makes room for another."""

NO_RUNNER: Final = RunnerId(0)
"""Stands for a runner that no market has, so that the refusal is recorded like any other."""

MarketIdText = Annotated[str, Field(description="A market's id.", examples=["mkt_42"], min_length=1, max_length=64)]
RunnerIdText = Annotated[
    str, Field(description="A runner's id within its market.", examples=["1"], min_length=1, max_length=64)
]


@dataclass(frozen=True, slots=True)
class KnownMarket:
    """A market as it was created. ``created_at`` is in nanoseconds since 1970."""

    id: MarketId
    currency: Currency
    terms: MarketTerms
    created_at: int


class KnownMarkets:
    """Reads each market from the tables once."""

    def __init__(self, exchange: ExchangeQueries, currencies: Currencies) -> None:
        self._exchange = exchange
        self._currencies = currencies
        self._known: OrderedDict[MarketId, KnownMarket] = OrderedDict()

    async def find(self, market: MarketId) -> KnownMarket | None:
        """Return a market, archived or not; ``None`` if there never was one. Raises ``StoreUnavailable``."""
        known = self._known.get(market)
        if known is not None:
            return known
        row = await self._exchange.market(market)
        return None if row is None else self.learn(row)

    async def require(self, market_id: str) -> KnownMarket:
        """Return the market with this public id. Raises a 404 if there never was one, or ``StoreUnavailable``."""
        market = parse_market_id(market_id)
        known = None if market is None else await self.find(market)
        if known is None:
            raise refuse_unknown_market()
        return known

    def learn(self, row: MarketRow) -> KnownMarket:
        """Remember what a row tells."""
        known = KnownMarket(row.id, self._currencies.by_number(row.currency_number), row.terms, row.created_at)
        self._known[row.id] = known
        if len(self._known) > MARKETS_MAX:
            self._known.popitem(last=False)
        return known


def refuse_unknown_market() -> Refused:
    """Return the 404 for a market that there is not."""
    return refuse_not_found("market_unknown", "There is no such market; check the id.")
