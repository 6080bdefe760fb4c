"""Statements by value date and by recording: the order of rows, and the balance that each carries."""

import csv
import io
import random
from decimal import Decimal
from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse

DAYS = ("2023-12-31", "2024-01-01", "2024-01-02", "2024-01-20")


async def book(operator: Caller, user: Caller, amount: str, day: str | None = None, currency: str = "USD") -> None:
    """Book a deposit, or a withdrawal if the amount is below zero, perhaps with a value date."""
    path = "/v1/withdrawals" if amount.startswith("-") else "/v1/deposits"
    body = {"user_id": user.id, "amount": amount.lstrip("-"), "currency": currency}
    answer = await operator.post(path, body if day is None else {**body, "effective_at": f"{day}T00:00:00Z"})
    assert answer.status_code == 201, answer.text


async def listed(user: Caller, **query: Any) -> list[dict[str, Any]]:
    """Return a list, oldest first, read in pages of three."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await user.get("/v1/users/me/transactions", limit=3, **query, **after)).json()
        items += page["items"]
        if page["next"] is None:
            return items[::-1]
        after = {"after": page["next"]}


async def written(user: Caller, **query: Any) -> list[dict[str, str]]:
    """Return the rows of a statement as CSV."""
    text = (await user.get("/v1/users/me/statement.csv", **query)).text
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_the_statement_of_a_day_says_what_there_was_on_that_day(operator: Caller, bob: Caller) -> None:
    """Hold 23: 990.00 on the 20th, later 1.00 back-dated to the 1st: the statement of the 1st says 1.00."""
    await book(operator, bob, "990.00", "2024-01-20")
    await book(operator, bob, "1.00", "2024-01-01")
    first = {"from": "2024-01-01T00:00:00Z", "to": "2024-01-02T00:00:00Z"}
    for read in (listed, written):
        assert [row["balance_after"] for row in await read(bob, **first)] == ["1.00"]
        assert [row["balance_after"] for row in await read(bob)] == ["1.00", "991.00"]
        assert [row["balance_after"] for row in await read(bob, order="recorded")] == ["990.00", "991.00"]


def naive_balances(rows: list[dict[str, Any]]) -> list[str]:
    """Return the balances that follow from adding up the rows of each currency in their order."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        signed = Decimal(row["amount"]) * (1 if row["direction"] == "in" else -1)
        sums[row["currency"]] = sums.get(row["currency"], Decimal()) + signed
        row["sum"] = f"{sums[row['currency']]:.2f}"
    return [row["sum"] for row in rows]


@pytest.mark.parametrize("order", ["value_date", "recorded"])
async def test_balances_follow_row_by_row_in_either_order(
    house: OpenHouse, operator: Caller, ada: Caller, order: str
) -> None:
    """Hold 23: whatever is back-dated, and however much has the same value date, each row adds to the one before."""
    eve = await house.customer("eve", USD=100_00, EUR=100_00)
    chance = random.Random(order)
    for _ in range(30):
        day = chance.choice((*DAYS, None))
        amount = chance.choice(("3.00", "0.50", "-1.00", "-0.25"))
        await book(operator, eve, amount, day, chance.choice(("USD", "EUR")))
        if chance.random() < 0.3:
            await eve.post("/v1/transfers", {"to_user_id": ada.id, "amount": "0.10"})
    rows = await listed(eve, order=order)
    assert [row["balance_after"] for row in rows] == naive_balances(rows)
    dates = [row["effective_at" if order == "value_date" else "recorded_at"] for row in rows]
    assert dates == sorted(dates)
    assert len({row["id"] for row in rows}) == len(rows) >= 32
    assert [row["id"] for row in await written(eve, order=order)] == [row["id"] for row in rows]
    deposits = {row["id"]: row["balance_after"] for row in rows if row["kind"] == "deposit"}
    only = await listed(eve, order=order, kind="deposit")
    assert {row["id"]: row["balance_after"] for row in only} == deposits
    some = await listed(eve, order=order, currency="EUR", **{"from": "2024-01-01T00:00:00Z"})
    expected = [row for row in rows if row["currency"] == "EUR" and not row["effective_at"].startswith("2023")]
    for row in expected:
        del row["sum"]
    assert some == expected


async def test_a_statement_by_value_date_is_longer_than_a_page(operator: Caller, bob: Caller) -> None:
    """Hold 23: rows of one value date go on from page to page."""
    for part in range(2):
        rows = [
            {
                "account": bob.username,
                "kind": "deposit",
                "amount": "0.01",
                "reference": f"{part}-{number}",
                "effective_date": DAYS[number % 2],
            }
            for number in range(300)
        ]
        await operator.post("/v1/imports", {"currency": "USD", "rows": rows})
    rows = await written(bob)
    assert [row["balance_after"] for row in rows] == [f"{Decimal(number) / 100:.2f}" for number in range(1, 601)]


@pytest.mark.parametrize("after", ["MTIz", "MTox", "MToy", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6MQ"])
async def test_a_cursor_of_another_list_or_of_nowhere_is_read_or_refused(ada: Caller, after: str) -> None:
    answer = await ada.get("/v1/users/me/transactions", after=after)
    assert answer.status_code == (200 if after in {"MTox", "MToy"} else 422)
