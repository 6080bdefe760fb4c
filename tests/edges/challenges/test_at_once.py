"""Challenges in a crowd, and asked for again: one bet, one answer."""

import asyncio
import os
from collections import Counter
from typing import Any

import pytest

from evens.core.commands.challenges import AcceptChallenge
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerRegistered
from evens.core.values.ids import ChallengeId, Rail
from tests.edges.challenges.dares import DARE, act, ended, offer, pay_at_once, shown
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet

REPLAYED = "Idempotency-Replayed"
CALLERS = 200
THOUSAND = 1_000


@pytest.fixture
async def judge(house: OpenHouse) -> Caller:
    """A customer on whose word others bet."""
    return await house.customer("judge")


async def test_of_many_who_accept_at_once_one_has_the_bet_and_the_others_hear_409(
    house: OpenHouse, operator: Caller, ada: Caller, judge: Caller
) -> None:
    crowd = [await house.customer(f"c{number}", USD=20_00) for number in range(CALLERS)]
    offered = await offer(ada, resolver="judge")
    path = f"/v1/challenges/{offered['token']}/accept"
    answers = await asyncio.gather(*[caller.post(path) for caller in crowd])

    heard = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert heard == {(200, None): 1, (409, "challenge_taken"): CALLERS - 1}
    (winner,) = [caller for caller, answer in zip(crowd, answers, strict=True) if answer.is_success]
    assert (await shown(house, offered))["acceptor"]["user_id"] == winner.id
    held = Counter([await wallet(caller) for caller in crowd])
    assert held == {("5.00", "15.00"): 1, ("20.00", "0.00"): CALLERS - 1}
    await act(operator, offered, "rule", {"outcome": "lost"})
    assert await wallet(winner) == ("29.80", "0.00")
    await check_books(house)


async def test_of_a_thousand_in_the_inbox_at_once_one_has_the_bet(house: OpenHouse, ada: Caller, judge: Caller) -> None:
    stage = house.stage
    registered = await asyncio.gather(*[stage.submit(RegisterCustomer(f"c{number}")) for number in range(THOUSAND)])
    crowd = [event.customer for each in registered for event in each.events if isinstance(event, CustomerRegistered)]
    await asyncio.gather(*[stage.submit(Deposit(customer, "USD", 20_00, Rail.DESK)) for customer in crowd])
    offered = await offer(ada, resolver="judge")
    challenge = ChallengeId(int(offered["id"].removeprefix("chl_")))
    commands = [(os.urandom(16), AcceptChallenge(challenge, customer)) for customer in crowd]
    answers = await asyncio.gather(*stage.inbox.submit_all(commands, actor="crowd", unseen=True))

    reasons = Counter(
        receipt.events[0].reason if isinstance(receipt.events[0], Rejected) else None for receipt, _ in answers
    )
    assert reasons == {None: 1, "challenge_taken": THOUSAND - 1}
    (usd,) = [each for each in (await ada.get("/v1/tvl")).json()["items"] if each["currency"] == "USD"]
    assert usd["locked"] == "25.00"
    await check_books(house)


async def test_a_repeated_offer_is_the_same_challenge_under_the_same_token(
    house: OpenHouse, ada: Caller, judge: Caller
) -> None:
    body = {**DARE, "resolver": "judge"}
    first = await ada.post("/v1/challenges", body, key="k")
    carl = await house.customer("carl", USD=100_00)
    await act(carl, first.json(), "accept")
    again = await ada.post("/v1/challenges", body, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert (await ada.get("/v1/outcomes/k")).json()["body"] == first.json()
    assert await wallet(ada) == ("90.00", "10.00")
    different = await ada.post("/v1/challenges", {**body, "stake": "10.01"}, key="k")
    assert (different.status_code, different.json()["code"]) == (422, "idempotency_key_reused")


async def test_every_answer_stays_what_it_was_however_the_challenge_goes_on(
    house: OpenHouse, operator: Caller, ada: Caller, judge: Caller
) -> None:
    carl = await house.customer("carl", USD=100_00)
    dora = await house.customer("dora", USD=100_00)
    offered = await offer(ada, resolver="judge")
    deeds: list[tuple[Caller, str, Any]] = [
        (ada, "accept", None),
        (carl, "accept", None),
        (dora, "accept", None),
        (judge, "resolve", {"outcome": "won"}),
        (carl, "dispute", None),
        (operator, "rule", {"outcome": "lost"}),
        (ada, "cancel", None),
    ]

    async def do(caller: Caller, deed: str, body: Any) -> Any:
        return await caller.post(f"/v1/challenges/{offered['token']}/{deed}", body, key=deed)

    first = [await do(*deed) for deed in deeds]
    again = [await do(*deed) for deed in deeds]
    assert [answer.status_code for answer in first] == [409, 200, 409, 200, 200, 200, 409]
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert all(answer.headers[REPLAYED] == "true" for answer in again)
    statuses = [answer.json()["status"] for answer in first if answer.is_success]
    assert statuses == ["accepted", "resolved", "disputed", "settled"]
    assert (await wallet(ada), await wallet(carl)) == (("90.00", "0.00"), ("109.80", "0.00"))


async def test_a_resolver_named_again_by_a_name_that_somebody_has_now_is_still_nobody(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    body = {**DARE, "resolver": "late"}
    first = await ada.post("/v1/challenges", body, key="k")
    await operator.post("/v1/users", {"username": "late"})
    again = await ada.post("/v1/challenges", body, key="k")
    assert (first.status_code, first.json()["code"]) == (404, "resolver_unknown")
    assert again.content == first.content


async def test_repeating_what_the_resolver_said_after_it_was_paid_gives_the_first_answer(
    house: OpenHouse, ada: Caller, judge: Caller
) -> None:
    pay_at_once(house)
    carl = await house.customer("carl", USD=100_00)
    offered = await offer(ada, resolver="judge")
    await act(carl, offered, "accept")
    path = f"/v1/challenges/{offered['token']}/resolve"
    first = await judge.post(path, {"outcome": "won"}, key="said")
    await ended(house, offered, "settled")
    again = await judge.post(path, {"outcome": "won"}, key="said")
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
