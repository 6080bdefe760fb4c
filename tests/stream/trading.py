"""Random betting: several customers place, cancel and replace orders."""

import random
from collections.abc import Sequence

from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, CancelOrders, PlaceOrder, ReplaceOrder
from evens.core.events.exchange import OrderPlaced
from evens.core.receipts import Receipt
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.odds import CLASSIC
from tests.stream.conftest import StreamServer

_MIDDLE = CLASSIC.odds.index(300)


class Trading:
    """Customers who bet at random in a market, always in the same way for the same seed."""

    def __init__(
        self,
        streaming: StreamServer,
        market: MarketId,
        customers: Sequence[CustomerId],
        seed: int = 1,
        runners: int = 3,
    ) -> None:
        self._streaming = streaming
        self._market = market
        self._customers = customers
        self._chance = random.Random(seed)
        self._runners = runners
        self._placed: list[OrderPlaced] = []

    async def go_on(self, commands: int) -> None:
        """Bet so many times, one after the other."""
        for _ in range(commands):
            self._note(await self._streaming.book(self._next()))

    def _next(self) -> Command:
        chance = self._chance
        draw = chance.random()
        if self._placed and draw < 0.3:
            placed = self._placed.pop(chance.randrange(len(self._placed)))
            if draw < 0.15:
                return CancelOrder(placed.customer, placed.order, chance.choice((None, 50)))
            stake_minor = chance.choice((None, chance.randint(100, 5_000)))
            return ReplaceOrder(
                placed.customer, placed.order, CLASSIC.odds[_MIDDLE + chance.randint(-9, 9)], stake_minor
            )
        if draw < 0.32:
            return CancelOrders(chance.choice(self._customers), self._market)
        side = chance.choice((Side.BACK, Side.LAY))
        away = chance.randint(-2, 8)
        return PlaceOrder(
            chance.choice(self._customers),
            self._market,
            RunnerId(chance.randint(1, self._runners)),
            side,
            CLASSIC.odds[_MIDDLE + (away if side is Side.BACK else -away)],
            chance.randint(100, 5_000),
            chance.choice((TimeInForce.GOOD_TILL_CANCELLED, TimeInForce.FILL_OR_KILL)),
            persistence=chance.choice((Persistence.LAPSE, Persistence.PERSIST)),
        )

    def _note(self, receipt: Receipt) -> None:
        self._placed += [event for event in receipt.events if isinstance(event, OrderPlaced)]
