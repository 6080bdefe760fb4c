"""Markets with many customers: the work is done in parts, others bet in between, and at last the market is let go."""

import pytest

from evens.core import kernel
from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, RemoveRunner, SettleMarket, TurnInPlay
from evens.core.events.exchange import MarketArchived, OrderReduced, PositionReduced, PositionSettled, StageFinished
from evens.core.events.ledger import Rejected, Transferred
from evens.core.exchange.parts import CUSTOMERS_PER_CHUNK, ORDERS_PER_CHUNK
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import CORRECTION_WINDOW_NS
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, MarketId, RunnerId
from tests.core.exchange.floor import Floor, open_floor

BACKERS = [f"backer{number}" for number in range(3 * CUSTOMERS_PER_CHUNK + 20)]
PARTS = 4
START = 1_000


def crowded_floor() -> Floor:
    """Return a floor on which everybody backed the first runner with ann, and has an order on the second."""
    floor = open_floor(*BACKERS, cash_minor=START)
    floor.join("ann", USD=100_000)
    floor.place(f"ann lay {len(BACKERS) * 10} @ 3.00")
    for name in BACKERS:
        floor.place(f"{name} back 10 @ 3.00")
        floor.place(f"{name} back 5 @ 4.00", runner=RunnerId(2))
    return floor


def bet_elsewhere(floor: Floor, other: MarketId) -> None:
    """Let two of the crowd bet with each other on another market."""
    floor.place("backer7 lay 10 @ 2.00", market=other)
    floor.place(f"{BACKERS[-1]} back 10 @ 2.00", market=other)
    floor.house.check()


def test_a_market_is_settled_in_parts_while_others_bet_elsewhere() -> None:
    floor = crowded_floor()
    other = floor.create()
    floor.do(SettleMarket(floor.market, (RunnerId(1),)))
    booked: list[int] = []
    while AdvanceMarket(floor.market) in floor.house.agenda.long_work:
        assert floor.house.agenda.next_due_at() == 0
        assert floor.house.chores(floor.next_at, 10) == [AdvanceMarket(floor.market)]
        events = floor.do(AdvanceMarket(floor.market))
        assert sum(isinstance(event, Transferred) for event in events) <= TRANSFERS_PER_COMMAND_MAX
        some = [event.customer for event in events if isinstance(event, PositionSettled)]
        assert len(some) <= CUSTOMERS_PER_CHUNK
        booked += some
        bet_elsewhere(floor, other)
        assert floor.turn_down("backer1 back 1 @ 2.00") == Rejected(ExchangeReason.MARKET_CLOSED)
    assert booked == [floor.people["ann"], *(floor.people[name] for name in BACKERS)]
    assert floor.house.exchange.markets[floor.market].status is MarketStatus.SETTLED
    assert floor.cash("ann") == 100_000 - 20 * len(BACKERS)
    assert {floor.cash(name) for name in BACKERS if name not in ("backer7", BACKERS[-1])} == {START + 20}


def test_a_removal_is_carried_out_in_parts() -> None:
    floor = crowded_floor()
    other = floor.create()
    floor.do(RemoveRunner(floor.market, RunnerId(2), 5_000))
    parts: list[int] = []
    while AdvanceMarket(floor.market) in floor.house.agenda.long_work:
        events = floor.do(AdvanceMarket(floor.market))
        parts.append(sum(isinstance(event, PositionReduced) for event in events))
        bet_elsewhere(floor, other)
    assert sum(parts) == len(BACKERS) + 1
    assert (max(parts), len(parts)) == (CUSTOMERS_PER_CHUNK, PARTS + 1)
    assert floor.escrow("ann") == 10 * len(BACKERS) // 2


def test_after_many_orders_a_part_takes_no_further_customer() -> None:
    floor = open_floor("ann", "bob", "cid", cash_minor=10**6)
    for name in ("ann", "bob", "cid"):
        for _ in range(ORDERS_PER_CHUNK - 1):
            floor.place(f"{name} back 1 @ 2.00")
    floor.do(TurnInPlay(floor.market))
    first, second = floor.do(AdvanceMarket(floor.market)), floor.do(AdvanceMarket(floor.market))
    lapsed = [
        {floor.name(event.customer) for event in events if isinstance(event, OrderReduced)}
        for events in (first, second)
    ]
    assert lapsed == [{"ann", "bob"}, {"cid"}]
    assert floor.do(AdvanceMarket(floor.market)) == (StageFinished(floor.market, Stage.NOTHING),)


