"""Results and what they are worth: winners, losers, dead heats, void markets, commission, fractions."""

import pytest

from evens.core.commands.exchange import AdvanceMarket, RemoveRunner, SetCommissionDiscount, SettleMarket, VoidMarket
from evens.core.events.exchange import MarketStatusChanged, PositionSettled, ResultDeclared
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.betting import MarketStatus, Stage
from evens.core.values.ids import AccountClass, RunnerId
from evens.core.values.odds import FINEST
from tests.core.exchange.floor import FIRST, Floor, moved, open_floor

START = 100_000


def bet(floor: Floor, backer: str, layer: str, words: str, runner: RunnerId = FIRST) -> None:
    """Let two customers bet with each other: ``100 @ 2.00``."""
    floor.place(f"{layer} lay {words}", runner)
    floor.place(f"{backer} back {words}", runner)


def gains(floor: Floor) -> dict[str, int]:
    """Return what everybody has won or lost."""
    assert all(floor.escrow(name) == 0 for name in floor.people)
    return {name: floor.cash(name) - floor.owed(name) - START for name in floor.people}


def test_a_winning_back_is_paid_by_the_layer() -> None:
    floor = open_floor("ann", "bob")
    bet(floor, "ann", "bob", "100 @ 3.50")
    floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
    assert gains(floor) == {"ann": 250, "bob": -250}


def test_a_losing_back_is_the_layers() -> None:
    floor = open_floor("ann", "bob")
    bet(floor, "ann", "bob", "100 @ 3.50")
    floor.finish(SettleMarket(floor.market, (RunnerId(2),)))
    assert gains(floor) == {"ann": -100, "bob": 100}


def test_settling_says_who_won_and_then_books_everybody() -> None:
    floor = open_floor("ann", "bob", commission_bps=500)
    ann, bob = floor.people["ann"], floor.people["bob"]
    bet(floor, "ann", "bob", "100 @ 3.00")
    market = floor.market
    assert floor.do(SettleMarket(market, (RunnerId(1),))) == (ResultDeclared(market, 1, ((RunnerId(1), 1),), 1),)
    assert floor.escrow("bob") == 200
    floor.do(AdvanceMarket(market))
    at = floor.next_at
    events = floor.do(AdvanceMarket(market))
    assert [event for event in events if isinstance(event, PositionSettled)] == [
        PositionSettled(market, 1, bob, -200, 0, 0), PositionSettled(market, 1, ann, 200, 10, 0),
    ]  # fmt: skip
    assert moved(events) == [("LOSS", 200), ("RELEASE", 100), ("PAYOUT", 200), ("COMMISSION", 10)]
    assert events[-1] == MarketStatusChanged(market, MarketStatus.SETTLED, Stage.NOTHING, 2, at)


def test_unmatched_orders_lapse_before_the_market_is_settled() -> None:
    floor = open_floor("ann", "bob")
    bet(floor, "ann", "bob", "100 @ 2.00")
    floor.place_all("ann back 40 @ 3.00", "bob lay 60 @ 1.50")
    floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
    assert gains(floor) == {"ann": 100, "bob": -100}
    assert floor.book() == ""
    assert floor.turn_down("ann back 1 @ 2.00") == Rejected(ExchangeReason.MARKET_CLOSED)


def test_each_of_several_winners_pays() -> None:
    floor = open_floor("ann", "bob", "cid", runners="abc", winners=2)
    bet(floor, "ann", "bob", "100 @ 1.50", runner=RunnerId(1))
    bet(floor, "ann", "cid", "100 @ 1.80", runner=RunnerId(2))
    bet(floor, "bob", "cid", "100 @ 1.40", runner=RunnerId(3))
    floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2))))
    assert gains(floor) == {"ann": 130, "bob": -150, "cid": 20}


