"""Removing runners: bets on them are void, and bets on the others return less, until it is taken back or corrected.

A removal, a correction of its reduction and a reinstatement are declared by a command, and carried out for some
customers at a time in a stage (:mod:`evens.core.exchange.settling`). Each time a customer's stands are worked out anew
from the bets that the position keeps: a bet on a removed runner counts nothing; of any other, what is left of its odds
is the product of what every removal leaves that stands now and was begun after the bet was struck. So whatever is taken
back leaves no trace in the bets, in whichever order. Orders that lapsed stay lapsed.

Where one runner wins, reductions apply to the whole odds, which do not fall below 1.01; where several do, to the
winnings. Example: ann backed A for 10.00 at 8.00, where two win. B is removed with a reduction of 25 %: her bet returns
62.50, as at 6.25. C is removed with 20 %: of the winnings of 70.00, 0.75 × 0.80 = 60 % is left, so it returns 52.00.
B is reinstated: 80 % is left, and it returns 66.00.

Markets that were opened before there was this rule keep the one they promised: the position's whole return is
multiplied, and a removal is for good.
"""

from collections.abc import Iterator

from evens.core.commands.exchange import ReinstateRunner, RemoveRunner
from evens.core.events.every import Event
from evens.core.events.exchange import (
    CoverLifted,
    PositionReduced,
    RemovalRevised,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange import parts
from evens.core.exchange.escrow import EscrowChange
from evens.core.exchange.exposure import NO_LESS, Stand
from evens.core.exchange.market import Market, Position, reduction_factors
from evens.core.exchange.parts import everyone, next_customers
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import Exchange
from evens.core.values.betting import Cause, MarketStatus, Stage
from evens.core.values.ids import AccountClass, MarketId, RunnerId, account_id
from evens.core.values.odds import reduced_parts, reduced_value, whole_cents

_Log = tuple[tuple[Stage, RunnerId, int], ...]
_Stakes = dict[RunnerId, tuple[int, int]]
"""Matched stake in minor units and its value in cents, by runner."""


def remove_runner(exchange: Exchange, command: RemoveRunner, seq: int, at: int) -> Iterator[Event]:
    """Take a runner out, unless nobody else is left to win; of one that is out, correct the reduction."""
    market = _find(exchange, command.market, command.runner)
    if isinstance(market, Rejected):
        yield market
        return
    runner, removals = command.runner, {**market.removals, command.runner: command.reduction_bps}
    if removals == market.removals or (runner in market.removals and market.since is None):
        yield Rejected(ExchangeReason.RUNNER_REMOVED)
    elif runner in market.removals:
        yield _revised(exchange, market, Stage.REDUCING, runner, removals, at)
    elif market.active_runners == 1:
        yield Rejected(ExchangeReason.LAST_RUNNER)
    elif market.terms.cross_matching:
        # A set is balanced by the bets on all its runners.
        yield Rejected(ExchangeReason.RUNNERS_FINAL)
    else:
        log = _logged(market, Stage.REMOVING, runner, at)
        yield RunnerRemoved(
            market.id,
            runner,
            command.reduction_bps,
            market.version + 1,
            _lent_minor(exchange, market, removals, log),
            _status_after(market),
            log,
            tuple(removals.items()) if log else (),
        )


def reinstate_runner(exchange: Exchange, command: ReinstateRunner, seq: int, at: int) -> Iterator[Event]:
    """Let a runner that was removed run after all."""
    market = _find(exchange, command.market, command.runner)
    if isinstance(market, Rejected):
        yield market
    elif command.runner not in market.removals:
        yield Rejected(ExchangeReason.RUNNER_NOT_REMOVED)
    elif market.since is None:
        yield Rejected(ExchangeReason.RUNNER_REMOVED)
    else:
        removals = {runner: bps for runner, bps in market.removals.items() if runner != command.runner}
        yield _revised(exchange, market, Stage.REINSTATING, command.runner, removals, at)


def _find(exchange: Exchange, market_id: MarketId, runner: RunnerId) -> Market | Rejected:
    """Return a market that is not settled and has this runner and nothing under way, or why there is none."""
    market = exchange.markets.get(market_id)
    if market is None:
        return Rejected(ExchangeReason.MARKET_UNKNOWN)
    if runner not in market.books:
        return Rejected(ExchangeReason.RUNNER_UNKNOWN)
    if market.settlement > 0:
        return Rejected(ExchangeReason.ALREADY_SETTLED)
    return market if market.stage is Stage.NOTHING else Rejected(ExchangeReason.MARKET_BUSY)


def _revised(
    exchange: Exchange, market: Market, stage: Stage, runner: RunnerId, removals: dict[RunnerId, int], at: int
) -> RemovalRevised:
    log = _logged(market, stage, runner, at)
    lent_minor = _lent_minor(exchange, market, removals, log)
    return RemovalRevised(
        market.id,
        runner,
        stage,
        tuple(removals.items()),
        market.version + 1,
        lent_minor,
        _status_after(market),
        log,
        market.removals[runner] if market.covers_between else None,
    )


def _logged(market: Market, stage: Stage, runner: RunnerId, at: int) -> _Log:
    return () if market.since is None else (*market.removal_log, (stage, runner, at))


def _status_after(market: Market) -> MarketStatus:
    """Return the status in which a change of removals leaves a market; one that is closed is not resumed any more."""
    return MarketStatus.CLOSED if market.status is MarketStatus.CLOSED else MarketStatus.SUSPENDED


def _lent_minor(exchange: Exchange, market: Market, removals: dict[RunnerId, int], log: _Log) -> int:
    """Return what the house has to lend if removals become these, as customers' cash is now."""
    lent_minor, runners = 0, len(market.terms.runners) - len(removals)
    factors = reduction_factors(removals, log)
    for customer, position in market.positions.items():
        stakes = _stakes(market, position, removals, factors)
        stands: list[Stand] = []
        for runner in sorted(stakes.keys() | (position.stands.keys() - removals.keys())):
            stake_minor, value_cents = stakes.get(runner, (0, 0))
            waits = position.stands.get(runner) or Stand()
            stands.append(Stand(stake_minor, value_cents, waits.unmatched_back_minor, waits.unmatched_liability_cents))
        needed_minor = market.needed_minor(stands, runners, covers=False) - market.exposure_minor(customer)
        cash = account_id(customer, market.currency_number, AccountClass.CASH)
        lent_minor += max(0, needed_minor - exchange.ledger.balance_minor(cash)) if needed_minor > 0 else 0
    return lent_minor


def apply_runner_removed(exchange: Exchange, event: RunnerRemoved) -> None:
    """Suspend the market and begin to carry the removal out."""
    removals = {**exchange.markets[event.market].removals, event.runner: event.reduction_bps}
    _begin(exchange, event, removals, Stage.REMOVING, None)


def apply_removal_revised(exchange: Exchange, event: RemovalRevised) -> None:
    """Suspend the market and begin to carry out what became of the removal."""
    _begin(exchange, event, dict(event.removals), event.stage, event.was_bps)


def _begin(
    exchange: Exchange,
    event: RunnerRemoved | RemovalRevised,
    removals: dict[RunnerId, int],
    stage: Stage,
    was_bps: int | None,
) -> None:
    market = exchange.markets[event.market]
    market.removals = removals
    market.removal_log = [(Stage(logged), runner, moment) for logged, runner, moment in event.log]
    market.removed_up_to = 0
    market.was_bps = was_bps
    market.version = event.version
    market.status = event.status
    exchange.enter(market, stage)
    for follower in exchange.followers:
        follower.market_decided(market.id)


def carry_out(exchange: Exchange, market: Market, at: int) -> Iterator[Event]:
    """Carry the latest change of removals out for the next customers, in order of their ids."""
    escrow = EscrowChange(exchange, market, (), at)
    lapsed, done = 0, False
    factors = reduction_factors(market.removals, tuple(market.removal_log))
    for customer in next_customers(
        market, everyone, lambda customer: customer > market.removed_up_to, parts.CUSTOMERS_PER_CHUNK
    ):
        escrow.add(customer)
        position = market.positions[customer]
        for order in [order for order in position.orders.values() if order.runner in market.removals]:
            yield order.reduced(order.remaining_minor, Cause.LAPSED)
            lapsed += 1
        stakes = _stakes(market, position, market.removals, factors)
        yield PositionReduced(market.id, customer, _changes(position, stakes))
        done = True
        if lapsed >= parts.ORDERS_PER_CHUNK:
            break
    if not done:
        yield StageFinished(market.id, Stage.NOTHING)
    yield from escrow.align()


def _stakes(
    market: Market, position: Position, removals: dict[RunnerId, int], factors: list[tuple[int, int]]
) -> _Stakes:
    """Return a customer's matched bets on the runners that are left, as these removals make them."""
    if market.since is None:
        return _multiplied(position, removals)
    whole_odds = market.terms.winners == 1
    sums: _Stakes = {}
    for (runner, since, odds), signed_minor in position.bets.items():
        if runner not in removals:
            stake_minor, parts = sums.get(runner, (0, 0))
            parts += reduced_parts(signed_minor, odds, factors[since], whole_odds)
            sums[runner] = stake_minor + signed_minor, parts
    # What a reduction leaves of a cent is rounded down once for each runner, of backers' returns and of layers'.
    unit = factors[0][1]
    return {runner: (stake_minor, whole_cents(parts, unit)) for runner, (stake_minor, parts) in sums.items()}


def _multiplied(position: Position, removals: dict[RunnerId, int]) -> _Stakes:
    """Return the same where only the latest removal is still to be applied to the position, and is for good."""
    reduction_bps = list(removals.values())[-1]
    return {
        runner: (stand.stake_minor, reduced_value(stand.value_cents, reduction_bps))
        for runner, stand in position.stands.items()
        if runner not in removals
    }


def _changes(position: Position, stakes: _Stakes) -> tuple[tuple[RunnerId, int, int], ...]:
    """Return what has to be added to a customer's stands so that their matched bets are these."""
    changes: list[tuple[RunnerId, int, int]] = []
    for runner in sorted(stakes.keys() | position.stands.keys()):
        stake_minor, value_cents = stakes.get(runner, (0, 0))
        stand = position.stands.get(runner) or Stand()
        change = (runner, stake_minor - stand.stake_minor, value_cents - stand.value_cents)
        if change[1:] != (0, 0):
            changes.append(change)
    return tuple(changes)


def apply_position_reduced(exchange: Exchange, event: PositionReduced) -> None:
    """Change the bets; a removed runner is no longer one of the customer's."""
    market = exchange.markets[event.market]
    position = market.positions[event.customer]
    for runner, stake_minor, value_cents in event.changes:
        stand = position.stand(runner)
        stand.stake_minor += stake_minor
        stand.value_cents += value_cents
    for runner in market.removals:
        position.drop(runner)
    # Also where the value is what it was: the next reduction begins elsewhere.
    position.struck = None
    for stand in position.stands.values():
        stand.least_between_cents, stand.covered = NO_LESS, None
    position.bare = market.terms.cover_removals
    position.exposure_minor = None
    market.removed_up_to = event.customer


def apply_cover_lifted(exchange: Exchange, event: CoverLifted) -> None:
    """Let a customer's exposure be what can be lost if nobody is removed."""
    market = exchange.markets[event.market]
    market.removed_up_to = event.customer
    position = market.positions.get(event.customer)
    if position is not None:
        # Nobody asks any more what a removal can leave, so bets need not be kept in order either.
        position.exposure_minor = position.struck = None
