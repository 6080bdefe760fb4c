"""What the events of following leave in the tables."""

import json
from collections.abc import Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.following import (
    BetCopied,
    BetsSkipped,
    CopySettled,
    CopySkipped,
    FeePaid,
    FollowChanged,
    FollowStarted,
    FollowStatusChanged,
)
from evens.core.receipts import Receipt
from evens.core.values.following import FollowStatus
from evens.store.encoding.rows import Projector, Rows
from evens.store.following.rows import terms_columns
from evens.store.following.tables import (
    CHANGE_FOLLOWS,
    POST_COPIES,
    POST_SKIPPED_BETS,
    SETTLE_COPIES,
    START_FOLLOWS,
    USE_FOLLOWS,
)

_USED: Final = {column: place for place, column in enumerate(list(USE_FOLLOWS.columns)[1:])}


def _follow_started(rows: Rows, receipt: Receipt, event: FollowStarted) -> None:
    """Add the follow."""
    rows.added[START_FOLLOWS].append(
        START_FOLLOWS.row(
            id=event.follow,
            customer=event.customer,
            leader=event.leader,
            currency_number=event.currency_number,
            **terms_columns(event.terms),
            started_at=receipt.at,
            performance_fee_bps=event.performance_fee_bps,
        )
    )


def _follow_changed(rows: Rows, receipt: Receipt, event: FollowChanged) -> None:
    """Replace the terms."""
    _change(rows, event.follow, terms_columns(event.terms))


def _follow_status_changed(rows: Rows, receipt: Receipt, event: FollowStatusChanged) -> None:
    """Replace the status, and keep when it ended, or since when it is active and why it is not."""
    has_ended = event.status is FollowStatus.ENDED
    changed = {"ended_at": receipt.at} if has_ended else {"stopped": event.stopped_minor}
    if event.active_from is not None:
        changed["active_from"] = event.active_from
    _change(rows, event.follow, {"status": event.status, **changed})


def _bet_copied(rows: Rows, receipt: Receipt, event: BetCopied) -> None:
    """Add the copy, and what is used with it."""
    rows.added[POST_COPIES].append(
        POST_COPIES.row(
            id=receipt.seq,
            follow=event.follow,
            product=event.product,
            source=event.source,
            reason=None,
            refusal=None,
            odds=event.odds or None,
            stake=event.stake_minor,
            risk=event.risk_minor,
            at=receipt.at,
            waits=event.waits,
        )
    )
    _use(rows, event.follow, used=event.used_minor, day=event.day, day_used=event.day_used_minor)


def _copy_skipped(rows: Rows, receipt: Receipt, event: CopySkipped) -> None:
    """Add why it was skipped."""
    rows.added[POST_COPIES].append(
        POST_COPIES.row(
            id=receipt.seq,
            follow=event.follow,
            product=event.product,
            source=event.source,
            reason=event.reason,
            refusal=None if event.refusal is None else event.refusal.value,
            odds=None,
            stake=None,
            risk=None,
            at=receipt.at,
            waits=False,
        )
    )


def _bets_skipped(rows: Rows, receipt: Receipt, event: BetsSkipped) -> None:
    """Add, for each follow, which bets were skipped together and why."""
    rows.added[POST_SKIPPED_BETS] += [
        POST_SKIPPED_BETS.row(
            id=receipt.seq,
            follow=bets.follow,
            product=event.product,
            reason=bets.reason,
            first=bets.first,
            last=bets.last,
            count=bets.count,
            at=receipt.at,
        )
        for bets in event.bets
    ]


def _copy_settled(rows: Rows, receipt: Receipt, event: CopySettled) -> None:
    """Replace what the copy risks and has won or lost, and what follows from that for the follow."""
    rows.added[SETTLE_COPIES].append(
        SETTLE_COPIES.row(
            id=event.copy, open_risk=event.risk_minor, result=event.result_minor, settlements=event.number
        )
    )
    _use(rows, event.follow, used=event.used_minor, result=event.total_minor, high_water=event.high_water_minor)


def _fee_paid(rows: Rows, receipt: Receipt, event: FeePaid) -> None:
    """Replace what the leader has had."""
    _use(rows, event.follow, fees_paid=event.paid_minor)


def _change(rows: Rows, follow: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_FOLLOWS].append((follow, json.dumps(changed)))


def _use(rows: Rows, follow: int, **changed: int) -> None:
    """Replace what is given, in the one row that a follow has for the whole batch."""
    kept = rows.summed[USE_FOLLOWS].setdefault(follow, [None] * len(_USED))
    for column, value in changed.items():
        kept[_USED[column]] = value


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    FollowStarted: _follow_started,
    FollowChanged: _follow_changed,
    FollowStatusChanged: _follow_status_changed,
    BetCopied: _bet_copied,
    CopySkipped: _copy_skipped,
    CopySettled: _copy_settled,
    BetsSkipped: _bets_skipped,
    FeePaid: _fee_paid,
}
"""What each event of following leaves in the tables."""
