"""Properties of cross-matching against trying everything, in small books."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.exchange import CancelOrder, PlaceOrder, SettleMarket, VoidMarket
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, OrderPlaced, PositionSettled
from evens.core.events.ledger import Rejected
from evens.core.values.betting import Side, TimeInForce
from evens.core.values.ids import HOUSE_ORDER, AccountClass, OrderId, RunnerId
from evens.core.values.odds import CLASSIC, FINEST
from tests.core.exchange.floor import Floor, open_floor
from tests.core.exchange.naive_sets import Bets, Queue, best_odds, booked_minor, sets_left, shares_of

NAMES = ("ann", "bob", "cid", "dan")
CASH_MINOR = 10_000


@dataclass(frozen=True)
class Move:
    """Somebody orders something, or takes back one of the orders that wait."""

    who: str
    runner: int
    side: Side
    odds: int
    stake_minor: int
    min_fill_minor: int | None
    cancels: int | None


@st.composite
def moves(draw: st.DrawFn, runners: int) -> Move:
    """Return a move at odds near those at which a set of this many runners is balanced."""
    return Move(
        draw(st.sampled_from(NAMES)),
        draw(st.integers(1, runners)),
        draw(st.sampled_from(Side)),
        draw(
            st.sampled_from(CLASSIC.odds[:230])
            | st.integers(-20, 20).map(lambda tick: CLASSIC.moved(100 * runners, tick))
        ),
        draw(st.integers(1, 12)),
        draw(st.none() | st.integers(1, 12)) if draw(st.integers(0, 5)) == 0 else None,
        draw(st.integers(0, 30)) if draw(st.integers(0, 6)) == 0 else None,
    )


@st.composite
def plays(draw: st.DrawFn) -> tuple[int, bool, list[Move]]:
    """Return a number of runners, whether every hundredth is on the ladder, and what happens."""
    runners = draw(st.integers(2, 4))
    return runners, draw(st.booleans()), draw(st.lists(moves(runners), min_size=1, max_size=25))


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

    def waiting(self, side: Side) -> dict[int, list[tuple[OrderId, int, int]]]:
        """Return the orders that wait on one side of each runner: id, odds and stake."""
        books = self.floor.house.exchange.markets[self.floor.market].books
        return {
            runner: [(order.id, order.odds, order.remaining_minor) for order in book.orders(side)]
            for runner, book in books.items()
        }

    def queues(self, side: Side) -> dict[int, Queue]:
        """Return the same as odds and stakes."""
        return {runner: [order[1:] for order in orders] for runner, orders in self.waiting(side).items()}

    def perform(self, move: Move) -> None:
        """Do it, and look whether everything holds."""
        floor = self.floor
        if move.cancels is not None:
            orders = list(floor.house.exchange.orders.values())
            if orders:
                order = orders[move.cancels % len(orders)]
                floor.do(CancelOrder(order.customer, order.id))
        else:
            self._place(move)
        self.check()

    def _place(self, move: Move) -> None:
        before = {side: self.waiting(side) for side in Side}
        kill = move.min_fill_minor is not None
        events = self.floor.do(
            PlaceOrder(
                self.floor.people[move.who],
                self.floor.market,
                RunnerId(move.runner),
                move.side,
                move.odds,
                move.stake_minor,
                TimeInForce.FILL_OR_KILL if kill else TimeInForce.GOOD_TILL_CANCELLED,
                move.min_fill_minor,
            )
        )
        self.bets.note(events)
        if isinstance(events[0], OrderPlaced):
            self._check_first(move, before, [event for event in events if isinstance(event, Matched)])
            self._check_queues(before, events)

    def _check_first(
        self, move: Move, before: dict[Side, dict[int, list[tuple[OrderId, int, int]]]], matches: list[Matched]
    ) -> None:
        """Check that the first match is at the best odds, and an order on the runner before a set."""
        back = move.side is Side.BACK
        real = before[Side.LAY if back else Side.BACK][move.runner]
        others = [
            [order[1:] for order in orders] for runner, orders in before[move.side].items() if runner != move.runner
        ]
        ladder = self.floor.house.exchange.markets[self.floor.market].terms.ladder.odds
        virtual = best_odds(others, move.side, move.stake_minor, ladder)
        on_offer = [(odds if back else -odds, 1) for _, odds, _ in real[:1]]
        on_offer += [] if virtual is None else [(virtual if back else -virtual, 0)]
        best, is_real = max(on_offer, default=(None, 0))
        if best is None or best < (move.odds if back else -move.odds):
            return
        if matches:
            odds = matches[0].odds if back else -matches[0].odds
            # Orders behind those at the fronts may make a better set with them.
            assert odds >= best
            assert odds > best or (matches[0].maker != HOUSE_ORDER) == bool(is_real)
        else:
            assert move.min_fill_minor is not None

    def _check_queues(
        self, before: dict[Side, dict[int, list[tuple[OrderId, int, int]]]], events: Sequence[Event]
    ) -> None:
        """Check that nobody was matched before whoever waited in front, and everybody at their own odds or better."""
        matched = {event.maker for event in events if isinstance(event, Matched)}
        for side in Side:
            left = {order[0] for orders in self.waiting(side).values() for order in orders}
            for orders in before[side].values():
                places = [place for place, (order, _, _) in enumerate(orders) if order in matched]
                for order, _, _ in orders[: max(places, default=0)]:
                    assert order not in left
        odds = {order: odds for side in Side for orders in before[side].values() for order, odds, _ in orders}
        for event in events:
            if isinstance(event, Matched):
                assert event.maker == HOUSE_ORDER or event.odds == odds[event.maker]
                better = (
                    event.odds >= event.taker_odds if event.taker_side is Side.BACK else event.odds <= event.taker_odds
                )
                assert better

    def check(self) -> None:
        """Check the ledger and escrow, that the house cannot lose, and that no set is left."""
        self.floor.house.check()
        assert min(self.bets.house_profits()) >= 0
        for side in Side:
            assert sets_left(list(self.queues(side).values()), side) == []


@given(play=plays())
@settings(max_examples=300, deadline=None)
def test_sets_are_the_best_there_are_and_leave_none(play: tuple[int, bool, list[Move]]) -> None:
    runners, finest, several = play
    watched = Watched(runners, finest)
    for move in several:
        watched.perform(move)


@given(play=plays(), ends=st.lists(st.sets(st.integers(1, 4)), min_size=1, max_size=3), rate=st.sampled_from([0, 500]))
@settings(max_examples=150, deadline=None)
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
