"""The tables of following, and the SQL functions that write them."""

from typing import Final

from evens.core.values.following import FollowStatus
from evens.store.encoding.tables import SameAs, Table, change, insertion, patch

FOLLOWS: Final = Table(
    "follows",
    columns={
        "id": "bigint",
        "customer": "bigint",
        "leader": "bigint",
        "currency_number": "smallint",
        "mode": "smallint",
        "stake": "bigint",
        "ratio_ppm": "bigint",
        "allocation": "bigint",
        "per_bet_cap": "bigint",
        "daily_cap": "bigint",
        "max_slippage_ticks": "integer",
        "min_odds": "integer",
        "products": "text",
        "stop_loss_percent": "smallint",
        "markets": "text",
        "started_at": "bigint",
        "performance_fee_bps": "smallint",
        "status": "smallint",
        "active_from": "bigint",
        "used": "bigint",
        "day": "integer",
        "day_used": "bigint",
        "result": "bigint",
        "stopped": "bigint",
        "ended_at": "bigint",
        "high_water": "bigint",
        "fees_paid": "bigint",
    },
    key=("id",),
    initial={
        "status": FollowStatus.ACTIVE,
        "active_from": SameAs("started_at"),
        "used": 0,
        "day": 0,
        "day_used": 0,
        "result": 0,
        "stopped": None,
        "ended_at": None,
        "high_water": 0,
        "fees_paid": 0,
    },
)
COPIES: Final = Table(
    "copies",
    columns={
        "id": "bigint",
        "follow": "bigint",
        "product": "smallint",
        "source": "bigint",
        "reason": "smallint",
        "refusal": "text",
        "odds": "integer",
        "stake": "bigint",
        "risk": "bigint",
        "at": "bigint",
        "waits": "boolean",
        "open_risk": "bigint",
        "result": "bigint",
        "settlements": "integer",
    },
    key=("id",),
    initial={"open_risk": SameAs("risk"), "result": None, "settlements": 0},
)
"""What became of a leader's match or bet for a follow. A row changes only when its copy is settled."""

SKIPPED_BETS: Final = Table(
    "skipped_bets",
    columns={
        "id": "bigint",
        "follow": "bigint",
        "product": "smallint",
        "reason": "smallint",
        "first": "bigint",
        "last": "bigint",
        "count": "bigint",
        "at": "bigint",
    },
    key=("id", "follow", "reason"),
)
"""Bets of a leader that were skipped together for a follow."""

START_FOLLOWS: Final = insertion("start_follows", FOLLOWS)
CHANGE_FOLLOWS: Final = patch("change_follows", FOLLOWS)
"""What a follower changes, and its status. No column that :data:`USE_FOLLOWS` has, so neither is before the other."""

USE_FOLLOWS: Final = change("use_follows", FOLLOWS, "used", "day", "day_used", "result", "high_water", "fees_paid")
"""What copies, their results and fees change. ``None`` leaves a column as it is."""

POST_COPIES: Final = insertion("post_copies", COPIES)
SETTLE_COPIES: Final = change("settle_copies", COPIES, "open_risk", "result", "settlements")
POST_SKIPPED_BETS: Final = insertion("post_skipped_bets", SKIPPED_BETS)

WRITES: Final = (START_FOLLOWS, CHANGE_FOLLOWS, USE_FOLLOWS, POST_COPIES, SETTLE_COPIES, POST_SKIPPED_BETS)
"""In the order in which a batch runs them."""
