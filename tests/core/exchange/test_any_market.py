"""Any betting in any market: escrow is what can be lost, nothing is lost that was not held, and replay agrees."""

from dataclasses import dataclass, field
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    CancelOrder,
    CancelOrders,
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
from evens.core.commands.wallets import Withdraw
from evens.core.events.every import Event
from evens.core.events.exchange import OrderPlaced, PositionSettled
from evens.core.events.ledger import Rejected
from evens.core.ledger.reasons import SharedReason
from evens.core.state import House
from evens.core.values.betting import MarketStatus, Persistence, ReductionRule, Side, TimeInForce
from evens.core.values.ids import AccountClass, CustomerId, Rail, RunnerId
from tests.core.exchange.floor import SECOND_NS, Floor
from tests.core.exchange.naive_market import NaiveMarket

CASH_MINOR = {"ann": 20_000, "bob": 20_000, "cid": 2_000, "dot": 300}
KINDS = (
    ["bet"] * 12
    + ["place"] * 10
    + ["fill or kill", "cancel", "reduce", "cancel all", "new odds", "new stake", "new stake"]
    + [
        "suspend",
        "resume",
        "resume",
        "turn in-play",
        "remove",
        "remove",
        "reinstate",
        "work",
        "work",
        "wait",
        "withdraw",
        "discount",
    ]
)
ODDS = [101, 120, 150, 199, 200, 202, 250, 300, 500, 1_000, 3_000]


@dataclass(frozen=True, slots=True)
class Move:
    """Something that somebody does, as drawn."""

    kind: str
    who: CustomerId
    runner: RunnerId
    side: Side
    odds: int
    stake_minor: int
    persistence: Persistence


@dataclass(frozen=True, slots=True)
class Play:
    """A market's terms, and what happens in it."""

    runners: int
    winners: int
    commission_bps: int
    bet_delay_ms: int
    moves: list[Move]
    rule: ReductionRule = ReductionRule.BET
    fewest: int | None = None
    covers: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """How a market ends: the runners in the order of their arrival.

    ``clear`` of them win outright, as far as there are places; with ``more``, so many more than the places that are
    left tie for these.
    """

    arrival: tuple[RunnerId, ...]
    clear: int
    more: int
    void: bool


MOVES = st.builds(
    Move,
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.integers(0, 5),
    st.sampled_from(list(Side)),
    st.sampled_from(ODDS),
    st.integers(1, 400),
    st.sampled_from(list(Persistence)),
)
ENDS = st.builds(
    End,
    st.permutations([RunnerId(number) for number in range(1, 7)]).map(tuple),
    st.sampled_from([0, 1, 2, 2, 2]),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from([False] * 4 + [True]),
)


@st.composite
def plays(draw: st.DrawFn) -> Play:
    runners = draw(st.integers(2, 6))
    winners = draw(st.integers(1, min(2, runners - 1)))
    commission_bps, delay = draw(st.sampled_from([0, 200, 500, 10_000])), draw(st.sampled_from([0, 1_000]))
    rule = draw(st.sampled_from([ReductionRule.POSITION, ReductionRule.BET, ReductionRule.BET]))
    fewest = draw(st.sampled_from([None, None, None, 0]))
    covers = rule is ReductionRule.BET and draw(st.booleans())
    moves = draw(st.lists(MOVES, min_size=15, max_size=40))
    return Play(runners, winners, commission_bps, delay, moves, rule, fewest, covers)


@dataclass
class Watched(Floor):
    """A floor on which every command is followed by all the checks there are."""

    twin: NaiveMarket = field(default_factory=lambda: NaiveMarket(0, 0))
    follower: House = field(default_factory=House)
    held_minor: dict[int, int] = field(default_factory=dict[int, int])
    fewer: bool = False

    def do(self, command: Command) -> tuple[Event, ...]:
        """Decide a command, and look at everything it touched."""
        before = {customer: self.balance_minor(customer, "USD", AccountClass.ESCROW) for customer in self.held_minor}
        events = super().do(command)
        place = self.history[-1]
        kernel.apply(self.follower, events, place.seq, place.at)
        assert self.follower.digest() == self.house.digest()
        self.house.check()
        self.twin.note(events)
        for event in events:
            if isinstance(event, PositionSettled) and event.settlement == 1 and not self.fewer:
                assert -event.profit_minor <= before[event.customer]
        for customer in self.people.values():
            self.held_minor[customer] = self.balance_minor(customer, "USD", AccountClass.ESCROW)
            assert self.held_minor[customer] == self.twin.may_lose_minor(customer)
        return events


