"""Histories: one transaction, lists a page at a time, and the statement."""

import asyncio
import csv
import io
from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse


async def walk(caller: Caller, path: str, **query: Any) -> list[Any]:
    """Return every item of a list, page by page."""
    items: list[Any] = []
    after: str | None = None
    while True:
        page = (await caller.get(path, **query, **({} if after is None else {"after": after}))).json()
        items += page["items"]
        after = page["next"]
        if after is None:
            return items
        assert page["items"]


async def test_a_transfer_is_shown_to_each_of_its_users_from_their_side(
    ada: Caller, bob: Caller, operator: Caller
) -> None:
    made = (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10", "memo": "m"})).json()
    path = f"/v1/transactions/{made['id']}"
    assert (await ada.get(path)).json() == made
    assert (await operator.get(path)).json() == made
    received = {
        **made,
        "direction": "in",
        "user_id": bob.id,
        "counterparty_id": ada.id,
        "balance_after": "10.00",
    }
    assert (await bob.get(path)).json() == received
    # Statements name whom it went to or came from; whoever pays nobody else has no such line.
    assert (await bob.get("/v1/users/me/transactions")).json()["items"] == [
        received | {"counterparty_username": "ada", "about": None}
    ]
    for order in ("value_date", "recorded"):
        sent, deposit = (await ada.get("/v1/users/me/transactions", order=order)).json()["items"]
        assert sent == made | {"counterparty_username": "bob", "about": None}
        assert deposit["counterparty_username"] is None


async def test_a_transaction_is_not_shown_to_strangers(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    eve = await house.customer("eve")
    made = (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10"})).json()
    assert (await eve.get(f"/v1/transactions/{made['id']}")).status_code == 403


@pytest.mark.parametrize("transaction", ["txn_1", "nonsense", "usr_4", "txn_" + "9" * 19])
async def test_an_unknown_transaction_is_404(operator: Caller, ada: Caller, transaction: str) -> None:
    for caller in (operator, ada):
        answer = await caller.get(f"/v1/transactions/{transaction}")
        assert (answer.status_code, answer.json()["code"]) == (404, "transaction_unknown")


async def test_the_payment_out_itself_is_no_transaction_of_its_own(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    asked = (await ada.post("/v1/withdrawals", {"amount": "1"})).json()
    await operator.post(f"/v1/withdrawals/{asked['id']}/complete")
    async with house.database.connection() as connection:
        paid_out = await connection.fetchval("SELECT max(id) FROM evens.transfers")
    assert f"txn_{paid_out}" != asked["id"]
    assert (await operator.get(f"/v1/transactions/txn_{paid_out}")).status_code == 404
    assert [each["kind"] for each in (await ada.get("/v1/users/me/transactions")).json()["items"]] == [
        "withdrawal",
        "deposit",
    ]


async def test_a_history_can_be_narrowed_down(house: OpenHouse, operator: Caller, bob: Caller) -> None:
    eve = await house.customer("eve", USD=100_00, EUR=100_00)
    for code in ("USD", "EUR"):
        await eve.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1", "currency": code})
    dated = {"user_id": eve.id, "amount": "5", "currency": "USD"}
    for day in ("2024-01-01", "2024-02-01", "2024-03-01"):
        await operator.post("/v1/deposits", {**dated, "effective_at": f"{day}T00:00:00Z"})

    async def count(**query: Any) -> int:
        return len((await eve.get("/v1/users/me/transactions", **query)).json()["items"])

    assert await count() == 7
    assert await count(currency="EUR") == 2
    assert await count(currency="USDC") == 0
    assert await count(kind="transfer") == 2
    assert await count(kind="transfer", currency="USD") == 1
    assert await count(kind="release") == 0
    assert await count(**{"from": "2024-02-01T00:00:00Z"}) == 6
    assert await count(to="2024-02-01T00:00:00Z") == 1
    assert await count(**{"from": "2024-01-01T00:00:00Z", "to": "2024-03-01T00:00:00Z"}) == 2
    assert await count(**{"from": "2024-01-01T00:00:00Z", "to": "2024-03-01T00:00:00.000000001Z"}) == 3
    assert await count(kind="transfer", to="2024-03-01T00:00:00Z") == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "1.0"}, "limit"),
        ({"limit": " 1"}, "limit"),
        ({"limit": "1_0"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"after": ""}, "after"),
        ({"after": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, "after"),
        ({"kind": "gift"}, "kind"),
        ({"from": "2024-01-01"}, "from"),
        ({"to": "now"}, "to"),
        ({"currency": "XXX"}, "currency"),
        ({"order": "asc"}, "order"),
    ],
)
async def test_a_wrong_parameter_of_a_list_is_named(ada: Caller, query: dict[str, str], field: str) -> None:
    answer = await ada.get("/v1/users/me/transactions", **query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_pages_join_up_to_the_whole_history_newest_first(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    eve = await house.customer("eve", USD=1000, EUR=1000)
    for number in range(1, 12):
        code = "USD" if number % 2 else "EUR"
        await eve.post("/v1/transfers", {"to_user_id": bob.id, "amount": "0.01", "currency": code, "memo": f"{number}"})
    whole = (await eve.get("/v1/users/me/transactions", limit=200)).json()
    assert whole["next"] is None
    assert [each["memo"] for each in whole["items"]] == [*(f"{number}" for number in range(11, 0, -1)), None, None]
    for limit in (1, 2, 5, 13):
        assert await walk(eve, "/v1/users/me/transactions", limit=limit) == whole["items"]


async def test_a_list_is_complete_however_much_is_written_meanwhile(ada: Caller, bob: Caller) -> None:
    before = [
        (await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "0.01"})).json()["id"] for _ in range(20)
    ]
    done = asyncio.Event()

    async def write() -> None:
        while not done.is_set():
            await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "0.01"})

    writing = asyncio.create_task(write())
    seen = [each["id"] for each in await walk(bob, "/v1/users/me/transactions", limit=3)]
    done.set()
    await writing
    assert len(set(seen)) == len(seen)
    assert seen[-20:] == before[::-1]


