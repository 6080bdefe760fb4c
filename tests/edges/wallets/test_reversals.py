"""Reversals over HTTP: who can, what they leave, how they are linked; and what is owed afterwards."""

from typing import Any

from tests.edges.conftest import Caller


async def deposit(operator: Caller, user: Caller, amount: str) -> dict[str, Any]:
    return (await operator.post("/v1/deposits", {"user_id": user.id, "amount": amount})).json()


async def reverse(caller: Caller, transaction: str, key: str | None = None) -> Any:
    return await caller.post(f"/v1/transactions/{transaction}/reverse", {"reason": "charged back"}, key=key)


async def shown(caller: Caller, transaction: str) -> dict[str, Any]:
    return (await caller.get(f"/v1/transactions/{transaction}")).json()


async def test_a_reversal_and_what_it_takes_back_name_each_other(operator: Caller, bob: Caller) -> None:
    """Hold 17: a deposit is reversed once, and linked both ways, alone and in lists."""
    paid = await deposit(operator, bob, "10.00")
    answer = await reverse(operator, paid["id"])
    assert answer.status_code == 201
    taken = answer.json()
    assert (taken["kind"], taken["direction"], taken["amount"]) == ("reversal", "out", "10.00")
    assert (taken["memo"], taken["balance_after"], taken["user_id"]) == ("charged back", "0.00", bob.id)
    assert (taken["reverses"], taken["reversed_by"]) == (paid["id"], None)
    assert await shown(bob, taken["id"]) == taken
    assert await shown(bob, paid["id"]) == {**paid, "reversed_by": taken["id"]}
    listed = (await bob.get("/v1/users/me/transactions", limit=2)).json()["items"]
    assert [(each["reverses"], each["reversed_by"]) for each in listed] == [(paid["id"], None), (None, taken["id"])]
    again = await reverse(operator, paid["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_reversed")
    of_itself = await reverse(operator, taken["id"])
    assert (of_itself.status_code, of_itself.json()["code"]) == (409, "not_reversible")


async def test_a_reversal_under_the_same_key_is_told_again(operator: Caller, bob: Caller) -> None:
    """Hold 17: asking twice under one key reverses once."""
    paid = await deposit(operator, bob, "10.00")
    first, second = [await reverse(operator, paid["id"], "r-1") for _ in range(2)]
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"


async def test_what_the_account_no_longer_has_becomes_owed(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 17 and Hold 10: balances and wallets say what is owed, now and at a date, until it is repaid."""
    paid = await deposit(operator, bob, "10.00")
    await bob.post("/v1/transfers", {"to_user_id": ada.id, "amount": "7.50"})
    taken = (await reverse(operator, paid["id"])).json()
    balance = (await bob.get("/v1/users/me/balance")).json()
    assert (balance["cash"], balance["total"], balance["owed"]) == ("0.00", "0.00", "7.50")
    wallets = (await bob.get("/v1/users/me/wallets")).json()["items"]
    assert {each["currency"]: each["owed"] for each in wallets}["USD"] == "7.50"
    then = (await bob.get("/v1/users/me/balance", at=paid["recorded_at"])).json()
    assert (then["cash"], then["owed"]) == ("10.00", "0.00")
    refused = await bob.post("/v1/withdrawals", {"amount": "1.00", "currency": "EUR"})
    assert (refused.status_code, refused.json()["code"]) == (409, "owes_house")
    assert (refused.json()["owed"], refused.json()["currency"]) == ("7.50", "USD")
    assert "7.50 USD" in refused.json()["detail"]
    await deposit(operator, bob, "8.00")
    later = (await bob.get("/v1/users/me/balance")).json()
    assert (later["cash"], later["owed"]) == ("0.50", "0.00")
    at = (await bob.get("/v1/users/me/balance", at=taken["recorded_at"])).json()
    assert (at["cash"], at["owed"]) == ("0.00", "7.50")


async def test_a_batch_has_a_result_for_each_item_though_recipients_repay(
    operator: Caller, ada: Caller, bob: Caller
) -> None:
    """Hold 10: the repayment of a recipient is no item of the batch."""
    paid = await deposit(operator, bob, "10.00")
    await bob.post("/v1/transfers", {"to_user_id": ada.id, "amount": "10.00"})
    await reverse(operator, paid["id"])
    transfers = [{"to_user_id": bob.id, "amount": amount} for amount in ("4.00", "7.00", "1.00")]
    for atomic in (True, False):
        results = (await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": atomic})).json()["results"]
        assert [(each["kind"], each["amount"]) for each in results] == [
            ("transfer", "4.00"),
            ("transfer", "7.00"),
            ("transfer", "1.00"),
        ]
    assert (await bob.get("/v1/users/me/balance")).json()["cash"] == "14.00"


async def test_a_withdrawal_can_be_reversed_once_it_is_completed(operator: Caller, ada: Caller) -> None:
    """Hold 17: what is pending is rejected instead, and what was rejected came back already."""
    asked, other = [(await ada.post("/v1/withdrawals", {"amount": "5.00"})).json()["id"] for _ in range(2)]
    early = await reverse(operator, asked, "w-1")
    assert (early.status_code, early.json()["code"]) == (409, "withdrawal_not_completed")
    await operator.post(f"/v1/withdrawals/{asked}/complete")
    await operator.post(f"/v1/withdrawals/{other}/reject")
    rejected = await reverse(operator, other)
    assert (rejected.status_code, rejected.json()["code"]) == (409, "withdrawal_not_completed")
    back = (await reverse(operator, asked, "w-1")).json()
    assert (back["kind"], back["direction"], back["reverses"]) == ("reversal", "in", asked)
    assert (await ada.get("/v1/users/me/balance")).json()["cash"] == "100.00"


async def test_a_reversed_transfer_names_both_users(operator: Caller, ada: Caller, bob: Caller) -> None:
    """Hold 17: whoever gives back and whoever is given back see who the other is."""
    sent = (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "3.00"})).json()
    back = (await reverse(operator, sent["id"])).json()
    assert (back["user_id"], back["counterparty_id"], back["direction"]) == (bob.id, ada.id, "out")
    seen = await shown(ada, back["id"])
    assert (seen["user_id"], seen["counterparty_id"], seen["direction"]) == (ada.id, bob.id, "in")
    assert seen["balance_after"] == "100.00"


async def test_a_reversed_deposit_still_counts_against_a_limit(operator: Caller, bob: Caller) -> None:
    """Hold 17: gross deposits count what came in, whatever became of it; a reversal is no way around a limit."""
    await bob.put("/v1/me/limits", {"currency": "USD", "deposit": {"day": "15.00"}})
    paid = await deposit(operator, bob, "10.00")
    await reverse(operator, paid["id"])
    refused = await operator.post("/v1/deposits", {"user_id": bob.id, "amount": "5.01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "deposit_limit")
    assert (await deposit(operator, bob, "5.00"))["status"] == "completed"


async def test_what_is_unknown_cannot_be_reversed(operator: Caller) -> None:
    answer = await reverse(operator, "txn_1")
    assert (answer.status_code, answer.json()["code"]) == (404, "transaction_unknown")
