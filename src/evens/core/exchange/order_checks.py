"""What speaks against an order, in order of precedence: whatever is found first is the reason to refuse it."""

from typing import Final, Protocol

from evens.core.commands.exchange import PlaceOrder
from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order
from evens.core.exchange.exposure import unmatched
from evens.core.exchange.market import Market
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import Exchange
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import RETURN_CENTS_MAX, check_debt, check_frozen
from evens.core.values.ids import AccountClass, CustomerId, MarketId, RunnerId, account_id
from evens.core.values.odds import ODDS_UNIT, largest_stake_minor, reserve_minor

STAND_CENTS_MAX: Final = 8 * 10**18
"""Largest value of a customer's bets on one runner with which more may be placed; all of it fits a bigint."""


class Spending(Protocol):
    """How much less cash there would be: what orders need that are tried out before another one."""

    @property
    def most_minor(self) -> int:
        """No less than :attr:`minor`, and known at once."""
        ...

    @property
    def minor(self) -> int:
        """How much it is exactly; below zero if the orders free money."""
        ...


def find_order_market(
    exchange: Exchange, customer: CustomerId, market_id: MarketId, runner: RunnerId
) -> Market | Rejected:
    """Return the market if everything that the order names exists."""
    if customer not in exchange.customers:
        return Rejected(SharedReason.CUSTOMER_UNKNOWN)
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(ExchangeReason.MARKET_UNKNOWN)
    if runner not in market.books:
        return Rejected(ExchangeReason.RUNNER_UNKNOWN)
    return market


def check_order(exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None) -> Rejected | None:
    """Refuse what the customer, the market's state or its terms do not allow, in order of precedence."""
    customer = command.customer
    if (barred := check_frozen(exchange.frozen, customer) or check_debt(exchange.ledger, customer)) is not None:
        return barred
    if (refusal := market.refuse_bets()) is not None:
        return refusal
    if command.market_version is not None and command.market_version < market.version:
        return Rejected(ExchangeReason.MARKET_VERSION_STALE, (("market_version", market.version),))
    if command.runner in market.removals:
        return Rejected(ExchangeReason.RUNNER_REMOVED)
    if command.odds not in market.terms.ladder:
        below, above = market.terms.ladder.nearest(command.odds)
        return Rejected(ExchangeReason.ODDS_OFF_LADDER, (("odds_below", below), ("odds_above", above)))
    return _check_stake(exchange, market, command, instead_of)


def _check_stake(exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None) -> Rejected | None:
    """Refuse too small or too large a stake, and one order too many."""
    terms, stake_minor = market.terms, command.stake_minor
    if instead_of is not None and stake_minor <= 0:
        return refuse_all_matched(exchange, instead_of)
    if instead_of is None and stake_minor < terms.min_stake_minor:
        return Rejected(
            SharedReason.STAKE_TOO_SMALL, _amount_facts(exchange, market, "limit_minor", terms.min_stake_minor)
        )
    if (refusal := check_remainder(exchange, market, stake_minor)) is not None:
        return refusal
    position = market.positions.get(command.customer)
    stand = position.stands.get(command.runner) if position is not None else None
    if stake_minor * command.odds > RETURN_CENTS_MAX or (
        stand is not None and abs(stand.value_cents) > STAND_CENTS_MAX
    ):
        limit_minor = largest_stake_minor(RETURN_CENTS_MAX, command.odds)
        return Rejected(SharedReason.STAKE_TOO_LARGE, _amount_facts(exchange, market, "limit_minor", limit_minor))
    if command.min_fill_minor is not None and command.min_fill_minor > stake_minor:
        return Rejected(ExchangeReason.MIN_FILL_TOO_LARGE)
    if position is not None and instead_of is None and len(position.orders) >= command.orders_max:
        return Rejected(ExchangeReason.ORDERS_LIMIT, (("orders_max", command.orders_max),))
    return None


def check_cash(
    exchange: Exchange, market: Market, command: PlaceOrder, instead_of: Order | None, spending: Spending | None = None
) -> Rejected | None:
    """Refuse an order that may lose more than there is cash for, as if nothing of it were matched.

    What ``spending`` says counts as gone.
    """
    customer = command.customer
    back_minor, liability_cents = unmatched(command.side, command.odds, command.stake_minor)
    if instead_of is not None:
        old = unmatched(instead_of.side, instead_of.odds, instead_of.remaining_minor)
        back_minor, liability_cents = back_minor - old[0], liability_cents - old[1]
    cash = account_id(customer, market.currency_number, AccountClass.CASH)
    available_minor = exchange.ledger.balance_minor(cash)
    position = market.positions.get(customer)
    # Exposure grows by no more than the order itself can lose, so with enough cash it need not be foretold. A bare
    # position is covered again from this order on, and may need more.
    if position is None or not position.bare:
        most_minor = reserve_minor(max(back_minor * ODDS_UNIT, liability_cents, 0))
        if most_minor + (0 if spending is None else spending.most_minor) <= available_minor:
            return None
    if spending is not None:
        available_minor -= spending.minor
    needed_minor = market.exposure_with_minor(customer, command.runner, back_minor, liability_cents)
    needed_minor -= market.exposure_minor(customer)
    if needed_minor <= available_minor:
        return None
    code = exchange.ledger.currencies_by_number[market.currency_number].code
    facts = (("currency", code), ("needed_minor", needed_minor), ("available_minor", available_minor))
    return Rejected(SharedReason.INSUFFICIENT_FUNDS, facts)


def check_remainder(exchange: Exchange, market: Market, unmatched_minor: int) -> Rejected | None:
    """Refuse that less than the market's least stake waits after an order was reduced or replaced.

    What remains after a match may be less: nobody chose it.
    """
    least_minor = market.terms.min_stake_minor
    if unmatched_minor >= least_minor:
        return None
    return Rejected(SharedReason.STAKE_TOO_SMALL, _amount_facts(exchange, market, "least_minor", least_minor))


def refuse_all_matched(exchange: Exchange, order: Order) -> Rejected:
    """Refuse to make an order's whole stake no more than what is matched of it already."""
    facts = _amount_facts(exchange, exchange.markets[order.market], "matched_minor", order.matched_minor)
    return Rejected(SharedReason.STAKE_TOO_SMALL, facts)


def _amount_facts(exchange: Exchange, market: Market, name: str, minor: int) -> tuple[tuple[str, int | str], ...]:
    code = exchange.ledger.currencies_by_number[market.currency_number].code
    return ("currency", code), (name, minor)
