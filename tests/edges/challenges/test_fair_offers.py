"""Over HTTP: who may resolve, until when, and how many challenges one may have."""

import asyncio

import pytest

from evens.core.commands.wallets import Deposit, Withdraw
from evens.core.values.ids import CustomerId, Rail
from tests.edges.conftest import Caller, OpenHouse

NOBODY = CustomerId(0)
DARE = {"title": "Rain", "side": "back", "odds": "2.00", "stake": "1.00", "expires_at": "2099-01-01T00:00:00Z"}


async def _paid_out(house: OpenHouse, who: Caller, destination: str) -> None:
    assert who.customer is not None
    await house.stage.submit(Withdraw(who.customer, "USD", 100, Rail.DESK, destination=destination))


async def test_whoever_was_paid_out_to_the_same_place_does_not_resolve(house: OpenHouse, ada: Caller) -> None:
    """Hold 12: a shared destination of withdrawals counts as a shared payment source."""
    bob, rex = await house.customer("bob", USD=100_00), await house.customer("rex", USD=100_00)
    await _paid_out(house, rex, "DE89 3704")
    await _paid_out(house, bob, "elsewhere")
    offered = (await ada.post("/v1/challenges", {**DARE, "resolver": "rex"})).json()
    await _paid_out(house, bob, "de89 3704")
    path = f"/v1/challenges/{offered['token']}"
    refused = await bob.post(f"{path}/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "resolver_conflict")
    refused = await bob.post("/v1/challenges", {**DARE, "resolver": "rex"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "resolver")
    cid = await house.customer("cid", USD=100_00)
    assert (await cid.post(f"{path}/accept")).status_code == 200
    await _paid_out(house, cid, "DE89 3704")
    refused = await rex.post(f"{path}/resolve", {"outcome": "won"})
    assert (refused.status_code, refused.json()["code"]) == (409, "resolver_conflict")


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("DE89 3704", "DE893704", True),
        ("de-89.3704", " DE 89 37 04", True),
        ("ＤＥ８９ 3704", "DE893704", True),
        ("DE89 3704", "DE89 3705", False),
        ("--", "..", False),
    ],
)
async def test_a_place_is_the_same_however_it_is_written(
    house: OpenHouse, ada: Caller, one: str, other: str, shared: bool
) -> None:
    """Hold 12: an account number is written with blanks, dashes and small letters, or without."""
    rex = await house.customer("rex", USD=100_00)
    await house.stage.submit(Deposit(ada.customer or NOBODY, "USD", 100_00, Rail.DESK))
    await _paid_out(house, rex, one)
    await _paid_out(house, ada, other)
    answer = await ada.post("/v1/challenges", {**DARE, "resolver": "rex"})
    assert answer.status_code == (422 if shared else 201), answer.text


async def test_a_challenge_says_until_when_it_is_to_be_resolved(house: OpenHouse, ada: Caller) -> None:
    """Hold 12: thirty days after it expired, unless the operator chose otherwise."""
    await house.customer("rex")
    offered = (await ada.post("/v1/challenges", {**DARE, "resolver": "rex"})).json()
    assert offered["resolve_by"] == "2099-01-31T00:00:00Z"


async def test_tags_are_set_as_a_whole_by_the_desk(operator: Caller, ada: Caller) -> None:
    """Hold 12: sorted, each once, and nothing for customers to see."""
    path = f"/v1/users/{ada.id}/tags"
    assert (await operator.get(path)).json() == {"user_id": ada.id, "tags": []}
    answer = await operator.post(path, {"tags": ["team", "card:5f2c", "team"]}, key="t")
    assert answer.json() == {"user_id": ada.id, "tags": ["card:5f2c", "team"]}
    assert (await operator.get(path)).json() == answer.json()
    assert (await operator.post(path, {"tags": []})).json()["tags"] == []
    assert (await operator.post(path, {"tags": ["Two words"]})).status_code == 422
    assert (await ada.get(path)).status_code == 403


async def test_self_exclusion_over_http(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    """Hold 13: what is on offer lapses, and nobody lifts it."""
    offered = (await ada.post("/v1/challenges", {**DARE, "resolver": (await house.customer("rex")).username})).json()
    path = "/v1/me/self-exclusion"
    assert (await ada.get(path)).json() == {"user_id": ada.id, "until": None}
    refused = await ada.post(path, {"until": "2020-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "until")
    told = await ada.post(path, {"until": "2099-01-01T00:00:00Z"})
    assert told.json() == {"user_id": ada.id, "until": "2099-01-01T00:00:00Z"}
    refused = await operator.post(f"/v1/users/{ada.id}/unfreeze")
    assert (refused.status_code, refused.json()["code"]) == (409, "self_excluded")
    assert refused.json()["until"] == "2099-01-01T00:00:00Z"
    assert (await operator.get(f"/v1/users/{ada.id}/self-exclusion")).json() == told.json()
    assert (await operator.get(f"/v1/users/{ada.id}")).json()["status"] == "frozen"
    async with asyncio.timeout(30):
        while (await house.nobody.get(f"/v1/challenges/{offered['token']}")).json()["status"] != "expired":
            pass
