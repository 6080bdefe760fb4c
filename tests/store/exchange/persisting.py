"""An order whose persistence changes, so that the tables have such a change."""

from evens.core.commands.exchange import ChangePersistence, CreateMarket, PlaceOrder
from evens.core.values.betting import MarketTerms, Persistence, Side
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from tests.conftest import Stage


async def change_persistence(stage: Stage, customer: CustomerId) -> None:
    """Open a market, place an order of somebody with cash in USD, and let it persist."""
    market = await stage.submit(CreateMarket("USD", MarketTerms("Persisting", ("Ann", "Bo"), 1, 2**61, 1)))
    placed = await stage.submit(
        PlaceOrder(
            customer, MarketId(market.seq), RunnerId(1), Side.BACK, 200, 1_00, client_ref="o1", strategy_ref="s1"
        )
    )
    await stage.submit(ChangePersistence(customer, OrderId(placed.seq), Persistence.PERSIST))
