"""Challenges from the offer to the last cent, over HTTP."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from evens.identity.principal import Role
from tests.edges.challenges.dares import DARE, LATER, act, choose_terms, ended, offer, pay_at_once, refused, shown, soon
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, BO, change, check_books, items, open_market, settle, wallet


@pytest.fixture
async def carl(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD who takes challenges."""
    return await house.customer("carl", USD=100_00)


@pytest.fixture
async def judge(house: OpenHouse) -> Caller:
    """A customer on whose word others bet."""
    return await house.customer("judge")


async def test_a_challenge_is_offered_with_a_link_that_shows_it_to_anybody(
    house: OpenHouse, ada: Caller, judge: Caller
) -> None:
    answer = await ada.post("/v1/challenges", {**DARE, "resolver": "Judge"})
    assert answer.status_code == 201
    offered = answer.json()
    assert offered["url"] == f"https://bets.example/v1/challenges/{offered['token']}"
    assert offered["id"].startswith("chl_")
    assert offered == {
        "id": offered["id"],
        "token": offered["token"],
        "url": offered["url"],
        "title": "Ann beats Bo",
        "status": "offered",
        "side": "back",
        "odds": "2.50",
        "stake": "10.00",
        "liability": "15.00",
        "currency": "USD",
        "fee_bps": 200,
        "public": False,
        "challenger": {"user_id": ada.id, "username": "ada"},
        "acceptor": None,
        "resolver": {"user_id": judge.id, "username": "judge"},
        "runner": None,
        "offered_at": offered["offered_at"],
        "expires_at": LATER,
        "accepted_at": None,
        "resolver_outcome": None,
        "disputable_until": None,
        "resolve_by": "2099-01-31T00:00:00Z",
        "disputed_by": None,
        "outcome": None,
        "result": None,
        "ended_at": None,
    }
    assert await wallet(ada) == ("90.00", "10.00")
    assert await shown(house, offered) == offered


async def test_the_side_that_lays_has_the_liability_at_stake(house: OpenHouse, ada: Caller, carl: Caller) -> None:
    judge = await house.customer("judge")
    offered = await offer(ada, side="lay", resolver=judge.id)
    assert await wallet(ada) == ("85.00", "15.00")
    await act(carl, offered, "accept")
    assert await wallet(carl) == ("90.00", "10.00")


async def test_what_the_resolver_says_is_paid_with_the_fee_taken_of_the_profit(
    house: OpenHouse, ada: Caller, carl: Caller, judge: Caller
) -> None:
    pay_at_once(house)
    offered = await offer(ada, resolver="judge")
    accepted = await act(carl, offered, "accept")
    assert (accepted["status"], accepted["acceptor"]["username"]) == ("accepted", "carl")
    assert await wallet(carl) == ("85.00", "15.00")

    resolved = await act(judge, offered, "resolve", {"outcome": "won"})
    assert (resolved["status"], resolved["resolver_outcome"], resolved["outcome"]) == ("resolved", "won", None)

    settled = await ended(house, offered, "settled")
    assert (settled["outcome"], settled["accepted_at"]) == ("won", accepted["accepted_at"])
    assert settled["result"] == {"backer_profit": "15.00", "layer_profit": "-15.00", "fee": "0.30"}
    assert (await wallet(ada), await wallet(carl)) == (("114.70", "0.00"), ("85.00", "0.00"))
    await check_books(house)


