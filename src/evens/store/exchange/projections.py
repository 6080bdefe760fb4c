"""What the exchange's events leave in the tables. Hot paths add plain tuples, in the order of the write's columns."""

import json
from collections.abc import Mapping
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.exchange import (
    CommissionDiscountSet,
    CoverLifted,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    OrdersAdmitted,
    PersistenceChanged,
    PositionReduced,
    PositionSettled,
    PositionsRecalled,
    RemovalRevised,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.receipts import Receipt
from evens.core.values.betting import Cause, MarketStatus, Side, Stage
from evens.core.values.ids import HOUSE_ORDER
from evens.store.encoding.rows import Projector, Rows
from evens.store.exchange.tables import (
    CHANGE_MARKETS,
    CHANGE_ORDERS,
    CHANGE_PERSISTENCES,
    CHANGE_POSITIONS,
    CREATE_MARKETS,
    PLACE_ORDERS,
    POST_MATCHES,
    RELEASE_ORDERS,
    REMOVE_RUNNERS,
    SET_DISCOUNTS,
    SETTLE_POSITIONS,
)
from evens.store.exchange.terms import format_terms


def _discount_set(rows: Rows, receipt: Receipt, event: CommissionDiscountSet) -> None:
    """Keep the discount with the customer."""
    rows.added[SET_DISCOUNTS].append(SET_DISCOUNTS.row(id=event.customer, commission_discount_bps=event.discount_bps))


def _market_created(rows: Rows, receipt: Receipt, event: MarketCreated) -> None:
    """Add the market."""
    rows.added[CREATE_MARKETS].append(
        CREATE_MARKETS.row(
            id=event.market,
            currency_number=event.currency_number,
            terms=format_terms(event.terms),
            created_at=receipt.at,
        )
    )


def _market_status_changed(rows: Rows, receipt: Receipt, event: MarketStatusChanged) -> None:
    """Move the market on."""
    changed: dict[str, Any] = {"status": event.status, "stage": event.stage, "version": event.version}
    if event.status is MarketStatus.IN_PLAY and event.stage is Stage.LAPSING:
        # Not when it is only resumed.
        changed["turned_at"] = event.at
    if event.status in (MarketStatus.SETTLED, MarketStatus.VOID):
        changed["settled_at"] = event.at
    _change_market(rows, event.market, changed)


def _stage_finished(rows: Rows, receipt: Receipt, event: StageFinished) -> None:
    """Let the market enter its next stage."""
    _change_market(rows, event.market, {"stage": event.stage})


def _runner_removed(rows: Rows, receipt: Receipt, event: RunnerRemoved) -> None:
    """Add to the market's removed runners, and suspend it."""
    if not event.log:
        rows.added[REMOVE_RUNNERS].append(
            REMOVE_RUNNERS.row(id=event.market, runner=event.runner, reduction_bps=event.reduction_bps)
        )
    _change_removals(rows, event, Stage.REMOVING)


def _removal_revised(rows: Rows, receipt: Receipt, event: RemovalRevised) -> None:
    """Change the market's removed runners, and suspend it."""
    _change_removals(rows, event, event.stage)


def _change_removals(rows: Rows, event: RunnerRemoved | RemovalRevised, stage: Stage) -> None:
    changed: dict[str, Any] = {"status": event.status, "stage": stage, "version": event.version, "removed_up_to": 0}
    if event.log:
        changed["removals"] = [number for removal in event.removals for number in removal]
        changed["was_bps"] = event.was_bps if isinstance(event, RemovalRevised) else None
        changed["removal_log"] = [number for entry in event.log for number in entry]
    _change_market(rows, event.market, changed)


def _cover_lifted(rows: Rows, receipt: Receipt, event: CoverLifted) -> None:
    """Note how far turning in-play has come."""
    _change_market(rows, event.market, {"removed_up_to": event.customer})


def _position_reduced(rows: Rows, receipt: Receipt, event: PositionReduced) -> None:
    """Change a customer's bets, and note how far the removal has come."""
    positions = rows.summed[CHANGE_POSITIONS]
    for runner, stake_minor, value_cents in event.changes:
        _add_to_position(positions, (event.market, event.customer, runner), stake_minor, value_cents)
    _change_market(rows, event.market, {"removed_up_to": event.customer})


def _result_declared(rows: Rows, receipt: Receipt, event: ResultDeclared) -> None:
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


def _position_settled(rows: Rows, receipt: Receipt, event: PositionSettled) -> None:
    """Keep what was booked for a customer."""
    rows.added[SETTLE_POSITIONS].append(
        (
            event.market,
            event.settlement,
            event.customer,
            event.profit_minor,
            event.commission_minor,
            event.discount_bps,
        )
    )


def _market_archived(rows: Rows, receipt: Receipt, event: MarketArchived) -> None:
    """Mark the market as history."""
    _change_market(rows, event.market, {"archived": True})


def _order_placed(rows: Rows, receipt: Receipt, event: OrderPlaced) -> None:
    """Add the order."""
    rows.added[PLACE_ORDERS].append(
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
            event.replaces,
            event.strategy_ref,
        )
    )


