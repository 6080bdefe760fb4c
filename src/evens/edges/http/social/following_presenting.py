"""What recorded follows and copies look like from outside, and how refusals about them are presented."""

import time
from collections.abc import Mapping
from typing import Final

from evens.core.following.reasons import FollowReason
from evens.core.values.following import (
    FOLLOWS_MAX,
    FollowMode,
    FollowStatus,
    SkipReason,
    format_fee,
    format_ratio,
    performance_fee_minor,
)
from evens.core.values.ids import BetId, MatchId, OrderId, PoolBetId
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_average_odds, format_odds
from evens.core.values.public_ids import (
    format_bet_id,
    format_follow_id,
    format_order_id,
    format_pool_bet_id,
    format_trade_id,
)
from evens.core.values.records import RecordProduct, day_number
from evens.edges.http.protocol.refusals import Refusal
from evens.edges.http.social import following_shapes as shapes
from evens.edges.http.social.following_bodies import CopiedProductName, ModeName
from evens.store.following.queries import CopyRow, FollowRow

MODES: Final[Mapping[ModeName, FollowMode]] = {"fixed": FollowMode.FIXED, "proportional": FollowMode.PROPORTIONAL}
COPIED: Final[Mapping[CopiedProductName, RecordProduct]] = {
    "exchange": RecordProduct.EXCHANGE,
    "sportsbook": RecordProduct.SPORTSBOOK,
    "pools": RecordProduct.POOLS,
}
_MODE_NAMES: Final[Mapping[FollowMode, ModeName]] = {mode: name for name, mode in MODES.items()}
_PRODUCT_NAMES: Final[Mapping[RecordProduct, CopiedProductName]] = {product: name for name, product in COPIED.items()}
_STATUSES: Final[Mapping[FollowStatus, shapes.FollowStatusName]] = {
    FollowStatus.ACTIVE: "active",
    FollowStatus.PAUSED: "paused",
    FollowStatus.ENDED: "ended",
}
_REASONS: Final[Mapping[SkipReason, shapes.SkipReasonName]] = {
    SkipReason.NOT_FOLLOWING: "not_following",
    SkipReason.PAUSED: "paused",
    SkipReason.STOP_LOSS: "stop_loss",
    SkipReason.EXPIRED: "expired",
    SkipReason.LOOP: "loop",
    SkipReason.RESTRICTED: "restricted",
    SkipReason.NOT_ALLOWED: "not_allowed",
    SkipReason.CURRENCY: "currency",
    SkipReason.MARKET_CLOSED: "market_closed",
    SkipReason.BELOW_MINIMUM: "below_minimum",
    SkipReason.SLIPPAGE: "slippage",
    SkipReason.CAP: "cap",
    SkipReason.DAILY_CAP: "daily_cap",
    SkipReason.ALLOCATION: "allocation",
    SkipReason.FUNDS: "funds",
    SkipReason.OWN_ORDER: "own_order",
    SkipReason.STAKE_LIMIT: "stake_limit",
    SkipReason.REFUSED: "refused",
    SkipReason.FAILED: "failed",
}

FOLLOW_REFUSALS: Final = (
    Refusal(FollowReason.LEADER_UNKNOWN, 404, "There is no such user to follow; check the name."),
    Refusal(FollowReason.FOLLOW_UNKNOWN, 404, "There is no such follow of yours that has not ended; check the id."),
    Refusal(FollowReason.FOLLOWS_SELF, 409, "You cannot follow yourself; name somebody else."),
    Refusal(FollowReason.FOLLOWS_ALREADY, 409, "You follow this user in this currency already; change that follow."),
    Refusal(
        FollowReason.FOLLOWS_LIMIT,
        409,
        f"You can begin no more: {FOLLOWS_MAX} are the most, and fewer where accounts belong together; end one.",
    ),
    Refusal(FollowReason.LEADER_FROZEN, 409, "This user cannot be followed now; follow somebody else."),
    Refusal(
        FollowReason.TERMS_CHANGED,
        409,
        "This follow was changed meanwhile, and your change does not go with that; read it and change it again.",
    ),
    Refusal(
        FollowReason.STOP_LOSS_REACHED,
        409,
        "The stop-loss of this follow is reached; change its allocation or stop-loss before you resume it.",
    ),
)


