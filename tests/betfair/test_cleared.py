"""What bets came to after settlement, to the cent, through betfairlightweight's typed results."""

from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit


@pytest.fixture(scope="module")
def bettors(floor: Floor) -> tuple[Program, Program]:
    """Two who bet in nothing else."""
    return floor.program(), floor.program()


@pytest.fixture(scope="module")
def market(floor: Floor, bettors: tuple[Program, Program]) -> str:
    """A market that is settled, with bets at odds that leave fractions of a cent in a dead heat."""
    terms = {"event": "Derby", "event_type": "Horse Racing", "market_type": "WIN", "commission_bps": 500}
    market = floor.market("Red", "Blue", "Green", ladder="finest", **terms)
    dora, eve = bettors
    for price, size in ((3.33, 3.33), (2.77, 1.11), (1.91, 7.07)):
        eve.api.betting.place_orders(market, [limit(1, "LAY", price, size)])
        dora.api.betting.place_orders(market, [limit(1, "BACK", price, size)], customer_strategy_ref=f"p{price}")
    eve.api.betting.place_orders(market, [limit(3, "LAY", 2.0, 20)])
    dora.api.betting.place_orders(market, [limit(3, "BACK", 2.0, 20, customerOrderRef="void")])
    (waits,) = dora.api.betting.place_orders(market, [limit(2, "BACK", 9.0, 5)], lightweight=True)["instructionReports"]
    dora.api.betting.cancel_orders(market, [{"betId": waits["betId"], "sizeReduction": 2}])
    floor.operate(market, "runners/3/remove", {"reduction_bps": 0})
    floor.operate(market, "resume")
    floor.operate(market, "settle", {"winners": ["1", "2"], "dead_heat": True})
    return market


def cleared(program: Program, market: str, status: str = "SETTLED", **asked: Any) -> list[Any]:
    """Return cleared orders of a program in a market."""
    betting = program.api.betting
    return betting.list_cleared_orders(bet_status=status, market_ids=[market], lightweight=False, **asked).orders


def test_the_profits_of_bets_sum_up_to_what_was_booked(bettors: tuple[Program, Program], market: str) -> None:
    for program in bettors:
        bets = cleared(program, market)
        (rolled_up,) = cleared(program, market, group_by="MARKET")
        assert round(sum(bet.profit for bet in bets), 2) == rolled_up.profit
        assert (len(bets), rolled_up.bet_count) == (3, 3)
        cash, exposure = program.funds()
        assert (round(1000 + rolled_up.profit - rolled_up.commission, 2), exposure) == (cash, 0.0)
    dora, eve = bettors
    assert cleared(eve, market, group_by="MARKET")[0].commission == pytest.approx(
        round(max(cleared(eve, market, group_by="MARKET")[0].profit, 0) * 0.05, 2), abs=0.01
    )
    outcomes = [(bet.side, bet.price_matched, bet.bet_outcome) for bet in cleared(dora, market)]
    assert outcomes == [("BACK", 3.33, "WON"), ("BACK", 2.77, "WON"), ("BACK", 1.91, "LOST")]


@pytest.mark.parametrize(
    ("group", "rows"), [("EVENT_TYPE", 1), ("EVENT", 1), ("MARKET", 1), ("RUNNER", 1), ("SIDE", 1), ("STRATEGY", 3)]
)
def test_every_roll_up_has_the_same_sum(bettors: tuple[Program, Program], market: str, group: str, rows: int) -> None:
    dora, _ = bettors
    found = cleared(dora, market, group_by=group, include_item_description=True)
    assert len(found) == rows
    assert round(sum(each.profit for each in found), 2) == cleared(dora, market, group_by="MARKET")[0].profit


def test_void_cancelled_and_lapsed_bets_have_lists_of_their_own(bettors: tuple[Program, Program], market: str) -> None:
    dora, _ = bettors
    (void,) = cleared(dora, market, "VOIDED")
    assert (void.customer_order_ref, void.size_settled, void.profit) == ("void", 20.0, 0.0)
    (cancelled,) = cleared(dora, market, "CANCELLED")
    (lapsed,) = cleared(dora, market, "LAPSED")
    assert (cancelled.size_cancelled, lapsed.size_cancelled) == (2.0, 3.0)


def test_pages_and_conditions_take_a_part(bettors: tuple[Program, Program], market: str) -> None:
    dora, _ = bettors
    page = dora.api.betting.list_cleared_orders(market_ids=[market], record_count=2, lightweight=False)
    assert (len(page.orders), page.more_available) == (2, True)
    assert len(cleared(dora, market, customer_strategy_refs=["p1.91"])) == 1
    assert cleared(dora, market, side="LAY") == []
    assert cleared(dora, market, settled_date_range={"from": None, "to": "2026-01-01T00:00:00Z"}) == []
    assert cleared(dora, market, event_type_ids=["1"]) == []


def test_profit_and_loss_is_what_each_end_of_a_market_brings(floor: Floor, ann: Program, bob: Program) -> None:
    market = floor.market("Ann", "Bo", commission_bps=500)
    bob.api.betting.place_orders(market, [limit(1, "LAY", 3.0, 10)])
    ann.api.betting.place_orders(market, [limit(1, "BACK", 3.0, 10)])
    ((gross,), (net,)) = [
        ann.api.betting.list_market_profit_and_loss([market], net_of_commission=is_net, lightweight=False)
        for is_net in (False, True)
    ]
    assert [(each.selection_id, each.if_win) for each in gross.profit_and_losses] == [(1, 20.0), (2, -10.0)]
    assert [each.if_win for each in net.profit_and_losses] == [19.0, -10.0]
    assert net.commission_applied == 5.0
