"""Placing, taking back, replacing and updating orders: each request one list of instructions, decided in order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from evens.core.commands.exchange import (
    AdmitOrders,
    CancelOrder,
    CancelOrders,
    ChangePersistence,
    PlaceOrder,
    ReplaceOrder,
)
from evens.core.events.exchange import OrderReduced
from evens.core.ledger.reasons import SharedReason
from evens.core.receipts import Receipt
from evens.core.values.betting import Persistence
from evens.core.values.ids import MarketId
from evens.core.values.reasons import Reason
from evens.edges.betfair.calls import Call, Operation, Params
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.instructions import PersistenceName, Wrong, read_odds, read_size, without_nulls
from evens.edges.betfair.order_codes import FAILURE, SUCCESS, sum_up
from evens.edges.betfair.placing import PLACED_MAX, MarketVersion, PlaceOrders, plan
from evens.edges.betfair.reports import (
    OTHERS_FAILED,
    Planned,
    Report,
    failure,
    refusal_of,
    report_cancelled,
    report_none_placed,
    report_not_replaced,
    report_placed,
    report_replaced,
    trouble_of,
)
from evens.edges.betfair.submitting import NoneAdmitted, Outcome, Submitter, check_reference
from evens.edges.betfair.wire.ids import format_bet, parse_bet, parse_market
from evens.edges.gateway import Gateway
from evens.edges.http.exchange.known_markets import KnownMarket
from evens.sequencer.errors import KeyReused
from evens.store.errors import StoreUnavailable
from evens.store.exchange.queries import OrderRow

CHANGED_MAX: Final = 60
"""Most instructions of one request to change orders, as Betfair has it."""


class CancelInstruction(Params, kw_only=True, frozen=True):
    """An order to be taken back, or so much of it."""

    bet_id: str
    size_reduction: float | None = None


class CancelOrdersParams(Params, kw_only=True, frozen=True):
    """Orders to be taken back: those named, all in a market, or all."""

    market_id: str | None = None
    instructions: list[CancelInstruction] | None = None
    customer_ref: str | None = None


class ReplaceInstruction(Params, kw_only=True, frozen=True):
    """An order to be replaced by one at another price."""

    bet_id: str
    new_price: float


class ReplaceOrders(Params, kw_only=True, frozen=True):
    """Orders to be replaced in one market."""

    market_id: str
    instructions: list[ReplaceInstruction]
    customer_ref: str | None = None
    market_version: MarketVersion | None = None
    async_: bool | None = msgspec.field(name="async", default=None)


class UpdateInstruction(Params, kw_only=True, frozen=True):
    """An order whose persistence is to be another."""

    bet_id: str
    new_persistence_type: PersistenceName


class UpdateOrders(Params, kw_only=True, frozen=True):
    """Orders to be updated in one market."""

    market_id: str
    instructions: list[UpdateInstruction]
    customer_ref: str | None = None


class OrderOperations:
    """The operations that change orders."""

    def __init__(self, gateway: Gateway, clock: Callable[[], int]) -> None:
        self._submitter = Submitter(gateway, clock)

    async def place(self, call: Call[PlaceOrders]) -> Report:
        """Place orders: all of them, or none if one is wrong in itself or would be refused."""
        asked, told = call.params, _told(call)
        if (known := await self._market(call, told, asked.market_id, PLACED_MAX)) is None:
            return told
        raw = _raw(call)
        planned = plan(call, known)
        wrong = {place: code for place, code in enumerate(planned) if isinstance(code, str)}
        orders = tuple([each for each in planned if isinstance(each, PlaceOrder)])
        if wrong:
            reports = [failure(each, wrong.get(place, OTHERS_FAILED)) for place, each in enumerate(raw)]
            return told | {"status": FAILURE, "errorCode": "BET_ACTION_ERROR", "instructionReports": reports}

        _count_searches(call, known, planned)

        def report(place: int, outcome: Outcome) -> Report:
            return report_placed(outcome, raw[place], known.currency, is_async=bool(asked.async_))

        # One order alone stands or falls by itself.
        condition = AdmitOrders(orders) if len(orders) > 1 else None
        return await self._carry_out(call, "placeOrders", raw, planned, report, told, condition=condition)

    async def cancel(self, call: Call[CancelOrdersParams]) -> Report:
        """Take orders back."""
        asked, told = call.params, _told(call)
        if not asked.instructions:
            return await self._cancel_all(call, told)
        known = await self._market(call, told, asked.market_id or "", CHANGED_MAX)
        if known is None:
            return told
        raw, rows = _raw(call), await self._rows(call, known)
        planned: list[Planned] = []
        for each in asked.instructions:
            row = rows.get(each.bet_id)
            try:
                size = each.size_reduction
                by_minor = None if size is None else read_size(size, known.currency, "INVALID_BET_SIZE")
                planned.append("INVALID_BET_ID" if row is None else CancelOrder(row.customer, row.id, by_minor))
            except Wrong as wrong:
                planned.append(wrong.code)

        def report(place: int, outcome: Outcome) -> Report:
            return report_cancelled(outcome, raw[place], parse_bet(raw[place]["betId"]) or 0, known.currency)

        return await self._carry_out(call, "cancelOrders", raw, planned, report, told)

    async def replace(self, call: Call[ReplaceOrders]) -> Report:
        """Replace orders by others at another price, which wait behind those that are there."""
        asked, told = call.params, _told(call)
        if (known := await self._market(call, told, asked.market_id, CHANGED_MAX)) is None:
            return told
        raw, rows = _raw(call), await self._rows(call, known)
        version = None if asked.market_version is None else asked.market_version.version
        planned: list[Planned] = []
        for each in asked.instructions:
            row = rows.get(each.bet_id)
            try:
                odds = read_odds(each.new_price, known)
                planned.append(
                    "INVALID_BET_ID" if row is None else ReplaceOrder(row.customer, row.id, odds, None, version)
                )
            except Wrong as wrong:
                planned.append(wrong.code)

        _count_searches(call, known, planned)

        def report(place: int, outcome: Outcome) -> Report:
            command, row = planned[place], rows[raw[place]["betId"]]
            assert isinstance(command, ReplaceOrder)
            return report_replaced(outcome, raw[place], row, command.odds or row.odds, known.currency)

        def report_wrong(place: int, code: str) -> Report:
            return report_not_replaced(failure(_not_placed(raw[place], rows), code), {"betId": raw[place]["betId"]})

        return await self._carry_out(call, "replaceOrders", raw, planned, report, told, report_wrong)

    async def update(self, call: Call[UpdateOrders]) -> Report:
        """Change what becomes of orders when the market turns in-play."""
        # Clients of this operation alone require every member, so those without a value are null.
        asked, told = call.params, {"customerRef": None, "errorCode": None} | _told(call)
        if (known := await self._market(call, told, asked.market_id, CHANGED_MAX)) is None:
            return told
        raw, rows = _raw(call), await self._rows(call, known)
        planned: list[Planned] = []
        for each in asked.instructions:
            row, name = rows.get(each.bet_id), each.new_persistence_type
            if row is None:
                planned.append("INVALID_BET_ID")
            elif name == "MARKET_ON_CLOSE":
                planned.append("INVALID_PERSISTENCE_TYPE")
            else:
                planned.append(ChangePersistence(row.customer, row.id, Persistence[name]))

        def report(place: int, outcome: Outcome) -> Report:
            return trouble_of(outcome, raw[place]) or {"status": SUCCESS, "instruction": raw[place]}

        return await self._carry_out(call, "updateOrders", raw, planned, report, told)

    async def _cancel_all(self, call: Call[CancelOrdersParams], told: Report) -> Report:
        """Take back everything, in a market or everywhere. It is no failure that there is nothing."""
        market = None
        if call.params.market_id is not None:
            known = await self._find(call, call.params.market_id)
            if known is None:
                return told | {"status": FAILURE, "errorCode": "INVALID_MARKET_ID"}
            market = known.id
        reference = check_reference(call.params.customer_ref)
        command = CancelOrders(call.customer, market)
        try:
            (outcome,) = await self._submitter.submit(call, "cancelOrders", reference, [command])
        except KeyReused:
            return told | {"status": FAILURE, "errorCode": "DUPLICATE_TRANSACTION", "instructionReports": []}
        reason = refusal_of(outcome)
        if reason not in (None, SharedReason.NOTHING_CHANGES):
            return told | sum_up([failure(None, "")], [reason]) | {"instructionReports": []}
        assert isinstance(outcome, Receipt)
        try:
            reports = await _reports_of_all(call, outcome)
        except StoreUnavailable as trouble:
            # To say that the service is busy would be to say that nothing was done.
            done = "The orders were taken back, but which they were cannot be read now; list the current orders."
            raise ApiError("TIMEOUT_ERROR", done) from trouble
        return told | {"status": SUCCESS, "instructionReports": reports}

    async def _market(self, call: Call[Any], told: Report, market: str, most: int) -> KnownMarket | None:
        """Return a request's market; if it is wrong as a whole, say in ``told`` why, and return nothing."""
        instructions: Sequence[Any] = call.params.instructions
        if not instructions:
            raise ApiError("INVALID_INPUT_DATA", "instructions has at least one.")
        check_reference(call.params.customer_ref)
        known = await self._find(call, market)
        code = "INVALID_MARKET_ID" if known is None else "TOO_MANY_INSTRUCTIONS" if len(instructions) > most else None
        bets = [getattr(each, "bet_id", None) for each in instructions]
        if code is None and bets[0] is not None and len(set(bets)) < len(bets):
            code = "DUPLICATE_BETIDS"
        if code is not None:
            told.update({"status": FAILURE, "errorCode": code, "instructionReports": []})
            return None
        return known

    async def _find(self, call: Call[Any], text: str) -> KnownMarket | None:
        market = parse_market(text)
        return None if market is None else await call.services.exchange.markets.find(MarketId(market))

    async def _rows(self, call: Call[Any], known: KnownMarket) -> dict[str, OrderRow]:
        """Return the caller's own orders in a market that instructions name, by the names."""
        named = {each.bet_id: parse_bet(each.bet_id) for each in call.params.instructions}
        rows = await call.services.exchange.queries.orders_by_id([order for order in named.values() if order])
        own = {row.id: row for row in rows if row.customer == call.customer and row.market == known.id}
        return {text: own[order] for text, order in named.items() if order is not None and order in own}

    async def _carry_out(
        self,
        call: Call[Any],
        operation: str,
        raw: Sequence[Any],
        planned: Sequence[Planned],
        report: Callable[[int, Outcome], Report],
        told: Report,
        report_wrong: Callable[[int, str], Report] | None = None,
        condition: AdmitOrders | None = None,
    ) -> Report:
        """Submit what is planned for the instructions ``raw``, and return their reports in the same order."""
        commands = [each for each in planned if not isinstance(each, str)]
        reference = call.params.customer_ref
        try:
            outcomes = iter(await self._submitter.submit(call, operation, reference, commands, condition))
        except KeyReused:
            return told | {"status": FAILURE, "errorCode": "DUPLICATE_TRANSACTION", "instructionReports": []}
        except NoneAdmitted as none:
            return told | report_none_placed(raw, none.refusal)
        reports: list[Report] = []
        reasons: list[Reason | None] = []
        for place, each in enumerate(planned):
            if isinstance(each, str):
                reports.append(failure(raw[place], each) if report_wrong is None else report_wrong(place, each))
                reasons.append(None)
            else:
                outcome = next(outcomes)
                reports.append(report(place, outcome))
                reasons.append(refusal_of(outcome))
        return told | sum_up(reports, reasons) | {"instructionReports": reports}


