"""The account channel: a customer's balances, open orders and matches, kept up to date by events.

Of bets with the house and in pools it tells that something is different: see :mod:`evens.edges.stream.account_bets`.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import (
    MarketArchived,
    MarketCreated,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PersistenceChanged,
)
from evens.core.events.ledger import Transferred
from evens.core.values.betting import Cause, Side
from evens.core.values.ids import (
    AccountClass,
    CustomerId,
    MarketId,
    OrderId,
    account_class,
    account_currency,
    account_holder,
    account_id,
)
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_user_id
from evens.edges.http.exchange import shapes as wire
from evens.edges.http.exchange.presenting import present_order
from evens.edges.http.protocol.access import ME, resolve_customer
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.account_bets import OF_BETS, concerned
from evens.edges.stream.account_match import present_match
from evens.edges.stream.account_missed import AccountResumption
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.edges.stream.topic import View
from evens.identity.principal import Principal
from evens.store.exchange.matches import Fill
from evens.store.exchange.queries import OrderRow
from evens.store.exchange.snapshots import AccountSnapshot, Snapshots
from evens.store.wallets.queries import OWED_CLASS, WALLET_CLASSES

MATCHES_MAX: Final = 100
"""Most matches in one delta; of more, the latest are sent."""

_SHOWN: Final = (*WALLET_CLASSES, OWED_CLASS)


class AccountView:
    """The state of one customer's account, beginning with one that was read from the database.

    ``seq`` is the last command that changed it. ``market_currencies`` has the currency number of every market that can
    still change; the channel keeps it up to date.
    """

    def __init__(
        self,
        customer: CustomerId,
        snapshot: AccountSnapshot,
        currencies: Currencies,
        market_currencies: Mapping[int, int],
    ) -> None:
        self.seq = snapshot.seq
        self._customer = customer
        self._currencies = currencies
        self._market_currencies = market_currencies
        self._balances = {
            account: minor for account, minor in snapshot.balances.items() if account_class(account) in _SHOWN
        }
        self._orders = {order.id: order for order in snapshot.orders}
        self._balance_changes: Changes[int] = Changes()
        self._order_changes: Changes[OrderId] = Changes()
        self._list_changes: Changes[str] = Changes()
        # One more than is sent, to know whether there were more. Each with the customer's order and side.
        self._matches: deque[tuple[int, Matched, OrderId, Side]] = deque(maxlen=MATCHES_MAX + 1)

    @property
    def orders(self) -> Mapping[OrderId, OrderRow]:
        """The open orders, and those that have ended since :meth:`forget` was called last."""
        return self._orders

    def currency_of(self, market: MarketId) -> Currency:
        """Return the currency of a market that can still change."""
        return self._currencies.by_number(self._market_currencies[market])

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event, if it concerns this customer."""
        match event:
            case Transferred():
                self._transferred(seq, event)
            case OrderPlaced():
                self._order_placed(seq, at, event)
            case OrderReleased():
                if event.order in self._orders:
                    self._set_order(seq, replace(self._orders[event.order], due_at=None))
            case PersistenceChanged():
                self._set_order(seq, replace(self._orders[event.order], persistence=event.persistence))
            case Matched():
                self._matched(seq, event)
            case OrderReduced():
                self._order_reduced(seq, event)
            case _ if type(event) in OF_BETS:
                if self._customer in (concerned(event) or ()):
                    self.seq = seq
                    self._list_changes.mark(OF_BETS[type(event)], seq)
            case _:
                raise ValueError(f"a {type(event).__name__} does not change an account")

    def snapshot(self) -> dict[str, Any]:
        """Return what the customer has in each currency, and the orders with unmatched stake, oldest first."""
        numbers = sorted({account_currency(account) for account in self._balances})
        return {
            "balances": [self._balance(number) for number in numbers],
            "orders": [self._order(order) for order in self._orders.values() if order.remaining_minor],
        }

    def delta(self, since: int) -> dict[str, Any]:
        """Return the balances and orders that changed after ``since``, as they are now, and what was matched.

        Of bets with the house and in pools it names the lists in which something is different.
        """
        delta: dict[str, Any] = {}
        numbers = sorted(self._balance_changes.since(since))
        if numbers:
            delta["balances"] = [self._balance(number) for number in numbers]
        orders = sorted(self._order_changes.since(since))
        if orders:
            delta["orders"] = [self._order(self._orders[order]) for order in orders]
        matches = [self._match(match, order, side) for seq, match, order, side in self._matches if seq > since]
        if matches:
            delta["matches"] = matches[-MATCHES_MAX:]
        if len(matches) > MATCHES_MAX:
            delta["matches_omitted"] = True
        changed = sorted(self._list_changes.since(since))
        if changed:
            delta["changed"] = changed
        return delta

    def forget(self, seq: int) -> None:
        """Drop the record of changes at ``seq`` or before, and ended orders: every subscriber has been sent these."""
        ended = [order for order in self._order_changes.since(0) if not self._orders[order].remaining_minor]
        self._balance_changes.forget(seq)
        self._order_changes.forget(seq)
        self._list_changes.forget(seq)
        while self._matches and self._matches[0][0] <= seq:
            self._matches.popleft()
        unsent = set(self._order_changes.since(seq))
        for order in ended:
            if order not in unsent:
                del self._orders[order]

    def _balance(self, number: int) -> dict[str, Any]:
        currency = self._currencies.by_number(number)
        amounts = {kept: self._balances.get(account_id(self._customer, number, kept), 0) for kept in WALLET_CLASSES}
        owed_minor = -self._balances.get(account_id(self._customer, number, OWED_CLASS), 0)
        return {
            "currency": currency.code,
            "cash": format_minor(amounts[AccountClass.CASH], currency.scale),
            "escrow": format_minor(amounts[AccountClass.ESCROW], currency.scale),
            "withdrawing": format_minor(amounts[AccountClass.WITHDRAWING], currency.scale),
            "total": format_minor(sum(amounts.values()), currency.scale),
            "owed": format_minor(owed_minor, currency.scale),
        }

    def _order(self, order: OrderRow) -> wire.Order:
        return present_order(order, self.currency_of(order.market))

    def _match(self, match: Matched, order: OrderId, side: Side) -> dict[str, Any]:
        fill = Fill(
            2 * match.match,
            match.match,
            match.market,
            match.runner,
            match.odds,
            match.stake_minor,
            order,
            self._customer,
            side,
        )
        return present_match(fill, self.currency_of(match.market))

    def _transferred(self, seq: int, event: Transferred) -> None:
        for account, after_minor in (
            (event.debit, event.debit_after_minor),
            (event.credit, event.credit_after_minor),
        ):
            if account_holder(account) == self._customer and account_class(account) in _SHOWN:
                self.seq = seq
                self._balances[account] = after_minor
                self._balance_changes.mark(account_currency(account), seq)

    def _order_placed(self, seq: int, at: int, event: OrderPlaced) -> None:
        order = OrderRow(
            id=event.order,
            market=event.market,
            runner=event.runner,
            customer=event.customer,
            side=event.side,
            odds=event.odds,
            stake_minor=event.stake_minor,
            remaining_minor=event.stake_minor,
            matched_minor=0,
            matched_value_cents=0,
            cancelled_minor=0,
            lapsed_minor=0,
            persistence=event.persistence,
            time_in_force=event.time_in_force,
            due_at=event.due_at,
            placed_at=at,
            client_ref=event.client_ref,
            replaces=event.replaces,
            strategy_ref=event.strategy_ref,
        )
        self._set_order(seq, order)
        if event.replaces is not None:
            self._set_order(seq, replace(self._orders[event.replaces], replaced_by=event.order))

    def _matched(self, seq: int, event: Matched) -> None:
        maker_side = Side.LAY if event.taker_side is Side.BACK else Side.BACK
        for number, customer, side in (
            (event.maker, event.maker_customer, maker_side),
            (event.taker, event.taker_customer, event.taker_side),
        ):
            if customer == self._customer:
                order = self._orders[number]
                self._matches.append((seq, event, number, side))
                matched_order = replace(
                    order,
                    remaining_minor=order.remaining_minor - event.stake_minor,
                    matched_minor=order.matched_minor + event.stake_minor,
                    matched_value_cents=order.matched_value_cents + event.stake_minor * event.odds,
                )
                self._set_order(seq, matched_order)

    def _order_reduced(self, seq: int, event: OrderReduced) -> None:
        order = self._orders[event.order]
        remaining_minor = order.remaining_minor - event.by_minor
        if event.cause is Cause.CANCELLED:
            cancelled_minor = order.cancelled_minor + event.by_minor
            self._set_order(seq, replace(order, remaining_minor=remaining_minor, cancelled_minor=cancelled_minor))
        else:
            lapsed_minor = order.lapsed_minor + event.by_minor
            self._set_order(seq, replace(order, remaining_minor=remaining_minor, lapsed_minor=lapsed_minor))

    def _set_order(self, seq: int, order: OrderRow) -> None:
        self.seq = seq
        self._orders[order.id] = order
        self._order_changes.mark(order.id, seq)


class AccountChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. An account is for its owner, and for operators."""

    name = "account"
    needs_credential = True
    pause_s = 0.0
    unknown_code = "customer_unknown"
    unknown_detail = "There is no such user; check the id."

    def __init__(self, snapshots: Snapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies
        self.resumption: Resumption | None = AccountResumption(snapshots, currencies)
        self._market_currencies: dict[int, int] = {}
        self.routes: Mapping[type[Event], Route] = {
            Transferred: _holders,
            OrderPlaced: _owner,
            OrderReduced: _owner,
            PersistenceChanged: _owner,
            # The event does not say whose the order is, but the owner's view knows.
            OrderReleased: _anybody,
            Matched: _bettors,
            MarketCreated: self._market_created,
            MarketArchived: self._market_archived,
        } | dict.fromkeys(OF_BETS, concerned)

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return the customer that an id names; without an id, the caller."""
        if principal is None:
            raise StreamError(Code.NOT_AUTHENTICATED, 'Say who you are first: {"op": "auth", "token": …}.')
        customer = resolve_customer(principal, ME if public_id is None else public_id)
        return customer, format_user_id(customer)

    async def load(self, number: int) -> View | None:
        """Read a customer's balances and open orders."""
        snapshot = await self._snapshots.account(CustomerId(number))
        if snapshot is None:
            return None
        return self.view(CustomerId(number), snapshot)

    def view(self, customer: CustomerId, snapshot: AccountSnapshot) -> AccountView:
        """Return the view that begins with a snapshot."""
        self._currencies.learn(snapshot.currencies)
        self._market_currencies.update(snapshot.market_currencies)
        return AccountView(customer, snapshot, self._currencies, self._market_currencies)

    def _market_created(self, event: MarketCreated) -> Iterable[int]:
        self._market_currencies[event.market] = event.currency_number
        return ()

    def _market_archived(self, event: MarketArchived) -> Iterable[int]:
        self._market_currencies.pop(event.market, None)
        return ()


def _owner(event: OrderPlaced | OrderReduced | PersistenceChanged) -> Iterable[int]:
    return (event.customer,)


def _bettors(event: Matched) -> Iterable[int]:
    return event.maker_customer, event.taker_customer


def _holders(event: Transferred) -> Iterable[int]:
    payer, payee = account_holder(event.debit), account_holder(event.credit)
    return (payer,) if payer == payee else (payer, payee)


def _anybody(event: OrderReleased) -> None:
    return None
