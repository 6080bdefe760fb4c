"""Names: which new ones are refused, that old ones go on, and that an id, a word and a name are never mixed up."""

from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse

NOT_FOR_ANYBODY = (
    *("me", "Me", "admin", "ADMIN", "operator", "house", "system", "evens", "root"),
    *("adm1n", "0perator", "h0use", "5ystem", "ad-min", "m.e"),
    *("usr_6", "USR_6", "usr_", "usr-6", "txn_1795080600123456789", "mkt_42", "ord_7", "chl_1"),
)
OF_OTHER_SCRIPTS = (
    "\u0430dmin",
    "p\u0430ul",
    "\u0440\u0430\u0443\u04cf",
    "ada\u200b",
    "\u202eada",
    "ada\u0000",
    " ",
    "\u3164",
)
UNSEEN = (
    " ",
    "\u200b",
    "\u3164",
    "\u2800",
    "\u0301",
    "\u00a0\u2003",
    "An\u200bn",
    "\u202eknaB",
    "Ann\u2028Bo",
    "A\u200dn",
    "\ufeffAnn",
    *("\U000e0041", "\U000e0041\U000e007f", "Ann\U000e0041", "\U000e01ef", "Ann\U000e0100", "Ann\U000e0fff"),
    *("\ufe0f", "Ann\ufe0f", "é\ufe00", "\u034f", "A\u034fnn", "Ann\u17b4", "Ann\u2065", "Ann\ufff0", "Ann\uffa0"),
    *("安\u200d\u200c安", "é\u200dé", "安\u200d", "\u2764\ufe0f\ufe0f"),
    "\U0001f3f4\U000e0061\U000e0062\U000e007f",
    "\U0001f3f4 \U000e0067",
)
SEEN = (
    "Ann",
    "Аня",
    "安",
    "Zoë",
    "\U0001f468\u200d\U0001f469",
    "نمی\u200cخواهم",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    *("1\ufe0f\u20e3", "\u2764\ufe0f\u200d\U0001f525", "\u2139\ufe0f", "葛\U000e0100", "क्\u200dष", "ᠠ\u180b"),
    "O'Neil / 2nd",
)
MARKET: dict[str, Any] = {
    "name": "Winner",
    "starts_at": "2026-11-20T19:30:00Z",
    "runners": [{"name": "a"}, {"name": "b"}],
}
DARE: dict[str, Any] = {"side": "back", "odds": "2.00", "stake": "1.00", "expires_at": "2099-01-01T00:00:00Z"}


def fields(answer: Any) -> list[str]:
    return [error["field"] for error in answer.json().get("errors", ())]


@pytest.mark.parametrize("name", [*NOT_FOR_ANYBODY, *OF_OTHER_SCRIPTS])
async def test_a_new_username_is_nothing_but_a_name(operator: Caller, house: OpenHouse, name: str) -> None:
    """Hold 18: what stands for the house, reads as an id, is blank, hidden or of another script is refused."""
    answer = await operator.post("/v1/users", {"username": name})
    assert (answer.status_code, fields(answer)) == (422, ["username"])
    login = {"email": "new@example.com", "username": name, "password": "correct horse battery"}
    answer = await operator.post("/v1/auth/register", login)
    assert (answer.status_code, fields(answer)) == (422, ["username"])
    row = {"account": name, "kind": "deposit", "amount": "1", "reference": "1", "effective_date": "2024-01-01"}
    (result,) = (await operator.post("/v1/imports", {"rows": [row]})).json()["results"]
    assert (result["outcome"], result["reason"]) == ("refused", "validation_failed")
    assert result["detail"].startswith(("account must", "account is the id of no user"))


@pytest.mark.parametrize(
    "name", ["4711", "mel", "user_1", "administration", "housewife", "Systematic", "ordinary", "txn"]
)
async def test_names_that_are_only_similar_are_anybodys(operator: Caller, name: str) -> None:
    assert (await operator.post("/v1/users", {"username": name})).status_code == 201


