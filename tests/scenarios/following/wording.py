"""Scenarios about following and the core's own language: deeds as commands, and events as outcomes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.following import (
    ChangeFollow,
    CopyBet,
    CopyMatch,
    CopyPoolBet,
    EndFollow,
    FollowLeader,
    PauseFollow,
    ResumeFollow,
    SettleCopy,
    SkipBets,
    StopFollow,
)
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderPlaced
from evens.core.events.fixed_odds import BetPlaced
from evens.core.events.following import BetCopied, BetsSkipped, CopySettled, CopySkipped, FollowChanged, FollowStarted
from evens.core.events.pools import PoolBetPlaced
from evens.core.state import House
from evens.core.values.following import FollowMode, FollowTerms, SkippedBets, SkipReason, parse_ratio
from evens.core.values.ids import CustomerId, FollowId
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.odds import parse_odds
from evens.core.values.records import RecordProduct
from tests.scenarios.driver import Outcome
from tests.scenarios.following import deeds
from tests.scenarios.following.deeds import FollowDeed

NOTHING: Final = FollowId(2**48)
"""A follow that does not exist."""

_SCALE: Final = 2
"""Scenarios about following are in currencies of hundredths."""

_PRODUCTS: Final = (RecordProduct.EXCHANGE, RecordProduct.SPORTSBOOK, RecordProduct.POOLS)

_DONE: Final[Mapping[type[Command], str]] = {
    FollowLeader: "following",
    ChangeFollow: "changed",
    PauseFollow: "paused",
    ResumeFollow: "active",
    EndFollow: "ended",
    SettleCopy: "booked",
    StopFollow: "paused",
}
"""How a scenario calls what comes of a command that is not refused."""


class FollowWording:
    """Knows which follows, copies and bets the names of a scenario stand for, as far as receipts have told.

    ``number`` finds, by its kind and name, the id of an order, a bet, a stake, or of a place where one bets.
    """

    def __init__(self, customer: Callable[[str], int], number: Callable[[str, str], int]) -> None:
        self._customer = customer
        self._number = number
        self._follows: dict[str, FollowStarted] = {}
        self._terms: dict[FollowId, FollowTerms] = {}
        self._copies: dict[str, BetCopied] = {}
        self._settled: dict[int, CopySettled] = {}
        self._orders: dict[int, OrderPlaced] = {}
        self._matches: dict[int, list[Matched]] = {}
        self._bets: dict[int, BetPlaced] = {}
        self._stakes: dict[int, PoolBetPlaced] = {}

    def command(self, deed: FollowDeed) -> Command:
        """Return a deed as a command."""
        match deed:
            case deeds.Follow():
                customer, leader = CustomerId(self._customer(deed.who)), CustomerId(self._customer(deed.leader))
                return FollowLeader(customer, leader, deed.code, self._read_terms(deed))
            case deeds.ChangeLimits():
                follow = self._follow(deed.name)
                return ChangeFollow(CustomerId(self._customer(deed.who)), follow, *self._changed(follow, deed))
            case deeds.Turn(who, name, how):
                kinds = {"paused": PauseFollow, "active": ResumeFollow, "ended": EndFollow}
                return kinds[how](CustomerId(self._customer(who)), self._follow(name))
            case deeds.Copy():
                return self._copy(deed)
            case deeds.SkipTogether(follow, source, first, last, reason):
                matches = self._matches[self._number("order", source)]
                ends = matches[first - 1].match, matches[last - 1].match
                bets = SkippedBets(self._follow(follow), SkipReason[reason.upper()], *ends, last - first + 1, ends[1])
                return SkipBets(RecordProduct.EXCHANGE, (bets,))
            case deeds.BookCopy(copy, result, risk):
                return self._booking(self._copies[copy], result, risk)
            case deeds.StopLoss(follow, gain):
                return StopFollow(self._follow(follow), _minor(gain))

    def _follow(self, name: str) -> FollowId:
        return self._follows[name].follow if name in self._follows else NOTHING

    def _read_terms(self, deed: deeds.Follow) -> FollowTerms:
        products = _PRODUCTS if deed.only is None else (RecordProduct[deed.only.upper()],)
        return FollowTerms(
            FollowMode.FIXED if deed.stake is not None else FollowMode.PROPORTIONAL,
            None if deed.stake is None else _minor(deed.stake),
            None if deed.ratio is None else parse_ratio(deed.ratio),
            _minor(deed.allocation),
            _minor(deed.per_bet),
            _minor(deed.per_day),
            deed.slippage,
            None if deed.least_odds is None else parse_odds(deed.least_odds),
            products,
            deed.stop_loss,
            () if deed.on_market is None else (self._number("place", deed.on_market),),
        )

    def _changed(self, follow: FollowId, deed: deeds.ChangeLimits) -> tuple[FollowTerms, tuple[str, ...]]:
        """Return terms with what a deed changes, and the fields that it names."""
        fixed = self._read_terms(deeds.Follow("", "", "USD", "", stake="1.00"))
        terms = self._terms.get(follow) if deed.stake is None else None
        amounts = {
            "stake_minor": deed.stake,
            "allocation_minor": deed.allocation,
            "per_bet_cap_minor": deed.per_bet,
            "daily_cap_minor": deed.per_day,
        }
        changes = {name: _minor(amount) for name, amount in amounts.items() if amount is not None}
        if deed.stop_loss is not None:
            changes["stop_loss_percent"] = deed.stop_loss
        return replace(terms or fixed, **changes), tuple(changes)

    def _copy(self, deed: deeds.Copy) -> CopyMatch | CopyBet | CopyPoolBet:
        follow = self._follow(deed.follow)
        number = self._number("order" if deed.kind == "match" else deed.kind, deed.source)
        if deed.kind == "match":
            return self._copy_match(follow, number, deed)
        if deed.kind == "bet":
            bet = self._bets[number]
            return CopyBet(
                follow, bet.bet, bet.currency_number, bet.legs, bet.stake_minor, bet.at, deed.is_copy, deed.permitted
            )
        stake = self._stakes[number]
        return CopyPoolBet(
            follow, stake.bet, stake.round, stake.side, stake.stake_minor, stake.at, deed.is_copy, deed.permitted
        )

    def _copy_match(self, follow: FollowId, number: int, deed: deeds.Copy) -> CopyMatch:
        order, matches = self._orders[number], self._matches[number]
        matched = matches[deed.place - 1]
        return CopyMatch(
            follow,
            matched.match,
            order.market,
            order.runner,
            order.side,
            matched.odds,
            matched.stake_minor,
            order.stake_minor,
            sum(each.stake_minor for each in matches[: deed.place - 1]),
            matched.match,
            deed.is_copy,
            deed.permitted,
        )

    def _booking(self, copied: BetCopied, result: str | None, risk: str) -> SettleCopy:
        known = self._settled.get(copied.copy)
        return SettleCopy(
            copied.follow,
            copied.copy,
            1 if known is None else known.number + 1,
            copied.risk_minor if known is None else known.risk_minor,
            _minor(risk),
            None if known is None else known.result_minor,
            None if result is None else _minor(result),
        )

    def learn(self, deed: FollowDeed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        for event in happened:
            if isinstance(event, FollowStarted) and isinstance(deed, deeds.Follow):
                self._follows[deed.name] = event
            elif isinstance(event, BetCopied) and isinstance(deed, deeds.Copy) and deed.name is not None:
                self._copies[deed.name] = event

    def hear(self, happened: Iterable[Event]) -> None:
        """Remember what was bet, whoever did it: it may be copied."""
        for event in happened:
            match event:
                case FollowStarted() | FollowChanged():
                    self._terms[event.follow] = event.terms
                case OrderPlaced():
                    self._orders[event.order] = event
                case Matched():
                    for order in (event.maker, event.taker):
                        self._matches.setdefault(order, []).append(event)
                case BetPlaced():
                    self._bets[event.bet] = event
                case PoolBetPlaced():
                    self._stakes[event.bet] = event
                case CopySettled():
                    self._settled[event.copy] = event
                case _:
                    pass

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one about following."""
        last = happened[-1]
        if isinstance(last, BetCopied):
            facts = {"stake": _text(last.stake_minor), "risk": _text(last.risk_minor)}
            return Outcome("copied", facts, replayed=replayed)
        if isinstance(last, CopySkipped):
            detail = {} if last.refusal is None else {"detail": last.refusal.value}
            return Outcome("skipped", {"reason": last.reason.name.lower(), **detail}, replayed=replayed)
        if isinstance(last, BetsSkipped):
            return Outcome("skipped", {"bets": str(sum(each.count for each in last.bets))}, replayed=replayed)
        result = _DONE.get(type(command))
        return None if result is None else Outcome(result, replayed=replayed)

    def follow(self, house: House, _happened: Iterable[Event], name: str) -> Outcome:
        """Return how a live follow stands; one that is over is not live any more."""
        known = house.following.by_id.get(self._follow(name))
        if known is None:
            return Outcome("over")
        facts = {
            "used": _text(known.used_minor),
            "today": _text(known.day_used_minor),
            "result": _text(known.result_minor),
            "left": _text(known.left_minor()),
        }
        return Outcome(known.status.name.lower(), facts)


def _minor(amount: str) -> int:
    sign = -1 if amount.startswith("-") else 1
    digits = amount.removeprefix("-")
    return 0 if not digits.strip("0.") else sign * parse_amount(digits, _SCALE)


def _text(minor: int) -> str:
    return format_minor(minor, _SCALE)
