"""Instructions to place orders: their shape, and what can be said against them without asking the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, Final, Literal, cast

from evens.core.commands.exchange import PlaceOrder
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.core.values.money import AmountInvalid, Currency, parse_amount
from evens.core.values.odds import ODDS_MAX, OddsInvalid, parse_odds
from evens.edges.betfair.calls import Number, Params
from evens.edges.betfair.wire.ids import parse_selection
from evens.edges.http.exchange.known_markets import KnownMarket

ORDER_REF_MAX: Final = 32
STRATEGY_REF_MAX: Final = 15

SideName = Literal["BACK", "LAY"]
PersistenceName = Literal["LAPSE", "PERSIST", "MARKET_ON_CLOSE"]


class LimitOrder(Params, kw_only=True, frozen=True):
    """Back or lay at this price or better."""

    price: float
    size: float | None = None
    persistence_type: PersistenceName | None = None
    time_in_force: Literal["FILL_OR_KILL"] | None = None
    min_fill_size: float | None = None
    bet_target_type: Literal["BACKERS_PROFIT", "PAYOUT"] | None = None
    bet_target_size: float | None = None


class OnCloseOrder(Params, kw_only=True, frozen=True):
    """At the starting price, which there is not here."""

    liability: float
    price: float | None = None


class PlaceInstruction(Params, kw_only=True, frozen=True):
    """One order to be placed."""

    order_type: Literal["LIMIT", "LIMIT_ON_CLOSE", "MARKET_ON_CLOSE"]
    selection_id: Number
    side: SideName
    handicap: float | None = None
    limit_order: LimitOrder | None = None
    limit_on_close_order: OnCloseOrder | None = None
    market_on_close_order: OnCloseOrder | None = None
    customer_order_ref: str | None = None


class Wrong(Exception):
    """An instruction that no order can be made of; ``code`` is Betfair's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Terms:
    """What all instructions of a request have in common."""

    customer: CustomerId
    market: KnownMarket
    market_version: int | None
    strategy_ref: str | None
    orders_max: int


def read_place(instruction: PlaceInstruction, terms: Terms) -> PlaceOrder:
    """Return the order that an instruction asks for. Raises :class:`Wrong` with the first thing that is wrong."""
    limit = instruction.limit_order
    if instruction.order_type != "LIMIT":
        raise Wrong("MARKET_NOT_OPEN_FOR_BSP_BETTING")
    if limit is None or instruction.limit_on_close_order or instruction.market_on_close_order:
        raise Wrong("INVALID_ORDER_TYPE")
    known = terms.market
    odds = read_odds(limit.price, known)
    if limit.bet_target_type is not None or limit.bet_target_size is not None or limit.size is None:
        # What is matched at better odds would have to change the size; that is not done here.
        raise Wrong("INVALID_ORDER_TYPE" if limit.bet_target_type is not None else "INVALID_BET_SIZE")
    stake_minor = read_size(limit.size, known.currency, "INVALID_BET_SIZE")
    if stake_minor < known.terms.min_stake_minor:
        raise Wrong("INVALID_BET_SIZE")
    if instruction.handicap:
        raise Wrong("INVALID_RUNNER")
    runner = parse_selection(instruction.selection_id)
    if runner is None or runner > len(known.terms.runners):
        raise Wrong("INVALID_RUNNER")
    _check_refs(instruction.customer_order_ref, terms.strategy_ref)
    time_in_force, persistence, min_fill_minor = _conditions(limit, stake_minor, known.currency)
    return PlaceOrder(
        customer=terms.customer,
        market=MarketId(known.id),
        runner=RunnerId(runner),
        side=Side[instruction.side],
        odds=odds,
        stake_minor=stake_minor,
        time_in_force=time_in_force,
        min_fill_minor=min_fill_minor,
        persistence=persistence,
        market_version=terms.market_version,
        client_ref=instruction.customer_order_ref or None,
        orders_max=terms.orders_max,
        strategy_ref=terms.strategy_ref or None,
    )


