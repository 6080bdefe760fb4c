"""Results: saying how a round ended, or that it is void; booking it is :mod:`settling`'s part.

Example: the close is 15,000.10 after 14,999.90, so a locked round is settled as up. A day later it turns out that the
source was wrong; an operator settles it as down with ``correction``, and everybody is booked from one to the other.
"""

from collections.abc import Iterator

from evens.core.commands.pools import SettleRound, VoidRound
from evens.core.events.ledger import Rejected
from evens.core.events.pools import RoundDecided, RoundLocked
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.reasons import PoolReason
from evens.core.pools.round import Round
from evens.core.pools.state import Pools
from evens.core.values.pools import RoundResult, RoundStage, RoundStatus


def settle_round(pools: Pools, command: SettleRound, seq: int, at: int) -> Iterator[RoundDecided | Rejected]:
    """Give a locked round its result, or another one."""
    known = pools.rounds.get(command.round)
    if known is None:
        yield Rejected(PoolReason.ROUND_UNKNOWN)
    elif known.stage is not RoundStage.NOTHING:
        yield Rejected(PoolReason.ROUND_BUSY)
    elif known.result is None and command.correction:
        yield Rejected(PoolReason.ROUND_NOT_SETTLED)
    elif known.result is not None and not command.correction and known.result is not command.result:
        yield Rejected(PoolReason.ROUND_SETTLED)
    elif known.status is RoundStatus.OPEN:
        yield Rejected(PoolReason.ROUND_NOT_LOCKED)
    elif known.result is command.result:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield _decided(pools, known, command.result, command.evidence, None, at)


def void_round(pools: Pools, command: VoidRound, seq: int, at: int) -> Iterator[RoundLocked | RoundDecided | Rejected]:
    """Give every stake back; an open round is locked by that."""
    known = pools.rounds.get(command.round)
    if known is None:
        yield Rejected(PoolReason.ROUND_UNKNOWN)
    elif known.stage is not RoundStage.NOTHING:
        yield Rejected(PoolReason.ROUND_BUSY)
    elif known.result is RoundResult.VOID:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif known.result is not None:
        yield Rejected(PoolReason.ROUND_SETTLED)
    else:
        if known.status is RoundStatus.OPEN:
            yield RoundLocked(known.id, known.link.hex(), at, pools.by_id[known.pool].key, known.code)
        yield _decided(pools, known, RoundResult.VOID, command.evidence, command.reason, at)


def _decided(
    pools: Pools, known: Round, result: RoundResult, evidence: str, reason: str | None, at: int
) -> RoundDecided:
    key = pools.by_id[known.pool].key
    return RoundDecided(known.id, known.settlement + 1, result, evidence, reason, at, key, known.code)


def apply_round_decided(pools: Pools, event: RoundDecided) -> None:
    """Remember the result, and begin to book it, or to book it anew."""
    known = pools.rounds[event.round]
    known.settlement, known.result, known.decided_at = event.settlement, event.result, event.at
    known.status = RoundStatus.VOID if event.result is RoundResult.VOID else RoundStatus.SETTLED
    pools.enter(known, RoundStage.SETTLING if event.settlement == 1 else RoundStage.RECALLING)
