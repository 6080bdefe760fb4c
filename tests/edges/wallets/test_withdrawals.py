"""Withdrawals as those who asked for them follow them."""

import pytest

from evens.settings import Settings
from tests.edges.chain.conftest import passes
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import items

ADDRESS = "0x" + "b0" * 20


@pytest.fixture
def settings() -> Settings:
    """A house with a simulated rail, on which 5.00 of a customer's payouts in a day need no operator."""
    return Settings(chain_rail="simulated", chain_approval_limit="5")


async def ask(caller: Caller, amount: str, currency: str = "USD", **more: str) -> str:
    answer = await caller.post("/v1/withdrawals", {"amount": amount, "currency": currency, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_a_withdrawal_by_hand_is_followed_until_it_is_paid_or_returned(operator: Caller, ada: Caller) -> None:
    paid = await ask(ada, "10.00", destination="DE89 3704", reference="rent")
    returned, held = await ask(ada, "2.00"), await ask(ada, "3.00")
    await operator.post(f"/v1/withdrawals/{paid}/complete")
    await operator.post(f"/v1/withdrawals/{returned}/reject")
    listed = await items(ada, "/v1/users/me/withdrawals")
    shown = [(each["id"], each["status"], each["progress"]) for each in listed]
    assert shown == [
        (held, "pending", "held"),
        (returned, "rejected", "returned"),
        (paid, "completed", "paid"),
    ]
    one = (await ada.get(f"/v1/withdrawals/{paid}")).json()
    assert one == listed[-1]
    assert (one["amount"], one["destination"], one["reference"]) == ("10.00", "DE89 3704", "rent")
    assert (one["rail"], one["sent_at"], one["user_id"]) == (None, None, ada.id)
    assert [each["id"] for each in await items(ada, "/v1/users/me/withdrawals", status="pending")] == [held]
    page = (await operator.get(f"/v1/users/{ada.id}/withdrawals", limit=2)).json()
    rest = await items(operator, f"/v1/users/{ada.id}/withdrawals", after=page["next"])
    assert [each["id"] for each in rest] == [paid]


async def test_a_withdrawal_over_a_rail_tells_how_far_it_is(house: OpenHouse, operator: Caller) -> None:
    bob = await house.customer("bob2", USDC=100_000000)
    small = await ask(bob, "4.00", "USDC", destination=ADDRESS)
    large = await ask(bob, "50.00", "USDC", destination=ADDRESS)

    async def progress(withdrawal: str) -> str:
        return (await bob.get(f"/v1/withdrawals/{withdrawal}")).json()["progress"]

    assert await progress(large) == "held"
    for _ in range(4):
        await passes(house)
    assert (await progress(small), await progress(large)) == ("confirmed", "waiting_approval")
    await operator.post(f"/v1/withdrawals/{large}/approve")
    assert await progress(large) in {"approved", "sent", "confirmed"}
    for _ in range(4):
        await passes(house)
    done = (await bob.get(f"/v1/withdrawals/{large}")).json()
    assert (done["progress"], done["status"], done["rail"]) == ("confirmed", "completed", "simulated")
    assert done["approved_at"] is not None
    assert done["tx_hash"] is not None


async def test_nobody_sees_the_withdrawals_of_others(house: OpenHouse, ada: Caller) -> None:
    bob = await house.customer("bob2", USD=10_00)
    withdrawal = await ask(bob, "1.00")
    hidden = await ada.get(f"/v1/withdrawals/{withdrawal}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "withdrawal_unknown")
    assert (await ada.get(f"/v1/users/{bob.id}/withdrawals")).status_code == 403
    assert (await ada.get("/v1/withdrawals/nonsense")).status_code == 404


async def test_a_user_whom_nobody_knows_has_no_list(operator: Caller) -> None:
    answer = await operator.get("/v1/users/usr_999999/withdrawals")
    assert (answer.status_code, answer.json()["code"]) == (404, "customer_unknown")
