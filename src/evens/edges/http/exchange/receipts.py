"""From the exchange's receipts to replies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    CancelOrder,
    CancelOrders,
    ChangePersistence,
    CloseMarket,
    PlaceOrder,
    ReinstateRunner,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.events.every import Event
from evens.core.events.exchange import (
    CommissionDiscountSet,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    PersistenceChanged,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.receipts import Receipt
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import MarketId
from evens.core.values.public_ids import format_user_id
from evens.edges.http.exchange.known_markets import KnownMarket, KnownMarkets
from evens.edges.http.exchange.presenting import present_market, present_order, present_state
from evens.edges.http.exchange.refusals import explain_over
from evens.edges.http.exchange.shapes import CommissionDiscount, Market, MarketState, Order
from evens.edges.http.protocol.answering import Reply, reply_problem
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.protocol.shapes import Page
from evens.store.exchange.created import row_of_created
from evens.store.exchange.queries import ExchangeQueries, OrderRow

MARKET_COMMANDS: Final = (
    SuspendMarket,
    ResumeMarket,
    TurnInPlay,
    CloseMarket,
    RemoveRunner,
    ReinstateRunner,
    SettleMarket,
    VoidMarket,
)
MarketCommand = (
    SuspendMarket | ResumeMarket | TurnInPlay | CloseMarket | RemoveRunner | ReinstateRunner | SettleMarket | VoidMarket
)

_COMING: Final[Mapping[type[MarketCommand], str | None]] = {
    SuspendMarket: "What was begun is being finished, a part at a time. `working` is false once it is.",
    ResumeMarket: None,
    TurnInPlay: "Orders that do not persist are being taken back. `working` is false once all of them are.",
    CloseMarket: "What is unmatched is being taken back. `working` is false once all of it is.",
    RemoveRunner: "Bets on the runner are being made void, and those on the others reduced, a part at a time. "
    "`working` is false once all of them are; the market stays suspended.",
    ReinstateRunner: "The removal is being taken back, a part at a time. `working` is false once it is; the market "
    "stays as it was.",
    SettleMarket: "Its bets are being settled, a part at a time. The market is `settled` once all of them are.",
    VoidMarket: "Its bets are being undone, a part at a time. The market is `void` once all of them are.",
}
"""What a market goes on with after each command, if that takes more than the command itself."""

ORDER_COMMANDS: Final = (ReplaceOrder, ChangePersistence, CancelOrder)


class ExchangeReceipts:
    """Turns receipts of the exchange's commands into replies.

    What a receipt tells of an order that was placed is all there is to say. Of one that was taken back or made smaller
    it tells all that can still change; the rest is read from the tables.
    """

    def __init__(self, refusals: Refusals, exchange: ExchangeQueries, markets: KnownMarkets) -> None:
        self._refusals = refusals
        self._exchange = exchange
        self._markets = markets

    async def present(self, receipt: Receipt) -> Reply:
        """Return the reply to a command that the exchange's routes submit."""
        command, first = receipt.command, receipt.events[0]
        if isinstance(first, Rejected):
            return await self._refusal(receipt, first)
        if isinstance(command, PlaceOrder):
            return Reply(201, await self._placed(receipt))
        if isinstance(command, CancelOrders):
            return Reply(200, await self._cancelled(receipt))
        if isinstance(first, PersistenceChanged):
            return Reply(200, await self._persisting(first))
        if isinstance(command, ORDER_COMMANDS):
            return Reply(200, await self._changed(receipt))
        if isinstance(command, MARKET_COMMANDS):
            return Reply(200, await self._moved_on(command, first))
        if isinstance(first, MarketCreated):
            return Reply(201, self._created(receipt, first))
        assert isinstance(first, CommissionDiscountSet)
        return Reply(200, CommissionDiscount(format_user_id(first.customer), first.discount_bps))

    async def _refusal(self, receipt: Receipt, refused: Rejected) -> Reply:
        command, reason = receipt.command, refused.reason
        if isinstance(command, CancelOrders) and reason is SharedReason.NOTHING_CHANGES:
            nothing: Page[Order] = Page([])
            return Reply(200, nothing)
        if reason is ExchangeReason.ORDER_NOT_EXECUTABLE and isinstance(command, ORDER_COMMANDS):
            # The house forgets an order that is over; only the tables know whether there ever was one.
            row = await self._exchange.order(command.order)
            if row is not None and row.customer == command.customer and row.id <= receipt.seq:
                currency = (await self._known(row.market)).currency
                return reply_problem(explain_over(self._refusals.present(reason, refused.facts), row, currency))
            reason = ExchangeReason.ORDER_UNKNOWN
        elif reason is ExchangeReason.MARKET_UNKNOWN and await self._is_archived(command):
            reason = ExchangeReason.MARKET_ARCHIVED
        problem = self._refusals.present(reason, refused.facts)
        if isinstance(command, CancelOrder) and reason is SharedReason.STAKE_TOO_SMALL:
            problem = replace(problem, errors=[replace(each, field="reduce_by") for each in problem.errors])
        return reply_problem(problem)

    async def _is_archived(self, command: Command) -> bool:
        """Return whether the market was archived: the house forgets it, and the tables still have it."""
        market = getattr(command, "market", None)
        return market is not None and await self._markets.find(market) is not None

    async def _placed(self, receipt: Receipt) -> Order:
        """Return an order as it was when all that could be matched at once was."""
        (placed,) = [event for event in receipt.events if isinstance(event, OrderPlaced)]
        known = await self._known(placed.market)
        return present_order(row_of_placed(placed, receipt), known.currency)

    async def _changed(self, receipt: Receipt) -> Order:
        """Return what is there instead of an order, or what is left of it."""
        if any(isinstance(event, OrderPlaced) for event in receipt.events):
            return await self._placed(receipt)
        (order,) = (await self._cancelled(receipt)).items
        return order

    async def _persisting(self, changed: PersistenceChanged) -> Order:
        """Return an order as it was when its persistence was changed."""
        (row,) = await self._exchange.orders_by_id([changed.order])
        row = replace(_as_reduced(row, changed), persistence=changed.persistence)
        return present_order(row, (await self._known(row.market)).currency)

    async def _cancelled(self, receipt: Receipt) -> Page[Order]:
        """Return the orders that stake was taken off, newest first."""
        reduced = {event.order: event for event in receipt.events if isinstance(event, OrderReduced)}
        rows = [_as_reduced(row, reduced[row.id]) for row in await self._exchange.orders_by_id(list(reduced))]
        return Page([present_order(row, (await self._known(row.market)).currency) for row in reversed(rows)])

    async def _moved_on(self, command: MarketCommand, happened: Event) -> MarketState:
        known = await self._known(command.market)
        coming = _COMING[type(command)]
        if isinstance(happened, MarketStatusChanged):
            if happened.stage is Stage.NOTHING:
                coming = None
            return present_state(known, happened.status, coming=coming, version=happened.version)
        if isinstance(happened, RunnerRemoved | RemovalRevised):
            version, lent_minor = happened.version, happened.lent_minor
            return present_state(known, happened.status, coming=coming, version=version, lent_minor=lent_minor)
        assert isinstance(happened, ResultDeclared)
        return present_state(known, MarketStatus.CLOSED, coming=coming, version=None)

    def _created(self, receipt: Receipt, created: MarketCreated) -> Market:
        row = row_of_created(created, receipt.at)
        return present_market(self._markets.learn(row), row, {}, ())

    async def _known(self, market: MarketId) -> KnownMarket:
        known = await self._markets.find(market)
        assert known is not None
        return known