async def test_what_the_resolver_says_can_be_disputed_for_a_day(
    house: OpenHouse, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge")
    await act(carl, offered, "accept")
    resolved = await act(judge, offered, "resolve", {"outcome": "lost"})
    until = datetime.fromisoformat(resolved["disputable_until"][:19])
    said = datetime.fromisoformat((await shown(house, offered))["accepted_at"][:19])
    assert timedelta(hours=24) <= until - said < timedelta(hours=24, minutes=10)
    assert await refused(judge, offered, "resolve", {"outcome": "won"}) == (409, "challenge_resolved")
    assert await wallet(carl) == ("85.00", "15.00")


async def test_the_operator_has_the_last_word_on_what_is_disputed(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge")
    await act(carl, offered, "accept")
    await act(judge, offered, "resolve", {"outcome": "won"})
    disputed = await act(carl, offered, "dispute")
    assert (disputed["status"], disputed["disputed_by"], disputed["resolver_outcome"]) == ("disputed", carl.id, "won")
    assert await refused(ada, offered, "dispute") == (409, "challenge_disputed")
    assert [each["id"] for each in await items(operator, "/v1/challenges", disputed="true")] == [offered["id"]]

    ruled = await act(operator, offered, "rule", {"outcome": "lost"})
    assert (ruled["status"], ruled["resolver_outcome"], ruled["outcome"]) == ("settled", "won", "lost")
    assert ruled["result"] == {"backer_profit": "-10.00", "layer_profit": "10.00", "fee": "0.20"}
    assert (await wallet(ada), await wallet(carl)) == (("90.00", "0.00"), ("109.80", "0.00"))
    assert await items(operator, "/v1/challenges", disputed="true") == []
    assert await refused(operator, offered, "rule", {"outcome": "won"}) == (409, "challenge_over")
    await check_books(house)


async def test_a_void_challenge_gives_both_back_what_they_staked(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge")
    await act(carl, offered, "accept")
    ruled = await act(operator, offered, "rule", {"outcome": "void"})
    assert (ruled["outcome"], ruled["result"]["fee"]) == ("void", "0.00")
    assert (await wallet(ada), await wallet(carl)) == (("100.00", "0.00"), ("100.00", "0.00"))


async def test_a_challenge_that_nobody_accepted_can_be_taken_back(
    house: OpenHouse, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge")
    assert await refused(carl, offered, "cancel") == (403, "not_challenger")
    cancelled = await act(ada, offered, "cancel")
    assert (cancelled["status"], cancelled["ended_at"] is not None) == ("cancelled", True)
    assert await wallet(ada) == ("100.00", "0.00")
    assert await refused(carl, offered, "accept") == (409, "challenge_over")
    other = await offer(ada, resolver="judge")
    await act(carl, other, "accept")
    assert await refused(ada, other, "cancel") == (409, "challenge_taken")


async def test_a_challenge_expires_and_gives_the_stake_back(
    house: OpenHouse, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge", public=True, expires_at=soon())
    expired = await ended(house, offered, "expired")
    assert expired["ended_at"] >= offered["expires_at"]
    assert await wallet(ada) == ("100.00", "0.00")
    assert await refused(carl, offered, "accept") == (409, "challenge_expired")
    assert await refused(ada, offered, "cancel") == (409, "challenge_expired")
    assert await items(carl, "/v1/challenges", public="true") == []
    await check_books(house)


async def test_a_challenge_on_a_runner_is_settled_with_its_market_and_corrected_with_it(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller
) -> None:
    market = await open_market(operator)
    offered = await offer(ada, market_id=market, runner_id=ANN)
    assert offered["runner"] == {
        "market_id": market,
        "market_name": "Match odds",
        "runner_id": ANN,
        "runner_name": "Ann",
    }
    await act(carl, offered, "accept")
    assert await refused(operator, offered, "rule", {"outcome": "lost"}) == (409, "challenge_tied")
    waiting = await offer(ada, market_id=market, runner_id=BO)

    await settle(operator, market, ANN)
    settled = await ended(house, offered, "settled")
    assert (settled["outcome"], settled["result"]["backer_profit"]) == ("won", "15.00")
    await ended(house, waiting, "expired")
    assert (await wallet(ada), await wallet(carl)) == (("114.70", "0.00"), ("85.00", "0.00"))

    await settle(operator, market, BO, correction=True)
    corrected = await outcome(house, offered, "lost")
    assert corrected["result"] == {"backer_profit": "-10.00", "layer_profit": "10.00", "fee": "0.20"}
    assert (await wallet(ada), await wallet(carl)) == (("90.00", "0.00"), ("109.80", "0.00"))
    await check_books(house)


async def outcome(house: OpenHouse, challenge: dict[str, Any], wanted: str) -> dict[str, Any]:
    """Return a challenge as soon as this outcome is booked."""
    async with asyncio.timeout(30):
        while (found := await shown(house, challenge))["outcome"] != wanted:
            pass
    return found


@pytest.mark.parametrize(("deed", "body"), [("void", None), ("runners/1/remove", {"reduction_bps": 0})])
async def test_a_challenge_on_what_does_not_run_is_void(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, deed: str, body: Any
) -> None:
    market = await open_market(operator)
    offered = await offer(ada, market_id=market, runner_id=ANN)
    await act(carl, offered, "accept")
    await change(operator, market, deed, body)
    settled = await ended(house, offered, "settled")
    assert (settled["outcome"], settled["result"]["fee"]) == ("void", "0.00")
    assert (await wallet(ada), await wallet(carl)) == (("100.00", "0.00"), ("100.00", "0.00"))
    await check_books(house)


async def test_everybody_finds_the_public_ones_newest_first_page_by_page(
    house: OpenHouse, ada: Caller, carl: Caller, judge: Caller
) -> None:
    public = [await offer(ada, resolver="judge", stake="1.00", public=True) for _ in range(5)]
    await offer(ada, resolver="judge", stake="1.00")
    await act(carl, public[1], "accept")
    first = (await carl.get("/v1/challenges", public="true", limit=2)).json()
    second = (await carl.get("/v1/challenges", public="true", limit=2, after=first["next"])).json()
    assert first["items"] == [public[4], public[3]]
    assert (second["items"], second["next"]) == ([public[2], public[0]], None)


async def test_everybody_has_a_list_of_what_they_offered_accepted_or_have_to_resolve(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = [await offer(ada, resolver="judge", stake="1.00") for _ in range(3)]
    await act(carl, offered[1], "accept")
    newest_first = [each["id"] for each in reversed(offered)]
    assert [each["id"] for each in await items(ada, "/v1/challenges")] == newest_first
    assert [each["id"] for each in await items(judge, "/v1/challenges")] == newest_first
    assert [each["id"] for each in await items(carl, "/v1/challenges")] == [offered[1]["id"]]
    assert [each["id"] for each in await items(operator, "/v1/challenges", user_id=carl.id)] == [offered[1]["id"]]


async def test_an_operator_can_do_for_people_what_they_cannot_do_themselves(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(operator, resolver="judge", user_id=ada.id)
    assert offered["challenger"]["username"] == "ada"
    await act(operator, offered, "accept", {"user_id": carl.id})
    await act(operator, offered, "resolve", {"outcome": "won", "user_id": judge.id})
    assert (await act(operator, offered, "dispute", {"user_id": carl.id}))["disputed_by"] == carl.id
    service = await house.someone(Role.SERVICE, "billing")
    other = await offer(ada, resolver="judge")
    assert await refused(service, other, "accept", {"user_id": carl.id}) == (403, "forbidden")
    assert await refused(service, other, "accept") == (422, "validation_failed")


async def test_a_fee_stays_what_it_was_when_the_challenge_was_offered(
    house: OpenHouse, operator: Caller, ada: Caller, carl: Caller, judge: Caller
) -> None:
    offered = await offer(ada, resolver="judge")
    choose_terms(house, fee_bps=1_000)
    assert (await offer(ada, resolver="judge"))["fee_bps"] == 1_000
    await act(carl, offered, "accept")
    assert (await act(operator, offered, "rule", {"outcome": "won"}))["result"]["fee"] == "0.30"


async def test_public_challenges_are_found_by_words(house: OpenHouse, ada: Caller) -> None:
    bob = await house.customer("bobby", USD=100_00)
    await offer(ada, title="Žižkov wins the derby", resolver="bobby", public=True)
    await offer(ada, title="Derby in private", resolver="bobby")
    for q, found in (("zizk", 1), ("DERBY ziz", 1), ("private", 0), ("kov", 0), ("", 1)):
        listed = (await bob.get("/v1/challenges", public="true", q=q)).json()["items"]
        assert len(listed) == found, q
    refused = await ada.get("/v1/challenges", q="derby")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "q")
