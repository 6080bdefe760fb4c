"""A settled market that turns out otherwise: what was booked is reversed, and whoever cannot pay back owes it."""

from dataclasses import replace

from evens.core.commands.exchange import AdvanceMarket, SetCommissionDiscount, SettleMarket, VoidMarket
from evens.core.commands.wallets import Withdraw
from evens.core.events.every import Event
from evens.core.events.exchange import PositionSettled, ResultDeclared
from evens.core.values.betting import MarketStatus
from evens.core.values.ids import AccountClass, Rail, RunnerId
from tests.core.exchange.floor import Floor, moved, open_floor

START = 100_000


def settled_floor(*winners: int, commission_bps: int = 0) -> Floor:
    """Return a floor on which ann backed the first runner with bob, and the market is settled."""
    floor = open_floor("ann", "bob", commission_bps=commission_bps)
    floor.place_all("bob lay 100 @ 3.00", "ann back 100 @ 3.00")
    floor.finish(SettleMarket(floor.market, tuple(map(RunnerId, winners))))
    return floor


def correct(floor: Floor, *winners: int, dead_heat: bool = False) -> None:
    floor.finish(SettleMarket(floor.market, tuple(map(RunnerId, winners)), dead_heat, correction=True))


def gains(floor: Floor) -> dict[str, int]:
    """Return what everybody has won or lost, less what is owed."""
    return {name: floor.cash(name) - floor.owed(name) - START for name in floor.people}


def test_a_win_becomes_a_loss_and_a_win_again() -> None:
    floor = settled_floor(1)
    assert gains(floor) == {"ann": 200, "bob": -200}
    correct(floor, 2)
    assert gains(floor) == {"ann": -100, "bob": 100}
    correct(floor, 1)
    assert gains(floor) == {"ann": 200, "bob": -200}
    floor.house.check()


def test_the_correction_is_the_next_settlement_of_the_market() -> None:
    floor = settled_floor(1)
    declared = floor.do(SettleMarket(floor.market, (RunnerId(2),), correction=True))[0]
    assert declared == ResultDeclared(floor.market, 2, ((RunnerId(2), 1),), 1)
    assert floor.house.exchange.markets[floor.market].status is MarketStatus.CLOSED
    floor.work()
    assert floor.house.exchange.markets[floor.market].status is MarketStatus.SETTLED


def test_who_pays_back_comes_first_and_the_money_goes_on() -> None:
    floor = settled_floor(1)
    floor.do(SettleMarket(floor.market, (RunnerId(2),), correction=True))
    lapsing, recalling, settling = (floor.do(AdvanceMarket(floor.market)) for _ in range(3))
    assert moved(lapsing) == moved(recalling) == []
    assert moved(settling) == [("REVERSAL", 200), ("LOSS", 100), ("REVERSAL", 200), ("PAYOUT", 100)]


def test_the_same_result_again_moves_nothing() -> None:
    floor = settled_floor(1, commission_bps=500)
    before = dict(floor.house.ledger.balances)
    correct(floor, 1)
    assert floor.house.ledger.balances == before


def test_commission_is_given_back_and_taken_where_it_is_due_now() -> None:
    floor = settled_floor(1, commission_bps=500)
    assert gains(floor) == {"ann": 190, "bob": -200}
    correct(floor, 2)
    assert gains(floor) == {"ann": -100, "bob": 95}
    assert floor.house_has(AccountClass.FEES) == 5


def test_the_discount_at_the_first_settlement_counts_for_corrections_too() -> None:
    """Hold 16: a discount that is given, changed or taken back afterwards changes nothing of what was settled."""
    floor = settled_floor(1, commission_bps=500)
    floor.do(SetCommissionDiscount(floor.people["ann"], 5_000))
    floor.do(SetCommissionDiscount(floor.people["bob"], 10_000))
    correct(floor, 1)
    assert gains(floor) == {"ann": 190, "bob": -200}
    correct(floor, 2)
    assert gains(floor) == {"ann": -100, "bob": 95}
    floor.do(SetCommissionDiscount(floor.people["bob"], 0))
    correct(floor, 1)
    assert gains(floor) == {"ann": 190, "bob": -200}
    assert floor.house_has(AccountClass.FEES) == 10
    assert floor.replayed().digest() == floor.house.digest()


def test_a_settlement_from_before_the_discount_was_kept_is_corrected_with_the_one_of_today() -> None:
    """Hold 16: old records say no discount, and keep what was booked until they are corrected."""
    floor = settled_floor(1, commission_bps=500)
    floor.history = [replace(entry, events=tuple(map(without_discount, entry.events))) for entry in floor.history]
    floor.do(SetCommissionDiscount(floor.people["ann"], 5_000))
    correct(floor, 1)
    assert gains(floor) == {"ann": 195, "bob": -200}


def without_discount(event: Event) -> Event:
    """Return a settlement as old records have it."""
    return replace(event, discount_bps=None) if isinstance(event, PositionSettled) else event


def test_fractions_that_went_to_the_house_come_back_first() -> None:
    floor = open_floor("ann", "bob", runners="abcd")
    floor.place_all("bob lay 100 @ 2.00", "ann back 100 @ 2.00")
    floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2), RunnerId(3)), dead_heat=True))
    assert floor.house_has(AccountClass.ROUNDING) == 1
    correct(floor, 4)
    assert floor.house_has(AccountClass.ROUNDING) == 0
    assert gains(floor) == {"ann": -100, "bob": 100}
    correct(floor, 1, 2, 3, dead_heat=True)
    assert floor.house_has(AccountClass.ROUNDING) == 1


def test_a_result_can_be_voided_and_a_void_market_settled() -> None:
    floor = settled_floor(1, commission_bps=500)
    floor.finish(VoidMarket(floor.market, correction=True))
    assert gains(floor) == {"ann": 0, "bob": 0}
    assert floor.house.exchange.markets[floor.market].status is MarketStatus.VOID
    assert floor.house_has(AccountClass.FEES) == 0
    correct(floor, 2)
    assert gains(floor) == {"ann": -100, "bob": 95}


def test_who_took_the_winnings_out_owes_them() -> None:
    floor = settled_floor(1)
    floor.do(Withdraw(floor.people["ann"], "USD", START + 150, Rail.DESK))
    correct(floor, 2)
    assert (floor.cash("ann"), floor.owed("ann")) == (0, 250)
    assert floor.cash("bob") == START + 100
    floor.house.check()


def test_a_debt_is_paid_back_out_of_the_next_winnings() -> None:
    floor = settled_floor(1)
    floor.do(Withdraw(floor.people["ann"], "USD", START + 200, Rail.DESK))
    correct(floor, 2)
    assert (floor.cash("ann"), floor.owed("ann")) == (0, 300)
    correct(floor, 1)
    assert (floor.cash("ann"), floor.owed("ann")) == (0, 0)
    floor.house.check()


def test_a_debt_is_paid_back_out_of_an_order_that_lapses() -> None:
    floor = settled_floor(1)
    ann = floor.people["ann"]
    other = floor.create()
    floor.place("ann back 500 @ 3.00", market=other)
    floor.do(Withdraw(ann, "USD", floor.cash("ann"), Rail.DESK))
    correct(floor, 2)
    assert floor.owed("ann") == 300
    floor.finish(VoidMarket(other))
    assert (floor.cash("ann"), floor.owed("ann")) == (200, 0)
