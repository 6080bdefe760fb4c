"""Why the pools refuse a command."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class PoolReason(Reason):
    """Reasons about pools, rounds and bets in them."""

    POOL_UNKNOWN = "pool_unknown"
    POOL_EXISTS = "pool_exists"
    ROUND_UNKNOWN = "round_unknown"
    ROUND_EXISTS = "round_exists"
    NO_OPEN_ROUND = "no_open_round"
    ROUND_SETTLED = "round_settled"
    ROUND_NOT_SETTLED = "round_not_settled"
    ROUND_LOCKED = "round_locked"
    ROUND_NOT_LOCKED = "round_not_locked"
    ROUND_BUSY = "round_busy"
    POOL_BETS_LIMIT = "pool_bets_limit"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    SharedReason.CUSTOMER_UNKNOWN,
    PoolReason.POOL_UNKNOWN,
    PoolReason.POOL_EXISTS,
    PoolReason.ROUND_UNKNOWN,
    PoolReason.NO_OPEN_ROUND,
    SharedReason.CUSTOMER_FROZEN,
    SharedReason.OWES_HOUSE,
    PoolReason.ROUND_EXISTS,
    PoolReason.ROUND_BUSY,
    PoolReason.ROUND_SETTLED,
    PoolReason.ROUND_NOT_SETTLED,
    PoolReason.ROUND_LOCKED,
    PoolReason.ROUND_NOT_LOCKED,
    SharedReason.STAKE_TOO_SMALL,
    SharedReason.STAKE_TOO_LARGE,
    SharedReason.NOTHING_CHANGES,
    PoolReason.POOL_BETS_LIMIT,
    SharedReason.INSUFFICIENT_FUNDS,
    SharedReason.BALANCE_LIMIT,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
