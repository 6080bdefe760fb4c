"""Making views: reading a thing's picture from the tables, a few at a time."""

import asyncio
from collections.abc import Callable
from typing import Final

from evens.core.events.every import Event
from evens.core.events.exchange import MarketArchived, MarketCreated
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.account_channel import AccountView
from evens.edges.stream.market_channel import MarketView
from evens.edges.stream.topic import MARKET, Key, View
from evens.store.exchange.snapshots import Snapshots

_READ_AT_ONCE: Final = 4
"""A rush of subscribers leaves the database's other connections to requests."""


class Views:
    """Begins views, and keeps what they share: which market's amounts are in which currency."""

    def __init__(self, snapshots: Snapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies
        self._market_currencies: dict[int, int] = {}
        self._turns = asyncio.Semaphore(_READ_AT_ONCE)

    def hear(self, event: Event) -> None:
        """Note markets that come and go; nothing need be heard while there are no views."""
        match event:
            case MarketCreated():
                self._market_currencies[event.market] = event.currency_number
            case MarketArchived():
                self._market_currencies.pop(event.market, None)
            case _:
                pass

    async def begin(self, key: Key, is_wanted: Callable[[], bool]) -> View | None:
        """Return a view of a thing; ``None`` if there is no such thing, or it is no longer wanted once it can be read.

        Raises :class:`evens.store.errors.StoreUnavailable`.
        """
        async with self._turns:
            if not is_wanted():
                return None
            channel, number = key
            return await (self._market(number) if channel == MARKET else self._account(number))

    async def _market(self, market: int) -> View | None:
        picture = await self._snapshots.market(market)
        if picture is None:
            return None
        self._currencies.learn(picture.currencies)
        return MarketView(picture, self._currencies.by_number(picture.market.currency_number))

    async def _account(self, customer: int) -> View | None:
        picture = await self._snapshots.account(customer)
        if picture is None:
            return None
        self._currencies.learn(picture.currencies)
        self._market_currencies.update(picture.market_currencies)
        return AccountView(customer, picture, self._currencies, self._market_currencies)
