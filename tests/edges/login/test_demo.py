"""The way into a demo without a password, and that it is nowhere else."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from evens.edges.http.app import create_app
from evens.edges.http.login.services import DemoGuest
from evens.program.demo_entrance import OPERATORS, DemoEntrance
from evens.settings import known_variables
from evens.store.wallets.queries import Queries
from tests.edges.conftest import OpenHouse
from tests.edges.login.browser import browsing

pytestmark = pytest.mark.anyio

SOURCES = Path(__file__).resolve().parents[3] / "src"


@pytest.fixture
async def visitor(house: OpenHouse) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody with a browser, in front of a demo."""
    entrance = DemoEntrance(house.services.identity, house.services.gateway, Queries(house.database))
    login = replace(house.services.login, demo=entrance)
    async with browsing(create_app(replace(house.services, login=login))) as browser:
        yield browser


async def test_a_visitor_is_the_first_simulated_customer_who_has_no_password(
    house: OpenHouse, visitor: httpx2.AsyncClient
) -> None:
    await house.stage.customer("ada", USD=100_00)
    answer = await visitor.post("/v1/demo/enter", json={"as": "customer"})
    assert (answer.status_code, answer.json()["user"]["username"]) == (200, "ada")
    me = (await visitor.get("/v1/me")).json()
    assert (me["username"], me["role"]) == ("ada", "customer")
    assert (await visitor.get("/v1/users/me/balance")).json()["cash"] == "100.00"


@pytest.mark.parametrize("role", ["operator", "second_operator"])
async def test_a_visitor_is_an_operator_who_is_made_when_first_asked_for(
    visitor: httpx2.AsyncClient, role: DemoGuest
) -> None:
    for _ in range(2):
        assert (await visitor.post("/v1/demo/enter", json={"as": role})).status_code == 200
        me = (await visitor.get("/v1/me")).json()
        assert (me["username"], me["role"]) == (OPERATORS[role], "operator")
    assert len((await visitor.get("/v1/me/sessions")).json()["items"]) == 1, "the first one ended"
    assert (await visitor.get("/v1/users")).status_code == 200


async def test_the_second_operator_may_approve_what_the_first_one_proposed(
    house: OpenHouse, visitor: httpx2.AsyncClient
) -> None:
    ada = await house.stage.customer("ada", USD=100_00)
    await visitor.post("/v1/demo/enter", json={"as": "operator"})
    paid = await visitor.post("/v1/deposits", json={"user_id": f"usr_{ada}", "amount": "5.00", "currency": "USD"})
    request = {"what": "reverse_transaction", "id": paid.json()["id"], "body": {"reason": "paid twice"}}
    proposed = await visitor.post("/v1/approvals", json={"request": request, "reason": "paid twice"})
    approve = f"/v1/approvals/{proposed.json()['id']}/approve"
    alone = await visitor.post(approve, json={"reason": "seen"})
    assert (alone.status_code, alone.json()["code"]) == (403, "same_operator")
    await visitor.post("/v1/demo/enter", json={"as": "second_operator"})
    assert (await visitor.post(approve, json={"reason": "seen"})).status_code == 200
    assert (await visitor.get(f"/v1/users/usr_{ada}/balance")).json()["cash"] == "100.00"


async def test_before_there_are_customers_the_visitor_is_asked_to_wait(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.post("/v1/demo/enter", json={"as": "customer"})
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "demo_starting", "1")


@pytest.mark.parametrize("role", ["admin", "service", "", None])
async def test_nobody_becomes_more_than_an_operator(visitor: httpx2.AsyncClient, role: str | None) -> None:
    assert (await visitor.post("/v1/demo/enter", json={"as": role})).status_code == 422


async def test_another_site_cannot_make_a_visitor_enter(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.post("/v1/demo/enter", json={"as": "operator"}, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_outside_of_a_demo_there_is_no_such_way(house: OpenHouse) -> None:
    async with browsing(house.app) as browser:
        answer = await browser.post("/v1/demo/enter", json={"as": "operator"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (404, False)


def test_only_the_demo_command_opens_it() -> None:
    """No setting can: it takes an argument, which one command gives."""
    assert not [name for name in known_variables() if "DEMO" in name]
    texts = {str(path.relative_to(SOURCES)): path.read_text("utf-8") for path in SOURCES.rglob("*.py")}
    opens = re.compile(r"\bdemo=(?!demo\b|self\._demo\b|DemoEntrance\(.*\) if demo else None)")
    assert [path for path, text in texts.items() if opens.search(text)] == ["evens/demo/command.py"]
    assert [path for path, text in texts.items() if "for_demo()" in text] == ["evens/program/demo_entrance.py"]
    made = [path for path, text in texts.items() if "DemoEntrance(" in text]
    assert made == ["evens/program/server.py"]
