"""Recalling positions: what a correction needs of a market whose result is booked already.

The house forgets a market's positions and results as soon as they are booked, so that its memory and its start do not
grow with a week of history. Until the market is archived its result can still be corrected. Then, in the stage
``RECALLING``, the market's positions come back from the tables, :data:`POSITIONS_PER_PART` customers with each
``AdvanceMarket``, in order of their ids. They were booked, so nothing has changed them meanwhile. Each part is recorded
(``PositionsRecalled``), so that a replay of the journal needs no tables. When all are there, the stage is ``SETTLING``,
which books everybody from the old result to the new one, and then they are forgotten again.

How far recalling has come is not stored. A house that is loaded again in the middle of it begins it anew, and whoever
is recalled twice is the same twice.

Example: 1,200 customers bet in market 7. A correction is declared, there are no orders to lapse, and three parts recall
customers: 500, 500 and 200. As the last part is not full, what the first settlement rounded off is taken back from the
house's rounding account, and 12 parts of 100 customers settle the market anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evens.core.commands.exchange import AdvanceMarket
from evens.core.events.every import Event
from evens.core.events.exchange import PositionsRecalled, StageFinished
from evens.core.events.ledger import TransferKind
from evens.core.exchange.market import Market
from evens.core.exchange.state import Exchange
from evens.core.ledger.booking import Result
from evens.core.ledger.mover import Mover
from evens.core.values.betting import BookedPosition, Stage
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, MarketId, account_id

POSITIONS_PER_PART: Final = 500
"""How many customers one part recalls: enough to be quick, and few enough that nobody notices the pause."""


@dataclass(frozen=True, slots=True)
class PositionsBooked:
    """What is recalled: the positions in a market as one of its results was booked, as :class:`BookedPosition`.

    They are those of the first ``limit`` customers with ids above ``after``, in order of their ids.
    """

    market: MarketId
    settlement: int
    after: CustomerId
    limit: int


def recall_for_correction(exchange: Exchange, command: AdvanceMarket) -> PositionsBooked | None:
    """Ask for the next positions of a market that recalls them."""
    market = exchange.markets.get(command.market)
    if market is None or market.stage is not Stage.RECALLING:
        return None
    return PositionsBooked(market.id, market.settlement - 1, market.recalled_up_to, POSITIONS_PER_PART)


def recall_positions(
    exchange: Exchange, market: Market, recalled: tuple[BookedPosition, ...], at: int
) -> Iterator[Event]:
    """Take in the next positions; after the last of them, take back what was rounded off, and settle."""
    yield PositionsRecalled(market.id, recalled)
    if len(recalled) == POSITIONS_PER_PART:
        return
    settlement = account_id(market.id, market.currency_number, AccountClass.SETTLEMENT)
    # Builds that remembered positions took it back when the correction was declared: then it is there already.
    rounded_minor = -sum(result.profit_minor for result in market.corrected.values())
    missing_minor = rounded_minor - exchange.ledger.balance_minor(settlement)
    yield from Mover(exchange.ledger, market.currency_number, at).move(
        TransferKind.ROUNDING, (HOUSE, AccountClass.ROUNDING), (market.id, AccountClass.SETTLEMENT), missing_minor
    )
    yield StageFinished(market.id, Stage.SETTLING)


def apply_positions_recalled(exchange: Exchange, event: PositionsRecalled) -> None:
    """Remember positions, and what is to be reversed of them."""
    market = exchange.markets[event.market]
    for booked in event.positions:
        position = market.position(booked.customer)
        for runner, stake_minor, value_cents in booked.stands:
            stand = position.stand(runner)
            stand.stake_minor, stand.value_cents = stake_minor, value_cents
        market.corrected[booked.customer] = Result(booked.profit_minor, booked.commission_minor, booked.discount_bps)
        market.recalled_up_to = booked.customer
