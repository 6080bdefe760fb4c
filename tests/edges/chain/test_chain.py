"""The chain rail over HTTP, on the simulated rail."""

import asyncio

import pytest

from evens.core.values.ids import AccountClass, Rail, TransferId, account_id
from evens.identity.principal import Role
from evens.settings import Settings
from evens.store.auditing.audit import audit
from tests.edges.chain.conftest import passes
from tests.edges.conftest import Caller, OpenHouse

pytestmark = pytest.mark.anyio

BOB = "0x" + "b0" * 20


async def cash(caller: Caller) -> tuple[str, str]:
    balance = (await caller.get("/v1/users/me/balance", currency="USDC")).json()
    return balance["cash"], balance["withdrawing"]


async def withdraw(caller: Caller, amount: str, destination: str = BOB) -> str:
    body = {"amount": amount, "currency": "USDC", "destination": destination}
    answer = await caller.post("/v1/withdrawals", body)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    return answer.json()["id"]


async def test_a_wallet_is_the_same_address_every_time(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    """Pools 5: POST /v1/chain/wallet."""
    first, again, other = [(await each.post("/v1/chain/wallet")).json() for each in (ada, ada, bob)]
    assert first == again
    assert (first["rail"], first["currency"]) == ("simulated", "USDC")
    assert other["address"] != first["address"]
    assert (await ada.post("/v1/chain/wallet", {"rail": "evm-1"})).json()["code"] == "rail_unknown"


async def test_a_simulated_deposit_is_booked_once_per_hash_and_index(
    house: OpenHouse, ada: Caller, operator: Caller
) -> None:
    """Pools 5: the same hash and index twice is one deposit."""
    body = {"user_id": ada.id, "amount": "10.500001", "tx_hash": "0xabc"}
    answers = await asyncio.gather(*(operator.post("/v1/simulate/deposits", body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["transaction_id"] for answer in answers}) == 1
    assert (await operator.post("/v1/simulate/deposits", body | {"index": 1})).status_code == 201
    assert await cash(ada) == ("21.000002", "0.000000")
    contradiction = await operator.post("/v1/simulate/deposits", body | {"amount": "11"})
    assert (contradiction.status_code, contradiction.json()["code"]) == (409, "deposit_known")
    shown = (await ada.get("/v1/chain/deposits")).json()["items"]
    assert [(each["index"], each["amount"], each["status"]) for each in shown] == [
        (1, "10.500001", "credited"),
        (0, "10.500001", "credited"),
    ]
    transaction = (await ada.get(f"/v1/transactions/{shown[0]['transaction_id']}")).json()
    assert (transaction["kind"], transaction["amount"], transaction["reference"]) == ("deposit", "10.500001", "0xabc")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.0000001"}, "amount"),
        ({"tx_hash": "abc"}, "tx_hash"),
        ({"index": -1}, "index"),
        ({"index": "0"}, "index"),
        ({"memo": "x"}, "memo"),
    ],
)
async def test_a_wrong_simulated_deposit_is_refused_with_the_field(
    house: OpenHouse, ada: Caller, operator: Caller, change: dict[str, object], field: str
) -> None:
    body = {"user_id": ada.id, "amount": "1", "tx_hash": "0xabc", **change}
    answer = await operator.post("/v1/simulate/deposits", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_deposit_for_nobody_is_refused(house: OpenHouse, operator: Caller) -> None:
    body = {"user_id": "usr_999", "amount": "1", "tx_hash": "0xabc"}
    assert (await operator.post("/v1/simulate/deposits", body)).json()["code"] == "customer_unknown"
    assert (await operator.post("/v1/chain/wallet", {"user_id": "usr_999"})).json()["code"] == "customer_unknown"


async def test_a_withdrawal_within_the_limit_is_paid_and_another_waits_for_an_operator(
    house: OpenHouse, operator: Caller
) -> None:
    """Pools 5: approval by limit or operator."""
    rich = await house.customer("rich", USDC=100_000_000)
    small, large = await withdraw(rich, "40"), await withdraw(rich, "30")
    await passes(house)
    rows = {each["id"]: each["status"] for each in (await rich.get("/v1/chain/withdrawals")).json()["items"]}
    assert rows == {small: "confirmed", large: "waiting"}
    figures = (await house.http.get("/metrics")).text
    assert 'evens_withdrawals_pending{by="rail",currency="USDC"} 1.0' in figures
    assert 'evens_withdrawals_pending{by="desk",currency="USDC"} 0.0' in figures
    assert 'evens_chain_payouts{status="waiting"} 1.0' in figures
    assert await cash(rich) == ("30.000000", "30.000000")
    for _ in range(2):
        approved = await operator.post(f"/v1/withdrawals/{large}/approve")
        assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    await passes(house)
    assert await cash(rich) == ("30.000000", "0.000000")
    assert 'evens_chain_payouts{status="waiting"} 0.0' in (await house.http.get("/metrics")).text
    assert (await operator.post(f"/v1/withdrawals/{large}/approve")).json()["status"] == "confirmed"
    assert (await rich.get(f"/v1/transactions/{large}")).json()["status"] == "completed"
    totals = (await operator.get("/v1/tvl")).json()
    assert "USDC" in str(totals)


async def test_a_rejected_withdrawal_returns_and_is_never_paid(house: OpenHouse, operator: Caller) -> None:
    """Pools 5: POST /v1/withdrawals/{id}/reject, before and after it was taken up."""
    rich = await house.customer("rich", USDC=100_000_000)
    untouched, waiting = await withdraw(rich, "20"), await withdraw(rich, "60")
    assert (await operator.post(f"/v1/withdrawals/{untouched}/reject", key="a")).json()["status"] == "rejected"
    await passes(house)
    assert (await operator.post(f"/v1/withdrawals/{waiting}/reject", key="b")).json()["status"] == "rejected"
    again = await operator.post(f"/v1/withdrawals/{waiting}/reject", key="b")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    await passes(house)
    assert await cash(rich) == ("100.000000", "0.000000")
    refused = await operator.post(f"/v1/withdrawals/{waiting}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawal_not_pending")


async def test_what_is_on_its_way_can_neither_be_rejected_nor_completed_by_hand(
    house: OpenHouse, operator: Caller
) -> None:
    """Pools 5: nobody is paid twice."""
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "60")
    await operator.post(f"/v1/withdrawals/{asked}/approve")
    assert house.chain is not None
    (payout,) = await house.chain.withdrawals.live("simulated", "approved")
    assert await house.chain.withdrawals.begin(payout.id) is not None
    for word in ("reject", "complete"):
        answer = await operator.post(f"/v1/withdrawals/{asked}/{word}")
        assert (answer.status_code, answer.json()["code"]) == (409, "withdrawal_under_way")
    await passes(house)
    assert await cash(rich) == ("40.000000", "0.000000")


