"""What the exchange exports to the HTTP API."""

from typing import Final

from evens.core.commands.exchange import AdmitOrders, AdvanceMarket, ArchiveMarket, LapseOrders, ReleaseOrder
from evens.edges.http.exchange import market_data, markets, orders, oversight, positions
from evens.edges.http.exchange.proposables import GUARDS, PROPOSABLES
from evens.edges.http.exchange.refusals import EXCHANGE_REFUSALS
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(
    endpoints=(
        orders.ENDPOINTS,
        orders.BATCH_ENDPOINTS,
        markets.ENDPOINTS,
        market_data.ENDPOINTS,
        positions.ENDPOINTS,
        oversight.ENDPOINTS,
    ),
    internal=frozenset({AdmitOrders, ReleaseOrder, LapseOrders, AdvanceMarket, ArchiveMarket}),
    refusals=EXCHANGE_REFUSALS,
    batches=(orders.ORDER_BATCH,),
    proposables=PROPOSABLES,
    guards=GUARDS,
)