def present_follow(row: FollowRow, currency: Currency, names: Mapping[int, str]) -> shapes.Follow:
    """Return a follow as the row says; ``names`` are those of its markets by number."""
    terms, scale = row.terms, currency.scale
    today_minor = row.day_used_minor if row.day == day_number(time.time_ns()) else 0
    fees_minor = performance_fee_minor(row.high_water_minor, row.performance_fee_bps)
    return shapes.Follow(
        id=format_follow_id(row.id),
        follower=row.username,
        leader=row.leader_name,
        status=_STATUSES[row.status],
        paused_by=_pause_cause(row),
        currency=currency.code,
        mode=_MODE_NAMES[terms.mode],
        stake=None if terms.stake_minor is None else format_minor(terms.stake_minor, scale),
        ratio=None if terms.ratio_ppm is None else format_ratio(terms.ratio_ppm),
        allocation=format_minor(terms.allocation_minor, scale),
        allocation_used=format_minor(row.used_minor, scale),
        allocation_left=format_minor(terms.allocation_minor + row.result_minor, scale),
        result=format_minor(row.result_minor, scale),
        per_bet_cap=format_minor(terms.per_bet_cap_minor, scale),
        daily_cap=format_minor(terms.daily_cap_minor, scale),
        used_today=format_minor(today_minor, scale),
        max_slippage_ticks=terms.max_slippage_ticks,
        min_odds=None if terms.min_odds is None else format_odds(terms.min_odds),
        products=[_PRODUCT_NAMES[product] for product in terms.products],
        markets=list(dict.fromkeys(names[place] for place in terms.markets)),
        stop_loss_percent=terms.stop_loss_percent,
        performance_fee=format_fee(row.performance_fee_bps),
        high_water_mark=format_minor(row.high_water_minor, scale),
        fees_paid=format_minor(row.fees_paid_minor, scale),
        fees_due=format_minor(fees_minor - row.fees_paid_minor, scale),
        started_at=format_time(row.started_at),
        ended_at=None if row.ended_at is None else format_time(row.ended_at),
    )


def _pause_cause(row: FollowRow) -> shapes.PauseCauseName | None:
    if row.status is not FollowStatus.PAUSED:
        return None
    return "customer" if row.stopped_minor is None else "stop_loss"


def present_copy(row: CopyRow, currency: Currency) -> shapes.Copy:
    """Return what became of a leader's bet. A copy whose order waited and found nobody counts as skipped, too."""
    matched_minor, value_cents = row.matched_minor, row.matched_value_cents
    average = format_average_odds(value_cents, matched_minor) if matched_minor and value_cents else None
    has_lapsed = row.reason is None and not row.open and matched_minor == 0
    if row.reason is not None:
        reason: shapes.SkipReasonName | None = _REASONS[row.reason]
    else:
        reason = "lapsed" if has_lapsed else None
    return shapes.Copy(
        leader_bet=_source_id(row),
        title=row.title,
        bets=row.bets,
        product=_PRODUCT_NAMES[row.product],
        status="skipped" if reason is not None else "pending" if row.open else "copied",
        reason=reason,
        detail=row.refusal,
        bet_id=None if row.reason is not None else _copy_id(row),
        stake=_amount(row.stake_minor, currency),
        matched=_amount(matched_minor, currency),
        average_odds=average,
        risk=_amount(row.risk_minor, currency),
        result=_amount(row.result_minor, currency),
        at=format_time(row.at),
    )


def _amount(minor: int | None, currency: Currency) -> str | None:
    return None if minor is None else format_minor(minor, currency.scale)


def _source_id(row: CopyRow) -> str:
    if row.product is RecordProduct.EXCHANGE:
        return format_trade_id(MatchId(row.source))
    if row.product is RecordProduct.SPORTSBOOK:
        return format_bet_id(BetId(row.source))
    return format_pool_bet_id(PoolBetId(row.source))


def _copy_id(row: CopyRow) -> str:
    if row.product is RecordProduct.EXCHANGE:
        return format_order_id(OrderId(row.id))
    if row.product is RecordProduct.SPORTSBOOK:
        return format_bet_id(BetId(row.id))
    return format_pool_bet_id(PoolBetId(row.id))