def _persistence_changed(rows: Rows, receipt: Receipt, event: PersistenceChanged) -> None:
    """Keep what is to become of the order."""
    rows.added[CHANGE_PERSISTENCES].append((event.order, event.persistence))


def _order_released(rows: Rows, receipt: Receipt, event: OrderReleased) -> None:
    """Note that the order is no longer delayed."""
    rows.added[RELEASE_ORDERS].append((event.order,))


def _matched(rows: Rows, receipt: Receipt, event: Matched) -> None:
    """Add the match, and to both orders and positions; the house as one side has neither."""
    market, runner, stake_minor = event.market, event.runner, event.stake_minor
    value_cents = stake_minor * event.odds
    rows.added[POST_MATCHES].append(
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
    orders, positions = rows.summed[CHANGE_ORDERS], rows.summed[CHANGE_POSITIONS]
    for order, customer, signed in (
        (event.taker, event.taker_customer, sign),
        (event.maker, event.maker_customer, -sign),
    ):
        if order == HOUSE_ORDER:
            continue
        _add_to_order(orders, order, stake_minor, value_cents, 0, 0)
        _add_to_position(positions, (market, customer, runner), signed * stake_minor, signed * value_cents)


def _order_reduced(rows: Rows, receipt: Receipt, event: OrderReduced) -> None:
    """Count what left the order as cancelled or lapsed."""
    orders = rows.summed[CHANGE_ORDERS]
    if event.cause is Cause.CANCELLED:
        _add_to_order(orders, event.order, 0, 0, event.by_minor, 0)
    else:
        _add_to_order(orders, event.order, 0, 0, 0, event.by_minor)


def _change_market(rows: Rows, market: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_MARKETS].append((market, json.dumps(changed)))


def _add_to_order(
    orders: dict[int, list[int]],
    order: int,
    matched_minor: int,
    value_cents: int,
    cancelled_minor: int,
    lapsed_minor: int,
) -> None:
    sums = orders.setdefault(order, [0, 0, 0, 0])
    sums[0] += matched_minor
    sums[1] += value_cents
    sums[2] += cancelled_minor
    sums[3] += lapsed_minor


def _add_to_position(
    positions: dict[tuple[int, int, int], list[int]],
    position: tuple[int, int, int],
    stake_minor: int,
    value_cents: int,
) -> None:
    sums = positions.setdefault(position, [0, 0])
    sums[0] += stake_minor
    sums[1] += value_cents


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    CommissionDiscountSet: _discount_set,
    MarketCreated: _market_created,
    MarketStatusChanged: _market_status_changed,
    StageFinished: _stage_finished,
    OrdersAdmitted: None,
    OrderPlaced: _order_placed,
    OrderReleased: _order_released,
    PersistenceChanged: _persistence_changed,
    Matched: _matched,
    OrderReduced: _order_reduced,
    RunnerRemoved: _runner_removed,
    RemovalRevised: _removal_revised,
    CoverLifted: _cover_lifted,
    PositionReduced: _position_reduced,
    ResultDeclared: _result_declared,
    PositionSettled: _position_settled,
    MarketArchived: _market_archived,
    PositionsRecalled: None,
}
"""What each event of the exchange leaves in the tables."""