def sums_of_placed(placed: OrderPlaced, receipt: Receipt) -> tuple[int, int, int]:
    """Return what was matched of an order by its own receipt, the value of that in cents, and what lapsed."""
    matched_minor = value_cents = lapsed_minor = 0
    for event in receipt.events:
        if isinstance(event, Matched) and event.taker == placed.order:
            matched_minor += event.stake_minor
            value_cents += event.stake_minor * event.odds
        elif isinstance(event, OrderReduced) and event.order == placed.order:
            lapsed_minor += event.by_minor
    return matched_minor, value_cents, lapsed_minor


def row_of_placed(placed: OrderPlaced, receipt: Receipt) -> OrderRow:
    """Return what the tables said of an order once its receipt was written."""
    matched_minor, value_cents, lapsed_minor = sums_of_placed(placed, receipt)
    return OrderRow(
        id=placed.order,
        market=placed.market,
        runner=placed.runner,
        customer=placed.customer,
        side=placed.side,
        odds=placed.odds,
        stake_minor=placed.stake_minor,
        remaining_minor=placed.stake_minor - matched_minor - lapsed_minor,
        matched_minor=matched_minor,
        matched_value_cents=value_cents,
        cancelled_minor=0,
        lapsed_minor=lapsed_minor,
        persistence=placed.persistence,
        time_in_force=placed.time_in_force,
        due_at=placed.due_at,
        placed_at=receipt.at,
        client_ref=placed.client_ref,
        replaces=placed.replaces,
        strategy_ref=placed.strategy_ref,
    )


def _as_reduced(row: OrderRow, reduced: OrderReduced | PersistenceChanged) -> OrderRow:
    """Return what the tables said of an order once stake had been taken off it, or its persistence changed."""
    return replace(
        row,
        remaining_minor=reduced.remaining_minor,
        matched_minor=reduced.matched_minor,
        matched_value_cents=reduced.matched_value_cents,
        cancelled_minor=row.stake_minor - reduced.remaining_minor - reduced.matched_minor,
        lapsed_minor=0,
        due_at=reduced.due_at,
        replaced_by=None,
    )
