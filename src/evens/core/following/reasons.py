"""Why a command about following is refused. Why a bet was not copied is no refusal, but an event that says so."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class FollowReason(Reason):
    """Reasons about follows."""

    LEADER_UNKNOWN = "leader_unknown"
    FOLLOW_UNKNOWN = "follow_unknown"
    FOLLOWS_SELF = "follows_self"
    FOLLOWS_ALREADY = "follows_already"
    FOLLOWS_LIMIT = "follows_limit"
    LEADER_FROZEN = "leader_frozen"
    TERMS_CHANGED = "terms_changed"
    STOP_LOSS_REACHED = "stop_loss_reached"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    SharedReason.CUSTOMER_UNKNOWN,
    FollowReason.LEADER_UNKNOWN,
    FollowReason.FOLLOW_UNKNOWN,
    FollowReason.FOLLOWS_SELF,
    SharedReason.CUSTOMER_FROZEN,
    FollowReason.LEADER_FROZEN,
    FollowReason.FOLLOWS_ALREADY,
    FollowReason.FOLLOWS_LIMIT,
    FollowReason.TERMS_CHANGED,
    SharedReason.NOTHING_CHANGES,
    FollowReason.STOP_LOSS_REACHED,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
