"""The examples that the rules' own documentation works out."""

import pytest

from evens.core.commands.exchange import SettleMarket
from evens.core.commands.wallets import Withdraw
from evens.core.values.ids import AccountClass, Rail, RunnerId
from tests.core.exchange.floor import Floor, drawn, moved, open_floor


@pytest.fixture
def floor() -> Floor:
    """A market with runners 1, 2 and 3, and three customers with 100.00 each."""
    return open_floor("ann", "bob", "cid", cash_minor=10_000, commission_bps=500)


def test_an_order_is_matched_with_the_best_odds_first(floor: Floor) -> None:
    floor.place("bob lay 3000 @ 2.50")
    floor.place("cid lay 2000 @ 2.46")
    events = floor.do(floor.order("ann back 6000 @ 2.40"))
    assert floor.bets(events) == ["bob 3000 @ 2.50", "cid 2000 @ 2.46"]
    assert moved(events) == [("STAKE", 6_000)]
    assert floor.book() == drawn("back 2.40: ann 1000")
    assert (floor.escrow("bob"), floor.escrow("cid")) == (4_500, 2_920)


def test_a_hedge_frees_what_can_no_longer_be_lost(floor: Floor) -> None:
    floor.place("bob lay 1000 @ 3.00")
    floor.place("ann back 1000 @ 3.00")
    assert floor.escrow("ann") == 1_000
    floor.place("cid back 1500 @ 2.00")
    floor.place("ann lay 1500 @ 2.00")
    assert floor.escrow("ann") == 0
    assert floor.cash("ann") == 10_000


def test_escrow_follows_a_position_down(floor: Floor) -> None:
    floor.place("cid back 2000 @ 3.00")
    floor.place("bob lay 2000 @ 3.00")
    assert floor.escrow("bob") == 4_000
    floor.place("ann lay 1000 @ 3.00")
    assert moved(floor.do(floor.order("bob back 1000 @ 3.00"))) == [("RELEASE", 2_000)]


@pytest.mark.parametrize("cash_left_minor", [11_900, 2_500])
def test_a_result_and_its_correction_end_as_the_right_result_would_have(floor: Floor, cash_left_minor: int) -> None:
    floor.place("bob lay 1000 @ 3.00")
    floor.place("ann back 1000 @ 3.00")
    assert (floor.escrow("ann"), floor.escrow("bob")) == (1_000, 2_000)
    floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
    assert (floor.cash("ann"), floor.cash("bob"), floor.house_has(AccountClass.FEES)) == (11_900, 8_000, 100)
    spent_minor = 11_900 - cash_left_minor
    if spent_minor:
        floor.move(Withdraw(floor.people["ann"], "USD", spent_minor, Rail.DESK))
    begun = len(floor.history)
    floor.finish(SettleMarket(floor.market, (RunnerId(2),), correction=True))
    booked = [each for entry in floor.history[begun:] for each in moved(entry.events)]
    lent_minor = 3_000 - min(cash_left_minor + 100, 3_000)
    assert booked == [
        ("REVERSAL", 100),
        *([("ADVANCE", lent_minor)] if lent_minor else []),
        ("REVERSAL", 2_000),
        ("LOSS", 1_000),
        ("REVERSAL", 2_000),
        ("PAYOUT", 1_000),
        ("COMMISSION", 50),
    ]
    assert floor.cash("ann") - floor.owed("ann") == 10_000 - 1_000 - spent_minor
    assert floor.cash("bob") == 10_000 + 950
    floor.house.check()
