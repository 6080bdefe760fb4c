"""What callers hear who may not: nothing that tells them more than that."""

from evens.core.events.ledger import TransferKind, Transferred
from evens.core.values.ids import AccountClass, Rail, TransferId, account_id
from evens.edges.http.wallets.transactions import customers_of
from evens.store.wallets.queries import Entry
from tests.edges.conftest import Caller, OpenHouse


async def test_a_customer_hears_the_same_of_an_unknown_user_as_of_another(house: OpenHouse, ada: Caller) -> None:
    bob = await house.customer("bob")
    answers = [await ada.get(f"/v1/users/{user_id}/balance") for user_id in (bob.id, "usr_999", "nonsense")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert len({answer.text for answer in answers}) == 1


async def test_the_desk_hears_that_a_user_is_unknown(operator: Caller) -> None:
    for user_id in ("usr_999", "nonsense", "me"):
        for path in ("", "/balance", "/wallets", "/transactions", "/statement.csv"):
            answer = await operator.get(f"/v1/users/{user_id}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "customer_unknown")


def test_a_rail_is_no_party_to_a_deposit() -> None:
    usd = 1
    rail = account_id(Rail.DESK, usd, AccountClass.EXTERNAL)
    cash = account_id(7, usd, AccountClass.CASH)
    deposit = Transferred(TransferId(1), TransferKind.DEPOSIT, rail, cash, 100, -100, 100, 1)
    assert customers_of(Entry(deposit, None, seq=1)) == {7}


async def test_a_role_is_told_what_it_lacks(ada: Caller) -> None:
    answer = await ada.get("/v1/users")
    assert answer.json()["code"] == "forbidden"
    assert answer.json()["detail"] == "This takes one of these roles: admin, operator. Yours is customer."


async def test_a_missing_or_wrong_credential_is_challenged(house: OpenHouse) -> None:
    for authorization in (
        {},
        {"Authorization": "Basic YTpi"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
    ):
        answer = await house.http.get("/v1/me", headers=authorization)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")
