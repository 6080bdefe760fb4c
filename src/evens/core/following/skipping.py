"""Skipping bets that cannot be copied, many with one record.

A leader may bet faster than bets can be decided one by one, for themselves and for everybody who waits behind them. So
what can be known without a market, such as that a follow is paused, that it is in another currency or that a minute has
passed, is told for many bets and many follows together. The copier has every other bet of the same stretch decided
before, so that everything up to the last bet that was skipped is decided then, and is never decided again. Reasons that
may be over since the copier looked are checked again.

Example. Ann was matched 400 times while Bob, who follows her, had paused, and Cid's follow is in another currency. One
record says that 400 matches were skipped for Bob and for Cid, and why.
"""

from collections.abc import Iterator

from evens.core.commands.following import SkipBets
from evens.core.events.following import BetsSkipped
from evens.core.events.ledger import Rejected
from evens.core.following.state import Follow, Following
from evens.core.ledger.reasons import SharedReason
from evens.core.values.following import FollowStatus, SkippedBets, SkipReason
from evens.core.values.records import RecordProduct


def skip_bets(following: Following, command: SkipBets, seq: int, at: int) -> Iterator[BetsSkipped | Rejected]:
    """Skip bets of the follows that have not ended.

    For a follow nothing is skipped if some of its bets were skipped before, or for a reason that holds no longer: what
    is skipped for it says that everything before is decided. What is skipped for others stands.
    """
    wrong = {each.follow for each in command.bets if _is_wrong(following, command.product, each)}
    bets = [each for each in command.bets if each.follow not in wrong]
    if not bets:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield BetsSkipped(
            command.product, tuple([SkippedBets(b.follow, b.reason, b.first, b.last, b.count) for b in bets])
        )


def _is_wrong(following: Following, product: RecordProduct, bets: SkippedBets) -> bool:
    follow = following.by_id.get(bets.follow)
    if follow is None or follow.status is FollowStatus.ENDED:
        return True
    return bets.first <= follow.skipped_up_to.get(product, 0) or not _holds(following, follow, product, bets)


def _holds(following: Following, follow: Follow, product: RecordProduct, bets: SkippedBets) -> bool:
    """Return whether a reason holds still. What has expired, is a copy or in another currency stays so."""
    is_paused, was_stopped = follow.status is FollowStatus.PAUSED, follow.stopped_minor is not None
    match bets.reason:
        case SkipReason.PAUSED:
            was_before = bets.struck_at is not None and bets.struck_at <= follow.active_from
            return was_before or (is_paused and not was_stopped)
        case SkipReason.STOP_LOSS:
            return follow.terms.stops_at(follow.left_minor()) or (is_paused and was_stopped)
        case SkipReason.RESTRICTED:
            return not bets.permitted or following.restricts(follow, product)
        case SkipReason.NOT_ALLOWED:
            return (bets.products, bets.markets) == (follow.terms.products, follow.terms.markets)
        case _:
            return True


def apply_bets_skipped(following: Following, event: BetsSkipped) -> None:
    """Remember up to where everything is decided."""
    for bets in event.bets:
        skipped_up_to = following.by_id[bets.follow].skipped_up_to
        skipped_up_to[event.product] = max(bets.last, skipped_up_to.get(event.product, 0))
