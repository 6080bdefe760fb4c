"""What each dialect's messages mean, from samples as providers send them."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.fixed_odds import (
    COEFFICIENT_MAX,
    FixtureStatus,
    LegResult,
    LineMarket,
    LineSelection,
    SelectionResult,
)
from evens.feeds.line.dialects import evens, oddsapi, uof
from evens.feeds.line.dialects.numbers import dead_heat_of, decimal_of, hundredths
from evens.feeds.line.sayings import ANY_END, EVERYTHING, Saying, SayingInvalid, Window
from tests.feeds.line.provider_stub import event, message

ODDS = b"""
[{"id": "e912", "sport_key": "soccer_epl", "sport_title": "EPL", "commence_time": "2026-12-01T15:00:00Z",
  "home_team": "Leeds", "away_team": "York", "bookmakers": [
  {"key": "zeta", "title": "Zeta", "last_update": "2026-11-28T09:00:00Z", "markets": [
    {"key": "h2h", "outcomes": [{"name": "Leeds", "price": 9.99}, {"name": "York", "price": 9.99}]},
    {"key": "totals", "outcomes": [{"name": "Under", "price": 2.05, "point": 2.5},
                                   {"name": "Over", "price": 1.8, "point": 2.5}]}]},
  {"key": "alpha", "title": "Alpha", "last_update": "2026-11-28T09:00:00Z", "markets": [
    {"key": "h2h", "outcomes": [{"name": "York", "price": 3.4}, {"name": "Draw", "price": 3.25},
                                {"name": "Leeds", "price": 2.1099999999999999}]},
    {"key": "spreads", "outcomes": [{"name": "York", "price": 1.95, "point": 0.75},
                                    {"name": "Leeds", "price": 1.87, "point": -0.75}]},
    {"key": "h2h_lay", "outcomes": [{"name": "York", "price": 3.6}]}]}]}]
