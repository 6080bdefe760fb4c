"""Booked positions leave memory, come back for a correction a part at a time, and leave again."""

import pytest

from evens.core.commands.exchange import SettleMarket, VoidMarket
from evens.core.events.exchange import PositionsRecalled
from evens.core.exchange import recalling
from evens.core.exchange.market import Market
from evens.core.exchange.state import Exchange
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import RunnerId
from tests.core.exchange.floor import Floor, open_floor

NAMES = ("ann", "bob", "cid", "dan", "eve")
START = 100_000


@pytest.fixture
def floor() -> Floor:
    """A floor on which everybody bets against ann, on two runners."""
    floor = open_floor(*NAMES, commission_bps=500)
    for turn, name in enumerate(NAMES[1:]):
        runner = RunnerId(1 + turn % 2)
        floor.place("ann lay 100 @ 3.00", runner=runner)
        floor.place(f"{name} back 100 @ 3.00", runner=runner)
    return floor


def settle(floor: Floor, winner: int, correction: bool = False) -> None:
    floor.finish(SettleMarket(floor.market, (RunnerId(winner),), correction=correction))


def market_of(floor: Floor) -> Market:
    return floor.house.exchange.markets[floor.market]


def test_what_is_booked_leaves_memory(floor: Floor) -> None:
    """Hold 27: memory follows what is live."""
    settle(floor, 1)
    market = market_of(floor)
    assert market.status is MarketStatus.SETTLED
    assert market.positions == market.results == market.corrected == {}
    assert floor.house.exchange.share(floor.market, RunnerId(1)) == (1, 1)
    floor.house.check()


@pytest.mark.parametrize("part", [1, 2, 4, 5, 100])
def test_a_correction_recalls_all_in_parts_and_forgets_them(
    floor: Floor, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 27: a correction brings the market back, and lets it go again."""
    monkeypatch.setattr(recalling, "POSITIONS_PER_PART", part)
    settle(floor, 1)
    settle(floor, 2, correction=True)
    happened = [event for entry in floor.history for event in entry.events]
    parts = [len(event.positions) for event in happened if isinstance(event, PositionsRecalled)]
    assert sum(parts) == len(NAMES)
    assert all(count == part for count in parts[:-1])
    assert parts[-1] < part
    assert market_of(floor).positions == {}
    straight = open_floor(*NAMES, commission_bps=500)
    for turn, name in enumerate(NAMES[1:]):
        runner = RunnerId(1 + turn % 2)
        straight.place("ann lay 100 @ 3.00", runner=runner)
        straight.place(f"{name} back 100 @ 3.00", runner=runner)
    settle(straight, 2)
    assert [floor.cash(name) for name in NAMES] == [straight.cash(name) for name in NAMES]
    floor.house.check()
    assert floor.replayed().digest() == floor.house.digest()


def test_a_house_loaded_while_positions_come_back_begins_anew_and_books_the_same(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold 27: what was recalled twice is the same twice."""
    monkeypatch.setattr(recalling, "POSITIONS_PER_PART", 2)
    settle(floor, 1)
    floor.do(VoidMarket(floor.market, correction=True))
    while market_of(floor).recalled_up_to == 0:
        (chore,) = floor.house.chores(floor.next_at, 1)
        floor.do(chore)
    market = market_of(floor)
    assert market.stage is Stage.RECALLING
    assert len(market.positions) == 2
    before = floor.house.digest()
    forget_what_was_recalled(floor.house.exchange, market)
    assert floor.house.digest() == before, "how far it has come makes no difference"
    floor.work()
    assert [floor.cash(name) for name in NAMES] == [START] * len(NAMES)
    assert floor.replayed().digest() == floor.house.digest()


def forget_what_was_recalled(exchange: Exchange, market: Market) -> None:
    """Do what loading does to a market that was recalling positions."""
    market.positions.clear()
    market.corrected.clear()
    exchange.enter(market, Stage.RECALLING)
