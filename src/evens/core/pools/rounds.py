"""Pools and their rounds: creating a pool, opening a round, closing its bets, and forgetting it in the end.

A round is locked by the house itself when its time has come. Whether a bet was in time does not depend on when that
happens: what matters is the moment at which the bet is recorded (:mod:`evens.core.pools.placing`).
"""

from collections.abc import Iterator

from evens.core.commands.pools import ArchiveRound, ChangePool, CreatePool, LockRound, OpenRound
from evens.core.events.ledger import Rejected
from evens.core.events.pools import PoolChanged, PoolCreated, RoundArchived, RoundLocked, RoundOpened, RoundRecalled
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.reasons import PoolReason
from evens.core.pools.round import Round
from evens.core.pools.state import Pool, Pools
from evens.core.values.commitments import commit_terms
from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pools import PoolSide, RoundResult, RoundStage, RoundStatus


def create_pool(pools: Pools, command: CreatePool, seq: int, at: int) -> Iterator[PoolCreated | Rejected]:
    """Begin a series of rounds."""
    currency = pools.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
    elif command.key in pools.by_key:
        yield Rejected(PoolReason.POOL_EXISTS)
    else:
        yield PoolCreated(PoolId(seq), command.key, currency.number, command.terms, at)


def change_pool(pools: Pools, command: ChangePool, seq: int, at: int) -> Iterator[PoolChanged | Rejected]:
    """Give a pool's rounds to come other terms."""
    pool = pools.by_id.get(command.pool)
    if pool is None:
        yield Rejected(PoolReason.POOL_UNKNOWN)
    elif pool.terms == command.terms:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield PoolChanged(pool.id, command.terms)


def open_round(pools: Pools, command: OpenRound, seq: int, at: int) -> Iterator[RoundOpened | Rejected]:
    """Let people bet in a new round."""
    pool = pools.by_id.get(command.pool)
    if pool is None:
        yield Rejected(PoolReason.POOL_UNKNOWN)
    elif (command.code <= pool.last_code and not command.beside) or pools.has_code(pool.id, command.code):
        yield Rejected(PoolReason.ROUND_EXISTS, (("last_code", pool.last_code),))
    elif command.locks_at <= at:
        yield Rejected(PoolReason.ROUND_LOCKED)
    else:
        yield RoundOpened(
            round=RoundId(seq),
            pool=pool.id,
            code=command.code,
            terms=pool.terms,
            opens_at=at,
            locks_at=command.locks_at,
            settles_at=command.settles_at,
            pool_key=pool.key,
        )


def lock_round(pools: Pools, command: LockRound, seq: int, at: int) -> Iterator[RoundLocked | Rejected]:
    """Take no more bets, and commit to those that are there."""
    known = pools.rounds.get(command.round)
    if known is None:
        yield Rejected(PoolReason.ROUND_UNKNOWN)
    elif known.status is RoundStatus.LOCKED:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif known.status is not RoundStatus.OPEN:
        yield Rejected(PoolReason.ROUND_SETTLED)
    else:
        yield RoundLocked(known.id, known.link.hex(), at, pools.by_id[known.pool].key, known.code)


def archive_round(pools: Pools, command: ArchiveRound, seq: int, at: int) -> Iterator[RoundArchived | Rejected]:
    """Forget a round that is booked and can no longer be corrected."""
    if pools.is_archiving_due(command):
        yield RoundArchived(command.round)
    else:
        yield Rejected(SharedReason.NOTHING_CHANGES)


def apply_pool_created(pools: Pools, event: PoolCreated) -> None:
    """Make the pool known."""
    pools.add_pool(Pool(event.pool, event.key, event.currency_number, event.terms))


def apply_pool_changed(pools: Pools, event: PoolChanged) -> None:
    """Remember the terms."""
    pools.by_id[event.pool].terms = event.terms


def apply_round_opened(pools: Pools, event: RoundOpened) -> None:
    """Make the round known; it locks by itself."""
    pool = pools.by_id[event.pool]
    pool.last_code = event.code
    pools.add_round(open_of(pools, pool, event))


def open_of(pools: Pools, pool: Pool, event: RoundOpened) -> Round:
    """Return a round as it is when it opens."""
    times = (event.opens_at, event.locks_at, event.settles_at)
    currency = pools.ledger.currencies_by_number[pool.currency_number].code
    link = commit_terms(pool.key, event.code, times, currency, event.terms)
    return Round(event.round, pool.id, event.code, pool.currency_number, event.terms, times, link)


def apply_round_locked(pools: Pools, event: RoundLocked) -> None:
    """Close the bets."""
    known = pools.rounds[event.round]
    known.status, known.commitment = RoundStatus.LOCKED, event.commitment
    pools.close_round(known)


def apply_round_recalled(pools: Pools, event: RoundRecalled) -> None:
    """Know a round again, as it was when it was forgotten. A result follows, which says when it is forgotten anew."""
    was, pool = event.archived, pools.by_id[event.archived.pool]
    currency = pools.ledger.currencies_by_number[pool.currency_number].code
    link = commit_terms(pool.key, was.code, was.times, currency, was.terms)
    known = Round(event.round, pool.id, was.code, pool.currency_number, was.terms, was.times, link)
    known.status = RoundStatus.VOID if was.result is RoundResult.VOID else RoundStatus.SETTLED
    known.commitment, known.result, known.settlement = was.commitment, was.result, was.settlement
    known.decided_at, known.fee_minor, known.rounding_minor = was.decided_at, was.fee_minor, was.rounding_minor
    for side, (staked_minor, bets) in zip(PoolSide, was.sides, strict=True):
        known.sides[side].staked_minor, known.sides[side].bets = staked_minor, bets
    pools.rounds[known.id] = known


def apply_round_archived(pools: Pools, event: RoundArchived) -> None:
    """Forget the round."""
    known = pools.rounds[event.round]
    assert known.stage is RoundStage.NOTHING, f"round {known.id} is being booked"
    pools.drop_round(known)
