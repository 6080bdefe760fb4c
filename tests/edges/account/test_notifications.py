"""Notifications: whatever happens to one is told, links to what it speaks of, and can be marked as read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.edges.challenges.dares import act, ended, offer
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import ANN, open_market, place, settle
from tests.edges.pools.window import bet, change, create, open_round
from tests.edges.sportsbook import counter

PATH = "/v1/notifications"


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """Another customer with 100.00 USD."""
    return await house.customer("bobby", USD=100_00)


async def told(caller: Caller, **asked: Any) -> list[tuple[Any, ...]]:
    """Return what happened, newest first: what, about what, its title and what it brought."""
    answer = await caller.get(PATH, **asked)
    assert answer.status_code == 200, answer.text
    return [(each["kind"], each["about"]["id"], each["title"], each["amount"]) for each in answer.json()["items"]]


async def read_all(caller: Caller) -> None:
    answer = await caller.post(f"{PATH}/read", {"up_to": "2099-01-01T00:00:00Z"})
    assert answer.status_code == 204, answer.text


async def test_payments_are_told(house: OpenHouse, operator: Caller, ada: Caller, bob: Caller) -> None:
    await read_all(ada)
    paid = (await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "7.00", "currency": "USD"})).json()["id"]
    sent = (await bob.post("/v1/transfers", {"to_user_id": ada.id, "amount": "1.50", "currency": "USD"})).json()["id"]
    same = {"amount": "2.00", "currency": "USD"}
    first, second = [(await ada.post("/v1/withdrawals", same)).json()["id"] for _ in range(2)]
    await operator.post(f"/v1/withdrawals/{second}/complete")
    await operator.post(f"/v1/withdrawals/{first}/reject")
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1.00", "currency": "USD"})
    assert await told(ada, unread="true") == [
        ("withdrawal_returned", first, None, "2.00"),
        ("withdrawal_paid", second, None, "2.00"),
        ("transfer_received", sent, "bobby", "1.50"),
        ("deposit_arrived", paid, None, "7.00"),
    ]
    for _kind, transaction, *_ in await told(bob, unread="true"):
        assert (await bob.get(f"/v1/transactions/{transaction}")).status_code == 200


async def test_the_exchange_tells_of_matches_and_results(operator: Caller, ada: Caller, bob: Caller) -> None:
    market = await open_market(operator)
    await read_all(ada)
    order = await place(ada, market, "lay", "3.00", "10.00")
    await place(bob, market, "back", "3.00", "4.00")
    await place(bob, market, "back", "3.00", "2.00")
    assert await told(ada, unread="true") == [("order_matched", order["id"], "Match odds", "6.00")]
    assert [each[0] for each in await told(bob)] == ["deposit_arrived"]
    await settle(operator, market, ANN)
    assert (await told(ada))[0] == ("market_settled", market, "Match odds", "-12.00")
    assert (await told(bob))[0] == ("market_settled", market, "Match odds", "11.40")


async def test_bets_with_the_house_are_told_when_they_are_over(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await counter.fund(house)
    await counter.publish(house, "m1", counter.MATCH, title="Ann v Bo")
    await counter.publish(house, "m2", counter.ONE, title="The cup")
    await read_all(ada)
    single = await counter.place(ada, counter.single("m1"))
    legs = [{"event_id": "m1", "selection": "home"}, {"event_id": "m2", "selection": "win"}]
    both = await counter.place(ada, {"legs": legs, "amount": "1.00"})
    given_back = await counter.place(ada, counter.single("m2", "3.00", "win"))
    await operator.post(f"/v1/sportsbook/bets/{given_back['id']}/void")
    await counter.settle(operator, "m1", ("home", "won"))
    await counter.over(ada, single["id"])
    await counter.settle(operator, "m2", ("win", "won"))
    await counter.over(ada, both["id"])
    assert await told(ada, unread="true") == [
        ("bet_settled", both["id"], "Ann v Bo + The cup", "5.00"),
        ("singles_settled", "m1", "Ann v Bo", "25.00"),
        ("bet_returned", given_back["id"], "The cup", "3.00"),
    ]
    newest = (await ada.get(PATH, limit=1)).json()["items"][0]
    assert (newest["staked"], newest["currency"], newest["about"]["kind"]) == ("1.00", "USD", "bet")


async def test_challenges_are_told_to_both(house: OpenHouse, operator: Caller, ada: Caller, bob: Caller) -> None:
    await house.customer("umpire")
    await read_all(ada)
    await read_all(bob)
    challenge = await offer(ada, resolver="umpire")
    await act(bob, challenge, "accept")
    await act(operator, challenge, "rule", {"outcome": "won"})
    await ended(house, challenge, "settled")
    token = challenge["token"]
    hers = await told(ada, unread="true")
    assert [each[:3] for each in hers] == [
        ("challenge_settled", token, "Ann beats Bo"),
        ("challenge_taken", token, "Ann beats Bo"),
    ]
    his = await told(bob, unread="true")
    assert [each[0] for each in his] == ["challenge_settled"]
    # The fee is 2 % of what was won.
    assert (hers[0][3], his[0][3]) == ("14.70", "-15.00")
    assert (await house.nobody.get(f"/v1/challenges/{hers[0][1]}")).status_code == 200


async def test_rounds_are_told_when_they_are_paid(operator: Caller, ada: Caller, bob: Caller) -> None:
    await create(operator)
    await open_round(operator)
    await read_all(ada)
    await bet(ada, "up", "10.00")
    await bet(bob, "down", "10.00")
    await change(operator, "lock")
    await change(operator, "settle", {"result": "up"})
    (item,) = (await ada.get(PATH, unread="true")).json()["items"]
    assert (item["kind"], item["amount"], item["staked"]) == ("round_settled", "19.90", "10.00")
    assert item["about"] == {"kind": "round", "id": "ndx-daily/20990102"}


async def test_a_login_from_elsewhere_is_told(house: OpenHouse) -> None:
    eve = await house.user("eve", "long enough password")
    assert await told(eve) == []
    await house.nobody.post("/v1/auth/login", {"login": "eve", "password": "long enough password"})
    assert await told(eve) == []
    async with house.database.connection() as connection:
        await connection.execute(
            "UPDATE evens.sessions SET address = '203.0.113.7' WHERE customer = $1"
            " AND begun_at = (SELECT max(begun_at) FROM evens.sessions WHERE customer = $1)",
            eve.customer,
        )
    ((kind, session, title, amount),) = await told(eve)
    assert (kind, title, amount) == ("login_from_new_place", "203.0.113.7", None)
    assert session in {each["id"] for each in (await eve.get("/v1/me/sessions")).json()["items"]}


async def test_notifications_come_in_pages_and_are_read_up_to_a_moment(operator: Caller, ada: Caller) -> None:
    for amount in ("1.00", "2.00", "3.00", "4.00"):
        await operator.post("/v1/deposits", {"user_id": ada.id, "amount": amount, "currency": "USD"})
    page = (await ada.get(PATH, limit=3)).json()
    assert [each["amount"] for each in page["items"]] == ["4.00", "3.00", "2.00"]
    rest = (await ada.get(PATH, limit=3, after=page["next"])).json()
    assert rest["items"][0]["amount"] == "1.00"
    assert page["unread"] == len(page["items"]) + len(rest["items"])
    assert all(each["unread"] for each in page["items"])

    middle = page["items"][1]["at"]
    assert (await ada.post(f"{PATH}/read", {"up_to": middle})).status_code == 204
    after = (await ada.get(PATH)).json()
    assert [each["unread"] for each in after["items"][:3]] == [True, False, False]
    assert (after["unread"], await told(ada, unread="true")) == (1, [("deposit_arrived", *_about(after), None, "4.00")])
    await ada.post(f"{PATH}/read", {"up_to": "2026-01-01T00:00:00Z"})
    assert (await ada.get(PATH)).json()["unread"] == 1
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await ada.post(f"{PATH}/read", {"up_to": soon})
    await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "5.00", "currency": "USD"})
    assert (await ada.get(PATH)).json()["unread"] == 1
    assert (await ada.get(PATH, unread="yes")).status_code == 422
    assert (await ada.get(PATH, after="nonsense")).status_code == 422


def _about(page: Any) -> tuple[str]:
    return (page["items"][0]["about"]["id"],)


async def test_who_has_no_account_is_told_nothing(operator: Caller) -> None:
    assert (await operator.get(PATH)).json()["code"] == "customer_unknown"
    assert (await operator.post(f"{PATH}/read", {"up_to": "2026-01-01T00:00:00Z"})).status_code == 404
