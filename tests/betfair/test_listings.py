"""What there is to bet on, through betfairlightweight's typed results."""

from typing import Any

import pytest

from tests.betfair.conftest import APIError, Floor, Program, limit

ALL = [
    "COMPETITION",
    "EVENT",
    "EVENT_TYPE",
    "MARKET_START_TIME",
    "MARKET_DESCRIPTION",
    "RUNNER_DESCRIPTION",
    "RUNNER_METADATA",
]
RACE = {
    "name": "2m Hurdle",
    "event": "Cheltenham 1st Jan",
    "event_type": "Horse Racing",
    "competition": "Winter Cup",
    "country": "GB",
    "venue": "Cheltenham",
    "market_type": "WIN",
    "starts_at": "2031-01-01T14:30:00Z",
    "commission_bps": 250,
}


@pytest.fixture(scope="session")
def race(floor: Floor) -> str:
    """A market that says everything about itself."""
    return floor.market("Red", "Blue", "Green", **RACE)


def test_the_catalogue_tells_what_is_asked_for(ann: Program, race: str) -> None:
    (market,) = ann.api.betting.list_market_catalogue(
        filter={"eventTypeIds": ["7"], "venues": ["Cheltenham"]},
        market_projection=ALL,
        max_results=100,
        lightweight=False,
    )
    assert (market.market_id, market.market_name, market.total_matched) == (race, "2m Hurdle", 0.0)
    assert (market.event_type.id, market.event_type.name) == ("7", "Horse Racing")
    assert (market.competition.name, market.event.name, market.event.venue) == (
        "Winter Cup",
        "Cheltenham 1st Jan",
        "Cheltenham",
    )
    assert [(each.selection_id, each.runner_name) for each in market.runners] == [(1, "Red"), (2, "Blue"), (3, "Green")]
    assert market.description.market_base_rate == 2.5
    assert market.description.price_ladder_description.type == "CLASSIC"
    (bare,) = ann.api.betting.list_market_catalogue(filter={"marketIds": [race]}, max_results=1, lightweight=True)
    assert bare == {"marketId": race, "marketName": "2m Hurdle", "totalMatched": 0.0}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"marketCountries": ["GB"]}, True),
        ({"marketCountries": ["FR"]}, False),
        ({"marketTypeCodes": ["WIN", "PLACE"]}, True),
        ({"marketBettingTypes": ["LINE"]}, False),
        ({"inPlayOnly": False}, True),
        ({"inPlayOnly": True}, False),
        ({"bspOnly": True}, False),
        ({"turnInPlayEnabled": True}, True),
        ({"textQuery": "chelt"}, True),
        ({"textQuery": "ascot"}, False),
        ({"marketStartTime": {"from": "2031-01-01T00:00:00Z", "to": "2031-01-01T23:00:00Z"}}, True),
        ({"marketStartTime": {"to": "2030-12-31T23:00:00Z"}}, False),
        ({"withOrders": ["EXECUTABLE"]}, False),
    ],
)
def test_a_filter_takes_what_it_says(ann: Program, race: str, condition: dict[str, Any], holds: bool) -> None:
    found = ann.api.betting.list_market_catalogue(
        filter={"marketIds": [race], **condition}, max_results=10, lightweight=True
    )
    assert bool(found) is holds


def test_every_list_counts_its_markets(ann: Program, race: str) -> None:
    betting, only = ann.api.betting, {"marketIds": [race]}
    (event_type,) = betting.list_event_types(filter=only, lightweight=False)
    assert (event_type.event_type.name, event_type.market_count) == ("Horse Racing", 1)
    (competition,) = betting.list_competitions(filter=only, lightweight=False)
    assert (competition.competition.name, competition.competition_region) == ("Winter Cup", "GB")
    (event,) = betting.list_events(filter=only, lightweight=False)
    assert event.event.country_code == "GB"
    (by_event,) = betting.list_market_catalogue(filter={"eventIds": [event.event.id]}, max_results=9, lightweight=True)
    assert by_event["marketId"] == race
    (kind,) = betting.list_market_types(filter=only, lightweight=False)
    (country,) = betting.list_countries(filter=only, lightweight=False)
    (venue,) = betting.list_venues(filter=only, lightweight=False)
    assert (kind.market_type, country.country_code, venue.venue) == ("WIN", "GB", "Cheltenham")
    (day,) = betting.list_time_ranges(filter=only, granularity="HOURS", lightweight=False)
    assert (day.time_range._from.hour, day.time_range.to.hour, day.market_count) == (14, 15, 1)


def test_markets_come_in_the_order_asked_for(floor: Floor, ann: Program) -> None:
    early = floor.market(event="sorted", starts_at="2030-05-01T00:00:00Z")
    late = floor.market(event="sorted", starts_at="2030-06-01T00:00:00Z")
    only = {"marketIds": [early, late]}
    ann.api.betting.place_orders(late, [limit(1, "LAY", 1.5, 10)])
    sorts = ("FIRST_TO_START", early), ("LAST_TO_START", late), ("MAXIMUM_AVAILABLE", late), ("MAXIMUM_TRADED", early)
    for sort, first in (*sorts, ("MINIMUM_AVAILABLE", early)):
        found = ann.api.betting.list_market_catalogue(filter=only, sort=sort, max_results=1, lightweight=True)
        assert [market["marketId"] for market in found] == [first]


def test_too_much_is_refused_by_weight(ann: Program) -> None:
    with pytest.raises(APIError, match="TOO_MUCH_DATA"):
        ann.api.betting.list_market_catalogue(market_projection=["MARKET_DESCRIPTION"], max_results=201)
    with pytest.raises(APIError, match="TOO_MUCH_DATA"):
        ann.api.betting.list_market_catalogue(max_results=1001)
    with pytest.raises(APIError, match="TOO_MUCH_DATA"):
        ann.api.betting.list_market_book(
            [f"1.{n}" for n in range(1, 42)], price_projection={"priceData": ["EX_BEST_OFFERS"]}
        )
    with_sets = {"priceData": ["EX_BEST_OFFERS"], "virtualise": True}
    assert ann.api.betting.list_market_book([f"1.{n}" for n in range(1, 6)], price_projection=with_sets) == []
    with pytest.raises(APIError, match="TOO_MUCH_DATA"):
        ann.api.betting.list_market_book([f"1.{n}" for n in range(1, 7)], price_projection=with_sets)


def test_the_menu_leads_to_every_market(ann: Program, race: str) -> None:
    menu = ann.api.navigation.list_navigation()
    racing = next(child for child in menu["children"] if child["id"] == "7")
    (group,) = [child for child in racing["children"] if child["name"] == "Winter Cup"]
    assert group["children"][0]["children"][0]["id"] == race
