"""The exchange's tables, and the SQL functions that write them."""

from typing import Final

from evens.core.values.betting import MarketStatus, Stage
from evens.store.encoding.tables import SameAs, Table, Write, change, insertion, patch
from evens.store.wallets.tables import CUSTOMERS

MARKETS: Final = Table(
    "markets",
    columns={
        "id": "bigint",
        "currency_number": "smallint",
        "terms": "jsonb",
        "created_at": "bigint",
        "status": "smallint",
        "stage": "smallint",
        "version": "integer",
        "turned_at": "bigint",
        "settled_at": "bigint",
        "removals": "integer[]",
        "removal_log": "bigint[]",
        "removed_up_to": "bigint",
        "was_bps": "integer",
        "settlement": "integer",
        "shares": "integer[]",
        "parts": "integer",
        "archived": "boolean",
    },
    key=("id",),
    initial={
        "status": MarketStatus.OPEN,
        "stage": Stage.NOTHING,
        "version": 1,
        "turned_at": None,
        "settled_at": None,
        "removals": [],
        "removal_log": [],
        "removed_up_to": 0,
        "was_bps": None,
        "settlement": 0,
        "shares": [],
        "parts": 0,
        "archived": False,
    },
)
ORDERS: Final = Table(
    "orders",
    columns={
        "id": "bigint",
        "market": "bigint",
        "runner": "smallint",
        "customer": "bigint",
        "side": "smallint",
        "odds": "integer",
        "stake": "bigint",
        "persistence": "smallint",
        "time_in_force": "smallint",
        "min_fill": "bigint",
        "due_at": "bigint",
        "placed_at": "bigint",
        "client_ref": "text",
        "replaces": "bigint",
        "strategy_ref": "text",
        "remaining": "bigint",
        "matched": "bigint",
        "matched_value": "bigint",
        "cancelled": "bigint",
        "lapsed": "bigint",
        "open": "boolean",
    },
    key=("id",),
    initial={
        "remaining": SameAs("stake"),
        "matched": 0,
        "matched_value": 0,
        "cancelled": 0,
        "lapsed": 0,
        "open": True,
    },
)
MATCHES: Final = Table(
    "matches",
    columns={
        "id": "bigint",
        "market": "bigint",
        "runner": "smallint",
        "odds": "integer",
        "stake": "bigint",
        "maker": "bigint",
        "maker_customer": "bigint",
        "taker": "bigint",
        "taker_customer": "bigint",
        "taker_side": "smallint",
    },
    key=("id",),
)
RUNNER_TOTALS: Final = Table(
    "runner_totals",
    columns={
        "market": "bigint",
        "runner": "smallint",
        "matched": "bigint",
        "last_odds": "integer",
        "by_house": "bigint",
    },
    key=("market", "runner"),
)
TRADED: Final = Table(
    "traded",
    columns={"market": "bigint", "runner": "smallint", "odds": "integer", "stake": "bigint", "by_house": "bigint"},
    key=("market", "runner", "odds"),
)
POSITIONS: Final = Table(
    "positions",
    columns={"market": "bigint", "customer": "bigint", "runner": "smallint", "stake": "bigint", "value": "bigint"},
    key=("market", "customer", "runner"),
)
SETTLEMENTS: Final = Table(
    "settlements",
    columns={
        "market": "bigint",
        "settlement": "integer",
        "customer": "bigint",
        "profit": "bigint",
        "commission": "bigint",
        "discount_bps": "integer",
    },
    key=("market", "settlement", "customer"),
)

SET_DISCOUNTS: Final = change("set_commission_discounts", CUSTOMERS, "commission_discount_bps")
CREATE_MARKETS: Final = insertion("create_markets", MARKETS)
CHANGE_MARKETS: Final = patch("change_markets", MARKETS)
REMOVE_RUNNERS: Final = Write(
    "remove_runners", MARKETS, {"id": "bigint", "runner": "integer", "reduction_bps": "integer"}
)
"""Appends a pair to the market's ``removals``."""
PLACE_ORDERS: Final = insertion("place_orders", ORDERS)
RELEASE_ORDERS: Final = change("release_orders", ORDERS)
"""Sets ``due_at`` to null."""
CHANGE_PERSISTENCES: Final = change("change_persistences", ORDERS, "persistence")
POST_MATCHES: Final = insertion("post_matches", MATCHES, also=(RUNNER_TOTALS, TRADED))
CHANGE_ORDERS: Final = change("change_orders", ORDERS, "matched", "matched_value", "cancelled", "lapsed")
"""Adds to these columns; ``remaining`` and ``open`` follow from them."""
CHANGE_POSITIONS: Final = change("change_positions", POSITIONS, "stake", "value")
"""Adds to these columns, from nothing if the position is new."""
SETTLE_POSITIONS: Final = insertion("settle_positions", SETTLEMENTS)

WRITES: Final = (
    SET_DISCOUNTS,
    CREATE_MARKETS,
    CHANGE_MARKETS,
    REMOVE_RUNNERS,
    PLACE_ORDERS,
    RELEASE_ORDERS,
    CHANGE_PERSISTENCES,
    POST_MATCHES,
    CHANGE_ORDERS,
    CHANGE_POSITIONS,
    SETTLE_POSITIONS,
)
"""In the order in which a batch runs them."""
