"""The rows that a batch of events leaves, and the one SQL statement that writes them all.

Every table that a batch may touch is written by one SQL function that takes an array for each column. A batch becomes a
single ``SELECT append_journal(…), post_transfers(…), …`` with only the functions it needs: one round trip, and by
itself one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

Row = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """The rows that a batch adds, a list of tuples for each SQL function, in the order of the function's arrays.

    What it adds to orders and positions is summed up by order and position, so that each row is written once.
    """

    journal: list[Row] = field(default_factory=list[Row])
    currencies: list[Row] = field(default_factory=list[Row])
    customers: list[Row] = field(default_factory=list[Row])
    frozen: list[Row] = field(default_factory=list[Row])
    transfers: list[Row] = field(default_factory=list[Row])
    notes: list[Row] = field(default_factory=list[Row])
    withdrawals: list[Row] = field(default_factory=list[Row])
    closings: list[Row] = field(default_factory=list[Row])
    discounts: list[Row] = field(default_factory=list[Row])
    markets: list[Row] = field(default_factory=list[Row])
    market_changes: list[Row] = field(default_factory=list[Row])
    removals: list[Row] = field(default_factory=list[Row])
    orders: list[Row] = field(default_factory=list[Row])
    releases: list[Row] = field(default_factory=list[Row])
    matches: list[Row] = field(default_factory=list[Row])
    settlements: list[Row] = field(default_factory=list[Row])
    challenges: list[Row] = field(default_factory=list[Row])
    challenge_changes: list[Row] = field(default_factory=list[Row])
    challenge_settlements: list[Row] = field(default_factory=list[Row])
    notices: list[Row] = field(default_factory=list[Row])
    order_changes: dict[int, list[int]] = field(default_factory=dict[int, list[int]])
    position_changes: dict[tuple[int, int, int], list[int]] = field(
        default_factory=dict[tuple[int, int, int], list[int]]
    )
    balances_after: dict[int, int] = field(default_factory=dict[int, int])
    back_dated: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """An SQL function, the types of its row arrays, and of the arguments before and after them."""

    function: str
    before: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


_TARGETS: Final[Mapping[str, _Target]] = {
    "journal": _Target("append_journal", ("bigint", "bigint", "bytea"), ("bigint", "bigint", "uuid", "bytea", "bytea")),
    "currencies": _Target("define_currencies", (), ("smallint", "text", "smallint")),
    "customers": _Target("register_customers", (), ("bigint", "text", "bigint")),
    "frozen": _Target("mark_frozen", (), ("bigint", "boolean")),
    "transfers": _Target("post_transfers", (), ("bigint",) * 8 + ("smallint",), ("bigint[]", "bigint[]", "boolean")),
    "notes": _Target("post_notes", (), ("bigint", "text", "text", "text")),
    "withdrawals": _Target("request_withdrawals", (), ("bigint", "bigint", "smallint", "bigint")),
    "closings": _Target("close_withdrawals", (), ("bigint", "text")),
    "discounts": _Target("set_commission_discounts", (), ("bigint", "integer")),
    "markets": _Target("create_markets", (), ("bigint", "smallint", "text", "bigint")),
    "market_changes": _Target("change_markets", (), ("bigint", "text")),
    "removals": _Target("remove_runners", (), ("bigint", "integer", "integer")),
    "orders": _Target(
        "place_orders",
        (),
        (
            *("bigint", "bigint", "smallint", "bigint", "smallint", "integer", "bigint"),
            *("smallint", "smallint", "bigint", "bigint", "bigint", "text"),
        ),
    ),
    "releases": _Target("release_orders", (), ("bigint",)),
    "matches": _Target(
        "post_matches",
        (),
        ("bigint", "bigint", "smallint", "integer", "bigint", "bigint", "bigint", "bigint", "bigint", "smallint"),
    ),
    "order_changes": _Target("change_orders", (), ("bigint",) * 5),
    "position_changes": _Target("change_positions", (), ("bigint", "bigint", "smallint", "bigint", "bigint")),
    "settlements": _Target("settle_positions", (), ("bigint", "integer", "bigint", "bigint", "bigint")),
    "challenges": _Target(
        "offer_challenges",
        (),
        (
            *("bigint", "bigint", "text", "smallint", "integer", "bigint", "bigint", "smallint"),
            *("bigint", "boolean", "bigint", "smallint", "bigint", "integer", "bigint", "bigint"),
        ),
    ),
    "challenge_changes": _Target("change_challenges", (), ("bigint", "text")),
    "challenge_settlements": _Target(
        "settle_challenges", (), ("bigint", "integer", "smallint", "bigint", "bigint", "bigint")
    ),
    "notices": _Target("post_notices", (), ("bigint", "bigint", "text", "text")),
}


@cache
def statement(touched: tuple[str, ...]) -> str:
    """Return the SQL that writes a batch which touches these targets."""
    calls: list[str] = []
    place = 0
    for name in touched:
        target = _TARGETS[name]
        kinds = (*target.before, *(f"{column}[]" for column in target.columns), *target.after)
        arguments = ", ".join(f"${place + offset}::{kind}" for offset, kind in enumerate(kinds, 1))
        calls.append(f"evens.{target.function}({arguments})")
        place += len(kinds)
    return "SELECT " + ", ".join(calls)


def bind(rows: Rows, epoch: int, seq_before: int, hash_before: bytes) -> tuple[str, list[Any]]:
    """Return the statement for these rows and its arguments."""
    arguments: list[Any] = [epoch, seq_before, hash_before]
    touched: list[str] = []
    for name in _TARGETS:
        added = _added(rows, name)
        if added:
            touched.append(name)
            arguments.extend(zip(*added, strict=True))
            if name == "transfers":
                finals = rows.balances_after
                arguments += (list(finals), list(finals.values()), rows.back_dated)
    return statement(tuple(touched)), arguments


def _added(rows: Rows, name: str) -> list[Row]:
    match name:
        case "order_changes":
            return [(order, *sums) for order, sums in rows.order_changes.items()]
        case "position_changes":
            return [(*position, *sums) for position, sums in rows.position_changes.items()]
        case _:
            return getattr(rows, name)
