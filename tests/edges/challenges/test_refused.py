"""Challenges that are refused: each with its status, its code and, where a value is wrong, its field."""

from typing import Any

import pytest

from evens.core.values.ids import ChallengeId
from evens.edges.http.challenges.links import ChallengeLinks
from evens.identity.keys import EarlierSecret, InstallationKeys
from tests.edges.challenges.dares import DARE, act, offer, pay_at_once, refused
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, change, open_market, wallet


@pytest.fixture
async def judge(house: OpenHouse) -> Caller:
    """A customer on whose word others bet."""
    return await house.customer("judge")


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"title": ""}, "title", "validation_failed"),
        ({"title": "two\nlines"}, "title", "validation_failed"),
        ({"side": "both"}, "side", "validation_failed"),
        ({"odds": 2.5}, "odds", "validation_failed"),
        ({"odds": "1.00"}, "odds", "validation_failed"),
        ({"odds": "2.505"}, "odds", "validation_failed"),
        ({"stake": 10}, "stake", "validation_failed"),
        ({"stake": "0"}, "stake", "validation_failed"),
        ({"stake": "-1.00"}, "stake", "validation_failed"),
        ({"stake": "1e2"}, "stake", "validation_failed"),
        ({"stake": "10.001"}, "stake", "validation_failed"),
        ({"stake": "0.01", "odds": "1.01"}, "stake", "stake_too_small"),
        ({"stake": "999999999999.99"}, "stake", "stake_too_large"),
        ({"currency": "XXX"}, "currency", "currency_unknown"),
        ({"expires_at": "2026-11-20T19:30:00"}, "expires_at", "validation_failed"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at", "challenge_expired"),
        ({"public": "yes"}, "public", "validation_failed"),
        ({"fee_bps": 0}, "fee_bps", "validation_failed"),
        ({"resolver": None}, "resolver", "validation_failed"),
        ({"resolver": "a judge"}, "resolver", "validation_failed"),
        ({"resolver": "ada"}, "resolver", "resolver_conflict"),
        ({"market_id": "mkt_1", "runner_id": "1"}, "resolver", "validation_failed"),
        ({"resolver": None, "market_id": "mkt_1"}, "runner_id", "validation_failed"),
        ({"runner_id": "1"}, "market_id", "validation_failed"),
    ],
)
async def test_a_wrong_value_is_422_and_named(
    ada: Caller, judge: Caller, change: dict[str, Any], field: str, code: str
) -> None:
    answer = await ada.post("/v1/challenges", {**DARE, "resolver": "judge", **change})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, code), told
    assert [error["field"] for error in told["errors"]] == [field]
    assert await wallet(ada) == ("100.00", "0.00")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"resolver": "nobody"}, 404, "resolver_unknown"),
        ({"resolver": "usr_999"}, 404, "resolver_unknown"),
        ({"resolver": None, "market_id": "mkt_999", "runner_id": "1"}, 404, "market_unknown"),
        ({"resolver": None, "market_id": "nonsense", "runner_id": "1"}, 404, "market_unknown"),
        ({"stake": "100.01"}, 402, "insufficient_funds"),
        ({"side": "lay", "stake": "66.68"}, 402, "insufficient_funds"),
    ],
)
async def test_what_is_not_there_is_404_and_too_little_money_402(
    ada: Caller, judge: Caller, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await ada.post("/v1/challenges", {**DARE, "resolver": "judge", **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await wallet(ada) == ("100.00", "0.00")


async def test_a_lay_is_told_that_it_takes_the_liability(ada: Caller, judge: Caller) -> None:
    answer = await ada.post("/v1/challenges", {**DARE, "resolver": "judge", "side": "lay", "stake": "66.68"})
    assert (answer.json()["needed"], answer.json()["available"]) == ("100.02", "100.00")


async def test_a_runner_that_nobody_can_bet_on_is_refused(operator: Caller, ada: Caller) -> None:
    market = await open_market(operator)
    dare = {**DARE, "market_id": market}
    assert (await ada.post("/v1/challenges", {**dare, "runner_id": "9"})).json()["code"] == "runner_unknown"
    await change(operator, market, "suspend")
    assert (await ada.post("/v1/challenges", {**dare, "runner_id": ANN})).json()["code"] == "market_suspended"
    await change(operator, market, "close")
    assert (await ada.post("/v1/challenges", {**dare, "runner_id": ANN})).json()["code"] == "market_closed"


async def test_nobody_bets_against_themselves_or_on_their_own_word(
    house: OpenHouse, ada: Caller, judge: Caller
) -> None:
    carl = await house.customer("carl", USD=100_00)
    offered = await offer(ada, resolver="judge")
    assert await refused(ada, offered, "accept") == (409, "own_challenge")
    assert await refused(judge, offered, "accept") == (409, "resolver_conflict")
    await act(carl, offered, "accept")
    assert await refused(carl, offered, "accept") == (409, "challenge_taken")


async def test_whoever_accepts_needs_the_money_for_their_side(house: OpenHouse, ada: Caller, judge: Caller) -> None:
    carl = await house.customer("carl", USD=14_99)
    offered = await offer(ada, resolver="judge")
    answer = await carl.post(f"/v1/challenges/{offered['token']}/accept")
    told = answer.json()
    assert (answer.status_code, told["needed"], told["available"]) == (402, "15.00", "14.99")


async def test_each_deed_is_refused_to_whom_it_is_not_theirs_and_before_its_time(
    house: OpenHouse, operator: Caller, ada: Caller, judge: Caller
) -> None:
    carl = await house.customer("carl", USD=100_00)
    dora = await house.customer("dora", USD=100_00)
    offered = await offer(ada, resolver="judge")
    won = {"outcome": "won"}
    assert await refused(judge, offered, "resolve", won) == (409, "challenge_not_accepted")
    assert await refused(operator, offered, "rule", won) == (409, "challenge_not_accepted")
    await act(carl, offered, "accept")
    assert await refused(carl, offered, "resolve", won) == (403, "not_resolver")
    assert await refused(carl, offered, "dispute") == (409, "challenge_not_resolved")
    await act(judge, offered, "resolve", won)
    assert await refused(dora, offered, "dispute") == (403, "not_party")
    assert await refused(carl, offered, "cancel") == (403, "not_challenger")
    assert await refused(carl, offered, "rule", won) == (403, "forbidden")
    assert await refused(dora, offered, "dispute", {"user_id": carl.id}) == (403, "forbidden")
    assert await refused(judge, offered, "resolve", {"outcome": "draw"}) == (422, "validation_failed")
    assert await refused(judge, offered, "resolve") == (422, "validation_failed")


async def test_it_is_too_late_to_dispute_what_was_paid(house: OpenHouse, ada: Caller, judge: Caller) -> None:
    pay_at_once(house)
    carl = await house.customer("carl", USD=100_00)
    offered = await offer(ada, resolver="judge")
    await act(carl, offered, "accept")
    await act(judge, offered, "resolve", {"outcome": "won"})
    status, code = await refused(carl, offered, "dispute")
    assert status == 409
    assert code in {"dispute_window_over", "challenge_over"}


def altered(token: str) -> list[str]:
    """Return tokens that are almost the one that was given out."""
    number, _, proof = token.partition("-")
    other = "a" if proof[-1] != "a" else "b"
    return [
        f"{int(number) + 1}-{proof}",
        f"0{number}-{proof}",
        f"{number}-{proof[:-1]}{other}",
        f"{number}-{proof[:-1]}",
        f"{number}-{proof.upper()}",
        f"{number}-{proof} ",
        number,
        f"chl_{number}",
        "nonsense",
    ]


async def test_a_token_that_was_not_given_out_opens_nothing(house: OpenHouse, ada: Caller, judge: Caller) -> None:
    offered = await offer(ada, resolver="judge")
    for token in altered(offered["token"]):
        answer = await house.nobody.get(f"/v1/challenges/{token}")
        assert (answer.status_code, answer.json()["code"]) == (404, "challenge_unknown"), token
        assert await refused(judge, {"token": token}, "accept") == (404, "challenge_unknown"), token


async def test_a_token_of_a_challenge_that_the_books_do_not_have_opens_nothing(house: OpenHouse, ada: Caller) -> None:
    token = house.services.challenges.links.token_of(ChallengeId(10**9))
    assert (await house.nobody.get(f"/v1/challenges/{token}")).status_code == 404
    assert await refused(ada, {"token": token}, "accept") == (404, "challenge_unknown")


def test_another_installation_has_other_tokens() -> None:
    here, there = [ChallengeLinks(InstallationKeys(bytes([each]) * 32), "http://house") for each in (1, 2)]
    assert here.read(here.token_of(ChallengeId(7))) == 7
    assert there.read(here.token_of(ChallengeId(7))) is None
    assert len({here.token_of(ChallengeId(number)).partition("-")[2] for number in range(1, 100)}) == 99


def test_tokens_of_an_earlier_secret_are_read_while_it_counts() -> None:
    """Hold 8: links end with the secret that made them, and not before its time is over."""
    before = ChallengeLinks(InstallationKeys(bytes(32)), "http://house")
    now = [100.0]
    keys = InstallationKeys(b"n" * 32, [EarlierSecret(bytes(32), 200.0)], clock=lambda: now[0])
    after = ChallengeLinks(keys, "http://house")
    token = before.token_of(ChallengeId(7))
    assert after.read(token) == 7
    assert after.token_of(ChallengeId(7)) != token
    now[0] = 200.0
    assert after.read(token) is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"public": "1"}, 422, "validation_failed"),
        ({"public": "true", "user_id": "me"}, 422, "validation_failed"),
        ({"public": "true", "disputed": "true"}, 422, "validation_failed"),
        ({"disputed": "true"}, 403, "forbidden"),
        ({"user_id": "usr_1"}, 403, "forbidden"),
        ({"public": "true", "after": "nonsense"}, 422, "validation_failed"),
        ({"publik": "true"}, 422, "validation_failed"),
    ],
)
async def test_a_list_that_there_is_not_is_refused(ada: Caller, query: dict[str, str], status: int, code: str) -> None:
    answer = await ada.get("/v1/challenges", **query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