class TestDeadHeat:
    def test_half_of_the_stake_wins_and_half_loses(self) -> None:
        floor = open_floor("ann", "bob")
        bet(floor, "ann", "bob", "100 @ 4.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2)), dead_heat=True))
        # 50 at 4.00 wins 150, the other 50 lose.
        assert gains(floor) == {"ann": 100, "bob": -100}

    def test_at_short_odds_a_backer_of_a_dead_heat_loses(self) -> None:
        floor = open_floor("ann", "bob")
        bet(floor, "ann", "bob", "100 @ 1.50")
        floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2)), dead_heat=True))
        assert gains(floor) == {"ann": -25, "bob": 25}

    def test_three_for_two_places_win_on_two_thirds(self) -> None:
        floor = open_floor("ann", "bob", runners="abcd", winners=2)
        bet(floor, "ann", "bob", "300 @ 2.00", runner=RunnerId(1))
        floor.finish(SettleMarket(floor.market, (), tied=(RunnerId(1), RunnerId(2), RunnerId(3))))
        assert gains(floor) == {"ann": 100, "bob": -100}

    def test_fractions_go_to_the_house(self) -> None:
        floor = open_floor("ann", "bob", runners="abcd")
        bet(floor, "ann", "bob", "100 @ 2.00", runner=RunnerId(1))
        floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2), RunnerId(3)), dead_heat=True))
        # A third of 200 less the stake of 100 is −33⅓, which nobody can pay or be paid.
        assert gains(floor) == {"ann": -34, "bob": 33}
        assert floor.house_has(AccountClass.ROUNDING) == 1

    def test_as_many_winners_as_places_are_no_dead_heat(self) -> None:
        floor = open_floor("ann", "bob")
        bet(floor, "ann", "bob", "100 @ 4.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),), dead_heat=True))
        assert gains(floor) == {"ann": 300, "bob": -300}

    def test_all_may_have_won(self) -> None:
        floor = open_floor("ann", "bob", runners="ab")
        bet(floor, "ann", "bob", "100 @ 4.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(2), RunnerId(1)), dead_heat=True))
        assert gains(floor) == {"ann": 100, "bob": -100}


class TestTies:
    """Hold 14: only those that tie share, and fewer may win than there are places."""

    def test_of_three_places_two_who_tie_for_the_third_share_it(self) -> None:
        """Hold 14: 10.00 at 2.00 on a clear winner wins 10.00, 10.00 at 3.00 on a tied one 5.00."""
        floor = open_floor("ann", "bob", "cid", runners="abcde", winners=3)
        bet(floor, "ann", "bob", "1000 @ 2.00", runner=RunnerId(1))
        bet(floor, "cid", "bob", "1000 @ 3.00", runner=RunnerId(3))
        floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2)), tied=(RunnerId(3), RunnerId(4))))
        assert gains(floor) == {"ann": 1_000, "bob": -1_500, "cid": 500}

    @pytest.mark.parametrize(
        ("winners", "tied"), [((1, 2, 5), (3, 4)), ((1, 2), (3,)), ((1,), (3, 3, 4)), ((1, 1), (3, 4)), ((), (1, 2))]
    )
    def test_a_tie_is_for_fewer_places_than_there_are_in_it(
        self, winners: tuple[RunnerId, ...], tied: tuple[RunnerId, ...]
    ) -> None:
        """Hold 14: what is no result is refused."""
        floor = open_floor("ann", runners="abcde", winners=3)
        refused = floor.refuse(SettleMarket(floor.market, winners, tied=tied, fewer=True))
        assert refused.reason is ExchangeReason.WINNERS_WRONG

    def test_a_tied_runner_may_be_named_among_the_winners_too(self) -> None:
        """Hold 14: whoever is named as tied shares."""
        floor = open_floor("ann", "bob")
        bet(floor, "ann", "bob", "100 @ 4.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1), RunnerId(2)), tied=(RunnerId(1), RunnerId(2))))
        assert gains(floor) == {"ann": 100, "bob": -100}

    def test_nobody_may_win_if_the_operator_says_so_and_the_house_lends_what_that_costs_more(self) -> None:
        """Hold 14: all lays win; a feed that says so by mistake is refused."""
        floor = open_floor("ann", "bob", runners="ab")
        for runner in (RunnerId(1), RunnerId(2)):
            bet(floor, "ann", "bob", "100000 @ 2.00", runner=runner)
        assert (floor.escrow("ann"), floor.escrow("bob")) == (0, 0)
        refused = floor.refuse(SettleMarket(floor.market, ()))
        assert refused == Rejected(ExchangeReason.WINNERS_WRONG, (("winners", 1),))
        floor.finish(SettleMarket(floor.market, (), fewer=True))
        assert gains(floor) == {"ann": -200_000, "bob": 200_000}
        assert floor.owed("ann") == 100_000
        floor.finish(SettleMarket(floor.market, (RunnerId(1),), correction=True))
        assert gains(floor) == {"ann": 0, "bob": 0}

    def test_where_the_number_is_not_known_before_escrow_covers_every_number(self) -> None:
        """Hold 14: so nothing has to be lent, and any number between is a result."""
        floor = open_floor("ann", "bob", runners="ab", winners=2, winners_min=0)
        for runner in (RunnerId(1), RunnerId(2)):
            bet(floor, "ann", "bob", "100 @ 3.00", runner=runner)
        assert (floor.escrow("ann"), floor.escrow("bob")) == (200, 400)
        floor.finish(SettleMarket(floor.market, (RunnerId(2), RunnerId(1))))
        assert gains(floor) == {"ann": 400, "bob": -400}
        floor.finish(SettleMarket(floor.market, (), correction=True))
        assert gains(floor) == {"ann": -200, "bob": 200}


class TestVoid:
    def test_everybody_has_everything_back(self) -> None:
        floor = open_floor("ann", "bob", commission_bps=500)
        bet(floor, "ann", "bob", "100 @ 4.00")
        floor.place("ann back 40 @ 9.00")
        floor.finish(VoidMarket(floor.market))
        assert gains(floor) == {"ann": 0, "bob": 0}
        assert floor.house.exchange.markets[floor.market].status is MarketStatus.VOID
        assert floor.refuse(SettleMarket(floor.market, (RunnerId(1),))) == Rejected(ExchangeReason.ALREADY_SETTLED)

    def test_what_a_hedge_had_freed_stays_free(self) -> None:
        floor = open_floor("ann", "bob", "cid")
        bet(floor, "ann", "bob", "100 @ 3.00")
        bet(floor, "cid", "ann", "100 @ 2.00")
        floor.finish(VoidMarket(floor.market))
        assert gains(floor) == {"ann": 0, "bob": 0, "cid": 0}

    def test_a_market_without_bets_is_settled_too(self) -> None:
        floor = open_floor("ann")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert floor.house.exchange.markets[floor.market].status is MarketStatus.SETTLED


class TestCommission:
    def test_it_is_taken_from_the_net_profit_of_the_market_only(self) -> None:
        floor = open_floor("ann", "bob", commission_bps=500)
        bet(floor, "ann", "bob", "100 @ 4.00", runner=RunnerId(1))
        bet(floor, "ann", "bob", "100 @ 9.00", runner=RunnerId(2))
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        # 300 − 100 = 200, of which 5 % is 10; the loser pays none.
        assert gains(floor) == {"ann": 190, "bob": -200}
        assert floor.house_has(AccountClass.FEES) == 10

    def test_breaking_even_costs_nothing(self) -> None:
        floor = open_floor("ann", "bob", commission_bps=500)
        bet(floor, "ann", "bob", "100 @ 2.00", runner=RunnerId(1))
        bet(floor, "ann", "bob", "100 @ 9.00", runner=RunnerId(2))
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert gains(floor) == {"ann": 0, "bob": 0}
        assert floor.house_has(AccountClass.FEES) == 0

    @pytest.mark.parametrize(
        ("discount_bps", "taken_minor"), [(0, 10), (2_000, 8), (2_500, 8), (9_999, 0), (10_000, 0)]
    )
    def test_a_customers_discount_comes_off_the_rate(self, discount_bps: int, taken_minor: int) -> None:
        floor = open_floor("ann", "bob", commission_bps=500)
        floor.do(SetCommissionDiscount(floor.people["ann"], discount_bps))
        bet(floor, "ann", "bob", "100 @ 3.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert gains(floor) == {"ann": 200 - taken_minor, "bob": -200}

    def test_the_discount_of_one_is_not_the_others(self) -> None:
        floor = open_floor("ann", "bob", "cid", commission_bps=1_000)
        floor.do(SetCommissionDiscount(floor.people["ann"], 5_000))
        bet(floor, "ann", "bob", "100 @ 2.00")
        bet(floor, "cid", "bob", "100 @ 2.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert gains(floor) == {"ann": 95, "bob": -200, "cid": 90}

    def test_all_of_the_profit_can_be_commission(self) -> None:
        floor = open_floor("ann", "bob", commission_bps=10_000)
        bet(floor, "ann", "bob", "100 @ 2.00")
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert gains(floor) == {"ann": 0, "bob": -100}


def test_fractions_of_odds_are_summed_before_they_are_rounded() -> None:
    floor = open_floor("ann", "bob", "cid", ladder=FINEST)
    for _ in range(3):
        bet(floor, "ann", "bob", "1 @ 1.50")
    bet(floor, "cid", "bob", "1 @ 1.50")
    floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
    # ann wins 1½ and is paid 1, cid wins ½ and is paid nothing, bob loses exactly 2.
    assert gains(floor) == {"ann": 1, "bob": -2, "cid": 0}
    assert floor.house_has(AccountClass.ROUNDING) == 1


class TestRemovals:
    def test_bets_on_the_removed_are_void_and_odds_on_the_others_shrink(self) -> None:
        floor = open_floor("ann", "bob", "cid")
        bet(floor, "ann", "bob", "100 @ 4.00", runner=RunnerId(1))
        bet(floor, "cid", "bob", "100 @ 4.00", runner=RunnerId(2))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 2_500))
        assert floor.house.exchange.markets[floor.market].status is MarketStatus.SUSPENDED
        assert (floor.escrow("ann"), floor.escrow("bob"), floor.escrow("cid")) == (100, 200, 0)
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        # 4.00 less 25 % is 3.00.
        assert gains(floor) == {"ann": 200, "bob": -200, "cid": 0}

    def test_orders_on_the_removed_lapse_and_others_wait_on(self) -> None:
        floor = open_floor("ann")
        floor.place("ann back 100 @ 4.00", runner=RunnerId(1))
        floor.place("ann back 70 @ 4.00", runner=RunnerId(2))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 2_500))
        assert (floor.book(RunnerId(1)), floor.book(RunnerId(2))) == ("back 4.00: ann 100", "")
        assert floor.escrow("ann") == 100

    def test_reductions_add_up_one_upon_the_other(self) -> None:
        floor = open_floor("ann", "bob", runners="abcd")
        bet(floor, "ann", "bob", "100 @ 10.00")
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 5_000))
        floor.finish(RemoveRunner(floor.market, RunnerId(3), 2_000))
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert gains(floor) == {"ann": 300, "bob": -300}

    def test_a_reduced_return_is_rounded_down_for_both(self) -> None:
        floor = open_floor("ann", "bob")
        bet(floor, "ann", "bob", "3 @ 3.35")
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 3_333))
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        # 10.05 less 33.33 % is 6.700335; less the stake 3.70, counted as 3 for ann and as 4 against bob.
        assert gains(floor) == {"ann": 3, "bob": -4}

    def test_the_house_lends_what_a_removal_makes_a_customer_owe(self) -> None:
        floor = open_floor("bob", "cid")
        floor.join("ann", USD=100)
        # Whichever of the two wins, the other lay pays for it, so ann has her 100 again to bet on the third.
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(1))
        assert floor.cash("ann") == 0
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(2))
        assert (floor.cash("ann"), floor.escrow("ann")) == (100, 0)
        floor.place("ann back 100 @ 9.00", runner=RunnerId(3))
        assert (floor.cash("ann"), floor.escrow("ann")) == (0, 100)
        events = [*floor.do(RemoveRunner(floor.market, RunnerId(2), 0)), *floor.do(AdvanceMarket(floor.market))]
        # Without the second lay she loses 100 if the first runner wins and another 100 if her back is matched.
        assert ("ADVANCE", 100) in moved(events)
        assert (floor.cash("ann"), floor.escrow("ann"), floor.owed("ann")) == (0, 200, 100)
        floor.house.check()

    def test_who_owes_pays_back_out_of_the_next_release(self) -> None:
        floor = open_floor("bob", "cid")
        floor.join("ann", USD=100)
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(1))
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(2))
        floor.place("ann back 100 @ 9.00", runner=RunnerId(3))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 0))
        events = [*floor.do(SettleMarket(floor.market, (RunnerId(1),))), *floor.do(AdvanceMarket(floor.market))]
        assert moved(events) == [("RELEASE", 100), ("REPAYMENT", 100)]
        floor.work()
        assert (floor.cash("ann"), floor.escrow("ann"), floor.owed("ann")) == (0, 0, 0)
        assert floor.cash("cid") == START + 100

    def test_who_owes_pays_back_out_of_winnings(self) -> None:
        floor = open_floor("bob", "cid")
        floor.join("ann", USD=100)
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(1))
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(2))
        bet(floor, "ann", "bob", "100 @ 9.00", runner=RunnerId(3))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 0))
        assert floor.owed("ann") == 100
        floor.finish(SettleMarket(floor.market, (RunnerId(3),)))
        # She wins 100 from cid and 800 from bob, and has back what she staked.
        assert (floor.cash("ann"), floor.owed("ann")) == (1_000, 0)

    def test_a_debt_that_is_lost_stays(self) -> None:
        floor = open_floor("bob", "cid")
        floor.join("ann", USD=100)
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(1))
        bet(floor, "cid", "ann", "100 @ 2.00", runner=RunnerId(2))
        bet(floor, "ann", "bob", "100 @ 9.00", runner=RunnerId(3))
        floor.finish(RemoveRunner(floor.market, RunnerId(2), 0))
        floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
        assert (floor.cash("ann"), floor.owed("ann")) == (0, 100)
        floor.house.check()