@pytest.mark.parametrize("word", ["reject", "complete"])
async def test_what_was_refused_once_is_refused_so_when_the_payment_is_on_its_way_again(
    house: OpenHouse, operator: Caller, word: str
) -> None:
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "40")
    await passes(house)
    first = await operator.post(f"/v1/withdrawals/{asked}/{word}", key="k")
    assert (first.status_code, first.json()["code"]) == (409, "withdrawal_not_pending")
    # As a reorganisation of the chain does with what was mined in a block that is gone.
    assert house.chain is not None
    await house.chain.withdrawals.close(TransferId(int(asked.removeprefix("txn_"))), "sent")
    again = await operator.post(f"/v1/withdrawals/{asked}/{word}", key="k")
    assert (again.content, again.headers.get("Idempotency-Replayed")) == (first.content, "true")


async def test_an_approval_that_is_repeated_late_does_not_pay_a_stuck_payout_again(
    house: OpenHouse, operator: Caller
) -> None:
    """A stuck payout is for an operator to look at: a request that was answered already decides nothing."""
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "60")
    path = f"/v1/withdrawals/{asked}/approve"
    assert (await operator.post(path, key="k")).json()["status"] == "approved"
    other = await withdraw(rich, "20")
    reused = await operator.post(f"/v1/withdrawals/{other}/approve", key="k")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert house.chain is not None
    payout = TransferId(int(asked.removeprefix("txn_")))
    assert await house.chain.withdrawals.begin(payout) is not None
    await house.chain.withdrawals.close(payout, "stuck", reason="nonce_taken")
    again = await operator.post(path, key="k")
    assert (again.status_code, again.json()["status"]) == (200, "stuck")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await operator.post(path, key="l")).json()["status"] == "approved"


async def test_an_operator_who_is_a_person_sees_everybodys_like_one_with_a_key(house: OpenHouse) -> None:
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "40")
    await passes(house)
    person, admin = await house.user("judge", "judge's password"), await house.someone(Role.ADMIN, "admin")
    assert (await admin.put(f"/v1/users/{person.id}/role", {"role": "operator"})).status_code == 200
    session = await house.nobody.post("/v1/auth/login", {"login": "judge", "password": "judge's password"})
    judge = Caller(house.http, session.json()["access_token"], person.customer, "judge")
    assert [each["id"] for each in (await judge.get("/v1/chain/withdrawals")).json()["items"]] == [asked]
    assert (await judge.get("/v1/chain/withdrawals", user_id="me")).json()["items"] == []


async def test_one_that_was_paid_by_hand_is_not_paid_again(house: OpenHouse, operator: Caller) -> None:
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "60")
    assert (await operator.post(f"/v1/withdrawals/{asked}/complete")).json()["status"] == "completed"
    await passes(house)
    (row,) = (await operator.get("/v1/chain/withdrawals")).json()["items"]
    assert (row["id"], row["status"], await cash(rich)) == (asked, "by_hand", ("40.000000", "0.000000"))


