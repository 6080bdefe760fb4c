"""Scenarios about the exchange and the core's own language: deeds as commands, events as outcomes, state as tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    AdmitOrders,
    CancelOrder,
    CancelOrders,
    ChangePersistence,
    CloseMarket,
    CreateMarket,
    PlaceOrder,
    ReinstateRunner,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SetCommissionDiscount,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.events.every import Event
from evens.core.events.exchange import MarketCreated, MarketStatusChanged, Matched, OrderPlaced, OrderReduced
from evens.core.exchange.market import Market
from evens.core.state import House
from evens.core.values.betting import Cause, MarketTerms, Persistence, ReductionRule, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.odds import CLASSIC, FINEST, format_average_odds, format_odds, parse_odds, settle_minor
from tests.core.desk import NOON
from tests.scenarios.driver import Outcome
from tests.scenarios.exchange import deeds
from tests.scenarios.exchange.deeds import Cells, ExchangeDeed

NOTHING: Final = 2**48
"""A market, runner or order that does not exist."""

RESULTS: Final[Mapping[type[Command], str]] = {
    SetCommissionDiscount: "discounted",
    CreateMarket: "open",
    SuspendMarket: "suspended",
    TurnInPlay: "in_play",
    CloseMarket: "closed",
    RemoveRunner: "removed",
    ReinstateRunner: "reinstated",
    SettleMarket: "settled",
    VoidMarket: "void",
    AdmitOrders: "admitted",
    ReplaceOrder: "changed",
    ChangePersistence: "changed",
    CancelOrder: "cancelled",
    CancelOrders: "cancelled",
}
"""How a scenario calls what comes of a command that is not refused, where that does not depend on more."""

_LADDERS: Final = {"classic": CLASSIC, "finest": FINEST}


@dataclass(frozen=True, slots=True)
class KnownMarket:
    """What a scenario knows of a market that it opened."""

    id: int
    scale: int
    runners: tuple[str, ...]


_UNKNOWN: Final = KnownMarket(NOTHING, 2, ())


class ExchangeWording:
    """Knows which markets and orders the names of a scenario stand for, as far as receipts have told."""

    def __init__(self, customer: Callable[[str], int], scale: Callable[[str], int]) -> None:
        self._customer = customer
        self._scale = scale
        self._markets: dict[str, KnownMarket] = {}
        self._orders: dict[str, tuple[int, str]] = {}

    def command(self, deed: ExchangeDeed) -> Command:
        """Return a deed as a command."""
        match deed:
            case deeds.OpenMarket():
                return self._create(deed)
            case deeds.Discount(who, discount_bps):
                return SetCommissionDiscount(CustomerId(self._customer(who)), discount_bps)
            case deeds.Bet() | deeds.Admit() | deeds.Change() | deeds.Persist() | deeds.Cancel() | deeds.CancelAll():
                return self._trade(deed)
            case _:
                return self._operate(deed)

    def _create(self, deed: deeds.OpenMarket) -> CreateMarket:
        least_minor = 1 if deed.least_stake is None else parse_amount(deed.least_stake, self._scale(deed.code))
        terms = MarketTerms(
            deed.name,
            deed.runners,
            deed.winners,
            NOON,
            least_minor,
            deed.commission_bps,
            deed.bet_delay_s * 1000,
            ladder=_LADDERS[deed.ladder],
            winners_min=deed.winners_min,
            reductions=ReductionRule.BET,
            cover_removals=deed.covers,
            every_reduction=deed.covers,
            cross_matching=deed.crosses,
            event_type=deed.event_type,
            competition=deed.competition,
            country=deed.country,
            venue=deed.venue,
            market_type=deed.market_type,
        )
        return CreateMarket(deed.code, terms)

    def _operate(self, deed: deeds.MarketDeed) -> Command:
        market = self._known(deed.market)
        match deed:
            case deeds.Suspend():
                return SuspendMarket(MarketId(market.id))
            case deeds.Resume():
                return ResumeMarket(MarketId(market.id))
            case deeds.TurnInPlay():
                return TurnInPlay(MarketId(market.id))
            case deeds.Close():
                return CloseMarket(MarketId(market.id))
            case deeds.Remove(_, runner, reduction_bps):
                return RemoveRunner(MarketId(market.id), RunnerId(_number(market, runner)), reduction_bps)
            case deeds.Reinstate(_, runner):
                return ReinstateRunner(MarketId(market.id), RunnerId(_number(market, runner)))
            case deeds.Settle(_, winners, dead_heat, correction, tied):
                numbers, shared = (
                    tuple([RunnerId(_number(market, runner)) for runner in named]) for named in (winners, tied)
                )
                return SettleMarket(MarketId(market.id), numbers, dead_heat, correction, shared, fewer=True)
            case deeds.Annul(_, correction):
                return VoidMarket(MarketId(market.id), correction)

    def _trade(self, deed: deeds.OrderDeed) -> Command:
        customer = self._customer(deed.who)
        if isinstance(deed, deeds.Bet):
            return self._place(deed, CustomerId(customer))
        if isinstance(deed, deeds.Admit):
            return AdmitOrders(tuple([self._place(bet, CustomerId(customer)) for bet in deed.bets]))
        if isinstance(deed, deeds.CancelAll):
            there = None if deed.market is None else MarketId(self._known(deed.market).id)
            return CancelOrders(CustomerId(customer), there)
        order, market = self._orders.get(deed.name, (NOTHING, ""))
        scale = self._known(market).scale
        if isinstance(deed, deeds.Cancel):
            return CancelOrder(CustomerId(customer), OrderId(order), _minor(deed.amount, scale))
        if isinstance(deed, deeds.Persist):
            return ChangePersistence(CustomerId(customer), OrderId(order), Persistence[deed.persistence.upper()])
        odds = None if deed.odds is None else parse_odds(deed.odds)
        return ReplaceOrder(CustomerId(customer), OrderId(order), odds, _minor(deed.stake, scale))

    def _place(self, bet: deeds.Bet, customer: CustomerId) -> PlaceOrder:
        market = self._known(bet.market)
        return PlaceOrder(
            customer,
            MarketId(market.id),
            RunnerId(_number(market, bet.runner)),
            Side[bet.side.upper()],
            parse_odds(bet.odds),
            parse_amount(bet.stake, market.scale),
            TimeInForce.FILL_OR_KILL if bet.fill_or_kill else TimeInForce.GOOD_TILL_CANCELLED,
            _minor(bet.min_fill, market.scale),
            Persistence.PERSIST if bet.persisting else Persistence.LAPSE,
            bet.market_version,
            bet.reference,
            strategy_ref=bet.strategy,
        )

    def number(self, kind: str, name: str) -> int | None:
        """Return the id of an order, or of a market as a place where one bets, if there is one of this name."""
        if kind == "place" and name in self._markets:
            return self._markets[name].id
        return self._orders[name][0] if kind == "order" and name in self._orders else None

    def runner(self, market: str, runner: str) -> tuple[int, int]:
        """Return a market and the number of a runner in it, by their names."""
        known = self._known(market)
        return known.id, _number(known, runner)

    def _known(self, name: str) -> KnownMarket:
        return self._markets.get(name, _UNKNOWN)

    def learn(self, deed: ExchangeDeed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        for event in happened:
            match deed, event:
                case deeds.OpenMarket(name, code, runners), MarketCreated(market):
                    self._markets[name] = KnownMarket(market, self._scale(code), runners)
                case deeds.Bet(market=market, name=str(name)), OrderPlaced(order):
                    self._orders[name] = order, market
                case deeds.Change(name=name), OrderPlaced(order):
                    self._orders[name] = order, self._orders[name][1]
                case _:
                    pass

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one of the exchange's."""
        first = happened[0]
        if isinstance(first, OrderPlaced) and isinstance(command, PlaceOrder):
            told = self._standing(happened, first.order)
            facts = {**told.facts, **({} if first.client_ref is None else {"reference": first.client_ref})}
            return Outcome(told.result, facts, replayed=replayed)
        if isinstance(first, MarketStatusChanged) and isinstance(command, ResumeMarket):
            return Outcome(first.status.name.lower(), replayed=replayed)
        facts: dict[str, str] = {}
        if isinstance(command, CancelOrders):
            facts["orders"] = str(sum(isinstance(event, OrderReduced) for event in happened))
        result = RESULTS.get(type(command))
        return None if result is None else Outcome(result, facts, replayed=replayed)

    def order(self, _house: House, happened: Iterable[Event], name: str) -> Outcome:
        """Return how an order stands after all that happened."""
        return self._standing(happened, OrderId(self._orders[name][0]))

    def _standing(self, happened: Iterable[Event], order: OrderId) -> Outcome:
        placed: OrderPlaced | None = None
        matched_minor, value_cents = 0, 0
        given_back = dict.fromkeys(Cause, 0)
        for event in happened:
            match event:
                case OrderPlaced() if event.order == order:
                    placed = event
                case Matched() if order in (event.maker, event.taker):
                    matched_minor += event.stake_minor
                    value_cents += event.stake_minor * event.odds
                case OrderReduced() if event.order == order:
                    given_back[event.cause] += event.by_minor
                case _:
                    pass
        assert placed is not None
        remaining_minor = placed.stake_minor - matched_minor - sum(given_back.values())
        scale = next(market.scale for market in self._markets.values() if market.id == placed.market)
        amounts = {
            "matched": matched_minor,
            "remaining": remaining_minor,
            "cancelled": given_back[Cause.CANCELLED],
            "lapsed": given_back[Cause.LAPSED],
        }
        facts = {what: format_minor(minor, scale) for what, minor in amounts.items()}
        if matched_minor:
            facts["average"] = format_average_odds(value_cents, matched_minor)
        return Outcome(_status(remaining_minor, given_back), facts)

    def market(self, house: House, _happened: Iterable[Event], name: str) -> Outcome:
        """Return how a market stands."""
        market = house.exchange.markets[MarketId(self._known(name).id)]
        return Outcome(market.status.name.lower(), {"version": str(market.version)})

    def book(self, house: House, name: str) -> dict[str, Cells]:
        """Draw the book of a market."""
        known = self._known(name)
        market = house.exchange.markets[MarketId(known.id)]

        def draw(number: int, side: Side) -> str:
            levels = market.books[number].levels(side)
            return draw_levels((format_odds(odds), format_minor(minor, known.scale)) for odds, minor in levels)

        return {
            runner: (draw(number, Side.LAY), draw(number, Side.BACK)) for number, runner in enumerate(known.runners, 1)
        }

    def position(self, house: House, who: str, name: str) -> dict[str, Cells]:
        """Tell what somebody's matched bets bring, runner by runner."""
        known = self._known(name)
        market: Market = house.exchange.markets[MarketId(known.id)]
        position = market.positions.get(CustomerId(self._customer(who)))
        return {
            known.runners[number - 1]: (
                format_minor(settle_minor(stand.if_win_cents), known.scale),
                format_minor(settle_minor(stand.if_lose_cents), known.scale),
            )
            for number, stand in (position.stands.items() if position is not None else ())
            if stand.stake_minor or stand.value_cents
        }


def draw_levels(levels: Iterable[tuple[str, str]]) -> str:
    """Return prices and amounts as a scenario writes them."""
    return ", ".join(f"{odds} x {amount}" for odds, amount in levels)


def _number(market: KnownMarket, runner: str) -> int:
    return market.runners.index(runner) + 1 if runner in market.runners else NOTHING


def _minor(text: str | None, scale: int) -> int | None:
    return None if text is None else parse_amount(text, scale)


def _status(remaining_minor: int, given_back: Mapping[Cause, int]) -> str:
    if remaining_minor:
        return "executable"
    if given_back[Cause.LAPSED]:
        return "lapsed"
    return "cancelled" if given_back[Cause.CANCELLED] else "complete"
