"""Taking a bet in a pool: the stake goes into escrow, and counts for its side.

Example: a round locks at 15:59:59. A bet that is recorded one nanosecond before is in; one that is recorded at
15:59:59.000000000 is refused, also if the house has not got to locking the round yet.
"""

from collections.abc import Iterator
from typing import Final

from evens.core.commands.pools import PlacePoolBet
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.events.pools import PoolBetPlaced
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import check_debt, check_frozen, check_funds
from evens.core.pools.reasons import PoolReason
from evens.core.pools.round import Round
from evens.core.pools.state import Pool, Pools
from evens.core.values.ids import AccountClass, PoolBetId, account_id

BETS_PER_CUSTOMER_MAX: Final = 1_000
"""How many bets one customer can have in a round: all are booked in one part."""


def place_pool_bet(pools: Pools, command: PlacePoolBet, seq: int, at: int) -> Iterator[Event]:
    """Take a stake on one side of a round."""
    wanted = _find_round(pools, command, at)
    if isinstance(wanted, Rejected):
        yield wanted
        return
    number = wanted.currency_number
    cash = account_id(command.customer, number, AccountClass.CASH)
    escrow = account_id(command.customer, number, AccountClass.ESCROW)
    currency = pools.ledger.currencies_by_number[number].code
    refusal = (
        check_frozen(pools.frozen, command.customer)
        or check_debt(pools.ledger, command.customer)
        or _check_stake(wanted, command, currency, at)
        or check_funds(pools.ledger, currency, cash, escrow, command.stake_minor)
    )
    if refusal is not None:
        yield refusal
        return
    yield PoolBetPlaced(PoolBetId(seq), command.customer, wanted.id, command.side, command.stake_minor, at)
    mover = Mover(pools.ledger, number, at)
    yield from mover.move(
        TransferKind.STAKE,
        (command.customer, AccountClass.CASH),
        (command.customer, AccountClass.ESCROW),
        command.stake_minor,
    )


def _find_round(pools: Pools, command: PlacePoolBet, at: int) -> Round | Rejected:
    """Return the round that is meant, or why there is none."""
    pool = pools.by_id.get(command.pool)
    if command.customer not in pools.customers:
        return Rejected(SharedReason.CUSTOMER_UNKNOWN)
    if pool is None:
        return Rejected(PoolReason.POOL_UNKNOWN)
    if command.code is None:
        return find_current(pools, pool, at) or Rejected(PoolReason.NO_OPEN_ROUND)
    named = pools.open[pool.id].get(command.code)
    if named is not None:
        return named
    # Also a round that is archived has a code; whether there ever was one, the edge knows.
    known = command.code <= pool.last_code
    return Rejected(PoolReason.ROUND_LOCKED if known else PoolReason.ROUND_UNKNOWN)


def find_current(pools: Pools, pool: Pool, at: int) -> Round | None:
    """Return the round of a pool that takes bets at this moment and locks first."""
    taking = [each for each in pools.open[pool.id].values() if each.takes_bets(at)]
    return min(taking, key=lambda each: (each.locks_at, each.id), default=None)


def _check_stake(wanted: Round, command: PlacePoolBet, currency: str, at: int) -> Rejected | None:
    terms = wanted.terms
    if not wanted.takes_bets(at):
        return Rejected(PoolReason.ROUND_LOCKED)
    if command.stake_minor < terms.min_stake_minor:
        facts = (("currency", currency), ("limit_minor", terms.min_stake_minor))
        return Rejected(SharedReason.STAKE_TOO_SMALL, facts)
    if terms.max_stake_minor is not None and command.stake_minor > terms.max_stake_minor:
        return Rejected(SharedReason.STAKE_TOO_LARGE, (("currency", currency), ("limit_minor", terms.max_stake_minor)))
    if wanted.bets_of(command.customer) >= BETS_PER_CUSTOMER_MAX:
        return Rejected(PoolReason.POOL_BETS_LIMIT, (("limit", BETS_PER_CUSTOMER_MAX),))
    return None


def apply_pool_bet_placed(pools: Pools, event: PoolBetPlaced) -> None:
    """Take the stake in."""
    pools.rounds[event.round].place(event.customer, event.bet, event.side, event.stake_minor)