def _count_searches(call: Call[Any], known: KnownMarket, planned: Sequence[Planned]) -> None:
    """Count each order like a request where sets are searched for, as it is done for each by itself."""
    if known.terms.cross_matching:
        call.count(sum([isinstance(each, PlaceOrder | ReplaceOrder) for each in planned]) - 1)


async def _reports_of_all(call: Call[Any], receipt: Receipt) -> list[Report]:
    """Return a report of each order that was taken back. Raises :class:`StoreUnavailable` without their markets."""
    reports: list[Report] = []
    for event in receipt.events:
        if isinstance(event, OrderReduced):
            known = await call.services.exchange.markets.find(event.market)
            assert known is not None
            named = {"betId": format_bet(event.order)}
            reports.append(report_cancelled(receipt, named, event.order, known.currency))
    return reports


def _not_placed(raw: Mapping[str, Any], rows: Mapping[str, OrderRow]) -> dict[str, Any]:
    """Return the instruction that a new order would have come of, as far as it is known."""
    row = rows.get(raw["betId"])
    side: Literal["BACK", "LAY"] = "LAY" if row is not None and row.side.name == "LAY" else "BACK"
    return {"selectionId": 0 if row is None else row.runner, "orderType": "LIMIT", "side": side}


def _told(call: Call[Any]) -> Report:
    """Return what every report of a request echoes."""
    told: Report = {}
    if call.params.market_id is not None:
        told["marketId"] = call.params.market_id
    if call.params.customer_ref:
        told["customerRef"] = call.params.customer_ref
    return told


def _raw(call: Call[Any]) -> list[Any]:
    return [without_nulls(each) for each in call.raw["instructions"]]


def order_operations(gateway: Gateway, clock: Callable[[], int]) -> Mapping[str, Operation[Any]]:
    """Return the operations that change orders, which share what is being submitted to a gateway.

    ``clock`` returns the time by which commands are recorded, in nanoseconds since 1970.
    """
    operations = OrderOperations(gateway, clock)
    return {
        "placeOrders": Operation(PlaceOrders, operations.place),
        "cancelOrders": Operation(CancelOrdersParams, operations.cancel),
        "replaceOrders": Operation(ReplaceOrders, operations.replace),
        "updateOrders": Operation(UpdateOrders, operations.update),
    }