async def test_a_name_from_before_the_rules_keeps_working(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    """Hold 18: existing names keep working, are found as names, and are never taken for an id or a word of ours."""
    old = {name: await house.customer(name) for name in ("me", "admin", ada.id)}
    for name, customer in old.items():
        for written in (name, f"@{name}"):
            paid = await ada.post("/v1/transfers", {"to_username": written, "amount": "1.00"})
            assert paid.json()["counterparty_id"] == customer.id
            (found,) = (await operator.get("/v1/users", username=written)).json()["items"]
            assert found["id"] == customer.id
        row = {"account": name, "kind": "deposit", "amount": "1", "reference": "1", "effective_date": "2024-01-01"}
        (result,) = (await operator.post("/v1/imports", {"rows": [row]})).json()["results"]
        assert result["outcome"] == "booked"
    itself = await ada.post("/v1/transfers", {"to_user_id": "me", "amount": "1.00"})
    assert itself.json()["code"] == "same_customer"
    unknown = await ada.post("/v1/transfers", {"to_user_id": "@ada", "amount": "1.00"})
    assert unknown.json()["code"] == "recipient_unknown"


async def test_a_resolver_that_reads_as_an_id_is_one(house: OpenHouse, ada: Caller, bob: Caller) -> None:
    """Hold 18: ids are ids and names are names; `@` makes a name of what would read as an id."""
    impostor = await house.customer(bob.id)
    for written, meant in ((bob.id, bob), ("bob", bob), ("@bob", bob), (f"@{bob.id}", impostor)):
        made = await ada.post("/v1/challenges", {**DARE, "title": "Ann", "resolver": written})
        assert made.status_code == 201, made.text
        assert (await meant.get("/v1/challenges")).json()["items"][0]["id"] == made.json()["id"]


@pytest.mark.parametrize("name", UNSEEN)
async def test_names_of_markets_runners_and_challenges_can_be_seen(operator: Caller, ada: Caller, name: str) -> None:
    """Hold 18: a market, a runner or a challenge has no blank name and no invisible characters in it."""
    answer = await operator.post("/v1/exchange/markets", {**MARKET, "name": name})
    assert (answer.status_code, fields(answer)) == (422, ["name"])
    answer = await operator.post("/v1/exchange/markets", {**MARKET, "runners": [{"name": "a"}, {"name": name}]})
    assert (answer.status_code, fields(answer)) == (422, ["runners[1].name"])
    answer = await ada.post("/v1/challenges", {**DARE, "title": name, "resolver": "bob"})
    assert (answer.status_code, fields(answer)) == (422, ["title"])


@pytest.mark.parametrize("name", SEEN)
async def test_names_in_every_script_can_be_seen(operator: Caller, name: str) -> None:
    answer = await operator.post("/v1/exchange/markets", {**MARKET, "name": name})
    assert (answer.status_code, answer.json()["name"]) == (201, name)


@pytest.mark.parametrize("text", UNSEEN)
async def test_whatever_people_read_can_be_seen(operator: Caller, ada: Caller, bob: Caller, text: str) -> None:
    """No memo, destination, reference, reason or name of a key is blank or has something in it that does not show."""
    paid = await ada.post("/v1/transfers", {"to_user_id": bob.id, "amount": "1", "memo": text})
    assert (paid.status_code, fields(paid)) == (422, ["memo"])
    asked = await ada.post("/v1/withdrawals", {"amount": "1", "destination": text})
    assert (asked.status_code, fields(asked)) == (422, ["destination"])
    deposit = await operator.post("/v1/deposits", {"user_id": bob.id, "amount": "1", "reference": text})
    assert (deposit.status_code, fields(deposit)) == (422, ["reference"])
    key = await operator.post("/v1/api-keys", {"role": "service", "name": text})
    assert (key.status_code, fields(key)) == (422, ["name"])
    row = {"account": "ada", "kind": "deposit", "amount": "1", "reference": text, "effective_date": "2024-01-01"}
    (result,) = (await operator.post("/v1/imports", {"rows": [row]})).json()["results"]
    assert (result["outcome"], result["reason"]) == ("refused", "validation_failed")
    assert result["detail"].startswith("reference ")
