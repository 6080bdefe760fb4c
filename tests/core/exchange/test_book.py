"""A runner's book against a list that is sorted anew whenever somebody asks."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from evens.core.exchange.book import Order, RunnerBook, SummedBook
from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from tests.core.exchange.floor import drawn, open_floor

SIDES = st.sampled_from(list(Side))
ODDS = st.sampled_from([101, 150, 180, 190, 200, 240, 100_000])
STAKES = st.integers(1, 60)
PLENTY = 1_000


def waiting(id: int, side: Side, odds: int, stake_minor: int) -> Order:
    return Order(
        OrderId(id), MarketId(1), RunnerId(1), CustomerId(1), side, odds, stake_minor,
        Persistence.LAPSE, TimeInForce.GOOD_TILL_CANCELLED, 0, None,
    )  # fmt: skip


class NaiveBook:
    """Orders as (id, side, odds, remaining) in the order of their coming."""

    def __init__(self) -> None:
        self.orders: list[tuple[int, Side, int, int]] = []

    def queue(self, side: Side) -> list[tuple[int, Side, int, int]]:
        """Sort one side: the highest lay first, the lowest back first, and at equal odds the oldest."""
        sign = 1 if side is Side.BACK else -1
        return sorted((o for o in self.orders if o[1] is side), key=lambda o: (sign * o[2], o[0]))

    def fills(self, side: Side, odds: int, stake_minor: int, most: int) -> tuple[list[tuple[int, int]], int]:
        """Go through the other side, one cent after the other."""
        found: list[tuple[int, int]] = []
        for id, _, maker_odds, remaining in self.queue(Side.LAY if side is Side.BACK else Side.BACK):
            agrees = maker_odds >= odds if side is Side.BACK else maker_odds <= odds
            if agrees and stake_minor and len(found) < most:
                taken = 0
                while stake_minor and taken < remaining:
                    taken, stake_minor = taken + 1, stake_minor - 1
                found.append((id, taken))
        return found, stake_minor

    def take(self, id: int, by_minor: int) -> None:
        """Take stake off an order and forget it without any."""
        taken = [(o[0], o[1], o[2], o[3] - by_minor) if o[0] == id else o for o in self.orders]
        self.orders = [order for order in taken if order[3]]


class BookMachine(RuleBasedStateMachine):
    """Whatever is added, taken or asked for, the two books say the same."""

    def kind(self) -> RunnerBook:
        """Return an empty book."""
        return RunnerBook()

    def __init__(self) -> None:
        super().__init__()
        self.book = self.kind()
        self.naive = NaiveBook()
        self.known: dict[int, Order] = {}
        self.next_id = 1

    @rule(side=SIDES, odds=ODDS, stake_minor=STAKES)
    def add(self, side: Side, odds: int, stake_minor: int) -> None:
        order = self.known[self.next_id] = waiting(self.next_id, side, odds, stake_minor)
        self.book.add(order)
        self.naive.orders.append((self.next_id, side, odds, stake_minor))
        self.next_id += 1

    @rule(place=st.integers(0, 30), by_minor=STAKES)
    def take(self, place: int, by_minor: int) -> None:
        if self.naive.orders:
            id, _, _, remaining = self.naive.orders[place % len(self.naive.orders)]
            by_minor = min(by_minor, remaining)
            self.book.take(self.known[id], by_minor)
            self.naive.take(id, by_minor)

    @rule(side=SIDES, odds=ODDS, stake_minor=st.integers(1, 200), most=st.integers(1, 6), match=st.booleans())
    def cross(self, side: Side, odds: int, stake_minor: int, most: int, match: bool) -> None:
        fills, left_minor = self.book.fills(side, odds, stake_minor, most)
        found = [(maker.id, amount_minor) for maker, amount_minor in fills]
        assert (found, left_minor) == self.naive.fills(side, odds, stake_minor, most)
        assert self.book.crosses(side, odds) == bool(found)
        if match:
            for maker, amount_minor in fills:
                self.book.take(maker, amount_minor)
                self.naive.take(maker.id, amount_minor)

    @invariant()
    def both_show_the_same(self) -> None:
        for side in Side:
            queue = self.naive.queue(side)
            assert [(o.id, o.side, o.odds, o.remaining_minor) for o in self.book.orders(side)] == queue
            levels: dict[int, int] = {}
            for _, _, odds, remaining in queue:
                levels[odds] = levels.get(odds, 0) + remaining
            assert list(self.book.levels(side)) == list(levels.items())
            assert self.book.best(side) == (queue[0][2] if queue else None)

    @invariant()
    def looking_for_fills_changes_nothing(self) -> None:
        for side in Side:
            for odds in (101, 190, 100_000):
                assert self.book.fills(side, odds, PLENTY, PLENTY) == self.book.fills(side, odds, PLENTY, PLENTY)
        self.both_show_the_same()


class SummedBookMachine(BookMachine):
    """The same, with a book that keeps sums and tells of each change."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Side, int]] = []
        super().__init__()

    def kind(self) -> RunnerBook:
        """Return an empty book."""
        return SummedBook(7, self)

    def changed(self, runner: int, side: Side, odds: int) -> None:
        """Implements :class:`evens.core.exchange.book.BookFollower`."""
        self.told.append((runner, side, odds))

    @rule(side=SIDES, odds=ODDS, stake_minor=STAKES)
    def add(self, side: Side, odds: int, stake_minor: int) -> None:
        super().add(side, odds, stake_minor)
        assert self.told[-1] == (7, side, odds)

    @invariant()
    def levels_are_had_by_their_place(self) -> None:
        assert isinstance(self.book, SummedBook)
        for side in Side:
            levels = list(self.book.levels(side))
            assert [self.book.level(side, place) for place in range(len(levels) + 1)] == [*levels, None]


