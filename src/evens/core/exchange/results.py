"""Results: declaring who won a market, so that it can be booked (:mod:`evens.core.exchange.settling`).

Who wins outright has the whole of a place. Those who tie share the places that these leave, and with more runners than
places each wins on its part of the stake. Example: of three places two are clear, and two runners tie for the third.
A bet of 10.00 at 3.00 on one of them wins on 5.00, which brings 15.00, so its profit is 5.00.

A market promises how many will win, or, where nobody can know that before, how many at most and how few. An operator
can say that it was fewer than promised, perhaps nobody: then all lays win. Whoever loses more by it than their escrow
covers borrows the rest from the house. Not in a market with cross-matching: it has a winner, or is void.
"""

from collections.abc import Iterator

from evens.core.commands.exchange import SettleMarket, VoidMarket
from evens.core.events.every import Event
from evens.core.events.exchange import ResultDeclared
from evens.core.events.ledger import Rejected
from evens.core.exchange.market import Market
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import Exchange
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import MarketId, RunnerId

_Shares = tuple[tuple[RunnerId, int], ...]


def settle_market(exchange: Exchange, command: SettleMarket, seq: int, at: int) -> Iterator[Event]:
    """Declare who won, if that is a result which the market can have."""
    named = (*command.winners, *command.tied)
    market = _find(exchange, command.market, named, command.correction)
    if isinstance(market, Rejected):
        yield market
    elif any(runner in market.removals for runner in named):
        yield Rejected(ExchangeReason.RUNNER_REMOVED)
    else:
        result = _shares(market, command)
        yield result if isinstance(result, Rejected) else ResultDeclared(market.id, market.settlement + 1, *result)


def _shares(market: Market, command: SettleMarket) -> tuple[_Shares, int] | Rejected:
    """Return what each winner has of how many parts of a place, or why there is no such result."""
    places = min(market.terms.winners, market.active_runners)
    # A set of lays pays the house only if somebody wins: where nobody does, such a market is void.
    may_be_fewer = command.fewer and not market.terms.cross_matching
    fewest = 0 if may_be_fewer else min(market.terms.fewest_winners, places)
    tied = command.tied or (command.winners if command.dead_heat and places == 1 < len(command.winners) else ())
    clear = tuple([runner for runner in command.winners if runner not in tied])
    left = places - len(clear)
    twice = any(len(set(named)) < len(named) for named in (command.winners, tied))
    if twice or left < 0 or (command.dead_heat and left > 0 and not tied):
        return Rejected(ExchangeReason.WINNERS_WRONG, (("winners", places),))
    if not tied:
        wrong = len(clear) < fewest
        return Rejected(ExchangeReason.WINNERS_WRONG, (("winners", places),)) if wrong else (_each(clear, 1), 1)
    if not 0 < left < len(tied):
        return Rejected(ExchangeReason.WINNERS_WRONG, (("places_left", left),))
    return (*_each(clear, len(tied)), *_each(tied, left)), len(tied)


def _each(runners: tuple[RunnerId, ...], share: int) -> _Shares:
    return tuple([(runner, share) for runner in runners])


def void_market(exchange: Exchange, command: VoidMarket, seq: int, at: int) -> Iterator[Event]:
    """Declare that nothing counts."""
    market = _find(exchange, command.market, (), command.correction)
    if isinstance(market, Rejected):
        yield market
    else:
        yield ResultDeclared(market.id, market.settlement + 1, (), 0)


def _find(
    exchange: Exchange, market_id: MarketId, winners: tuple[RunnerId, ...], correction: bool
) -> Market | Rejected:
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(ExchangeReason.MARKET_UNKNOWN)
    if any(runner not in market.books for runner in winners):
        return Rejected(ExchangeReason.RUNNER_UNKNOWN)
    if correction and market.settled_at is None:
        return Rejected(ExchangeReason.NOT_SETTLED)
    if not correction and market.settlement > 0:
        return Rejected(ExchangeReason.ALREADY_SETTLED)
    if market.stage is not Stage.NOTHING:
        return Rejected(ExchangeReason.MARKET_BUSY)
    return market


def apply_result_declared(exchange: Exchange, event: ResultDeclared) -> None:
    """Close the market for good and begin to book the result."""
    market = exchange.markets[event.market]
    market.settlement, market.shares, market.parts = event.settlement, event.shares, event.parts
    market.status = MarketStatus.CLOSED
    market.settled_at = None
    market.corrected, market.results = market.results, {}
    exchange.enter(market, Stage.LAPSING)