@pytest.mark.parametrize("stage", [Stage.LAPSING, Stage.REMOVING, Stage.SETTLING])
def test_who_takes_over_in_the_middle_goes_on_with_the_same_customers(stage: Stage) -> None:
    floor = crowded_floor()
    market = floor.market
    floor.do(
        RemoveRunner(market, RunnerId(2), 5_000) if stage is Stage.REMOVING else SettleMarket(market, (RunnerId(1),))
    )
    while floor.house.exchange.markets[market].stage is not stage:
        floor.do(AdvanceMarket(market))
    floor.do(AdvanceMarket(market))
    floor.do(AdvanceMarket(market))
    # A house made from the history has not begun with the customers' queue, and has to find its place in it.
    heir = floor.replayed()
    while AdvanceMarket(market) in floor.house.agenda.long_work:
        (chore,) = heir.chores(floor.next_at, 10)
        seq, at = floor.house.seq + 1, floor.next_at
        assert kernel.step(heir, chore, seq, at) == floor.do(chore)
    assert heir.digest() == floor.house.digest()


class TestArchiving:
    @pytest.fixture
    def floor(self) -> Floor:
        floor = open_floor("ann", "bob")
        floor.place_all("bob lay 100 @ 2.00", "ann back 100 @ 2.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        return floor

    def test_a_settled_market_is_let_go_when_it_can_no_longer_be_corrected(self, floor: Floor) -> None:
        settled_at = floor.house.exchange.markets[floor.market].settled_at
        assert settled_at is not None
        assert floor.house.agenda.next_due_at() == settled_at + CORRECTION_WINDOW_NS
        floor.wait(CORRECTION_WINDOW_NS)
        (chore,) = floor.house.chores(floor.next_at, 10)
        assert floor.do(chore) == (MarketArchived(floor.market),)
        assert floor.house.exchange.markets == {}
        assert floor.replayed().digest() == floor.house.digest()

    def test_a_market_that_was_let_go_is_unknown(self, floor: Floor) -> None:
        floor.wait(CORRECTION_WINDOW_NS)
        floor.work()
        assert floor.turn_down("ann back 1 @ 2.00") == Rejected(ExchangeReason.MARKET_UNKNOWN)
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(2),), correction=True)) == Rejected(
            ExchangeReason.MARKET_UNKNOWN
        )
        assert floor.refuse(ArchiveMarket(floor.market)) == Rejected(ExchangeReason.MARKET_ARCHIVED)

    def test_it_is_not_let_go_too_early(self, floor: Floor) -> None:
        settled_at = floor.house.exchange.markets[floor.market].settled_at
        assert settled_at is not None
        floor.at(settled_at + CORRECTION_WINDOW_NS - 1)
        assert floor.work() == 0
        assert floor.refuse(ArchiveMarket(floor.market)) == Rejected(ExchangeReason.ALREADY_SETTLED)
        assert floor.refuse(ArchiveMarket(floor.create())) == Rejected(ExchangeReason.NOT_SETTLED)

    def test_a_correction_begins_the_time_anew(self, floor: Floor) -> None:
        floor.wait(CORRECTION_WINDOW_NS - 10**9)
        floor.do(SettleMarket(floor.market, (RunnerId(2),), correction=True))
        floor.work()
        floor.wait(10**9)
        floor.work()
        assert floor.market in floor.house.exchange.markets
        floor.wait(CORRECTION_WINDOW_NS)
        floor.work()
        assert floor.house.exchange.markets == {}

    def test_it_stays_while_a_correction_is_booked(self, floor: Floor) -> None:
        floor.wait(CORRECTION_WINDOW_NS - 10**9)
        floor.do(SettleMarket(floor.market, (RunnerId(2),), correction=True))
        floor.wait(10**9)
        assert floor.refuse(ArchiveMarket(floor.market)) == Rejected(ExchangeReason.NOT_SETTLED)
