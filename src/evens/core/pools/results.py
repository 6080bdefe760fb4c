"""Results: saying how a round ended, or that it is void; booking it is :mod:`settling`'s part.

Example: the close is 15,000.10 after 14,999.90, so a locked round is settled as up. A day later it turns out that the
source was wrong; an operator settles it as down with ``correction``, and everybody is booked from one to the other.

A week after its last result a round is history, and the house forgets it. One that is corrected later is recalled from
the tables first, and is forgotten again a week after that.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from evens.core.commands.pools import SettleRound, VoidRound
from evens.core.events.ledger import Rejected
from evens.core.events.pools import RoundDecided, RoundLocked, RoundRecalled
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.reasons import PoolReason
from evens.core.pools.round import Round
from evens.core.pools.state import Pools
from evens.core.values.ids import RoundId
from evens.core.values.pools import ArchivedRound, RoundResult, RoundStage, RoundStatus


@dataclass(frozen=True, slots=True)
class RoundAsArchived:
    """What is recalled: a round that is history (:class:`ArchivedRound`), ``None`` if there is no such one."""

    round: RoundId


def recall_archived(pools: Pools, command: SettleRound | VoidRound) -> RoundAsArchived | None:
    """Ask for a round that the house does not know."""
    return None if command.round in pools.rounds else RoundAsArchived(command.round)


def settle_round(
    pools: Pools, command: SettleRound, seq: int, at: int, recalled: ArchivedRound | None = None
) -> Iterator[RoundRecalled | RoundDecided | Rejected]:
    """Give a locked round its result, or another one, also to a round that is history."""
    known = pools.rounds.get(command.round)
    if known is None and recalled is not None:
        yield from _correct_archived(pools, command, recalled, at)
    elif known is None:
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


def _correct_archived(
    pools: Pools, command: SettleRound, archived: ArchivedRound, at: int
) -> Iterator[RoundRecalled | RoundDecided | Rejected]:
    """Know a round again that is history, and give it another result."""
    if archived.result is command.result:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif not command.correction:
        yield Rejected(PoolReason.ROUND_SETTLED)
    else:
        yield RoundRecalled(command.round, archived)
        yield _decided(pools, pools.rounds[command.round], command.result, command.evidence, None, at)


def void_round(
    pools: Pools, command: VoidRound, seq: int, at: int, recalled: ArchivedRound | None = None
) -> Iterator[RoundLocked | RoundDecided | Rejected]:
    """Give every stake back; an open round is locked by that."""
    known = pools.rounds.get(command.round)
    if known is None and recalled is not None:
        is_void = recalled.result is RoundResult.VOID
        yield Rejected(SharedReason.NOTHING_CHANGES if is_void else PoolReason.ROUND_SETTLED)
    elif known is None:
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
