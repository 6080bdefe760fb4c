"""What the exchange's events leave in the tables; :mod:`evens.store.projections` says which function is for which."""

import json
from typing import Any

from evens.core.events.exchange import (
    CommissionDiscountSet,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PositionReduced,
    PositionSettled,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.receipts import Receipt
from evens.core.values.betting import Cause, MarketStatus, Side, Stage
from evens.store.encoding.rows import Rows
from evens.store.exchange.terms import format_terms


def discount_set(rows: Rows, receipt: Receipt, event: CommissionDiscountSet) -> None:
    """Keep the discount with the customer."""
    rows.discounts.append((event.customer, event.discount_bps))


def market_created(rows: Rows, receipt: Receipt, event: MarketCreated) -> None:
    """Add the market."""
    rows.markets.append((event.market, event.currency_number, format_terms(event.terms), receipt.at))


def market_status_changed(rows: Rows, receipt: Receipt, event: MarketStatusChanged) -> None:
    """Move the market on."""
    changed: dict[str, Any] = {"status": event.status, "stage": event.stage, "version": event.version}
    if event.status is MarketStatus.IN_PLAY and event.stage is Stage.LAPSING:
        # Not when it is only resumed.
        changed["turned_at"] = event.at
    if event.status in (MarketStatus.SETTLED, MarketStatus.VOID):
        changed["settled_at"] = event.at
    _change_market(rows, event.market, changed)


def stage_finished(rows: Rows, receipt: Receipt, event: StageFinished) -> None:
    """Let the market enter its next stage."""
    _change_market(rows, event.market, {"stage": event.stage})


def runner_removed(rows: Rows, receipt: Receipt, event: RunnerRemoved) -> None:
    """Add to the market's removed runners, and suspend it."""
    rows.removals.append((event.market, event.runner, event.reduction_bps))
    changed = {"status": MarketStatus.SUSPENDED, "stage": Stage.REMOVING, "version": event.version, "removed_up_to": 0}
    _change_market(rows, event.market, changed)


def position_reduced(rows: Rows, receipt: Receipt, event: PositionReduced) -> None:
    """Change a customer's bets, and note how far the removal has come."""
    for runner, stake_minor, value_cents in event.changes:
        _change_position(rows, (event.market, event.customer, runner), stake_minor, value_cents)
    _change_market(rows, event.market, {"removed_up_to": event.customer})


def result_declared(rows: Rows, receipt: Receipt, event: ResultDeclared) -> None:
    """Close the market under its result."""
    changed = {
        "status": MarketStatus.CLOSED,
        "stage": Stage.LAPSING,
        "settled_at": None,
        "settlement": event.settlement,
        "shares": [number for share in event.shares for number in share],
        "parts": event.parts,
    }
    _change_market(rows, event.market, changed)


def position_settled(rows: Rows, receipt: Receipt, event: PositionSettled) -> None:
    """Keep what was booked for a customer."""
    rows.settlements.append(
        (event.market, event.settlement, event.customer, event.profit_minor, event.commission_minor)
    )


def market_archived(rows: Rows, receipt: Receipt, event: MarketArchived) -> None:
    """Mark the market as history."""
    _change_market(rows, event.market, {"archived": True})


def order_placed(rows: Rows, receipt: Receipt, event: OrderPlaced) -> None:
    """Add the order."""
    rows.orders.append(
        (
            event.order,
            event.market,
            event.runner,
            event.customer,
            event.side,
            event.odds,
            event.stake_minor,
            event.persistence,
            event.time_in_force,
            event.min_fill_minor,
            event.due_at,
            receipt.at,
            event.client_ref,
        )
    )


def order_released(rows: Rows, receipt: Receipt, event: OrderReleased) -> None:
    """Note that the order is no longer delayed."""
    rows.releases.append((event.order,))


def matched(rows: Rows, receipt: Receipt, event: Matched) -> None:
    """Add the match, and to both orders and positions."""
    market, runner, stake_minor = event.market, event.runner, event.stake_minor
    value_cents = stake_minor * event.odds
    rows.matches.append(
        (
            event.match,
            market,
            runner,
            event.odds,
            stake_minor,
            event.maker,
            event.maker_customer,
            event.taker,
            event.taker_customer,
            event.taker_side,
        )
    )
    sign = 1 if event.taker_side is Side.BACK else -1
    for order, customer, signed in (
        (event.taker, event.taker_customer, sign),
        (event.maker, event.maker_customer, -sign),
    ):
        _change_order(rows, order, stake_minor, value_cents, 0, 0)
        _change_position(rows, (market, customer, runner), signed * stake_minor, signed * value_cents)


def order_reduced(rows: Rows, receipt: Receipt, event: OrderReduced) -> None:
    """Count what left the order as cancelled or lapsed."""
    if event.cause is Cause.CANCELLED:
        _change_order(rows, event.order, 0, 0, event.by_minor, 0)
    else:
        _change_order(rows, event.order, 0, 0, 0, event.by_minor)


def _change_market(rows: Rows, market: int, changed: dict[str, Any]) -> None:
    rows.market_changes.append((market, json.dumps(changed)))


def _change_order(
    rows: Rows, order: int, matched_minor: int, value_cents: int, cancelled_minor: int, lapsed_minor: int
) -> None:
    sums = rows.order_changes.setdefault(order, [0, 0, 0, 0])
    sums[0] += matched_minor
    sums[1] += value_cents
    sums[2] += cancelled_minor
    sums[3] += lapsed_minor


def _change_position(rows: Rows, position: tuple[int, int, int], stake_minor: int, value_cents: int) -> None:
    sums = rows.position_changes.setdefault(position, [0, 0])
    sums[0] += stake_minor
    sums[1] += value_cents
