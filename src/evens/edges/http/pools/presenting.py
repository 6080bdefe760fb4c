"""What recorded pools, rounds and bets look like from outside."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from evens.core.values.commitments import CHAIN
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.pool_running import PoolRunning, parse_running
from evens.core.values.pools import RULE, PoolSide, RoundResult, RoundStage, RoundStatus, share_minor
from evens.core.values.public_ids import format_pool_bet_id, format_user_id
from evens.edges.http.pools import shapes
from evens.store.pools.queries import PoolBetRow, ResultRow, StakeRow
from evens.store.pools.rows import PoolRow, RoundRow

STATUSES: Final[Mapping[RoundStatus, shapes.RoundStatusName]] = {
    RoundStatus.OPEN: "open",
    RoundStatus.LOCKED: "locked",
    RoundStatus.SETTLED: "settled",
    RoundStatus.VOID: "void",
}
RESULTS: Final[Mapping[RoundResult, shapes.RoundResultName]] = {
    RoundResult.UP: "up",
    RoundResult.DOWN: "down",
    RoundResult.VOID: "void",
}
SIDES: Final[Mapping[PoolSide, shapes.SideName]] = {PoolSide.UP: "up", PoolSide.DOWN: "down"}
_UNIT: Final = 1_000_000
"""``pays_per_unit`` has six digits."""


def present_pool(row: PoolRow, currency: Currency) -> shapes.PoolShown:
    """Return a pool as its row says."""
    terms, running = row.terms, parse_running(row.terms.running)
    return shapes.PoolShown(
        key=row.key,
        name=terms.name,
        symbol=terms.symbol,
        currency=currency.code,
        fee_bps=terms.fee_bps,
        min_stake=format_minor(terms.min_stake_minor, currency.scale),
        max_stake=_amount(terms.max_stake_minor, currency),
        calendar=running.calendar,
        lock_before_close_s=running.lock_before_close_s,
        settle_after_close_s=running.settle_after_close_s,
        grace_s=running.grace_s,
        quorum=running.quorum,
        tolerance_bps=running.tolerance_bps,
        jump_bps=running.jump_bps,
        closed=list(running.closed),
        early=dict(running.early),
        sources=_sources(running),
        rule=RULE,
        created_at=format_time(row.created_at),
        stopped=bool(running.stopped),
    )


def present_round(row: RoundRow, currency: Currency) -> shapes.Round:
    """Return a round as its row says."""
    evidence = read_evidence(row.evidence)
    is_booked = row.result is not None and row.stage is RoundStage.NOTHING
    return shapes.Round(
        pool=row.pool_key,
        code=row.code,
        status=STATUSES[row.status],
        opens_at=format_time(row.opens_at),
        locks_at=format_time(row.locks_at),
        settles_at=format_time(row.settles_at),
        currency=currency.code,
        sides=shapes.RoundSides(_side(row, PoolSide.UP, currency), _side(row, PoolSide.DOWN, currency)),
        fee_bps=row.terms.fee_bps,
        fee=format_minor(row.fee_minor, currency.scale) if is_booked else None,
        rounding=format_minor(row.rounding_minor, currency.scale) if is_booked else None,
        result=None if row.result is None else RESULTS[row.result],
        void_reason=row.reason,
        reference_price=_price(evidence, "reference"),
        closing_price=_price(evidence, "price"),
        corrected=row.settlement > 1,
        commitment=row.commitment,
    )


def pays_per_unit(row: RoundRow, side: PoolSide, more_minor: int = 0) -> str | None:
    """Return what 1 on a side returns if that wins, with six digits; ``None`` while nobody is on one of the sides."""
    result = RoundResult.UP if side is PoolSide.UP else RoundResult.DOWN
    pays = row.dividend(result, {side: more_minor})
    if pays.side is None:
        return None
    return format_minor(_UNIT + share_minor(pays.shared_minor, _UNIT, pays.winning_minor), 6)


def present_bet(row: PoolBetRow, currency: Currency) -> shapes.PoolBet:
    """Return a bet as its row says."""
    return shapes.PoolBet(
        id=format_pool_bet_id(row.id),
        pool=row.pool_key,
        round=row.code,
        user_id=format_user_id(row.customer),
        side=SIDES[row.side],
        amount=format_minor(row.stake_minor, currency.scale),
        currency=currency.code,
        status=_bet_status(row),
        payout=_amount(row.returned_minor, currency),
        placed_at=format_time(row.placed_at),
        settled_at=None if row.booked_at is None else format_time(row.booked_at),
    )


def present_proven_stakes(row: RoundRow, stakes: Sequence[StakeRow]) -> list[shapes.ProvenStake]:
    """Return stakes of a round with what each is paid under its present result."""
    pays = None if row.result is None else row.dividend(row.result)
    return [
        shapes.ProvenStake(
            format_pool_bet_id(stake.bet),
            SIDES[stake.side],
            stake.stake_minor,
            None if pays is None else pays.returned_minor(stake.side, stake.stake_minor),
        )
        for stake in stakes
    ]


def present_proof(row: RoundRow, stakes: msgspec.Raw, results: Sequence[ResultRow], currency: Currency) -> shapes.Proof:
    """Return everything that is needed to check a round; ``stakes`` are encoded, for there may be many."""
    terms = row.terms
    is_booked = row.result is not None and row.stage is RoundStage.NOTHING
    return shapes.Proof(
        committed=shapes.Committed(
            pool=row.pool_key,
            code=row.code,
            opens_at_ns=row.opens_at,
            locks_at_ns=row.locks_at,
            settles_at_ns=row.settles_at,
            currency=currency.code,
            name=terms.name,
            symbol=terms.symbol,
            fee_bps=terms.fee_bps,
            min_stake_minor=terms.min_stake_minor,
            max_stake_minor=terms.max_stake_minor,
            running=terms.running,
        ),
        commitment=row.commitment,
        locked_at=None if row.locked_at is None else format_time(row.locked_at),
        scale=currency.scale,
        rule=RULE + CHAIN,
        stakes=cast("list[shapes.ProvenStake]", stakes),
        results=[
            shapes.ProvenResult(
                RESULTS[each.result], each.reason, format_time(each.decided_at), read_evidence(each.evidence)
            )
            for each in results
        ],
        fee_minor=row.fee_minor if is_booked else None,
        rounding_minor=row.rounding_minor if is_booked else None,
    )


def read_evidence(text: str | None) -> dict[str, Any]:
    """Return what a result was told from."""
    return {} if text is None else json.loads(text)


def _side(row: RoundRow, side: PoolSide, currency: Currency) -> shapes.RoundSide:
    on = row.up if side is PoolSide.UP else row.down
    return shapes.RoundSide(format_minor(on.staked_minor, currency.scale), on.bets, pays_per_unit(row, side))


def _bet_status(row: PoolBetRow) -> shapes.PoolBetStatusName:
    if row.returned_minor is None:
        return "open"
    if row.is_refunded:
        return "refunded"
    return "won" if row.returned_minor else "lost"


def _sources(running: PoolRunning) -> list[shapes.PriceSourceShown]:
    return [shapes.PriceSourceShown(source.name, source.kind) for source in running.sources]


def _price(evidence: Mapping[str, Any], name: str) -> str | None:
    price = evidence.get(name)
    return price if isinstance(price, str) else None


def _amount(minor: int | None, currency: Currency) -> str | None:
    return None if minor is None else format_minor(minor, currency.scale)
