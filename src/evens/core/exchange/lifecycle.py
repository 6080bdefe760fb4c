"""What operators do with a market before it is settled, and what that means for waiting orders."""

from collections.abc import Iterator
from typing import Final

from evens.core.commands.exchange import (
    ArchiveMarket,
    CloseMarket,
    CreateMarket,
    ResumeMarket,
    SetCommissionDiscount,
    SuspendMarket,
    TurnInPlay,
)
from evens.core.events.exchange import (
    CommissionDiscountSet,
    CoverLifted,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    StageFinished,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange.market import Market
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import CORRECTION_WINDOW_NS, Exchange
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import CustomerId, MarketId

_SETTLED = (MarketStatus.SETTLED, MarketStatus.VOID)
NOBODY: Final = CustomerId(0)
"""Comes before every customer."""


def set_commission_discount(
    exchange: Exchange, command: SetCommissionDiscount, seq: int, at: int
) -> Iterator[CommissionDiscountSet | Rejected]:
    """Change what a customer pays of every commission from now on."""
    if command.customer not in exchange.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    else:
        yield CommissionDiscountSet(command.customer, command.discount_bps)


def apply_commission_discount_set(exchange: Exchange, event: CommissionDiscountSet) -> None:
    """Remember the discount, if there is any."""
    exchange.discounts.pop(event.customer, None)
    if event.discount_bps:
        exchange.discounts[event.customer] = event.discount_bps


def create_market(exchange: Exchange, command: CreateMarket, seq: int, at: int) -> Iterator[MarketCreated | Rejected]:
    """Open a market in a currency that exists."""
    currency = exchange.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
    else:
        yield MarketCreated(MarketId(seq), currency.number, command.terms)


def apply_market_created(exchange: Exchange, event: MarketCreated) -> None:
    """Make the market known."""
    exchange.add_market(Market(event.market, event.currency_number, event.terms))


def suspend_market(
    exchange: Exchange, command: SuspendMarket, seq: int, at: int
) -> Iterator[MarketStatusChanged | Rejected]:
    """Stop orders for a while."""
    market = _find(exchange, command.market)
    if isinstance(market, Rejected):
        yield market
    elif market.status is MarketStatus.SUSPENDED:
        yield Rejected(ExchangeReason.MARKET_SUSPENDED)
    else:
        yield _moved_on(market, MarketStatus.SUSPENDED, market.stage, at)


def resume_market(
    exchange: Exchange, command: ResumeMarket, seq: int, at: int
) -> Iterator[MarketStatusChanged | Rejected]:
    """Take orders again, in-play if the market had turned in-play."""
    market = _find_idle(exchange, command.market)
    if isinstance(market, Rejected):
        yield market
    elif market.status is not MarketStatus.SUSPENDED:
        yield Rejected(ExchangeReason.MARKET_NOT_SUSPENDED)
    else:
        status = MarketStatus.OPEN if market.turned_at is None else MarketStatus.IN_PLAY
        yield _moved_on(market, status, Stage.NOTHING, at)


def turn_in_play(
    exchange: Exchange, command: TurnInPlay, seq: int, at: int
) -> Iterator[MarketStatusChanged | CoverLifted | Rejected]:
    """Begin in-play betting; orders that do not persist lapse first, and exposure no longer covers removals."""
    market = _find_idle(exchange, command.market)
    if isinstance(market, Rejected):
        yield market
    elif market.turned_at is not None:
        yield Rejected(ExchangeReason.MARKET_IN_PLAY)
    else:
        yield _moved_on(market, MarketStatus.IN_PLAY, Stage.LAPSING, at)
        if market.terms.cover_removals:
            yield CoverLifted(market.id, NOBODY)


def close_market(
    exchange: Exchange, command: CloseMarket, seq: int, at: int
) -> Iterator[MarketStatusChanged | Rejected]:
    """End betting; all that is unmatched lapses."""
    market = _find_idle(exchange, command.market)
    if isinstance(market, Rejected):
        yield market
    else:
        yield _moved_on(market, MarketStatus.CLOSED, Stage.LAPSING, at)


def _moved_on(market: Market, status: MarketStatus, stage: Stage, at: int) -> MarketStatusChanged:
    return MarketStatusChanged(market=market.id, status=status, stage=stage, version=market.version + 1, at=at)


def apply_market_status_changed(exchange: Exchange, event: MarketStatusChanged) -> None:
    """Move the market on, into the stage that its new status asks for."""
    market = exchange.markets[event.market]
    market.status, market.version = event.status, event.version
    exchange.enter(market, event.stage)
    if event.status is MarketStatus.IN_PLAY and market.turned_at is None:
        market.turned_at = event.at
        for follower in exchange.followers:
            follower.market_turned(market.id)
    if event.status in _SETTLED:
        market.settled_at = event.at
        market.let_go()
        exchange.schedule_archiving(market, event.at)
        for follower in exchange.followers:
            follower.market_decided(market.id)


def apply_stage_finished(exchange: Exchange, event: StageFinished) -> None:
    """Go on to the next stage."""
    exchange.enter(exchange.markets[event.market], event.stage)


def archive_market(
    exchange: Exchange, command: ArchiveMarket, seq: int, at: int
) -> Iterator[MarketArchived | Rejected]:
    """Let go of a settled market, unless it was settled anew in the meantime."""
    market = exchange.markets.get(command.market)
    if market is None:
        yield Rejected(ExchangeReason.MARKET_ARCHIVED)
    elif market.settled_at is None or market.stage is not Stage.NOTHING:
        yield Rejected(ExchangeReason.NOT_SETTLED)
    elif market.settled_at + CORRECTION_WINDOW_NS > at:
        yield Rejected(ExchangeReason.ALREADY_SETTLED)
    elif any(follower.has_work_on(market.id) for follower in exchange.followers):
        yield Rejected(ExchangeReason.MARKET_BUSY)
    else:
        yield MarketArchived(market.id)


def apply_market_archived(exchange: Exchange, event: MarketArchived) -> None:
    """Forget the market and what follows it: their history is in the tables."""
    for follower in exchange.followers:
        follower.market_archived(event.market)
    del exchange.markets[event.market]


def is_archiving_due(exchange: Exchange, command: ArchiveMarket) -> bool:
    """Return whether a settled market is still there to be archived."""
    return command.market in exchange.markets


def _find(exchange: Exchange, market_id: MarketId) -> Market | Rejected:
    """Return a market that is not over yet, or why there is none."""
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(ExchangeReason.MARKET_UNKNOWN)
    if market.settlement > 0:
        return Rejected(ExchangeReason.ALREADY_SETTLED)
    if market.status is MarketStatus.CLOSED:
        return Rejected(ExchangeReason.MARKET_CLOSED)
    return market


def _find_idle(exchange: Exchange, market_id: MarketId) -> Market | Rejected:
    """Return the same if there is no work on the market under way."""
    market = _find(exchange, market_id)
    if isinstance(market, Market) and market.stage is not Stage.NOTHING:
        return Rejected(ExchangeReason.MARKET_BUSY)
    return market
