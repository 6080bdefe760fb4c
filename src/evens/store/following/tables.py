"""The tables of following, and the SQL functions that write them."""

from typing import Final

from evens.core.values.following import FollowStatus
from evens.store.encoding.tables import Table, insertion, patch

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
        "started_at": "bigint",
        "status": "smallint",
        "used": "bigint",
        "day": "integer",
        "day_used": "bigint",
        "ended_at": "bigint",
    },
    key=("id",),
    initial={"status": FollowStatus.ACTIVE, "used": 0, "day": 0, "day_used": 0, "ended_at": None},
)
COPIES: Final = Table(
    "copies",
    columns={
        "id": "bigint",
        "follow": "bigint",
        "product": "smallint",
        "source": "bigint",
        "reason": "smallint",
        "odds": "integer",
        "stake": "bigint",
        "risk": "bigint",
        "at": "bigint",
    },
    key=("id",),
)
"""What became of a leader's match or bet for a follow. A row never changes; how a copy ended, its product knows."""

START_FOLLOWS: Final = insertion("start_follows", FOLLOWS)
CHANGE_FOLLOWS: Final = patch("change_follows", FOLLOWS)
POST_COPIES: Final = insertion("post_copies", COPIES)

WRITES: Final = (START_FOLLOWS, CHANGE_FOLLOWS, POST_COPIES)
"""In the order in which a batch runs them."""
