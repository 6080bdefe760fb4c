"""What the exchange's routes need."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated

from fastapi import Depends

from evens.core.commands.exchange import ORDERS_PER_MARKET_MAX
from evens.core.receipts import Receipt
from evens.core.values.odds import CLASSIC, FINEST, Ladder
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.exchange.receipts import ExchangeReceipts
from evens.edges.http.protocol.access import (
    ANYONE,
    OPERATORS,
    Access,
    Caller,
    Guest,
    Guests,
    Visitor,
    Visitors,
)
from evens.edges.http.protocol.answering import Reply
from evens.store.exchange.prices import PriceQueries
from evens.store.exchange.queries import ExchangeQueries


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """What an operator can choose for new markets, and for orders.

    ``commission_bps`` and ``min_stake`` (a decimal, scaled to the currency) are meant where a market names none.
    ``ladders`` are those that a market can name. ``orders_max`` is how many open orders a user may have in a market.
    """

    commission_bps: int = 500
    min_stake: str = "1.00"
    ladders: Mapping[str, Ladder] = field(default_factory=lambda: {each.name: each for each in (CLASSIC, FINEST)})
    orders_max: int = ORDERS_PER_MARKET_MAX


@dataclass(frozen=True, slots=True)
class ExchangeServices:
    """What serves requests about markets, orders and positions."""

    queries: ExchangeQueries
    prices: PriceQueries
    markets: KnownMarkets
    receipts: ExchangeReceipts
    settings: ExchangeSettings


AnyVisitor = Annotated[Visitor[ExchangeServices], Depends(Visitors[ExchangeServices](attrgetter("exchange")))]
AnyGuest = Annotated[Guest[ExchangeServices], Depends(Guests[ExchangeServices](attrgetter("exchange")))]
AnyCaller = Annotated[Caller[ExchangeServices], Depends(Access[ExchangeServices](ANYONE, attrgetter("exchange")))]
OperatorCaller = Annotated[
    Caller[ExchangeServices], Depends(Access[ExchangeServices](OPERATORS, attrgetter("exchange")))
]


def reply(services: ExchangeServices, receipt: Receipt) -> Awaitable[Reply]:
    """Return the reply to any command that the exchange's routes submit."""
    return services.receipts.present(receipt)
