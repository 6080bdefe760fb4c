"""Whom an event concerns: the market it happened in, and the customers whose money or orders it changed."""

from collections.abc import Callable
from typing import Any, Final

from evens.core import events
from evens.core.values.ids import account_holder
from evens.edges.stream.topic import ACCOUNT, MARKET, Key


def keys_of(event: events.Event) -> tuple[Key, ...]:
    """Return the topics that an event belongs to, each once."""
    route = _ROUTES.get(type(event))
    return () if route is None else route(event)


def _in_market(event: Any) -> tuple[Key, ...]:
    return ((MARKET, event.market),)


def _of_order(event: events.OrderPlaced | events.OrderReduced) -> tuple[Key, ...]:
    return (MARKET, event.market), (ACCOUNT, event.customer)


def _of_match(event: events.Matched) -> tuple[Key, ...]:
    return (MARKET, event.market), (ACCOUNT, event.maker_customer), (ACCOUNT, event.taker_customer)


def _of_transfer(event: events.Transferred) -> tuple[Key, ...]:
    payer, payee = account_holder(event.debit), account_holder(event.credit)
    return ((ACCOUNT, payer),) if payer == payee else ((ACCOUNT, payer), (ACCOUNT, payee))


_ROUTES: Final[dict[type[events.Event], Callable[[Any], tuple[Key, ...]]]] = {
    events.OrderPlaced: _of_order,
    events.OrderReleased: _in_market,
    events.OrderReduced: _of_order,
    events.Matched: _of_match,
    events.MarketStatusChanged: _in_market,
    events.StageFinished: _in_market,
    events.RunnerRemoved: _in_market,
    events.ResultDeclared: _in_market,
    events.Transferred: _of_transfer,
}