@pytest.mark.parametrize("machine", [BookMachine, SummedBookMachine])
def test_the_book_and_a_sorted_list_never_disagree(machine: type[BookMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=80, stateful_step_count=40))


def test_a_back_takes_the_highest_lay_first_and_gets_its_odds() -> None:
    floor = open_floor("ann", "bob", "cid")
    floor.place_all("bob lay 10 @ 1.50", "cid lay 10 @ 1.80")
    events = floor.do(floor.order("ann back 15 @ 1.40"))
    assert floor.bets(events) == ["cid 10 @ 1.80", "bob 5 @ 1.50"]
    assert floor.book() == drawn("lay 1.50: bob 5")


def test_a_lay_takes_the_lowest_back_first_and_gets_its_odds() -> None:
    floor = open_floor("ann", "bob", "cid")
    floor.place_all("bob back 10 @ 1.90", "cid back 10 @ 1.30")
    events = floor.do(floor.order("ann lay 15 @ 2.40"))
    assert floor.bets(events) == ["cid 10 @ 1.30", "bob 5 @ 1.90"]
    assert floor.book() == drawn("back 1.90: bob 5")


def test_at_equal_odds_who_came_first_is_matched_first() -> None:
    floor = open_floor("ann", "bob", "cid")
    floor.place_all("bob lay 10 @ 2.00", "cid lay 10 @ 2.00", "bob lay 10 @ 2.00")
    assert floor.book() == drawn("lay 2.00: bob 10, cid 10, bob 10")
    assert floor.bets(floor.do(floor.order("ann back 25 @ 2.00"))) == ["bob 10 @ 2.00", "cid 10 @ 2.00", "bob 5 @ 2.00"]


def test_orders_that_do_not_agree_wait_on_both_sides() -> None:
    floor = open_floor("ann", "bob")
    floor.place_all("ann back 10 @ 2.02", "bob lay 10 @ 2.00", "ann back 5 @ 2.04", "bob lay 5 @ 1.99")
    assert floor.book() == drawn("""
        back 2.02: ann 10
        back 2.04: ann 5
        lay  2.00: bob 10
        lay  1.99: bob 5
    """)
    assert floor.book(runner=RunnerId(2)) == ""