"""


def test_outcomes_are_matched_by_name_and_prices_are_decimals() -> None:
    (saying,) = oddsapi.translate_odds(ODDS, at=7)
    assert saying.header is not None
    assert (saying.key, saying.order, saying.header.title, saying.suspended) == ("e912", 7, "Leeds v York", False)
    assert {(market.key, each.key): each.odds for market in saying.markets for each in market.selections} == {
        ("h2h", "home"): 210,
        ("h2h", "draw"): 325,
        ("h2h", "away"): 340,
        ("spreads:-0.75", "home"): 187,
        ("spreads:-0.75", "away"): 195,
        ("totals:2.5", "over"): 180,
        ("totals:2.5", "under"): 205,
    }


def test_the_bookmaker_that_is_named_is_followed() -> None:
    (saying,) = oddsapi.translate_odds(ODDS, at=7, bookmaker="zeta")
    assert [market.key for market in saying.markets] == ["h2h", "totals:2.5"]
    assert oddsapi.translate_odds(ODDS, at=7, bookmaker="nobody")[0].suspended


@pytest.mark.parametrize(
    "outcomes",
    [
        [{"name": "Leeds", "price": 2}, {"name": "Nobody", "price": 2}],
        [{"name": "Leeds", "price": 2}],
        [{"name": "Leeds", "price": 2}, {"name": "Leeds", "price": 2}],
    ],
)
def test_a_market_whose_outcomes_have_other_names_is_left_out(outcomes: list[dict[str, object]]) -> None:
    listed = json.loads(ODDS)
    listed[0]["bookmakers"] = [{"key": "alpha", "markets": [{"key": "h2h", "outcomes": outcomes}]}]
    assert oddsapi.translate_odds(json.dumps(listed).encode(), at=7)[0].markets == ()


def test_only_a_completed_event_with_both_scores_has_a_result() -> None:
    scores = [{"name": "York", "score": "0"}, {"name": "Leeds", "score": "2"}]
    teams = {"home_team": "Leeds", "away_team": "York"}
    listed = [
        {"id": "over", "completed": True, "scores": scores, **teams},
        {"id": "running", "completed": False, "scores": scores, **teams},
        {"id": "postponed", "completed": False, "scores": None, **teams},
        {"id": "unscored", "completed": True, "scores": None, **teams},
        {"id": "half", "completed": True, "scores": scores[:1], **teams},
    ]
    assert oddsapi.translate_scores(json.dumps(listed).encode()) == {"over": (Decimal(2), Decimal(0))}


@pytest.mark.parametrize(
    ("market", "score", "expected"),
    [
        ("h2h", (2, 1), {"home": LegResult.WON, "away": LegResult.LOST}),
        ("h2h", (1, 1), {"home": LegResult.VOID, "away": LegResult.VOID}),
        ("spreads:-1.5", (2, 1), {"home": LegResult.LOST, "away": LegResult.WON}),
        ("spreads:-1", (2, 1), {"home": LegResult.VOID, "away": LegResult.VOID}),
        ("spreads:-0.75", (2, 1), {"home": LegResult.HALF_WON, "away": LegResult.HALF_LOST}),
        ("spreads:0.25", (1, 2), {"home": LegResult.LOST, "away": LegResult.WON}),
        ("spreads:-0.25", (1, 1), {"home": LegResult.HALF_LOST, "away": LegResult.HALF_WON}),
        ("totals:2.5", (2, 1), {"over": LegResult.WON, "under": LegResult.LOST}),
        ("totals:3", (2, 1), {"over": LegResult.VOID, "under": LegResult.VOID}),
        ("totals:3.25", (2, 1), {"over": LegResult.HALF_LOST, "under": LegResult.HALF_WON}),
    ],
)
def test_a_score_decides_every_line(market: str, score: tuple[int, int], expected: dict[str, LegResult]) -> None:
    line = LineMarket(market, market, tuple(LineSelection(key, key, 200) for key in expected))
    results = oddsapi.results_of([line], Decimal(score[0]), Decimal(score[1]))[market]
    assert {each.selection: each.result for each in results} == expected


SETTLED = b"""<bet_settlement event_id="m" timestamp="1">
<outcomes><market id="1"><outcome id="x" %b/></market></outcomes>
</bet_settlement>"""
CHANGED = b"""<odds_change event_id="m" timestamp="1">
<odds><market id="1"><outcome %b/></market></odds>
</odds_change>"""


def said(body: str) -> Saying:
    translated = uof.translate(body.encode())
    assert isinstance(translated, Saying)
    return translated


def test_odds_change_opens_and_suspends_markets() -> None:
    saying = said(
        '<odds_change product="1" event_id="sr:match:1" timestamp="1500"><odds>'
        '<market id="18" specifiers="total=2.5" status="1"><outcome id="12" odds="1.85" active="1"/>'
        '<outcome id="13" odds="2.019" active="0"/></market>'
        '<market id="1" status="-1"/><market id="29" status="-2"/>'
        '<market id="186" status="0"><outcome id="4" odds="1.5"/></market></odds></odds_change>'
    )
    total, winner = saying.markets
    assert (saying.key, saying.order) == ("sr:match:1", 1500)
    assert (total.key, total.name, total.suspended, winner.suspended) == (
        "18:total=2.5",
        "Total (total=2.5)",
        False,
        True,
    )
    assert total.selections == (
        LineSelection("12", "over", 185),
        LineSelection("13", "under", 201, suspended=True),
    )
    assert saying.stopped == ("1",)


@pytest.mark.parametrize("status", ["0", "-1", "-3", "-4"])
def test_every_other_status_suspends(status: str) -> None:
    market = f'<market id="1" status="{status}"><outcome id="1" odds="2.0"/></market>'
    saying = said(f'<odds_change event_id="m" timestamp="1"><odds>{market}</odds></odds_change>')
    assert saying.markets[0].suspended


def test_bet_stop_suspends_everything() -> None:
    for groups in ('groups="all"', 'groups="corners|score"', "", 'groups=""'):
        stop = said(f'<bet_stop event_id="m" timestamp="9" {groups}/>')
        assert (stop.stopped, stop.spared) == ((EVERYTHING,), frozenset())


def test_bet_stop_of_some_groups_spares_the_markets_that_are_in_none_of_them() -> None:
    stop = said('<bet_stop event_id="m" timestamp="9" groups="corners|cards"/>')
    assert (stop.stopped, "1" in stop.spared, "18" in stop.spared) == ((EVERYTHING,), True, True)
    # What nobody here knows the groups of stops in any case.
    assert "166" not in stop.spared


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ('result="1"', SelectionResult("1", "x", LegResult.WON)),
        ('result="0"', SelectionResult("1", "x", LegResult.LOST)),
        ('result="0" void_factor="1"', SelectionResult("1", "x", LegResult.VOID)),
        ('result="1" void_factor="1.0"', SelectionResult("1", "x", LegResult.VOID)),
        ('result="1" void_factor="0.5"', SelectionResult("1", "x", LegResult.HALF_WON)),
        ('result="0" void_factor="0.5"', SelectionResult("1", "x", LegResult.HALF_LOST)),
        ('result="1" dead_heat_factor="0.5"', SelectionResult("1", "x", LegResult.WON, 1, 2)),
        ('result="1" dead_heat_factor="0.33"', SelectionResult("1", "x", LegResult.WON, 1, 3)),
        ('result="1" dead_heat_factor="0.6667"', SelectionResult("1", "x", LegResult.WON, 2, 3)),
    ],
)
def test_bet_settlement_says_how_an_outcome_ended(outcome: str, expected: SelectionResult) -> None:
    market = f'<market id="1"><outcome id="x" {outcome}/></market>'
    settlements = [
        said(
            f'<bet_settlement certainty="{certainty}" event_id="m" timestamp="9"><outcomes>{market}</outcomes>'
            "</bet_settlement>"
        )
        for certainty in (1, 2)
    ]
    assert [each.results for each in settlements] == [{"1": (expected,)}] * 2


def test_what_is_not_decided_yet_has_no_result() -> None:
    market = '<market id="1"><outcome id="x" result="-1"/></market>'
    body = f'<bet_settlement event_id="m" timestamp="9"><outcomes>{market}</outcomes></bet_settlement>'
    assert said(body).results == {}


def test_bets_of_a_time_are_cancelled_and_restored() -> None:
    market = '<market id="1"/>'
    window = said(f'<bet_cancel event_id="m" timestamp="9" start_time="3" end_time="5">{market}</bet_cancel>')
    assert window.cancelled == (Window("1", 3_000_000, 5_000_000),)
    whole = said(f'<bet_cancel event_id="m" timestamp="9">{market}</bet_cancel>')
    assert whole.cancelled == (Window("1", 0, 9_000_000),)
    back = said(f'<rollback_bet_cancel event_id="m" timestamp="10">{market}</rollback_bet_cancel>')
    assert back.restored == (Window("1", 0, ANY_END),)
    undone = said(f'<rollback_bet_settlement event_id="m" timestamp="10">{market}</rollback_bet_settlement>')
    assert undone.rolled_back == ("1",)


def test_what_is_said_of_the_connection() -> None:
    assert uof.translate(b'<alive product="3" timestamp="5" subscribed="0"/>') == uof.Alive("3", False, 5)
    complete = b'<snapshot_complete product="3" timestamp="5" request_id="7"/>'
    assert uof.translate(complete) == uof.SnapshotComplete("3", "7")
    assert uof.translate(b'<fixture_change event_id="m" timestamp="5"/>') == uof.FixtureChanged("m", 5)


def test_a_fixture_is_named_after_its_competitors() -> None:
    saying = uof.translate_fixture(
        b'<fixtures_fixture><fixture id="m" start_time="2026-12-01T15:00:00+00:00"><tournament name="Cup">'
        b'<sport name="Soccer"/></tournament><competitors><competitor name="Leeds"/><competitor name="York"/>'
        b"</competitors></fixture></fixtures_fixture>",
        5,
    )
    assert saying.header is not None
    assert (saying.header.title, saying.header.sport, saying.header.competition) == ("Leeds v York", "Soccer", "Cup")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<weather/>",
        b'<bet_stop timestamp="1"/>',
        b'<bet_stop event_id="m" timestamp="soon"/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><bet_stop event_id="&b;" timestamp="1"/>',
        CHANGED % b'odds="2"',
        CHANGED % b'id="1" odds="NaN"',
        CHANGED % b'id="1" odds="0"',
        SETTLED % b'result="2"',
        SETTLED % b'result="1" void_factor="0.7"',
        SETTLED % b'result="1" dead_heat_factor="0"',
    ],
)
def test_a_message_that_makes_no_sense_is_refused(body: bytes) -> None:
    with pytest.raises(SayingInvalid):
        uof.translate(body)


def test_an_event_says_everything_of_its_version() -> None:
    saying = evens.translate_message(
        message("event_finished", event(version=3, status="FINISHED", winner="home"))
    ).saying
    assert saying is not None
    assert (saying.order, saying.whole, saying.is_version, saying.rolled_back) == (3, True, True, ())
    assert [each.result for each in saying.results["main"]] == [LegResult.WON, LegResult.LOST, LegResult.LOST]


@pytest.mark.parametrize(("status", "result"), [("FINISHED_WIN", LegResult.WON), ("FINISHED_LOSE", LegResult.LOST)])
def test_the_simplest_event_is_one_market_with_one_selection(status: str, result: LegResult) -> None:
    body = {"id": "m", "title": "Rain?", "deadline": "2099-01-01T00:00:00Z", "coefficient": "1.50", "version": 2}
    saying = evens.translate_event(json.dumps({**body, "status": status}).encode())
    assert saying.markets[0].selections[0].odds == 150
    assert saying.results == {"main": (SelectionResult("main", "win", result),)}


@pytest.mark.parametrize("coefficient", ["0", "-1", "1.234", "NaN", "1e999999", "100000.01", ""])
def test_a_coefficient_that_is_none_is_refused(coefficient: str) -> None:
    with pytest.raises(SayingInvalid, match="coefficient"):
        evens.translate_event(json.dumps(event(odds=coefficient)).encode())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"version": 2**63}, "version"),
        ({"version": 10**30}, "version"),
        ({"version": -2}, "version"),
        ({"sport": "foot\0ball"}, "sport"),
        ({"competition": "x" * 5_000}, "competition"),
        ({"title": ""}, "title"),
    ],
)
def test_what_the_house_could_not_store_is_refused_and_named(said: dict[str, Any], field: str) -> None:
    with pytest.raises(SayingInvalid, match=f"^{field}: "):
        evens.translate_event(json.dumps({**event(), **said}).encode())


@pytest.mark.parametrize(("said", "field"), [({"winners": -1}, "winners"), ({"winners": 10**20}, "winners")])
def test_a_market_that_cannot_be_is_refused_and_named(said: dict[str, Any], field: str) -> None:
    body = event()
    body["markets"][0] |= said
    with pytest.raises(SayingInvalid, match=f"^{field}: "):
        evens.translate_event(json.dumps(body).encode())


def test_a_result_that_was_taken_back_is_said_by_the_type_alone() -> None:
    stands = evens.translate_event(json.dumps(event(version=3)).encode())
    taken_back = evens.translate_message(message("result_rolled_back", event(version=3))).saying
    assert taken_back == replace(stands, rolled_back=(EVERYTHING,), status=FixtureStatus.NEW)


@pytest.mark.parametrize("text", ["１.50", "1_000", "1e3", "1e999999999", "NaN", "Infinity", "", " 1.5", "9" * 5_000])
def test_a_number_that_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(SayingInvalid, match="odds: must be"):
        decimal_of(text, "odds")
    with pytest.raises(SayingInvalid, match="dead_heat: must be a share"):
        dead_heat_of(text, "dead_heat")


@pytest.mark.parametrize("text", ["0/0", "3/2", "0/2", "1/0", "999/1000", "1/" + "9" * 5_000, "-1/2", "2", "0"])
def test_a_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SayingInvalid, match="dead_heat: must be a share"):
        dead_heat_of(text, "dead_heat")


@given(st.integers(101, COEFFICIENT_MAX), st.text("0123456789", max_size=12))
def test_prices_are_read_digit_by_digit_and_never_through_binary_fractions(cents: int, more: str) -> None:
    text = f"{cents // 100}.{cents % 100:02}"
    # Whatever follows the second digit is cut off; at the longest odds nothing may follow.
    finer = text + (more if cents < COEFFICIENT_MAX else "")
    assert hundredths(decimal_of(finer, "odds"), "odds") == cents
    market = f'<market id="1" status="1"><outcome id="1" odds="{finer}"/></market>'
    saying = said(f'<odds_change event_id="m" timestamp="1"><odds>{market}</odds></odds_change>')
    assert saying.markets[0].selections[0].odds == cents
    listed = ODDS.replace(b'"price": 2.1099999999999999', f'"price": {finer}'.encode())
    (read,) = oddsapi.translate_odds(listed, at=7)
    assert next(each.odds for each in read.markets[0].selections if each.key == "home") == cents