def _conditions(limit: LimitOrder, stake_minor: int, currency: Currency) -> tuple[TimeInForce, Persistence, int | None]:
    """Return what an order says of time and persistence, and its least fill. Raises :class:`Wrong`."""
    if limit.persistence_type == "MARKET_ON_CLOSE":
        raise Wrong("INVALID_PERSISTENCE_TYPE")
    if limit.time_in_force is None:
        if limit.min_fill_size is not None:
            raise Wrong("UNEXPECTED_MIN_FILL_SIZE")
        return TimeInForce.GOOD_TILL_CANCELLED, Persistence[limit.persistence_type or "LAPSE"], None
    if limit.persistence_type == "PERSIST":
        raise Wrong("UNEXPECTED_PERSISTENCE_TYPE")
    least_minor = None
    if limit.min_fill_size is not None:
        least_minor = read_size(limit.min_fill_size, currency, "INVALID_MIN_FILL_SIZE")
        if least_minor > stake_minor:
            raise Wrong("INVALID_MIN_FILL_SIZE")
    return TimeInForce.FILL_OR_KILL, Persistence.LAPSE, least_minor


def _check_refs(order_ref: str | None, strategy_ref: str | None) -> None:
    for text, most, code in (
        (order_ref, ORDER_REF_MAX, "INVALID_CUSTOMER_ORDER_REF"),
        (strategy_ref, STRATEGY_REF_MAX, "INVALID_CUSTOMER_STRATEGY_REF"),
    ):
        if text and (len(text) > most or not text.isprintable()):
            raise Wrong(code)


def read_odds(price: float, known: KnownMarket) -> int:
    """Return odds of a market's ladder. Raises :class:`Wrong`."""
    try:
        odds = parse_odds(_text_of(price))
    except OddsInvalid as error:
        raise Wrong("INVALID_ODDS") from error
    if odds not in known.terms.ladder:
        raise Wrong("INVALID_ODDS")
    return odds


def read_size(size: float, currency: Currency, code: str) -> int:
    """Return an amount in minor units. Raises :class:`Wrong` with ``code``."""
    try:
        return parse_amount(_text_of(size), currency.scale)
    except AmountInvalid as error:
        raise Wrong(code) from error


def _text_of(number: float) -> str:
    """Return the shortest decimal that a number is, as whoever sent it wrote it; an empty text if there is none."""
    if not isfinite(number):
        return ""
    text = f"{Decimal(repr(number)):f}"
    return text.removesuffix(".0")


def find_crossing(orders: Sequence[PlaceOrder | None]) -> set[int]:
    """Return the places of orders that would be matched with an earlier one of the same request.

    Of the earlier orders on a runner the lowest back and the highest lay decide. One that is killed unless it is filled
    never waits, so no later one meets it.
    """
    crossing: set[int] = set()
    lowest_backs: dict[int, int] = {}
    highest_lays: dict[int, int] = {}
    for place, order in enumerate(orders):
        if order is None:
            continue
        runner, odds = order.runner, order.odds
        if order.side is Side.BACK:
            if odds <= highest_lays.get(runner, 0):
                crossing.add(place)
            if order.time_in_force is not TimeInForce.FILL_OR_KILL:
                lowest_backs[runner] = min(odds, lowest_backs.get(runner, odds))
        else:
            if odds >= lowest_backs.get(runner, ODDS_MAX + 1):
                crossing.add(place)
            if order.time_in_force is not TimeInForce.FILL_OR_KILL:
                highest_lays[runner] = max(odds, highest_lays.get(runner, 0))
    return crossing


def without_nulls(raw: Any) -> Any:
    """Return an instruction as it came, to be echoed, without members that are null."""
    if isinstance(raw, dict):
        members = cast("dict[str, Any]", raw)
        return {
            name: without_nulls(value) if isinstance(value, dict) else value
            for name, value in members.items()
            if value is not None
        }
    return raw
