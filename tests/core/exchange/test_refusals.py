"""Why an order, a removal or a result is refused: each reason with its facts, and which of two reasons comes first."""

from itertools import combinations

import pytest

from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    ORDERS_PER_MARKET_MAX,
    CloseMarket,
    PlaceOrder,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.commands.wallets import FreezeCustomer, Withdraw
from evens.core.events.exchange import OrderPlaced
from evens.core.events.ledger import Fact, Rejected
from evens.core.exchange.order_checks import STAND_CENTS_MAX
from evens.core.exchange.reasons import PRECEDENCE, ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import RETURN_CENTS_MAX
from evens.core.values.betting import Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, Rail, RunnerId
from evens.core.values.reasons import Reason
from tests.core.exchange.floor import Floor, open_floor

NOBODY, NOTHING = CustomerId(4711), MarketId(4711)
LEAST_MINOR = 50
RICH_MINOR = 10**17

FACTS: dict[Reason, tuple[Fact, ...]] = {
    SharedReason.CUSTOMER_UNKNOWN: (),
    ExchangeReason.MARKET_UNKNOWN: (),
    ExchangeReason.RUNNER_UNKNOWN: (),
    SharedReason.CUSTOMER_FROZEN: (),
    ExchangeReason.MARKET_CLOSED: (),
    ExchangeReason.MARKET_BUSY: (),
    ExchangeReason.MARKET_SUSPENDED: (),
    ExchangeReason.MARKET_VERSION_STALE: (("market_version", 3),),
    ExchangeReason.RUNNER_REMOVED: (),
    ExchangeReason.ODDS_OFF_LADDER: (("odds_below", 210), ("odds_above", 212)),
    SharedReason.STAKE_TOO_SMALL: (("currency", "USD"), ("limit_minor", LEAST_MINOR)),
    SharedReason.STAKE_TOO_LARGE: (("currency", "USD"), ("limit_minor", RETURN_CENTS_MAX // 210)),
    ExchangeReason.MIN_FILL_TOO_LARGE: (),
    ExchangeReason.ORDERS_LIMIT: (("orders_max", ORDERS_PER_MARKET_MAX),),
    ExchangeReason.SELF_MATCH: (),
    SharedReason.INSUFFICIENT_FUNDS: (("currency", "USD"), ("needed_minor", 100), ("available_minor", 99)),
}
"""What can speak against an order, in the order in which it is looked for, and what is said with it."""

APART = [
    {ExchangeReason.MARKET_CLOSED, ExchangeReason.MARKET_SUSPENDED},
    {ExchangeReason.RUNNER_REMOVED, ExchangeReason.SELF_MATCH},
    {SharedReason.STAKE_TOO_SMALL, SharedReason.STAKE_TOO_LARGE},
]
"""What cannot speak against an order at the same time."""


def prepare(reasons: set[Reason]) -> Floor:
    """Bring about what speaks against ann's order, as far as it is not in the order itself."""
    floor = open_floor("ann", "bob", cash_minor=RICH_MINOR, min_stake_minor=LEAST_MINOR)
    if ExchangeReason.SELF_MATCH in reasons:
        floor.place("ann lay 100 @ 3.00")
    if ExchangeReason.ORDERS_LIMIT in reasons:
        market = floor.house.exchange.markets[floor.market]
        while len(market.position(floor.people["ann"]).orders) < ORDERS_PER_MARKET_MAX:
            floor.place("ann back 50 @ 1000.00", runner=RunnerId(2))
    if ExchangeReason.RUNNER_REMOVED in reasons:
        floor.finish(RemoveRunner(floor.market, RunnerId(1), 0))
        floor.do(ResumeMarket(floor.market))
    elif ExchangeReason.MARKET_VERSION_STALE in reasons:
        floor.do(SuspendMarket(floor.market))
        floor.do(ResumeMarket(floor.market))
    if SharedReason.INSUFFICIENT_FUNDS in reasons:
        floor.do(Withdraw(floor.people["ann"], "USD", floor.cash("ann") - 99, Rail.DESK))
    if SharedReason.CUSTOMER_FROZEN in reasons:
        floor.do(FreezeCustomer(floor.people["ann"]))
    bring_to_a_halt(floor, reasons)
    return floor


def bring_to_a_halt(floor: Floor, reasons: set[Reason]) -> None:
    """Close, occupy or suspend the market, as far as these reasons say so."""
    if ExchangeReason.MARKET_CLOSED in reasons:
        floor.do(CloseMarket(floor.market))
        if ExchangeReason.MARKET_BUSY not in reasons:
            floor.work()
    elif ExchangeReason.MARKET_BUSY in reasons:
        floor.do(TurnInPlay(floor.market))
    if ExchangeReason.MARKET_SUSPENDED in reasons:
        floor.do(SuspendMarket(floor.market))


def order(floor: Floor, reasons: set[Reason]) -> PlaceOrder:
    """Return ann's order with whatever these reasons find wrong in it."""
    stake_minor = 100
    if SharedReason.STAKE_TOO_SMALL in reasons:
        stake_minor = LEAST_MINOR - 1
    if SharedReason.STAKE_TOO_LARGE in reasons:
        stake_minor = RETURN_CENTS_MAX // 210 + 1
    fill_or_kill = ExchangeReason.MIN_FILL_TOO_LARGE in reasons
    return PlaceOrder(
        NOBODY if SharedReason.CUSTOMER_UNKNOWN in reasons else floor.people["ann"],
        NOTHING if ExchangeReason.MARKET_UNKNOWN in reasons else floor.market,
        RunnerId(9 if ExchangeReason.RUNNER_UNKNOWN in reasons else 1),
        Side.BACK,
        211 if ExchangeReason.ODDS_OFF_LADDER in reasons else 210,
        stake_minor,
        TimeInForce.FILL_OR_KILL if fill_or_kill else TimeInForce.GOOD_TILL_CANCELLED,
        stake_minor + 1 if fill_or_kill else None,
        market_version=1 if ExchangeReason.MARKET_VERSION_STALE in reasons else None,
    )


def possible(reasons: set[Reason]) -> bool:
    return not any(apart <= reasons for apart in APART)


def pairs() -> list[tuple[Reason, Reason]]:
    return [pair for pair in combinations(FACTS, 2) if possible(set(pair))]


def test_reasons_are_listed_here_in_their_order_of_precedence() -> None:
    assert list(FACTS) == sorted(FACTS, key=PRECEDENCE.index)


def test_an_order_against_which_nothing_speaks_is_placed() -> None:
    floor = prepare(set())
    assert isinstance(floor.do(order(floor, set()))[0], OrderPlaced)


@pytest.mark.parametrize("reason", FACTS)
def test_a_refusal_says_why_and_what_one_needs_to_know(reason: Reason) -> None:
    floor = prepare({reason})
    before = [line for line in floor.house.lines() if not line.startswith("house ")]
    assert floor.refuse(order(floor, {reason})) == Rejected(reason, FACTS[reason])
    assert [line for line in floor.house.lines() if not line.startswith("house ")] == before


@pytest.mark.parametrize(("first", "second"), pairs())
def test_of_two_reasons_against_an_order_the_first_is_given(first: Reason, second: Reason) -> None:
    floor = prepare({first, second})
    assert floor.refuse(order(floor, {first, second})).reason is first


def test_of_all_reasons_at_once_the_first_is_given_until_only_the_last_is_left() -> None:
    left = [reason for reason in FACTS if reason not in (ExchangeReason.MARKET_CLOSED, SharedReason.STAKE_TOO_LARGE)]
    while left:
        reasons = set(left)
        if not possible(reasons):
            reasons.discard(ExchangeReason.SELF_MATCH)
        floor = prepare(reasons)
        assert floor.refuse(order(floor, reasons)).reason is left.pop(0)


def test_the_version_that_is_current_is_accepted() -> None:
    floor = prepare({ExchangeReason.MARKET_VERSION_STALE})
    floor.place("ann back 50 @ 2.00", market_version=3)
    floor.place("ann back 50 @ 2.00", market_version=4)
    assert floor.turn_down("ann back 50 @ 2.00", market_version=2).reason is ExchangeReason.MARKET_VERSION_STALE


def test_stakes_at_their_bounds_are_accepted() -> None:
    floor = open_floor("ann", cash_minor=RICH_MINOR, min_stake_minor=LEAST_MINOR)
    floor.place(f"ann back {LEAST_MINOR} @ 2.00")
    floor.place(f"ann back {RETURN_CENTS_MAX // 200} @ 2.00")
    assert floor.turn_down(f"ann back {RETURN_CENTS_MAX // 200 + 1} @ 2.00").reason is SharedReason.STAKE_TOO_LARGE


@pytest.mark.parametrize(("side", "sign"), [(Side.BACK, 1), (Side.LAY, -1)])
def test_no_more_is_added_to_bets_that_could_outgrow_what_can_be_stored(side: Side, sign: int) -> None:
    floor = open_floor("ann", cash_minor=RICH_MINOR)
    position = floor.house.exchange.markets[floor.market].position(floor.people["ann"])
    position.stand(RunnerId(1)).value_cents = sign * (STAND_CENTS_MAX + 1)
    words = f"ann {side.name.lower()} 1 @ 2.00"
    assert floor.turn_down(words).reason is SharedReason.STAKE_TOO_LARGE
    position.stand(RunnerId(1)).value_cents = 0
    floor.place(words)


def test_a_complete_order_makes_room_for_another() -> None:
    floor = prepare({ExchangeReason.ORDERS_LIMIT})
    floor.place("bob lay 50 @ 1000.00", runner=RunnerId(2))
    floor.place("ann back 100 @ 2.00")


def test_an_order_at_a_price_of_another_ladder_is_told_the_ends() -> None:
    floor = open_floor("ann")
    floor.place("ann back 100 @ 1.01")
    floor.place("ann back 100 @ 1000.00")
    refusal = floor.refuse(PlaceOrder(floor.people["ann"], floor.market, RunnerId(1), Side.BACK, 100_001, 100))
    assert refusal == Rejected(ExchangeReason.ODDS_OFF_LADDER, (("odds_below", 100_000), ("odds_above", 100_000)))


class TestRemovalsAndResults:
    @pytest.fixture
    def floor(self) -> Floor:
        return open_floor("ann", "bob")

    def test_a_runner_is_removed_once_and_one_stays(self, floor: Floor) -> None:
        assert floor.refuse(RemoveRunner(floor.market, RunnerId(9), 0)) == Rejected(ExchangeReason.RUNNER_UNKNOWN)
        for runner in (RunnerId(1), RunnerId(2)):
            floor.finish(RemoveRunner(floor.market, runner, 0))
            assert floor.refuse(RemoveRunner(floor.market, runner, 0)) == Rejected(ExchangeReason.RUNNER_REMOVED)
        assert floor.refuse(RemoveRunner(floor.market, RunnerId(3), 0)) == Rejected(ExchangeReason.LAST_RUNNER)

    @pytest.mark.parametrize("runner", [0, 4, -1])
    def test_who_does_not_run_is_told_first(self, floor: Floor, runner: RunnerId) -> None:
        commands: list[Command] = [
            RemoveRunner(floor.market, runner, 0),
            SettleMarket(floor.market, (RunnerId(1), runner)),
        ]
        for command in commands:
            assert floor.refuse(command) == Rejected(ExchangeReason.RUNNER_UNKNOWN)
        floor.do(TurnInPlay(floor.market))
        for command in commands:
            assert floor.refuse(command) == Rejected(ExchangeReason.RUNNER_UNKNOWN)
        floor.work()
        floor.finish(VoidMarket(floor.market))
        for command in commands:
            assert floor.refuse(command) == Rejected(ExchangeReason.RUNNER_UNKNOWN)

    @pytest.mark.parametrize(
        ("winners", "dead_heat"), [((), False), ((1, 2), False), ((1, 1), False), ((1, 1), True), ((), True)]
    )
    def test_as_many_must_win_as_there_are_places(
        self, floor: Floor, winners: tuple[RunnerId, ...], dead_heat: bool
    ) -> None:
        refusal = floor.refuse(SettleMarket(floor.market, winners, dead_heat))
        assert refusal == Rejected(ExchangeReason.WINNERS_WRONG, (("winners", 1),))

    def test_a_removed_runner_cannot_win(self, floor: Floor) -> None:
        floor.finish(RemoveRunner(floor.market, RunnerId(1), 0))
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(1),))) == Rejected(ExchangeReason.RUNNER_REMOVED)

    def test_no_more_places_are_asked_for_than_runners_are_left(self) -> None:
        floor = open_floor("ann", runners="abc", winners=2)
        floor.finish(RemoveRunner(floor.market, RunnerId(1), 0))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 0))
        facts = (("winners", 1),)
        assert floor.refuse(SettleMarket(floor.market, (), dead_heat=True)) == Rejected(
            ExchangeReason.WINNERS_WRONG, facts
        )
        floor.finish(SettleMarket(floor.market, (RunnerId(3),)))

    def test_a_market_that_is_not_there_has_no_result(self, floor: Floor) -> None:
        for command in (
            SettleMarket(NOTHING, (RunnerId(1),)),
            VoidMarket(NOTHING),
            RemoveRunner(NOTHING, RunnerId(1), 0),
        ):
            assert floor.refuse(command) == Rejected(ExchangeReason.MARKET_UNKNOWN)

    def test_only_what_was_settled_is_corrected_and_only_by_a_correction(self, floor: Floor) -> None:
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(1),), correction=True)) == Rejected(
            ExchangeReason.NOT_SETTLED
        )
        assert floor.refuse(VoidMarket(floor.market, correction=True)) == Rejected(ExchangeReason.NOT_SETTLED)
        floor.do(SettleMarket(floor.market, (RunnerId(1),)))
        # The result is declared but not booked yet, so nothing can be corrected.
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(1),))) == Rejected(ExchangeReason.ALREADY_SETTLED)
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(2),), correction=True)) == Rejected(
            ExchangeReason.NOT_SETTLED
        )
        floor.work()
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(1),))) == Rejected(ExchangeReason.ALREADY_SETTLED)
        assert floor.refuse(VoidMarket(floor.market)) == Rejected(ExchangeReason.ALREADY_SETTLED)
        floor.finish(SettleMarket(floor.market, (RunnerId(2),), correction=True))
