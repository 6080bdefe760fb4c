"""Preferences and favourites: kept by the server, checked, bounded, and one's own."""

from typing import Any

import pytest

from evens.edges.http.account import favourites
from evens.store.account import choices
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import items, open_market
from tests.edges.pools.window import create
from tests.edges.sportsbook.counter import ONE, publish

PREFERENCES = "/v1/me/preferences"
FAVOURITES = "/v1/me/favourites"
USUAL: dict[str, Any] = {
    "odds_format": "decimal",
    "theme": "system",
    "presets": {},
    "one_click": {"enabled": False, "stakes": {}},
    "confirm_bets": True,
}


async def test_preferences_are_the_usual_ones_until_they_are_chosen(house: OpenHouse, ada: Caller) -> None:
    bob = await house.customer("bobby")
    assert (await ada.get(PREFERENCES)).json() == USUAL
    chosen = {
        **USUAL,
        "odds_format": "fractional",
        "theme": "dark",
        "presets": {"USD": ["5.00", "20"], "USDC": ["0.000001"]},
        "one_click": {"enabled": True, "stakes": {"USD": "2.00"}},
        "confirm_bets": False,
    }
    assert (await ada.put(PREFERENCES, chosen)).json() == chosen
    assert (await ada.get(PREFERENCES)).json() == chosen
    assert (await bob.get(PREFERENCES)).json() == USUAL
    assert (await ada.put(PREFERENCES, {"theme": "light"})).json() == {**USUAL, "theme": "light"}
    assert (await ada.get(PREFERENCES)).json() == {**USUAL, "theme": "light"}


WRONG: list[tuple[Any, str]] = [
    ({"color": "red"}, "color"),
    ({"one_click": {"enabled": True, "twice": True}}, "one_click.twice"),
    ({"odds_format": "roman"}, "odds_format"),
    ({"confirm_bets": "yes"}, "confirm_bets"),
    ({"presets": {"USD": ["5.001"]}}, "presets.USD[0]"),
    ({"presets": {"USD": ["0"]}}, "presets.USD[0]"),
    ({"presets": {"XXX": ["5"]}}, "presets.XXX[0]"),
    ({"presets": {"USD": ["1"] * 9}}, "presets.USD"),
    ({"one_click": {"stakes": {"USD": "-1"}}}, "one_click.stakes.USD"),
    ({"one_click": {"enabled": True}}, "one_click.stakes"),
    ({"presets": {f"C{number}": ["1"] for number in range(51)}}, "presets"),
]


@pytest.mark.parametrize(("body", "field"), WRONG)
async def test_what_cannot_be_preferred_is_refused(ada: Caller, body: Any, field: str) -> None:
    answer = await ada.put(PREFERENCES, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert (await ada.get(PREFERENCES)).json() == USUAL


async def test_a_key_without_an_account_has_no_preferences(operator: Caller) -> None:
    for answer in (
        await operator.get(PREFERENCES),
        await operator.put(PREFERENCES, {}),
        await operator.get(FAVOURITES),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "customer_unknown")


async def test_favourites_are_found_again_with_their_titles(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bobby")
    market = await open_market(operator, event="Ann v Bo")
    await publish(house, "cup/final 1", ONE, title="The final", competition="Cup")
    await create(operator)
    for path in (f"market/{market}", "event/cup/final 1", "pool/ndx-daily", f"market/{market}"):
        assert (await ada.put(f"{FAVOURITES}/{path}")).status_code == 204
    found = [(each["kind"], each["id"], each["title"], each["within"]) for each in await items(ada, FAVOURITES)]
    assert found == [
        ("pool", "ndx-daily", "NASDAQ Composite, daily", None),
        ("event", "cup/final 1", "The final", "Cup"),
        ("market", market, "Match odds", "Ann v Bo"),
    ]
    assert await items(bob, FAVOURITES) == []
    for path in ("event/cup/final 1", "event/cup/final 1", "event/nothing"):
        assert (await ada.delete(f"{FAVOURITES}/{path}")).status_code == 204
    assert [each["kind"] for each in await items(ada, FAVOURITES)] == ["pool", "market"]


async def test_what_there_is_not_is_no_favourite(ada: Caller) -> None:
    for path, code in (
        ("market/mkt_99", "market_unknown"),
        ("market/nonsense", "market_unknown"),
        ("event/x:y", "event_unknown"),
        ("pool/x", "pool_unknown"),
    ):
        answer = await ada.put(f"{FAVOURITES}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert (await ada.put(f"{FAVOURITES}/horse/1")).status_code == 422


async def test_favourites_are_bounded(operator: Caller, ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "FAVOURITES_MAX", 1)
    monkeypatch.setattr(favourites, "FAVOURITES_MAX", 1)
    first, second = await open_market(operator), await open_market(operator)
    assert (await ada.put(f"{FAVOURITES}/market/{first}")).status_code == 204
    refused = await ada.put(f"{FAVOURITES}/market/{second}")
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_favourites")
    assert (await ada.put(f"{FAVOURITES}/market/{first}")).status_code == 204
