"""The pools' tables, and the SQL functions that write them."""

from typing import Final

from evens.core.values.pools import RoundStage, RoundStatus
from evens.store.encoding.tables import Table, change, insertion, patch

POOLS: Final = Table(
    "pools",
    columns={
        "id": "bigint",
        "key": "text",
        "currency_number": "smallint",
        "name": "text",
        "symbol": "text",
        "fee_bps": "integer",
        "min_stake": "bigint",
        "max_stake": "bigint",
        "running": "text",
        "created_at": "bigint",
        "last_code": "text",
    },
    key=("id",),
    initial={"last_code": ""},
)
"""``running`` is the text that rounds commit to, byte for byte; therefore it is no jsonb."""
ROUNDS: Final = Table(
    "rounds",
    columns={
        "id": "bigint",
        "pool": "bigint",
        "code": "text",
        "name": "text",
        "symbol": "text",
        "fee_bps": "integer",
        "min_stake": "bigint",
        "max_stake": "bigint",
        "running": "text",
        "opens_at": "bigint",
        "locks_at": "bigint",
        "settles_at": "bigint",
        "status": "smallint",
        "stage": "smallint",
        "commitment": "text",
        "locked_at": "bigint",
        "settlement": "integer",
        "result": "smallint",
        "decided_at": "bigint",
        "fee": "bigint",
        "rounding": "bigint",
        "archived": "boolean",
    },
    key=("id",),
    initial={
        "status": RoundStatus.OPEN,
        "stage": RoundStage.NOTHING,
        "commitment": None,
        "locked_at": None,
        "settlement": 0,
        "result": None,
        "decided_at": None,
        "fee": 0,
        "rounding": 0,
        "archived": False,
    },
)
ROUND_SIDES: Final = Table(
    "round_sides",
    columns={"round": "bigint", "side": "smallint", "staked": "bigint", "bets": "bigint"},
    key=("round", "side"),
)
"""What is staked on each side; a side on which nobody has bet has no row."""
ROUND_RESULTS: Final = Table(
    "round_results",
    columns={
        "round": "bigint",
        "settlement": "integer",
        "result": "smallint",
        "evidence": "text",
        "reason": "text",
        "decided_at": "bigint",
    },
    key=("round", "settlement"),
)
POOL_BETS: Final = Table(
    "pool_bets",
    columns={
        "id": "bigint",
        "customer": "bigint",
        "round": "bigint",
        "side": "smallint",
        "stake": "bigint",
        "placed_at": "bigint",
    },
    key=("id",),
)
"""A bet's row never changes. What it returned is in no column: it is worked out."""
STAKES_SETTLED: Final = Table(
    "stakes_settled",
    columns={
        "round": "bigint",
        "settlement": "integer",
        "customer": "bigint",
        "staked": "bigint",
        "returned": "bigint",
        "settled_at": "bigint",
    },
    key=("round", "settlement", "customer"),
)

CREATE_POOLS: Final = insertion("create_pools", POOLS)
CHANGE_POOLS: Final = patch("change_pools", POOLS)
OPEN_ROUNDS: Final = insertion("open_rounds", ROUNDS)
CHANGE_ROUNDS: Final = patch("change_rounds", ROUNDS)
STAKE_SIDES: Final = change("stake_sides", ROUND_SIDES, "staked", "bets")
"""Adds to a side."""
DECIDE_ROUNDS: Final = insertion("decide_rounds", ROUND_RESULTS)
PLACE_POOL_BETS: Final = insertion("place_pool_bets", POOL_BETS)
SETTLE_STAKES: Final = insertion("settle_stakes", STAKES_SETTLED)

WRITES: Final = (
    CREATE_POOLS,
    CHANGE_POOLS,
    OPEN_ROUNDS,
    CHANGE_ROUNDS,
    STAKE_SIDES,
    DECIDE_ROUNDS,
    PLACE_POOL_BETS,
    SETTLE_STAKES,
)
"""In the order in which a batch runs them."""
