"""The arithmetic of the web app's slip is the core's: both play `tests/vectors/slip.json` (there, `web/test/core`)."""

import json
from pathlib import Path
from typing import Any

import pytest

from evens.core.challenges.challenge import backer_profit_minor
from evens.core.values.fixed_odds import return_minor
from evens.core.values.odds import (
    CLASSIC,
    ODDS_UNIT,
    commission_minor,
    format_odds,
    least_stake_minor,
    reserve_minor,
    settle_minor,
)
from evens.core.values.pools import PoolSide, RoundResult, dividend

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "slip.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", VECTORS["orders"], ids=str)
def test_what_an_order_wins_and_can_lose(case: dict[str, Any]) -> None:
    odds, stake_minor = case["odds"], int(case["stake_minor"])
    winnings_cents = stake_minor * (odds - ODDS_UNIT)
    if case["side"] == "back":
        expected = settle_minor(winnings_cents), stake_minor
        assert backer_profit_minor(stake_minor, odds) <= reserve_minor(winnings_cents)
    else:
        expected = stake_minor, reserve_minor(winnings_cents)
    assert (int(case["profit_minor"]), int(case["liability_minor"])) == expected


@pytest.mark.parametrize("case", VECTORS["commissions"], ids=str)
def test_commission(case: dict[str, Any]) -> None:
    expected = commission_minor(int(case["profit_minor"]), case["bps"], case["discount_bps"])
    assert int(case["commission_minor"]) == expected


@pytest.mark.parametrize("case", VECTORS["bets"], ids=str)
def test_what_a_bet_at_fixed_odds_pays_back(case: dict[str, Any]) -> None:
    factors = [(odds, ODDS_UNIT) for odds in case["odds"]]
    assert int(case["return_minor"]) == return_minor(int(case["stake_minor"]), factors)


@pytest.mark.parametrize("case", VECTORS["rounds"], ids=str)
def test_what_a_stake_in_a_round_will_pay(case: dict[str, Any]) -> None:
    side = PoolSide[case["side"].upper()]
    sides = {PoolSide.UP: int(case["up_minor"]), PoolSide.DOWN: int(case["down_minor"])}
    stake_minor = int(case["stake_minor"])
    sides[side] += stake_minor
    pays = dividend(sides[PoolSide.UP], sides[PoolSide.DOWN], case["fee_bps"], RoundResult[case["side"].upper()])
    assert int(case["will_pay_minor"]) == pays.returned_minor(side, stake_minor)


@pytest.mark.parametrize("case", VECTORS["least_stakes"], ids=str)
def test_the_least_stake(case: dict[str, Any]) -> None:
    assert int(case["stake_minor"]) == least_stake_minor(case["odds"])


def test_the_classic_ladder_has_the_prices_that_the_app_offers() -> None:
    (ladder,) = VECTORS["ladders"]
    assert ladder["prices"] == [format_odds(odds) for odds in CLASSIC.odds]
