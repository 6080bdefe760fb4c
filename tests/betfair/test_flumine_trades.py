"""Unmodified flumine trades: its own bookkeeping is our ledger, to the cent."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.betfair.conftest import Floor, Program, limit
from tests.betfair.flumine import Running, run_program
from tests.cli.program import eventually

CASH = "100000.00"
COMMISSION_BPS = 500
WINNER = 1


@dataclass(frozen=True)
class Played:
    """A market that is over: what flumine says of it, and who traded."""

    books: dict[str, Any]
    runners: dict[str, str]
    market: str
    user_id: str
    name: str


def _configuration(floor: Floor, market: str, name: str, key: str) -> dict[str, Any]:
    host, _, port = floor.server.announced["betfair_stream"].partition(":")
    return {
        "url": floor.server.url,
        "stream_host": host,
        "stream_port": int(port),
        "username": name,
        "password": key,
        "market": market,
    }


def _take(bob: Program, market: str, *orders: tuple[int, str, float, float]) -> None:
    """Bet against what waits."""
    instructions = [limit(*order, persistenceType="PERSIST") for order in orders]
    placed = bob.api.betting.place_orders(market, instructions)
    assert placed.status == "SUCCESS", [each.error_code for each in placed.place_instruction_reports]


def _lead(floor: Floor, bob: Program, market: str, strategy: Running) -> dict[str, str]:
    """Lead the market from the first orders to its result, and return how its runners ended."""
    assert strategy.told("changed")["orders"] == 240
    _take(bob, market, (1, "LAY", 3.3, 20.17), (2, "LAY", 3.25, 12.5), (3, "BACK", 2.8, 44.44))
    floor.operate(market, "suspend")
    floor.operate(market, "resume")
    _take(bob, market, (2, "BACK", 2.8, 23.03), (1, "LAY", 3.05, 4), (4, "LAY", 3.4, 20.4))
    floor.operate(market, "in-play")
    assert strategy.told("in play")["orders"] == 248
    _take(bob, market, (1, "LAY", 3, 5.55), (2, "BACK", 3, 9.01), (3, "LAY", 3.2, 15), (4, "BACK", 2.92, 13.33))
    path = f"/v1/exchange/orders?market_id=mkt_{market[2:]}&status=executable&user_id={bob.user_id}"
    assert eventually(lambda: not floor.desk.get(path).json()["items"])
    floor.operate(market, "settle", {"winners": [str(WINNER)]})
    return strategy.told("closed")["runners"]


@pytest.fixture(scope="module")
def played(floor: Floor, bob: Program, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Let a strategy trade in a market from its first order to its result."""
    trader = floor.program(CASH)
    terms = {"event": "Derby", "event_type": "Horse Racing", "bet_delay_seconds": 1, "commission_bps": COMMISSION_BPS}
    market = floor.market("Ann", "Bo", "Cy", "Di", **terms)
    configuration = _configuration(floor, market, trader.name, trader.key)
    folder: Path = tmp_path_factory.mktemp("flumine")
    with run_program("trader.py", folder, configuration) as strategy:
        runners = _lead(floor, bob, market, strategy)
        return Played(strategy.told("books"), runners, market, trader.user_id, trader.name)


def test_it_trades_without_an_error(played: Played) -> None:
    assert played.books["errors"] == []
    assert played.runners == {"1": "WINNER", "2": "LOSER", "3": "LOSER", "4": "LOSER"}
    orders = played.books["orders"]
    assert len(orders) == 248
    assert {order["status"] for order in orders} == {"Execution complete"}
    assert sum(order["size_matched"] > 0 for order in orders) > 20
    for what in ("size_cancelled", "size_lapsed"):
        assert sum(order[what] > 0 for order in orders) > 20, what


def test_every_order_is_ours(floor: Floor, played: Played) -> None:
    ours = {order["id"].removeprefix("ord_"): order for order in _pages(floor, "/v1/exchange/orders", played)}
    theirs = {order["bet_id"]: order for order in played.books["orders"]}
    assert theirs.keys() == ours.keys()
    for bet, order in theirs.items():
        our = ours[bet]
        assert (order["side"].lower(), str(order["selection_id"])) == (our["side"], our["runner_id"])
        for name, of_ours in (
            ("price", our["odds"]),
            ("size_matched", our["matched"]),
            ("size_remaining", our["remaining"]),
            ("size_cancelled", our["cancelled"]),
            ("size_lapsed", our["lapsed"]),
            ("average_price_matched", our["average_odds"] or 0),
        ):
            assert Decimal(str(order[name])) == Decimal(of_ours), (bet, name)


def test_its_profit_is_our_ledgers_to_the_cent(floor: Floor, played: Played) -> None:
    path = f"/v1/exchange/positions?market_id=mkt_{played.market[2:]}&user_id={played.user_id}"
    (position,) = floor.desk.get(path).json()["items"]
    profit, commission = Decimal(position["profit"]), Decimal(position["commission"])
    # What its orders' sizes and prices come to, what it was told of each of them, and what was cleared.
    assert _rounded_down(sum(map(_profit, played.books["orders"]), Decimal())) == profit
    assert sum(Decimal(str(order["profit"])) for order in played.books["orders"]) == profit
    cleared = {bet["bet_id"]: Decimal(str(bet["profit"])) for bet in played.books["cleared"]}
    assert sum(cleared.values()) == profit
    assert cleared.keys() == {order["bet_id"] for order in played.books["orders"] if order["size_matched"]}
    assert commission > 0
    cash = Decimal(CASH) + profit - commission
    assert Decimal(floor.server.cash(played.name)) == cash
    assert Decimal(str(played.books["funds"]["availableToBetBalance"])) == cash
    assert played.books["funds"]["exposure"] == 0


def _pages(floor: Floor, path: str, played: Played) -> list[Any]:
    found: list[Any] = []
    params = {"market_id": f"mkt_{played.market[2:]}", "user_id": played.user_id}
    while True:
        page = floor.desk.get(path, params=params).json()
        found += page["items"]
        if page["next"] is None:
            return found
        params["after"] = page["next"]


def _profit(order: dict[str, Any]) -> Decimal:
    """Return what an order wins or loses, as its size and its price say."""
    size, price = Decimal(str(order["size_matched"])), Decimal(str(order["average_price_matched"]))
    backed = size * (price - 1) if order["selection_id"] == WINNER else -size
    return backed if order["side"] == "BACK" else -backed


def _rounded_down(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_FLOOR)