def begin(play: Play, floor: Floor) -> None:
    """Open the market of a play."""
    floor.define("USD")
    for name, minor in CASH_MINOR.items():
        floor.join(name, USD=minor)
    floor.market = floor.create(
        "abcdef"[: play.runners],
        play.winners,
        commission_bps=play.commission_bps,
        bet_delay_ms=play.bet_delay_ms,
        reductions=play.rule,
        winners_min=play.fewest,
        cover_removals=play.covers,
        every_reduction=play.covers,
    )


def perform(move: Move, floor: Floor, runners: int) -> None:
    """Do what was drawn; some of it is refused."""
    customer, runner = list(floor.people.values())[move.who], RunnerId(move.runner % runners + 1)
    orders = list(floor.house.exchange.orders.values())
    order = orders[move.stake_minor % len(orders)] if orders else None
    minor = move.stake_minor
    in_force = TimeInForce.FILL_OR_KILL if move.kind == "fill or kill" else TimeInForce.GOOD_TILL_CANCELLED
    command: Command | None = None
    match move.kind:
        case "place" | "fill or kill":
            command = PlaceOrder(
                customer, floor.market, runner, move.side, move.odds, minor, in_force, None, move.persistence
            )
        case "cancel" | "reduce" | "new odds" | "new stake" if order is not None:
            command = {
                "cancel": CancelOrder(order.customer, order.id),
                "reduce": CancelOrder(order.customer, order.id, minor),
                "new odds": ReplaceOrder(order.customer, order.id, move.odds),
                "new stake": ReplaceOrder(order.customer, order.id, None, minor),
            }[move.kind]
        case "cancel all":
            command = CancelOrders(customer, floor.market)
        case "withdraw":
            command = Withdraw(customer, "USD", max(1, floor.balance_minor(customer, "USD") // 2), Rail.DESK)
        case "discount":
            command = SetCommissionDiscount(customer, minor * 20)
        case "bet":
            bet(move, floor, runner)
        case "work":
            floor.work()
        case "wait":
            floor.wait(SECOND_NS)
        case _:
            command = lead(move, floor, runner)
    if command is not None:
        floor.do(command)


def bet(move: Move, floor: Floor, runner: RunnerId) -> None:
    """Let somebody and the next one bet with each other, if they have the money, once the market takes orders."""
    floor.work()
    floor.do(ResumeMarket(floor.market))
    people = list(floor.people.values())
    for place, side in enumerate((move.side, Side.LAY if move.side is Side.BACK else Side.BACK)):
        customer = people[(move.who + place) % len(people)]
        floor.do(PlaceOrder(customer, floor.market, runner, side, move.odds, move.stake_minor))
    floor.wait(SECOND_NS)
    floor.work()


def lead(move: Move, floor: Floor, runner: RunnerId) -> Command | None:
    """Return what the operator does with the market."""
    return {
        "suspend": SuspendMarket(floor.market),
        "resume": ResumeMarket(floor.market),
        "turn in-play": TurnInPlay(floor.market),
        "remove": RemoveRunner(floor.market, runner, move.stake_minor * 25),
        "reinstate": ReinstateRunner(floor.market, runner),
    }.get(move.kind)


def conclude(end: End, floor: Floor, correction: bool = False) -> None:
    """Settle or void the market with all that belongs to it."""
    floor.work()
    market = floor.house.exchange.markets[floor.market]
    if end.void:
        if isinstance(floor, Watched):
            floor.twin.expected = None
        floor.finish(VoidMarket(floor.market, correction))
    else:
        running = [runner for runner in end.arrival if runner in market.books and runner not in market.removals]
        places = min(market.terms.winners, len(running))
        clear = min(end.clear, places)
        more = min(end.more, len(running) - places) if clear < places else 0
        winners, tied = tuple(running[:clear]), tuple(running[clear : places + more]) if more else ()
        fewer = not tied and clear < market.terms.fewest_winners
        if isinstance(floor, Watched):
            floor.fewer = fewer
            part = Fraction(places - clear, len(tied)) if tied else Fraction(0)
            floor.twin.expected = {**dict.fromkeys(winners, Fraction(1)), **dict.fromkeys(tied, part)}
        floor.finish(SettleMarket(floor.market, winners, correction=correction, tied=tied, fewer=True))
    assert market.status is (MarketStatus.VOID if end.void else MarketStatus.SETTLED)


def acted(play: Play, floor: Floor) -> Floor:
    """Return the floor after a play."""
    begin(play, floor)
    for move in play.moves:
        perform(move, floor, play.runners)
    return floor


def worth(floor: Floor) -> dict[str, int]:
    """Return what each customer has, less what is owed."""
    return {name: floor.cash(name) + floor.escrow(name) - floor.owed(name) for name in floor.people}


@given(play=plays(), ends=st.lists(ENDS, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_escrow_is_what_can_be_lost_and_the_money_adds_up(play: Play, ends: list[End]) -> None:
    """Hold 10, 14 and 15: covered, dead-heated and reinstated markets against a naive twin that counts in fractions."""
    floor = Watched(twin=NaiveMarket(play.runners, play.winners, play.rule, play.fewest, play.covers))
    acted(play, floor)
    before = worth(floor)
    for place, end in enumerate(ends):
        conclude(end, floor, correction=place > 0)
        after = worth(floor)
        taken = {event.customer: event.commission_minor for event in settled(floor)}
        for name, customer in floor.people.items():
            profit_minor = floor.twin.profits_minor.get(customer, 0)
            assert after[name] == before[name] + profit_minor - taken.get(customer, 0)
        fees, rounding = floor.house_has(AccountClass.FEES), floor.house_has(AccountClass.ROUNDING)
        assert sum(after.values()) + fees + rounding == sum(before.values())
        assert 0 <= rounding < max(1, len(taken))
        assert floor.balance_minor(floor.market, "USD", AccountClass.SETTLEMENT) == 0


def settled(floor: Floor) -> list[PositionSettled]:
    """Return what was booked last for each customer."""
    every = [event for entry in floor.history for event in entry.events if isinstance(event, PositionSettled)]
    return list({event.customer: event for event in every}.values())


@given(play=plays(), ends=st.lists(ENDS, min_size=2, max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_corrected_market_is_as_if_settled_rightly_at_once(play: Play, ends: list[End]) -> None:
    corrected, at_once = acted(play, Floor()), acted(play, Floor())
    for place, end in enumerate(ends):
        conclude(end, corrected, correction=place > 0)
    conclude(ends[-1], at_once)
    for floor in (corrected, at_once):
        floor.house.check()
    balances = [
        {account: minor for account, minor in floor.house.ledger.balances.items() if minor}
        for floor in (corrected, at_once)
    ]
    assert balances[0] == balances[1]


@given(play=plays(), ends=st.lists(ENDS, min_size=2, max_size=3), who=st.sets(st.sampled_from(list(CASH_MINOR))))
@settings(max_examples=60, deadline=None)
def test_who_took_the_money_out_before_a_correction_owes_it(play: Play, ends: list[End], who: set[str]) -> None:
    corrected, at_once = acted(play, Floor()), acted(play, Floor())
    withdrawn = dict.fromkeys(CASH_MINOR, 0)
    for place, end in enumerate(ends):
        conclude(end, corrected, correction=place > 0)
        for name in sorted(who) if place < len(ends) - 1 else ():
            if corrected.cash(name):
                withdrawn[name] += corrected.cash(name)
                corrected.move(Withdraw(corrected.people[name], "USD", corrected.cash(name), Rail.DESK))
    conclude(ends[-1], at_once)
    corrected.house.check()
    assert {name: minor + withdrawn[name] for name, minor in worth(corrected).items()} == worth(at_once)
    for kept in (AccountClass.FEES, AccountClass.ROUNDING):
        assert corrected.house_has(kept) == at_once.house_has(kept)
    for name in CASH_MINOR:
        assert corrected.owed(name) >= 0
        assert corrected.owed(name) == 0 or corrected.cash(name) == 0


@given(play=plays(), more=MOVES)
@settings(max_examples=60, deadline=None)
def test_an_order_taken_back_unmatched_leaves_no_trace_in_the_balances(play: Play, more: Move) -> None:
    floor = acted(play, Floor())
    before = worth(floor)
    customer = list(floor.people.values())[more.who]
    runner = RunnerId(more.runner % play.runners + 1)
    placed = floor.do(PlaceOrder(customer, floor.market, runner, more.side, more.odds, more.stake_minor))[0]
    assert worth(floor) == before
    if isinstance(placed, OrderPlaced):
        floor.do(CancelOrders(customer))
    for other in floor.people.values():
        floor.do(CancelOrders(other))
    assert worth(floor) == before
    floor.house.check()
    conclude(End((), 0, 0, void=True), floor)
    assert all(floor.escrow(name) == 0 for name in floor.people)
    assert worth(floor) == before


@given(moves=st.lists(MOVES, min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_cancelling_all_gives_back_exactly_what_was_held(moves: list[Move]) -> None:
    floor = Floor()
    begin(Play(3, 1, 0, 0, []), floor)
    for move in moves:
        customer = list(floor.people.values())[move.who]
        # Backs alone never meet, so nothing is matched.
        floor.do(
            PlaceOrder(customer, floor.market, RunnerId(move.runner % 3 + 1), Side.BACK, move.odds, move.stake_minor)
        )
    for customer in floor.people.values():
        (first, *_) = floor.do(CancelOrders(customer))
        assert not isinstance(first, Rejected) or first.reason is SharedReason.NOTHING_CHANGES
    assert {name: floor.cash(name) for name in CASH_MINOR} == CASH_MINOR
