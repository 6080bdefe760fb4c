"""Keeping escrow at exactly what a customer can lose.

A command notes the exposure of everybody it may change before it yields its events, and at the end moves the
difference: more exposure is reserved from cash, less is released to it. Example: bob's lay of 20.00 at 3.00 has 40.00
in escrow; when he backs the same runner with 10.00 at 3.00, his exposure falls to 20.00, and 20.00 are released.
"""

from collections.abc import Iterable, Iterator

from evens.core.events.ledger import Transferred
from evens.core.exchange.market import Market
from evens.core.exchange.state import Exchange
from evens.core.ledger.mover import Mover
from evens.core.values.ids import CustomerId


class EscrowChange:
    """The escrow of some customers of a market, before and after a command changes their positions."""

    def __init__(self, exchange: Exchange, market: Market, customers: Iterable[CustomerId], at: int) -> None:
        self._market = market
        self._mover = Mover(exchange.ledger, market.currency_number, at)
        self._before = {customer: market.exposure_minor(customer) for customer in customers}

    def add(self, customer: CustomerId) -> None:
        """Take one more customer in, before anything changes for them."""
        self._before[customer] = self._market.exposure_minor(customer)

    def align(self) -> Iterator[Transferred]:
        """Yield what brings their escrow to what their positions need now."""
        market = self._market
        for customer, before in self._before.items():
            after = market.exposure_minor(customer)
            if after != before:
                yield from self._mover.align(customer, before, after)
