"""When names are the same, and which runners a result is about."""

import pytest

from evens.core.values.betting import MarketStatus
from evens.core.values.ids import MarketId, RunnerId
from evens.feeds.results.mapping import Outcome, Statement, Unmapped, statements
from evens.feeds.results.names import folded
from evens.feeds.results.protocols import LiveMarket
from evens.feeds.results.sources import OfficialResult


def said(*winners: str, runners: tuple[str, ...], market: str | None = "Winner") -> list[Statement]:
    live = LiveMarket(MarketId(1), "derby", "Winner", runners, frozenset(), MarketStatus.OPEN)
    result = OfficialResult("times", "derby", market, winners, not winners)
    return [statement for _, statement in statements(result, [live])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Red Rum", "RED RUM"),
        ("Red Rum", "  red \t rum "),
        ("Kůň", "KU\u030aN\u030c"),
        ("Straße", "STRASSE"),
        ("Red Rum", "Red\u00a0Rum"),
    ],
)
def test_case_space_and_encoding_make_no_difference(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert said(other, runners=(one, "Beta")) == [Outcome((RunnerId(1),))]


@pytest.mark.parametrize(("one", "other"), [("Red Rum", "RedRum"), ("Kun", "Kůň"), ("Alpha", "Alpha 2")])
def test_other_differences_are_differences(one: str, other: str) -> None:
    assert folded(one) != folded(other)
    assert isinstance(said(other, runners=(one, "Beta"))[0], Unmapped)


def test_a_name_that_two_runners_share_but_for_its_case_is_ambiguous() -> None:
    assert said("DRAW", runners=("Draw", "draw")) == [
        Unmapped("DRAW won, which is the name of several runners of this market")
    ]


def test_the_order_of_winners_makes_no_difference() -> None:
    runners = ("Alpha", "Beta", "Gamma")
    assert (
        said("Gamma", "Alpha", runners=runners)
        == said("Alpha", "Gamma", runners=runners)
        == [Outcome((RunnerId(1), RunnerId(3)))]
    )


def test_a_result_of_another_market_is_ignored() -> None:
    assert said("Alpha", runners=("Alpha", "Beta"), market="Place") == []


def test_the_only_market_of_an_event_needs_no_name() -> None:
    assert said("Beta", runners=("Alpha", "Beta"), market=None) == [Outcome((RunnerId(2),))]
    assert said(runners=("Alpha", "Beta"), market=None) == [Outcome(())]
