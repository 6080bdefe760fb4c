"""What is locked in pools, as the API, the figures and `evens tvl` tell it."""

from prometheus_client import CollectorRegistry

from evens.core.commands.pools import PlacePoolBet, SettleRound
from evens.core.events.pools import PoolBetPlaced, RoundDecided
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, PoolBetId, PoolId, RoundId
from evens.core.values.money import Currency
from evens.core.values.pools import PoolSide, RoundResult
from evens.edges.http.pools.counting import PoolFigures
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools.window import CODE, PATH, bet, change, create, open_round


async def test_what_is_staked_in_rounds_without_a_result_is_told_by_pool(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await create(operator)
    await create(operator, key="other")
    await open_round(operator)
    await bet(ada, "up", "10.00")
    await bet(ada, "down", "2.50")
    (usd,) = [each for each in (await ada.get("/v1/tvl")).json()["items"] if each["currency"] == "USD"]
    assert usd["pools"] == [
        {"pool": "ndx-daily", "staked": "12.50", "up": "10.00", "down": "2.50"},
        {"pool": "other", "staked": "0.00", "up": "0.00", "down": "0.00"},
    ]
    figures = (await house.nobody.get("/metrics")).text
    assert 'evens_pool_staked{currency="USD",pool="ndx-daily",side="up"} 10.0' in figures
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    await change(operator, "settle", {"result": "up"})
    (usd,) = [each for each in (await ada.get("/v1/tvl")).json()["items"] if each["currency"] == "USD"]
    assert {each["staked"] for each in usd["pools"]} == {"0.00"}
    figures = (await house.nobody.get("/metrics")).text
    assert 'evens_pool_staked{currency="USD",pool="ndx-daily",side="up"} 0.0' in figures


def test_volume_is_counted_by_side_also_before_it_is_known_of_which_pool_a_round_is() -> None:
    registry = CollectorRegistry()
    figures, number = PoolFigures(registry), RoundId(7)

    def staked(side: PoolSide, minor: int) -> None:
        placed = PoolBetPlaced(PoolBetId(9), CustomerId(1), number, side, minor, 0)
        command = PlacePoolBet(CustomerId(1), PoolId(3), side, minor)
        figures.committed([Receipt(9, 0, bytes(16), "", command, (placed,))])

    def volume(side: str) -> float | None:
        return registry.get_sample_value("evens_pool_volume_total", {"pool": "p", "currency": "USDC", "side": side})

    staked(PoolSide.UP, 1_500_000)
    assert volume("up") is None
    figures.learn(number, "p", Currency(1, "USDC", 6))
    staked(PoolSide.UP, 500_000)
    staked(PoolSide.DOWN, 1)
    assert (volume("up"), volume("down")) == (2.0, 1e-06)
    for settlement, correction in ((1, "no"), (2, "yes")):
        decided = RoundDecided(number, settlement, RoundResult.VOID, "{}", "x", 0, "p", "1")
        figures.committed([Receipt(9, 0, bytes(16), "", SettleRound(number, RoundResult.VOID), (decided,))])
        labels = {"pool": "p", "result": "void", "correction": correction}
        assert registry.get_sample_value("evens_rounds_decided_total", labels) == 1
