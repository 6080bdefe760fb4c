"""Whom an event concerns: the market it happened in, and the customers whose money or orders it changed."""

from collections.abc import Callable
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import (
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import Transferred
from evens.core.values.ids import account_holder
from evens.edges.stream.topic import ACCOUNT, MARKET, Key


def keys_of(event: Event) -> tuple[Key, ...]:
    """Return the topics that an event belongs to, each once."""
    route = _ROUTES.get(type(event))
    return () if route is None else route(event)


def _in_market(event: Any) -> tuple[Key, ...]:
    return ((MARKET, event.market),)


def _of_order(event: OrderPlaced | OrderReduced) -> tuple[Key, ...]:
    return (MARKET, event.market), (ACCOUNT, event.customer)


def _of_match(event: Matched) -> tuple[Key, ...]:
    return (MARKET, event.market), (ACCOUNT, event.maker_customer), (ACCOUNT, event.taker_customer)


def _of_transfer(event: Transferred) -> tuple[Key, ...]:
    payer, payee = account_holder(event.debit), account_holder(event.credit)
    return ((ACCOUNT, payer),) if payer == payee else ((ACCOUNT, payer), (ACCOUNT, payee))


_ROUTES: Final[dict[type[Event], Callable[[Any], tuple[Key, ...]]]] = {
    OrderPlaced: _of_order,
    OrderReleased: _in_market,
    OrderReduced: _of_order,
    Matched: _of_match,
    MarketStatusChanged: _in_market,
    StageFinished: _in_market,
    RunnerRemoved: _in_market,
    ResultDeclared: _in_market,
    Transferred: _of_transfer,
}
