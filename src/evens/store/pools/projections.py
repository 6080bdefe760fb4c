"""What the pools' events leave in the tables. Hot paths add plain tuples, in the order of the write's columns."""

import json
from collections.abc import Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.pools import (
    PoolBetPlaced,
    PoolChanged,
    PoolCreated,
    RoundArchived,
    RoundBooked,
    RoundDecided,
    RoundLocked,
    RoundOpened,
    RoundRecalled,
    RoundStageFinished,
    StakesRecalled,
    StakesSettled,
)
from evens.core.receipts import Receipt
from evens.core.values.pools import PoolTerms, RoundResult, RoundStage, RoundStatus
from evens.store.encoding.rows import Projector, Rows
from evens.store.pools.tables import (
    CHANGE_POOLS,
    CHANGE_ROUNDS,
    CREATE_POOLS,
    DECIDE_ROUNDS,
    OPEN_ROUNDS,
    PLACE_POOL_BETS,
    SETTLE_STAKES,
    STAKE_SIDES,
)


def _pool_created(rows: Rows, receipt: Receipt, event: PoolCreated) -> None:
    """Add the pool."""
    rows.added[CREATE_POOLS].append(
        CREATE_POOLS.row(
            id=event.pool,
            key=event.key,
            currency_number=event.currency_number,
            created_at=event.at,
            **_columns(event.terms),
        )
    )


def _pool_changed(rows: Rows, receipt: Receipt, event: PoolChanged) -> None:
    """Keep the terms of rounds to come."""
    _change_pool(rows, event.pool, _columns(event.terms))


def _round_opened(rows: Rows, receipt: Receipt, event: RoundOpened) -> None:
    """Add the round; it is the last of its pool."""
    rows.added[OPEN_ROUNDS].append(
        OPEN_ROUNDS.row(
            id=event.round,
            pool=event.pool,
            code=event.code,
            opens_at=event.opens_at,
            locks_at=event.locks_at,
            settles_at=event.settles_at,
            **_columns(event.terms),
        )
    )
    _change_pool(rows, event.pool, {"last_code": event.code})


def _round_locked(rows: Rows, receipt: Receipt, event: RoundLocked) -> None:
    """Keep what the round commits to."""
    changed = {"status": RoundStatus.LOCKED, "commitment": event.commitment, "locked_at": event.at}
    _change_round(rows, event.round, changed)


def _round_decided(rows: Rows, receipt: Receipt, event: RoundDecided) -> None:
    """Give the round its result, and keep it in the history of results."""
    rows.added[DECIDE_ROUNDS].append(
        DECIDE_ROUNDS.row(
            round=event.round,
            settlement=event.settlement,
            result=event.result,
            evidence=event.evidence,
            reason=event.reason,
            decided_at=event.at,
        )
    )
    changed = {
        "status": RoundStatus.VOID if event.result is RoundResult.VOID else RoundStatus.SETTLED,
        "stage": RoundStage.SETTLING if event.settlement == 1 else RoundStage.RECALLING,
        "settlement": event.settlement,
        "result": event.result,
        "decided_at": event.at,
    }
    _change_round(rows, event.round, changed)


def _stage_finished(rows: Rows, receipt: Receipt, event: RoundStageFinished) -> None:
    """Let the round enter its next stage; the house has nothing of it meanwhile."""
    _change_round(rows, event.round, {"stage": event.stage, "fee": 0, "rounding": 0})


def _round_booked(rows: Rows, receipt: Receipt, event: RoundBooked) -> None:
    """Keep what the house has of the round."""
    changed = {"stage": RoundStage.NOTHING, "fee": event.fee_minor, "rounding": event.rounding_minor}
    _change_round(rows, event.round, changed)


def _round_archived(rows: Rows, receipt: Receipt, event: RoundArchived) -> None:
    """Mark the round as history."""
    _change_round(rows, event.round, {"archived": True})


def _round_recalled(rows: Rows, receipt: Receipt, event: RoundRecalled) -> None:
    """Mark the round as one that the house knows."""
    _change_round(rows, event.round, {"archived": False})


def _pool_bet_placed(rows: Rows, receipt: Receipt, event: PoolBetPlaced) -> None:
    """Add the bet, and count it on its side."""
    bet = (event.bet, event.customer, event.round, event.side, event.stake_minor, event.at)
    rows.added[PLACE_POOL_BETS].append(bet)
    sides = rows.summed[STAKE_SIDES]
    sums = sides.get((event.round, event.side))
    if sums is None:
        sides[event.round, event.side] = [event.stake_minor, 1]
    else:
        sums[0] += event.stake_minor
        sums[1] += 1


def _stakes_settled(rows: Rows, receipt: Receipt, event: StakesSettled) -> None:
    """Keep what was booked for a customer."""
    settled = (
        event.round,
        event.settlement,
        event.customer,
        event.staked_minor,
        event.returned_minor,
        receipt.at,
    )
    rows.added[SETTLE_STAKES].append(settled)


def _columns(terms: PoolTerms) -> dict[str, Any]:
    return {
        "name": terms.name,
        "symbol": terms.symbol,
        "fee_bps": terms.fee_bps,
        "min_stake": terms.min_stake_minor,
        "max_stake": terms.max_stake_minor,
        "running": terms.running,
    }


def _change_pool(rows: Rows, pool: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_POOLS].append((pool, json.dumps(changed)))


def _change_round(rows: Rows, number: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_ROUNDS].append((number, json.dumps(changed)))


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    PoolCreated: _pool_created,
    PoolChanged: _pool_changed,
    RoundOpened: _round_opened,
    RoundLocked: _round_locked,
    RoundDecided: _round_decided,
    RoundStageFinished: _stage_finished,
    RoundBooked: _round_booked,
    RoundArchived: _round_archived,
    RoundRecalled: _round_recalled,
    PoolBetPlaced: _pool_bet_placed,
    StakesSettled: _stakes_settled,
    StakesRecalled: None,
}
"""What each event of a pool leaves in the tables."""
