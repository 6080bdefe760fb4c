"""Settling copies: what a copy no longer risks is free again, and what it won or lost is booked into its follow.

Copies are bets of their products, which settle them without knowing that they are copies. The copier hears that
something was settled, works out of the products' tables what the copy has won or lost, and gives ``SettleCopy``. What
was booked before comes with the command, so that a correction books the difference, and nothing is booked twice.
Where the leader takes a fee of what copies win, it is taken in the same record (:mod:`evens.core.following.fees`).

Example. Of an allocation of 100.00, copies risk 30.00. One that risks 12.00 wins 18.00: 18.00 are at risk, 118.00 are
left, and 100.00 may be risked. A correction lets it lose: the result is -12.00, the difference -30.00; 88.00 are left.
"""

from collections.abc import Iterator

from evens.core.commands.following import SettleCopy
from evens.core.events.following import CopySettled, FeePaid
from evens.core.events.ledger import Rejected, Transferred
from evens.core.following.fees import pay_fee
from evens.core.following.reasons import FollowReason
from evens.core.following.state import Following


def settle_copy(
    following: Following, command: SettleCopy, seq: int, at: int
) -> Iterator[CopySettled | Transferred | FeePaid | Rejected]:
    """Book what a copy risks and has won or lost now, and take the leader's fee, unless its follow is over."""
    follow = following.by_id.get(command.follow)
    if follow is None:
        yield Rejected(FollowReason.FOLLOW_UNKNOWN)
        return
    freed_minor = command.risk_before_minor - command.risk_minor
    won_minor = (command.result_minor or 0) - (command.result_before_minor or 0)
    used_minor, total_minor = follow.used_minor - freed_minor, follow.result_minor + won_minor
    high_water_minor = follow.high_water_minor
    # A correction is booked copy by copy, so what has been won in the middle of one was perhaps never won.
    if follow.fee_bps and command.result_before_minor is None:
        high_water_minor = max(high_water_minor, total_minor - used_minor)
    yield CopySettled(
        follow=follow.id,
        copy=command.copy,
        number=command.number,
        risk_minor=command.risk_minor,
        result_minor=command.result_minor,
        used_minor=used_minor,
        total_minor=total_minor,
        high_water_minor=high_water_minor,
    )
    yield from pay_fee(following, follow, at)


def apply_copy_settled(following: Following, event: CopySettled) -> None:
    """Remember what is used and left, and the most that was ever won; forget a follow that is over."""
    follow = following.by_id[event.follow]
    follow.used_minor, follow.result_minor = event.used_minor, event.total_minor
    follow.high_water_minor = event.high_water_minor
    following.forget(follow)
