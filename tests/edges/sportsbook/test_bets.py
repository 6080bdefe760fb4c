"""Bets with the house: taken, refused, listed, settled and cashed out, by the real application on a real database."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from evens.core.commands.fixed_odds import HearSource
from evens.core.values.fixed_odds import LineMarket, LineSelection
from evens.core.values.ids import AccountClass
from evens.core.values.moments import SECOND_NS, parse_time
from evens.edges.http.operator.totals import LiveTotals, RecentTotals
from evens.edges.http.sportsbook.known_events import KnownEvents
from evens.edges.http.sportsbook.line import FRESH_NS, LineView, NoProviders, is_stale
from evens.edges.http.sportsbook.quotes import Quote, format_quote, parse_quote
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.fixed_odds.rows import FixtureRow
from evens.store.wallets.queries import Queries
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet
from tests.edges.sportsbook.counter import (
    MATCH,
    ONE,
    fund,
    over,
    place,
    publish,
    refused,
    settle,
    single,
)


async def test_a_bet_keeps_the_odds_that_were_taken_and_pays_them(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    bet = await place(ada, single("m1", odds="2.50"))
    assert (bet["status"], bet["odds"], bet["potential_payout"], bet["payout"]) == ("open", "2.50", "25.00", None)
    assert (bet["kind"], bet["user_id"], bet["legs"][0]["event_id"]) == ("single", ada.id, "m1")
    assert await wallet(ada) == ("90.00", "10.00")
    assert (await ada.get(f"/v1/sportsbook/bets/{bet['id']}")).json() == bet
    await settle(operator, "m1", ("home", "won"))
    paid = await over(ada, bet["id"])
    assert (paid["status"], paid["payout"], paid["legs"][0]["status"]) == ("won", "25.00", "won")
    assert await wallet(ada) == ("115.00", "0.00")
    await check_books(house)


async def test_an_accumulator_with_a_void_leg_pays_the_others(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    odds = {"a": 200, "b": 150, "c": 300}
    for key, each in odds.items():
        await publish(house, key, LineMarket("main", "Win", (LineSelection("win", "Yes", each),)))
    legs = [{"event_id": key, "selection": "win"} for key in odds]
    bet = await place(ada, {"legs": legs, "amount": "10.00"})
    assert (bet["kind"], bet["odds"], bet["potential_payout"]) == ("accumulator", "9.00", "90.00")
    for key, result in (("a", "won"), ("b", "void"), ("c", "won")):
        await settle(operator, key, ("win", result))
    paid = await over(ada, bet["id"])
    assert (paid["status"], paid["payout"]) == ("won", "60.00")
    assert [leg["status"] for leg in paid["legs"]] == ["won", "void", "won"]
    await check_books(house)


async def test_other_odds_are_refused_with_those_that_are_good_now(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    answer = await ada.post("/v1/sportsbook/bets", single("m1", odds="2.60"))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "odds_changed")
    (leg,) = told["legs"]
    assert leg == {"event_id": "m1", "market": "main", "selection": "home", "odds": "2.50"}
    assert await refused(ada, single("m1", odds="2.40", accept="none")) == (409, "odds_changed")
    assert (await place(ada, single("m1", odds="2.60", accept="any")))["odds"] == "2.50"
    assert (await place(ada, single("m1", odds="2.40")))["odds"] == "2.50"


async def test_a_stake_that_the_bank_cannot_cover_is_told_the_largest_that_would_do(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house, 15_00)
    await publish(house, "m1", MATCH)
    answer = await ada.post("/v1/sportsbook/bets", single("m1", "20.00"))
    told = answer.json()
    assert (answer.status_code, told["code"], told["maximum"], told["minimum"]) == (
        409,
        "stake_limited",
        "10.00",
        "0.01",
    )
    limits = {"max_stake": "8.00", "min_stake": "2.00", "cash_out_margin_bps": 300}
    shown = (await operator.put("/v1/sportsbook/limits", limits)).json()
    assert (shown["max_stake"], shown["max_payout"]) == ("8.00", None)
    assert (await operator.get("/v1/sportsbook/limits")).json() == shown
    assert await refused(ada, single("m1", "8.01")) == (409, "stake_limited")
    assert (await operator.put(f"/v1/users/{ada.id}/stake-factor", {"percent": 50})).status_code == 200
    assert (await operator.get(f"/v1/users/{ada.id}/stake-factor")).json()["percent"] == 50
    assert await refused(ada, single("m1", "4.01")) == (409, "stake_limited")
    await place(ada, single("m1", "4.00"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "1.001"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": 10}, "amount"),
        ({"odds": "1.00"}, "odds"),
        ({"odds": "2.505"}, "odds"),
        ({"odds": 2.5}, "odds"),
        ({"accept": "all"}, "accept"),
        ({"currency": "XXX"}, "currency"),
        ({"stake": "1.00"}, "stake"),
        ({"event_id": ""}, "event_id"),
        ({"event_id": None}, "event_id"),
        ({"legs": []}, "legs"),
        ({"legs": [{"event_id": "m1", "selection": "home"}]}, "event_id"),
    ],
)
async def test_a_wrong_value_is_422_and_named(
    house: OpenHouse, ada: Caller, change: dict[str, Any], field: str
) -> None:
    await publish(house, "m1", MATCH)
    answer = await ada.post("/v1/sportsbook/bets", {**single("m1"), **change})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert await wallet(ada) == ("100.00", "0.00")


@pytest.mark.parametrize(
    ("legs", "field"),
    [
        ([{"event_id": f"e{each}", "selection": "win"} for each in range(21)], "legs"),
        ([{"event_id": "m1", "selection": "home"}] * 2, "legs[1]"),
        ([{"event_id": "m1", "selection": "home", "odds": "1.00"}], "legs[0].odds"),
        ([{"event_id": "m1", "selection": "home", "price": "2.00"}], "legs[0].price"),
        ([{"event_id": "m1"}], "legs[0].selection"),
    ],
)
async def test_wrong_legs_are_422_and_named(ada: Caller, legs: list[Any], field: str) -> None:
    answer = await ada.post("/v1/sportsbook/bets", {"legs": legs, "amount": "1.00"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_what_cannot_be_bet_on_is_refused(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await fund(house)
    await publish(house, "open", MATCH)
    await publish(house, "late", MATCH, deadline=time.time_ns() - 1)
    await publish(house, "stopped", MATCH, suspended=True)
    await publish(house, "short", LineMarket("main", "Win", (LineSelection("home", "Yes", 100),)))
    await publish(house, "done", MATCH)
    await settle(operator, "done", ("home", "won"))
    assert await refused(ada, single("nothing")) == (404, "event_unknown")
    assert await refused(ada, single("open", selection="nobody")) == (404, "selection_unknown")
    assert await refused(ada, single("late")) == (409, "deadline_passed")
    assert await refused(ada, single("stopped")) == (409, "event_suspended")
    assert await refused(ada, single("short")) == (409, "odds_too_short")
    assert await refused(ada, single("done")) == (409, "event_finished")
    assert await refused(ada, single("open", "100.01")) == (402, "insufficient_funds")
    related = [{"event_id": "open", "selection": each} for each in ("home", "away")]
    assert await refused(ada, {"legs": related, "amount": "1.00"}) == (409, "legs_related")
    assert await wallet(ada) == ("100.00", "0.00")


async def test_what_customers_have_at_stake_is_told_without_what_the_house_has_reserved(
    house: OpenHouse, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    queries = Queries(house.database)
    totals = LiveTotals(queries, RecentTotals(queries))
    house.services.gateway.follow(totals)
    before = await totals.get()
    await place(ada, single("m1"))
    after = await totals.get()
    assert (after[1, AccountClass.ESCROW], after[1, AccountClass.BANK]) == (10_00, before[1, AccountClass.BANK])
    assert after == await queries.totals() == (await queries.totals_at())[1]
    assert (await ada.get("/v1/tvl")).json()["items"][0]["locked"] == "10.00"


async def test_a_key_repeats_the_first_answer_also_while_the_line_is_stale(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    first = await ada.post("/v1/sportsbook/bets", single("m1"), key="once")
    line = Gone()
    stale(house, line)
    again = await ada.post("/v1/sportsbook/bets", single("m1"), key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    answer = await ada.post("/v1/sportsbook/bets", single("m1"), key="twice")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "line_unavailable", "1")
    assert (await ada.get("/v1/outcomes/twice")).status_code == 404
    event = (await ada.get("/v1/sportsbook/events/m1")).json()
    assert (event["stale"], event["as_of"]) == (True, None)
    quote = await ada.get(f"/v1/sportsbook/bets/{first.json()['id']}/cash-out")
    assert (quote.status_code, quote.json()["code"]) == (409, "cash_out_unavailable")


async def test_a_refusal_that_is_recorded_under_a_key_is_no_503(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    # The silence is in the journal, and this server's line is fresh all the same: the house has the last word.
    await house.stage.submit(HearSource("main", silent=True))
    first = await ada.post("/v1/sportsbook/bets", single("m1"), key="once")
    assert (first.status_code, first.json()["code"]) == (409, "event_suspended")
    assert "retry-after" not in first.headers
    told = await ada.get("/v1/outcomes/once")
    assert told.status_code == 200, told.text
    await house.stage.submit(HearSource("main", silent=False))
    again = await ada.post("/v1/sportsbook/bets", single("m1"), key="once")
    assert (again.status_code, again.json()["code"]) == (409, "event_suspended")
    assert again.headers["idempotency-replayed"] == "true"
    assert (await ada.post("/v1/sportsbook/bets", single("m1"), key="new")).status_code == 201


async def test_a_key_that_was_told_503_succeeds_later(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    stale(house, Gone())
    assert await refused(ada, single("m1"), key="once") == (503, "line_unavailable")
    assert (await ada.get("/v1/outcomes/once")).status_code == 404
    stale(house, NoProviders())
    assert (await ada.post("/v1/sportsbook/bets", single("m1"), key="once")).status_code == 201


class Ageing(NoProviders):
    """The line of a provider that is 3 s old a moment after it was refreshed."""

    def __init__(self) -> None:
        self._as_of = 0

    async def refresh(self) -> None:
        self._as_of = time.time_ns() - FRESH_NS + SECOND_NS // 10

    def as_of(self, source: str) -> int:
        return self._as_of


class SlowEvents(KnownEvents):
    """Events that are found only when that line has become too old."""

    def __init__(self, reads: SportsbookQueries, line: Ageing) -> None:
        super().__init__(reads)
        self._line = line

    async def read(self, event_id: str) -> FixtureRow:
        left_ns = self._line.as_of("main") + FRESH_NS - time.time_ns()
        await asyncio.sleep(max(left_ns, 0) / SECOND_NS + 0.01)
        assert is_stale(self._line, "main", time.time_ns())
        return await super().read(event_id)


async def test_a_line_does_not_become_stale_while_a_bet_on_it_is_looked_up(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    line = Ageing()
    events = SlowEvents(house.services.sportsbook.reads, line)
    sportsbook = replace(house.services.sportsbook, line=line, events=events)
    house.app.state.services = replace(house.services, sportsbook=sportsbook)
    await place(ada, single("m1"))
    assert (await ada.get("/v1/sportsbook/events/m1")).json()["stale"] is False


class Gone(NoProviders):
    """The line of a provider that was never heard from."""

    async def refresh(self) -> None: ...

    def as_of(self, source: str) -> int | None:
        return None


def stale(house: OpenHouse, line: LineView) -> None:
    changed = replace(house.services, sportsbook=replace(house.services.sportsbook, line=line))
    house.app.state.services = changed


async def test_a_bet_is_cashed_out_for_exactly_what_was_quoted(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    market = LineMarket("main", "Win", (LineSelection("win", "Yes", 300),))
    await publish(house, "m1", market)
    bet = await place(ada, single("m1", selection="win"))
    await publish(house, "m1", ONE, version=2)
    path = f"/v1/sportsbook/bets/{bet['id']}/cash-out"
    asked_at = time.time_ns()
    quote = (await ada.get(path)).json()
    assert quote["amount"] == "14.25"
    # A quote lives 5 s, and not a moment longer.
    lives = parse_time(quote["expires_at"]) - asked_at
    assert 5 * SECOND_NS <= lives <= 5 * SECOND_NS + time.time_ns() - asked_at
    offered = parse_quote(quote["quote_id"])
    assert offered is not None
    assert offered == Quote(14_25, parse_time(quote["expires_at"]))
    late = await ada.post(path, {"quote_id": format_quote(replace(offered, expires_at=asked_at))})
    assert (late.status_code, late.json()["code"]) == (409, "quote_expired")
    made_up = await ada.post(path, {"quote_id": "nonsense"})
    assert (made_up.status_code, made_up.json()["errors"][0]["field"]) == (422, "quote_id")
    taken = await ada.post(path, {"quote_id": quote["quote_id"]}, key="out")
    assert (taken.status_code, taken.json()["status"], taken.json()["payout"]) == (200, "cashed_out", "14.25")
    assert (await ada.post(path, {"quote_id": quote["quote_id"]}, key="out")).json() == taken.json()
    assert await wallet(ada) == ("104.25", "0.00")
    again = await ada.post(path, {"quote_id": quote["quote_id"]})
    assert (again.status_code, again.json()["code"]) == (409, "cash_out_unavailable")


async def test_a_quote_is_not_honoured_once_the_odds_have_moved(house: OpenHouse, ada: Caller) -> None:
    await fund(house)
    await publish(house, "m1", ONE)
    bet = await place(ada, single("m1", selection="win"))
    path = f"/v1/sportsbook/bets/{bet['id']}/cash-out"
    quote = (await ada.get(path)).json()
    await publish(house, "m1", LineMarket("main", "Win", (LineSelection("win", "Yes", 150),)), version=2)
    answer = await ada.post(path, {"quote_id": quote["quote_id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_expired")


async def test_bets_are_listed_by_status_and_event_to_those_who_may_see_them(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    eve = await house.customer("eve", USD=100_00)
    for key in ("m1", "m2"):
        await publish(house, key, MATCH)
    won = await place(ada, single("m1", "1.00"))
    lost = await place(ada, single("m1", "1.00", "away"))
    held = await place(ada, single("m2", "1.00"))
    hers = await place(eve, single("m1", "1.00"))
    await settle(operator, "m1", ("home", "won"))
    for bet in (won, lost):
        await over(ada, bet["id"])

    async def ids(caller: Caller, **query: Any) -> list[str]:
        answer = await caller.get("/v1/sportsbook/bets", **query)
        return [bet["id"] for bet in answer.json()["items"]]

    assert await ids(ada) == [held["id"], lost["id"], won["id"]]
    assert await ids(ada, status="won") == [won["id"]]
    assert await ids(ada, status="lost") == [lost["id"]]
    assert await ids(ada, status="open") == [held["id"]]
    assert await ids(ada, event_id="m1") == [lost["id"], won["id"]]
    assert await ids(operator, event_id="m1") == [hers["id"], lost["id"], won["id"]]
    page = (await ada.get("/v1/sportsbook/bets", limit=2)).json()
    assert [bet["id"] for bet in page["items"]] == [held["id"], lost["id"]]
    assert await ids(ada, limit=2, after=page["next"]) == [won["id"]]
    assert (await ada.get(f"/v1/sportsbook/bets/{hers['id']}")).status_code == 404
    assert (await operator.get(f"/v1/sportsbook/bets/{hers['id']}")).status_code == 200


async def test_an_operator_bets_for_a_user_and_gives_a_bet_back(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    await fund(house)
    await publish(house, "m1", MATCH)
    bet = await place(operator, single("m1", user_id=ada.id))
    given = await operator.post(f"/v1/sportsbook/bets/{bet['id']}/void")
    assert (given.status_code, given.json()["status"], given.json()["payout"]) == (200, "void", "10.00")
    assert await wallet(ada) == ("100.00", "0.00")
    again = await operator.post(f"/v1/sportsbook/bets/{bet['id']}/void")
    assert (again.status_code, again.json()["code"]) == (409, "already_settled")
