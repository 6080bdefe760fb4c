"""What the house says of itself to everybody."""

from dataclasses import replace

import pytest

from evens.edges.http.app import create_app
from evens.edges.http.services import HttpSettings
from evens.edges.http.settings import public_choices
from evens.identity.passkey_place import PasskeyPlace, passkey_place
from tests.edges.conftest import OpenHouse, talking_to
from tests.edges.login.browser import browsing, register

pytestmark = pytest.mark.anyio


async def test_everybody_learns_what_the_house_is_and_offers(house: OpenHouse) -> None:
    answer = await house.nobody.get("/v1/config")
    config = answer.json()
    assert (config["name"], config["demo"], config["stream"]) == ("Evens", False, "/v1/stream")
    assert {each["code"]: each["scale"] for each in config["currencies"]} == {"USD": 2, "EUR": 2, "USDC": 6}
    assert (config["commission_bps"], config["challenge_fee_bps"]) == (500, 200)
    assert config["features"]["chain_rail"] is None
    assert config["limits"]["min_stake"] == "1.00"
    assert config["at"].endswith("Z")


async def test_what_is_the_same_for_all_may_be_kept_and_sets_no_cookie(house: OpenHouse) -> None:
    async with browsing(house.app) as browser:
        await register(browser)
        answer = await browser.get("/v1/config")
    assert answer.headers.get_list("cache-control") == ["public, max-age=60"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers


async def test_the_choices_of_an_operator_are_told() -> None:
    told = public_choices(
        HttpSettings(currency="EUR", public_url="https://b.example"), None, is_demo=True, has_line=True
    )
    assert (told.currency, told.demo, told.features.sportsbook) == ("EUR", True, True)
    assert told.features.passkey_origin == "https://b.example"


@pytest.mark.parametrize(
    ("public_url", "place"),
    [
        ("https://bets.example/", PasskeyPlace("bets.example", "https://bets.example")),
        ("https://bets.example:8443/x", PasskeyPlace("bets.example", "https://bets.example:8443")),
        ("http://localhost:8000", PasskeyPlace("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", PasskeyPlace("localhost", "http://localhost:8000")),
        ("http://bets.example", None),
        ("https://192.0.2.1", None),
        ("", None),
    ],
)
async def test_passkeys_work_where_the_server_has_a_domain_that_nobody_listens_in_on(
    public_url: str, place: PasskeyPlace | None
) -> None:
    assert passkey_place(public_url) == place


async def test_while_the_house_is_starting_the_page_is_told_to_ask_again(house: OpenHouse) -> None:
    from evens.edges.http.protocol.currencies import Currencies

    async with talking_to(create_app(replace(house.services, currencies=Currencies()))) as http:
        answer = await http.get("/v1/config")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
