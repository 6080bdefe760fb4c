"""Properties of cross-matching in small books, whatever is done in them: against working sets out unit by unit."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.exchange import (
    CancelOrder,
    ChangePersistence,
    PlaceOrder,
    ReplaceOrder,
    SettleMarket,
    VoidMarket,
)
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderPlaced, PositionSettled
from evens.core.events.ledger import Rejected
from evens.core.exchange.book import Order
from evens.core.exchange.crossing import cross_fills
from evens.core.exchange.legs import VirtualOrder
from evens.core.exchange.market import Market
from evens.core.exchange.offering import offers
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import HOUSE_ORDER, AccountClass, OrderId, RunnerId
from evens.core.values.odds import CLASSIC, FINEST
from tests.core.exchange.floor import Floor, open_floor
from tests.core.exchange.naive_sets import Bets, Queue, best_step, booked_minor, shares_of

NAMES = ("ann", "bob", "cid", "dan")
CASH_MINOR = 10**7

Waiting = dict[Side, dict[RunnerId, list[tuple[OrderId, int, int]]]]
"""The orders that wait on each side of each runner: id, odds and stake."""


@dataclass(frozen=True)
class Move:
    """Somebody orders something; or takes back, replaces or changes one of the orders that wait."""

    kind: str
    who: str
    runner: int
    side: Side
    odds: int
    stake_minor: int
    min_fill_minor: int | None
    which: int


@st.composite
def moves(draw: st.DrawFn, runners: int, most_minor: int) -> Move:
    """Return a move at odds near those at which a set of this many runners is balanced."""
    return Move(
        draw(st.sampled_from(("place", "place", "place", "place", "replace", "cancel", "persist"))),
        draw(st.sampled_from(NAMES)),
        draw(st.integers(1, runners)),
        draw(st.sampled_from(Side)),
        draw(
            st.sampled_from(CLASSIC.odds[:230])
            | st.integers(-20, 20).map(lambda tick: CLASSIC.moved(100 * runners, tick))
        ),
        draw(st.integers(1, most_minor)),
        draw(st.none() | st.integers(1, 12)) if draw(st.integers(0, 5)) == 0 else None,
        draw(st.integers(0, 30)),
    )


@st.composite
def plays(draw: st.DrawFn) -> tuple[int, bool, list[Move]]:
    """Return a number of runners, whether every hundredth is on the ladder, and what happens."""
    runners, most_minor = draw(st.integers(2, 4)), draw(st.sampled_from([12, 400]))
    return runners, draw(st.booleans()), draw(st.lists(moves(runners, most_minor), min_size=1, max_size=25))


class Watched:
    """A market with cross-matching, and everything about it that can be looked at after a command."""

    def __init__(self, runners: int, finest: bool, commission_bps: int = 0) -> None:
        self.floor: Floor = open_floor(
            *NAMES,
            cash_minor=CASH_MINOR,
            runners="abcdef"[:runners],
            ladder=FINEST if finest else CLASSIC,
            cross_matching=True,
            commission_bps=commission_bps,
        )
        self.bets = Bets(runners)
        self.market = self.floor.house.exchange.markets[self.floor.market]

    def waiting(self) -> Waiting:
        """Return the orders that wait."""
        return {
            side: {
                RunnerId(runner): [(order.id, order.odds, order.remaining_minor) for order in book.orders(side)]
                for runner, book in self.market.books.items()
            }
            for side in Side
        }

    def levels(self) -> dict[tuple[RunnerId, Side], list[tuple[int, int]]]:
        """Return the levels of each side of each runner."""
        books = self.market.books
        return {(RunnerId(runner), side): list(book.levels(side)) for runner, book in books.items() for side in Side}

    def perform(self, move: Move) -> None:
        """Do it, and look whether everything holds."""
        orders = list(self.floor.house.exchange.orders.values())
        if move.kind == "place" or not orders:
            self._place(move)
        else:
            self._change(move, orders[move.which % len(orders)])
        self.check()

    def _change(self, move: Move, order: Order) -> None:
        floor = self.floor
        if move.kind == "cancel":
            floor.do(CancelOrder(order.customer, order.id))
        elif move.kind == "persist":
            floor.do(ChangePersistence(order.customer, order.id, Persistence.PERSIST))
        else:
            before, levels = self.waiting(), self.levels()
            stake_minor = order.matched_minor + move.stake_minor
            events = floor.do(ReplaceOrder(order.customer, order.id, move.odds, stake_minor))
            self.bets.note(events)
            if any(isinstance(event, OrderPlaced) for event in events):
                new = replace(move, runner=order.runner, side=order.side, min_fill_minor=None)
                self._check_first(new, levels, [event for event in events if isinstance(event, Matched)])
                self._check_matches({order.id}, before, events)

    def _place(self, move: Move) -> None:
        before, levels = self.waiting(), self.levels()
        kill = move.min_fill_minor is not None
        command = PlaceOrder(
            self.floor.people[move.who],
            self.floor.market,
            RunnerId(move.runner),
            move.side,
            move.odds,
            move.stake_minor,
            TimeInForce.FILL_OR_KILL if kill else TimeInForce.GOOD_TILL_CANCELLED,
            move.min_fill_minor,
        )
        events = self.floor.do(command)
        self.bets.note(events)
        if isinstance(events[0], OrderPlaced):
            self._check_first(move, levels, [event for event in events if isinstance(event, Matched)])
            self._check_matches(set(), before, events)

    def _check_first(
        self, move: Move, levels: dict[tuple[RunnerId, Side], list[tuple[int, int]]], matches: list[Matched]
    ) -> None:
        """Check that the first match is at the best odds, and an order on the runner before a set."""
        back = move.side is Side.BACK
        sign = 1 if back else -1
        real = [sign * odds for odds, _ in levels[RunnerId(move.runner), Side.LAY if back else Side.BACK][:1]]
        others: list[Queue] = [
            queue for (runner, side), queue in levels.items() if side is move.side and runner != move.runner
        ]
        step = best_step(others, move.side, self.market.terms.ladder.odds)
        offered = [*real]
        if step is not None and step[1] <= move.stake_minor:
            offered.append(sign * step[0])
        best = max(offered) if offered else None
        if best is None or best < sign * move.odds:
            return
        if matches:
            assert sign * matches[0].odds >= best
            assert matches[0].maker != HOUSE_ORDER or not real or sign * matches[0].odds > real[0]
        else:
            assert move.min_fill_minor is not None

    def _check_matches(self, gone: set[OrderId], before: Waiting, events: Sequence[Event]) -> None:
        """Check that odds get no better, nobody came before whoever waited in front, everybody has their own odds."""
        matches = [event for event in events if isinstance(event, Matched)]
        own = [event for event in matches if event.taker != HOUSE_ORDER]
        goodness = [event.odds if event.taker_side is Side.BACK else -event.odds for event in own]
        assert goodness == sorted(goodness, reverse=True)
        matched = {event.maker for event in matches}
        customers = {event.taker_customer for event in own}
        left = {order[0] for side in self.waiting().values() for orders in side.values() for order in orders}
        for orders in [orders for side in before.values() for orders in side.values()]:
            places = [place for place, (order, _, _) in enumerate(orders) if order in matched]
            for order, _, _ in orders[: max(places, default=0)]:
                assert order not in left or order in gone
        odds = {order: odds for side in before.values() for orders in side.values() for order, odds, _ in orders}
        for event in matches:
            assert event.maker not in gone
            assert event.maker_customer not in customers
            assert event.maker == HOUSE_ORDER or event.odds == odds[event.maker]
            back = event.taker_side is Side.BACK
            assert event.odds >= event.taker_odds if back else event.odds <= event.taker_odds

    def check(self) -> None:
        """Check the ledger and escrow, that the house cannot lose, and what the books say of their levels."""
        self.floor.house.check()
        assert min(self.bets.house_profits()) >= 0
        levels = self.levels()
        for side, runners in self.waiting().items():
            for runner, orders in runners.items():
                totals: dict[int, int] = {}
                for _, odds, stake_minor in orders:
                    totals[odds] = totals.get(odds, 0) + stake_minor
                assert list(totals.items()) == levels[runner, side]


@given(play=plays())
@settings(max_examples=150, deadline=None)
def test_sets_are_as_good_as_any_that_uses_up_a_level_and_cost_the_house_nothing(
    play: tuple[int, bool, list[Move]],
) -> None:
    runners, finest, several = play
    watched = Watched(runners, finest)
    for move in several:
        watched.perform(move)


@given(play=plays(), stakes=st.lists(st.integers(1, 500), min_size=25, max_size=25))
@settings(max_examples=40, deadline=None)
def test_what_is_remembered_is_what_a_new_search_finds(play: tuple[int, bool, list[Move]], stakes: list[int]) -> None:
    runners, finest, several = play
    watched = Watched(runners, finest)
    for move, stake_minor in zip(several, stakes, strict=False):
        watched.perform(move)
        forgetful = copy.deepcopy(watched.market)
        for runner in map(RunnerId, range(1, runners + 1)):
            for side in Side:
                assert forgetful.searches is not None
                forgetful.searches.forget()
                odds = CLASSIC.odds[0] if side is Side.BACK else move.odds
                remembered = _found(watched.market, runner, side, odds, stake_minor)
                assert remembered == _found(forgetful, runner, side, odds, stake_minor)


def _found(market: Market, runner: RunnerId, side: Side, odds: int, stake_minor: int) -> Any:
    assert market.searches is not None
    fills, left_minor, more = cross_fills(market, market.searches, runner, side, odds, stake_minor, 500)
    told = [
        ([(order.id, of_it) for order, of_it in maker.legs] if isinstance(maker, VirtualOrder) else maker.id)
        for maker, _ in fills
    ]
    return [(maker.odds, minor) for maker, minor in fills], told, left_minor, more


@given(play=plays(), which=st.integers(1, 10), least_minor=st.sampled_from([1, 1, 7, 100]))
@settings(max_examples=100, deadline=None)
def test_what_is_shown_is_had(play: tuple[int, bool, list[Move]], which: int, least_minor: int) -> None:
    runners, finest, several = play
    watched = Watched(runners, finest)
    for move in several:
        watched.perform(move)
    floor = watched.floor
    taker = floor.join("eve", USD=10**11)
    runner, side = RunnerId(min(several[0].runner, runners)), several[0].side
    terms = replace(watched.market.terms, min_stake_minor=least_minor)
    shown = offers(terms, side, runner, watched.levels(), 10)[:which]
    assert [odds for odds, _ in shown] == sorted({odds for odds, _ in shown}, reverse=side is Side.BACK)
    if not shown:
        return
    levels = watched.levels()
    stake_minor = sum(stake_minor for _, stake_minor in shown)
    had: dict[int, int] = {}
    for event in floor.do(PlaceOrder(taker, floor.market, runner, side, shown[-1][0], stake_minor)):
        if isinstance(event, Matched) and event.taker != HOUSE_ORDER:
            had[event.odds] = had.get(event.odds, 0) + event.stake_minor
    if least_minor == 1:
        assert list(had.items()) == shown
    assert sum(had.values()) == stake_minor
    told_minor, other = 0, Side.LAY if side is Side.BACK else Side.BACK
    own = {odds for odds, _ in levels[runner, other]}
    for odds, more_minor in shown:
        told_minor += more_minor
        # Whatever is told is had at these odds or better, and for the least stake unless an order waits there.
        goodness = 1 if side is Side.BACK else -1
        assert told_minor <= sum(minor for each, minor in had.items() if goodness * each >= goodness * odds)
        assert more_minor >= least_minor or odds in own
    watched.floor.house.check()


@given(play=plays(), ends=st.lists(st.sets(st.integers(1, 4)), min_size=1, max_size=3), rate=st.sampled_from([0, 500]))
@settings(max_examples=80, deadline=None)
def test_everybody_is_paid_what_their_bets_say(
    play: tuple[int, bool, list[Move]], ends: list[set[int]], rate: int
) -> None:
    runners, finest, several = play
    watched = Watched(runners, finest, rate)
    floor = watched.floor
    for move in several:
        watched.perform(move)
    for place, end in enumerate(ends):
        tied = [runner for runner in sorted(end) if runner <= runners]
        correction = place > 0
        if tied:
            winners = tuple(map(RunnerId, tied))
            floor.finish(SettleMarket(floor.market, winners, dead_heat=len(tied) > 1, correction=correction))
        else:
            floor.finish(VoidMarket(floor.market, correction=correction))
        floor.house.check()
        booked = [event for entry in floor.history for event in entry.events if isinstance(event, PositionSettled)]
        fees = {event.customer: event.commission_minor for event in booked}
        paid_minor = 0
        for name, customer in floor.people.items():
            profit_minor = booked_minor(watched.bets.profit(customer, shares_of(tied))) if tied else 0
            assert floor.cash(name) == CASH_MINOR + profit_minor - fees.get(customer, 0)
            assert floor.escrow(name) == floor.owed(name) == 0
            paid_minor += profit_minor
        assert floor.house_has(AccountClass.ROUNDING) == -paid_minor >= 0
        assert floor.house_has(AccountClass.FEES) == sum(fees.values())


def test_nobody_cannot_win() -> None:
    watched = Watched(3, finest=False)
    floor = watched.floor
    refused = floor.refuse(SettleMarket(floor.market, (), fewer=True))
    assert refused == Rejected(refused.reason, (("winners", 1),))