async def test_lists_of_users_keys_and_withdrawals_join_up_too(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    for number in range(5):
        await operator.post("/v1/users", {"username": f"user-{number}"})
        await operator.post("/v1/api-keys", {"role": "service", "name": f"service-{number}"})
        await ada.post("/v1/withdrawals", {"amount": "1"})
    for path in ("/v1/users", "/v1/api-keys", "/v1/withdrawals"):
        whole = (await operator.get(path)).json()
        assert whole["next"] is None
        assert len(whole["items"]) >= 5
        assert await walk(operator, path, limit=2) == whole["items"]
    assert [each["status"] for each in await walk(operator, "/v1/withdrawals", limit=2, status="pending")] == [
        "pending"
    ] * 5
    assert await walk(operator, "/v1/withdrawals", status="completed") == []


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_statement_is_the_history_oldest_first(operator: Caller, ada: Caller, bob: Caller) -> None:
    await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "10", "memo": 'a "b", c'})
    await operator.post(
        "/v1/deposits", {"user_id": ada.id, "amount": "5", "effective_at": "2020-01-01T00:00:00Z", "reference": "r"}
    )
    answer = await ada.get("/v1/users/me/statement.csv", order="recorded")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = read_csv(answer.text)
    history = (await ada.get("/v1/users/me/transactions", order="recorded")).json()["items"]
    assert [row["id"] for row in rows] == [each["id"] for each in reversed(history)]
    for row, each in zip(rows, reversed(history), strict=True):
        assert row == {name: each.get(name) or "" for name in row} | {"account": "ada"}
    assert [row["balance_after"] for row in rows] == ["100.00", "90.00", "95.00"]
    assert rows[1]["memo"] == 'a "b", c'


async def test_a_statement_can_be_narrowed_down_by_value_date(operator: Caller, bob: Caller) -> None:
    for day in ("2024-01-01", "2024-02-01"):
        body = {"user_id": bob.id, "amount": "5", "currency": "USD", "effective_at": f"{day}T00:00:00Z"}
        await operator.post("/v1/deposits", body)
    query = {"from": "2024-01-15T00:00:00Z", "to": "2024-02-15T00:00:00Z", "currency": "USD"}
    (row,) = read_csv((await bob.get("/v1/users/me/statement.csv", **query)).text)
    assert row["effective_at"] == "2024-02-01T00:00:00Z"
    assert read_csv((await bob.get("/v1/users/me/statement.csv", currency="EUR")).text) == []


async def test_a_statement_is_longer_than_a_page(ada: Caller, bob: Caller) -> None:
    for amount in ("0.01", "0.02", "0.03"):
        transfers = [{"to_user_id": bob.id, "amount": amount}] * 700
        assert (await ada.post("/v1/transfers/batch", {"transfers": transfers, "atomic": True})).status_code == 200
    rows = read_csv((await bob.get("/v1/users/me/statement.csv")).text)
    assert len(rows) == 2100
    assert len({row["id"] for row in rows}) == 2100
    assert [row["amount"] for row in rows] == sorted(row["amount"] for row in rows)
    assert rows[-1]["balance_after"] == "42.00"


@pytest.mark.parametrize("memo", ["=1+1", "+1", "-1", "@SUM(A1)"])
async def test_a_spreadsheet_takes_no_memo_for_a_formula(ada: Caller, bob: Caller, memo: str) -> None:
    made = await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1", "memo": memo})
    assert made.json()["memo"] == memo
    (row,) = read_csv((await bob.get("/v1/users/me/statement.csv")).text)
    assert row["memo"] == f"'{memo}"