async def test_a_withdrawal_to_anything_but_an_address_is_left_to_the_desk(house: OpenHouse, operator: Caller) -> None:
    rich = await house.customer("rich", USDC=100_000_000)
    asked = await withdraw(rich, "10", "DE89 3704 0044 0532 0130 00")
    await passes(house)
    assert (await operator.get("/v1/chain/withdrawals")).json()["items"] == []
    assert (await operator.post(f"/v1/withdrawals/{asked}/approve")).json()["code"] == "withdrawal_unknown"
    assert (await operator.post(f"/v1/withdrawals/{asked}/complete")).json()["status"] == "completed"


async def test_an_interrupted_rejection_is_completed(house: OpenHouse, operator: Caller) -> None:
    rich = await house.customer("rich", USDC=100_000_000)
    await withdraw(rich, "60")
    await passes(house)
    assert house.chain is not None
    (payout,) = await house.chain.withdrawals.live("simulated", "waiting")
    assert await house.chain.withdrawals.claim(payout.id, "rejected") is not None
    await passes(house)
    assert await cash(rich) == ("40.000000", "60.000000")  # whoever rejects it is given a minute
    async with house.database.connection() as connection:
        await connection.execute("UPDATE evens.chain_withdrawals SET claimed_at = now() - interval '2 minutes'")
    await passes(house)
    assert await cash(rich) == ("100.000000", "0.000000")


async def test_customers_see_their_own_and_operators_everybodys(
    house: OpenHouse, ada: Caller, bob: Caller, operator: Caller
) -> None:
    for number, each in enumerate((ada, bob, ada)):
        body = {"user_id": each.id, "amount": "1", "tx_hash": f"0x{number}"}
        await operator.post("/v1/simulate/deposits", body)
    assert len((await ada.get("/v1/chain/deposits")).json()["items"]) == 2
    assert (await ada.get("/v1/chain/deposits", user_id=bob.id)).status_code == 403
    first = (await operator.get("/v1/chain/deposits", limit=2)).json()
    rest = (await operator.get("/v1/chain/deposits", limit=2, after=first["next"])).json()
    assert [each["tx_hash"] for each in (*first["items"], *rest["items"])] == ["0x2", "0x1", "0x0"]
    assert rest["next"] is None
    assert len((await operator.get("/v1/chain/deposits", user_id=bob.id)).json()["items"]) == 1


async def test_a_payout_that_is_reversed_comes_back_from_the_rail_that_carried_it(
    house: OpenHouse, operator: Caller
) -> None:
    """Pools 5: what the chain has paid out, and came back, was never at the desk."""
    rich = await house.customer("rich", USDC=100_000_000)
    paid, by_hand = await withdraw(rich, "40"), await withdraw(rich, "30")
    assert (await operator.post(f"/v1/withdrawals/{by_hand}/complete")).status_code == 200
    await passes(house)
    for asked in (paid, by_hand):
        answer = await operator.post(f"/v1/transactions/{asked}/reverse", {"reason": "came back"})
        assert answer.status_code == 201
    assert await cash(rich) == ("100.000000", "0.000000")
    ledger = house.stage.sequencer.house.ledger
    number = ledger.currencies["USDC"].number
    outside = {rail: ledger.balance_minor(account_id(rail, number, AccountClass.EXTERNAL)) for rail in Rail}
    assert outside == {Rail.DESK: -100_000_000, Rail.IMPORT: 0, Rail.CHAIN: 0}
    assert (await audit(house.stage.dsns.app)).problems == []


class TestTwoOperators:
    """Withdrawals over the chain can be made to take two operators."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(chain_rail="simulated", two_operators="withdrawal:5")

    async def test_a_large_payout_is_approved_by_two(self, house: OpenHouse, ada: Caller, operator: Caller) -> None:
        body = {"user_id": ada.id, "amount": "20", "tx_hash": "0xabc"}
        assert (await operator.post("/v1/simulate/deposits", body)).status_code == 201
        small, large = await withdraw(ada, "5"), await withdraw(ada, "6")
        assert (await operator.post(f"/v1/withdrawals/{small}/approve")).status_code == 200
        alone = await operator.post(f"/v1/withdrawals/{large}/approve")
        assert (alone.status_code, alone.json()["code"]) == (409, "approval_needed")
        request = {"what": "approve_withdrawal", "id": large}
        proposed = (await operator.post("/v1/approvals", {"request": request, "reason": "known"})).json()
        assert proposed["preview"]["currencies"][0]["outside"] == "6.000000"
        second = await house.someone(Role.OPERATOR, "night desk")
        path = f"/v1/approvals/{proposed['id']}/approve"
        ended = (await second.post(path, {"reason": "called"})).json()
        assert (ended["status"], ended["outcome"]["seq"]) == ("booked", None)
        shown = (await operator.get("/v1/chain/withdrawals")).json()["items"]
        assert next(each["status"] for each in shown if each["id"] == large) != "waiting"
