"""What an operator chooses for new markets."""

import dataclasses

import pytest

from evens.core.values.odds import CLASSIC, FINEST
from evens.edges.http.app import create_app
from evens.edges.http.exchange.services import ExchangeSettings
from evens.settings import Settings, SettingsInvalid, parse_ladders, read_settings
from tests.edges.conftest import Caller, OpenHouse, talking_to
from tests.edges.exchange.floor import MARKET


def test_a_ladder_is_given_by_its_bands() -> None:
    ladders = parse_ladders("tens=2.00:0.10/10:0.50, whole=1000:1")
    assert (ladders["classic"], ladders["finest"]) == (CLASSIC, FINEST)
    assert ladders["tens"].odds[:11] == (110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 250)
    assert ladders["tens"].odds[-1] == 1_000
    assert len(ladders["whole"].odds) == 999


def test_without_more_there_are_the_two_usual_ladders() -> None:
    assert parse_ladders(Settings().ladders) == {"classic": CLASSIC, "finest": FINEST}


@pytest.mark.parametrize(
    "text",
    [
        "tens",
        "tens=",
        "tens=2.00",
        "tens=2.00:0",
        "tens=2.00:0.001",
        "tens=2.00:0.30",
        "tens=1.00:0.10",
        "tens=3.00:0.10/2.00:0.10",
        "tens=1000.01:0.01",
        "Tens=2.00:0.10",
        "classic=2.00:0.10",
        "tens=2.00:0.10,tens=3.00:0.10",
    ],
)
def test_a_ladder_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tens|NAME|UP_TO"):
        parse_ladders(text)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EVENS_LADDERS", "tens=2.00:0.30"),
        ("EVENS_COMMISSION_BPS", "10001"),
        ("EVENS_COMMISSION_BPS", "-1"),
        ("EVENS_MIN_STAKE", "0"),
        ("EVENS_MIN_STAKE", "1e3"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid, match=variable):
        read_settings()


async def test_new_markets_have_the_terms_that_were_chosen(house: OpenHouse, operator: Caller) -> None:
    chosen = ExchangeSettings(commission_bps=200, min_stake="2.50", ladders=parse_ladders("tens=2.00:0.10"))
    exchange = dataclasses.replace(house.services.exchange, settings=chosen)
    async with talking_to(create_app(dataclasses.replace(house.services, exchange=exchange))) as http:
        caller = Caller(http, operator.bearer)
        usual = (await caller.post("/v1/exchange/markets", MARKET)).json()
        assert (usual["commission_bps"], usual["min_stake"], usual["ladder"]) == (200, "2.50", "classic")
        special = (await caller.post("/v1/exchange/markets", {**MARKET, "ladder": "tens"})).json()
        assert (special["ladder"], special["ladder_bands"]) == ("tens", [{"up_to": "2.00", "step": "0.10"}])
        unknown = (await caller.post("/v1/exchange/markets", {**MARKET, "ladder": "ones"})).json()
        assert "classic, finest, tens" in unknown["errors"][0]["message"]
