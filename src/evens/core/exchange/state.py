"""The exchange's live state: markets with their books and positions, and orders with unmatched stake."""

from collections.abc import Iterator, Mapping
from typing import Final

from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, LapseOrders, ReleaseOrder
from evens.core.events.ledger import Rejected
from evens.core.exchange.admitted import Admitted
from evens.core.exchange.book import Order
from evens.core.exchange.market import Market
from evens.core.exchange.market_view import MarketFollower
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.agenda import Agenda
from evens.core.values.betting import Side, Stage
from evens.core.values.ids import AccountClass, CustomerId, MarketId, OrderId, RunnerId, account_id

CORRECTION_WINDOW_NS: Final = 7 * 24 * 3600 * 10**9
"""How long after its settlement a market can be corrected; it is archived then."""


SEARCHES_REMEMBERED: Final = 32
"""In how many markets with cross-matching it is remembered what searches have looked at: up to 8 MiB each."""


class Exchange:
    """Markets and orders with unmatched stake by id, and commission discounts by customer.

    ``followers`` hear of results. Implements :class:`evens.core.exchange.market_view.MarketView` for them, and
    :class:`evens.core.wallets.customer_follower.CustomerFollower`. ``open_orders`` counts orders by customer.
    ``searched`` are the markets in which sets were searched, the latest last; it is no part of the state.
    """

    __slots__ = (
        "admitted",
        "agenda",
        "customers",
        "discounts",
        "followers",
        "frozen",
        "ledger",
        "markets",
        "open_orders",
        "orders",
        "searched",
    )

    def __init__(
        self, ledger: Ledger, agenda: Agenda, customers: Mapping[CustomerId, str], frozen: Mapping[CustomerId, None]
    ) -> None:
        self.ledger = ledger
        self.agenda = agenda
        self.customers = customers
        self.frozen = frozen
        self.followers: list[MarketFollower] = []
        self.admitted: Admitted | None = None
        """The orders that were admitted last. No decision depends on it: it is what would be found out again."""
        self.markets: dict[MarketId, Market] = {}
        self.orders: dict[OrderId, Order] = {}
        self.open_orders: dict[CustomerId, int] = {}
        self.discounts: dict[CustomerId, int] = {}
        self.searched: dict[MarketId, None] = {}

    def add_market(self, market: Market) -> None:
        """Make a market known, and put on the agenda what it has under way or before it."""
        self.markets[market.id] = market
        if market.stage is not Stage.NOTHING:
            self.agenda.begin(AdvanceMarket(market.id))
        if market.settled_at is not None:
            self.schedule_archiving(market, market.settled_at)

    def schedule_archiving(self, market: Market, settled_at: int) -> None:
        """Archive a settled market once it can no longer be corrected."""
        self.agenda.schedule(settled_at + CORRECTION_WINDOW_NS, market.id, ArchiveMarket(market.id))

    def enter(self, market: Market, stage: Stage) -> None:
        """Let a market begin a stage; which customers it concerns is found out when its first part is done."""
        market.stage = stage
        market.queue = None
        market.recalled_up_to = CustomerId(0)
        if stage is Stage.NOTHING:
            self.agenda.finish(AdvanceMarket(market.id))
        else:
            self.agenda.begin(AdvanceMarket(market.id))

    def remember(self, market: Market) -> None:
        """Note that sets are searched in a market. Only the latest markets keep what searches have looked at."""
        self.searched.pop(market.id, None)
        self.searched[market.id] = None
        if len(self.searched) > SEARCHES_REMEMBERED:
            oldest = next(iter(self.searched))
            del self.searched[oldest]
            if (known := self.markets.get(oldest)) is not None and known.searches is not None:
                known.searches.forget()

    def add_order(self, order: Order) -> None:
        """Let an order wait in its book or, while it is delayed, for its time."""
        market = self.markets[order.market]
        self.orders[order.id] = order
        self.open_orders[order.customer] = self.open_orders.get(order.customer, 0) + 1
        if order.customer in self.frozen:
            self.customer_frozen(order.customer)
        position = market.position(order.customer)
        position.orders[order.id] = order
        position.reserve(order.runner, order.side, order.odds, order.remaining_minor)
        if order.due_at is None:
            market.books[order.runner].add(order)
        elif order.matched_minor:
            self.go_on_with(order)
        else:
            self.agenda.schedule(order.due_at, order.id, ReleaseOrder(order.id))

    def go_on_with(self, order: Order) -> None:
        """Match an order outside of the book in parts: it is one that meets more others than fit into a command."""
        self.agenda.begin(ReleaseOrder(order.id))

    def reduce_order(self, order: Order, by_minor: int) -> None:
        """Take unmatched stake off an order; without any it is forgotten."""
        market = self.markets[order.market]
        position = market.positions[order.customer]
        position.reserve(order.runner, order.side, order.odds, -by_minor)
        if order.due_at is None:
            market.books[order.runner].take(order, by_minor)
        else:
            order.remaining_minor -= by_minor
        if order.remaining_minor == 0:
            del self.orders[order.id], position.orders[order.id]
            if order.due_at is not None:
                self.agenda.finish(ReleaseOrder(order.id))
            count = self.open_orders.pop(order.customer) - 1
            if count:
                self.open_orders[order.customer] = count
            elif order.customer in self.frozen:
                self.agenda.finish(LapseOrders(order.customer))

    def customer_frozen(self, customer: CustomerId) -> None:
        """Let the open orders of somebody who was frozen lapse, some at a time."""
        if customer in self.open_orders:
            self.agenda.begin(LapseOrders(customer))

    def customer_unfrozen(self, customer: CustomerId) -> None:
        """Leave the orders that have not lapsed yet."""
        self.agenda.finish(LapseOrders(customer))

    def refuse_unknown(self, market: MarketId, runner: RunnerId) -> Rejected | None:
        """Return why there is no such runner; ``None`` if there is one."""
        known = self.markets.get(market)
        if known is None:
            return Rejected(ExchangeReason.MARKET_UNKNOWN)
        return None if runner in known.books else Rejected(ExchangeReason.RUNNER_UNKNOWN)

    def refuse_bets_on(self, market: MarketId, runner: RunnerId) -> Rejected | None:
        """Return why nobody can bet on a known runner now; ``None`` if one can."""
        known = self.markets[market]
        if (refusal := known.refuse_bets()) is not None:
            return refusal
        return Rejected(ExchangeReason.RUNNER_REMOVED) if runner in known.removals else None

    def is_removed(self, market: MarketId, runner: RunnerId) -> bool:
        """Return whether the runner was removed."""
        return runner in self.markets[market].removals

    def settlement(self, market: MarketId) -> int | None:
        """Return which of the market's results stands; ``None`` while none is booked."""
        known = self.markets[market]
        return None if known.settled_at is None else known.settlement

    def is_known(self, market: MarketId) -> bool:
        """Return whether there is such a market, and it is not archived."""
        return market in self.markets

    def share(self, market: MarketId, runner: RunnerId) -> tuple[int, int]:
        """Return the runner's share of a win under the declared result, and how many parts a whole win has."""
        known = self.markets[market]
        return dict(known.shares).get(runner, 0), known.parts

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless the books hold exactly the customers' open orders."""
        for market in self.markets.values():
            waiting = sum(1 for book in market.books.values() for side in Side for _ in book.orders(side))
            delayed = 0
            for position in market.positions.values():
                delayed += sum(1 for order in position.orders.values() if order.due_at is not None)
                waiting -= len(position.orders)
            if waiting + delayed != 0:
                raise InvariantBroken(f"the book of market {market.id} is not what its customers' open orders make")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield the escrow account and the exposure of every position."""
        for market in self.markets.values():
            for customer in market.positions:
                escrow = account_id(customer, market.currency_number, AccountClass.ESCROW)
                yield escrow, market.exposure_minor(customer)

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for customer in sorted(self.discounts):
            yield f"discount {customer} {self.discounts[customer]}"
        for market in sorted(self.markets):
            yield from self.markets[market].lines()
