"""Rows of bets against a naive client: whoever applies every change knows the orders and what was matched."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.betting import Persistence, Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, OrderId, RunnerId
from evens.core.values.money import Currency
from evens.edges.betfair.stream.bet_pictures import BetPicture, CustomerBets, MarketBets, RunnerBets
from evens.edges.betfair.stream.bet_rows import BetProjection, bet_changes
from evens.store.exchange.queries import OrderRow
from tests.betfair.stream.naive_client import BetsCopy

USD = Currency(1, "USD", 2)
STRATEGIES = ("", "one", "two")
ODDS = st.sampled_from([150, 200, 310])


def _bet(number: int, market: int, runner: int, matched_minor: int, ended: bool, strategy: str) -> BetPicture:
    remaining_minor = 0 if ended else 50
    order = OrderRow(
        id=OrderId(number), market=MarketId(market), runner=RunnerId(runner), customer=CustomerId(1), side=Side.BACK,
        odds=300, stake_minor=matched_minor + 50, remaining_minor=remaining_minor, matched_minor=matched_minor,
        matched_value_cents=matched_minor * 300, cancelled_minor=50 - remaining_minor, lapsed_minor=0,
        persistence=Persistence.LAPSE, time_in_force=TimeInForce.GOOD_TILL_CANCELLED, due_at=None,
        placed_at=1_000_000, client_ref=None, strategy_ref=strategy or None,
    )  # fmt: skip
    return BetPicture(order, matched_at=2_000_000 if matched_minor else None)


def _runner(market: int, runner: int) -> st.SearchStrategy[RunnerBets]:
    base = 100 * market + 10 * runner
    bets = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from(STRATEGIES)), max_size=3).map(
        lambda found: {
            OrderId(base + place): _bet(base + place, market, runner, matched, ended, strategy)
            for place, (matched, ended, strategy) in enumerate(found)
        }
    )
    matched = st.dictionaries(
        st.tuples(st.sampled_from(STRATEGIES), st.sampled_from(list(Side)), ODDS), st.integers(1, 500), max_size=4
    )
    return st.builds(RunnerBets, bets, matched, st.booleans())


def _market(market: int) -> st.SearchStrategy[MarketBets]:
    runners = st.fixed_dictionaries({RunnerId(number): _runner(market, number) for number in (1, 2)})
    return st.builds(MarketBets, st.just(USD), runners, st.booleans())


def pictures() -> st.SearchStrategy[list[CustomerBets]]:
    """Return pictures one after the other; what is left out of one is as it was before."""
    changes = st.dictionaries(st.sampled_from([1, 2]), st.none(), max_size=2).flatmap(
        lambda chosen: st.fixed_dictionaries({MarketId(number): _market(number) for number in chosen})
    )
    return st.lists(changes, min_size=1, max_size=4).map(_in_a_row)


def _in_a_row(changes: list[dict[MarketId, MarketBets]]) -> list[CustomerBets]:
    now: dict[MarketId, MarketBets] = {}
    found: list[CustomerBets] = []
    for seq, changed in enumerate(changes):
        now = now | changed
        found.append(CustomerBets(seq, now))
    return found


def _expected(picture: CustomerBets) -> dict[Any, dict[float, float]]:
    """Return what counts as matched, by market, runner and name of the side."""
    found: dict[Any, dict[float, float]] = {}
    for market, bets in picture.markets.items():
        for number, runner in bets.runners.items():
            if runner.is_void:
                continue
            for (_, side, odds), minor in runner.matched.items():
                sizes = found.setdefault((f"1.{market}", number, "mb" if side is Side.BACK else "ml"), {})
                sizes[odds / 100] = round(sizes.get(odds / 100, 0) + minor / 100, 2)
    return found


@given(pictures(), st.sets(st.integers(0, 3)))
def test_a_client_that_applies_every_change_knows_all_bets(told: list[CustomerBets], slept_through: set[int]) -> None:
    copy, sent = BetsCopy(), None
    for place, picture in enumerate(told):
        if place in slept_through:
            continue
        for entry in bet_changes(sent, picture, BetProjection()):
            copy.take(entry)
        sent = picture
        assert {key: sizes for key, sizes in copy.matched.items() if sizes} == _expected(picture)
        for bets in picture.markets.values():
            for runner in bets.runners.values():
                for number, bet in runner.bets.items():
                    order = copy.orders[str(number)]
                    voided = bet.order.matched_minor / 100 if runner.is_void else 0
                    assert (order["sm"] + order["sv"], order["sv"]) == (bet.order.matched_minor / 100, voided)
                    assert order["status"] == ("E" if bet.order.remaining_minor else "EC")


@given(pictures(), st.frozensets(st.sampled_from(STRATEGIES), min_size=1))
def test_only_the_strategies_that_were_asked_for_are_told(told: list[CustomerBets], chosen: frozenset[str]) -> None:
    projection = BetProjection(with_position=False, by_strategy=True, strategies=chosen)
    sent = None
    for picture in told:
        for entry in bet_changes(sent, picture, projection):
            for runner in entry.get("orc", ()):
                assert not {"mb", "ml"} & runner.keys()
                assert set(runner.get("smc", {})) <= chosen
                assert {order["rfs"] for order in runner.get("uo", ())} <= chosen
        sent = picture


@given(pictures())
def test_nothing_is_told_of_what_is_the_same(told: list[CustomerBets]) -> None:
    assert bet_changes(told[-1], told[-1], BetProjection()) == []
