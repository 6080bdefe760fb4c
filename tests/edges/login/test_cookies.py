"""Sessions of browsers: an HttpOnly cookie in place of tokens, and what other sites' pages cannot do with it."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from evens.core.commands.wallets import FreezeCustomer
from evens.core.values.ids import CustomerId
from evens.edges.http.app import create_app
from evens.edges.http.protocol.cookies import SessionCookies
from evens.edges.http.protocol.own_origin import OwnOrigin
from evens.edges.http.protocol.throttle import CallerThrottle
from evens.identity.principal import Role
from evens.store.identity.ended import EndedCredentials
from tests.edges.conftest import OpenHouse
from tests.edges.login.browser import OWN, browsing, cookie_of, log_in, register
from tests.waiting import until

pytestmark = pytest.mark.anyio


@pytest.fixture
async def browser(house: OpenHouse) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which Ada has registered."""
    async with browsing(house.app) as browser:
        assert (await register(browser)).status_code == 201
        yield browser


@asynccontextmanager
async def sure(house: OpenHouse) -> AsyncGenerator[None]:
    """Let the house hear of every session that ends."""
    watch = house.services.identity.watch(EndedCredentials(house.stage.dsns.app))
    watching = asyncio.create_task(watch.run())
    await until(lambda: house.services.identity.knows_what_ended)
    yield
    watch.stop()
    await watching


async def test_a_browser_gets_a_cookie_that_no_script_can_read_and_no_tokens(house: OpenHouse) -> None:
    async with browsing(house.app) as browser:
        answer = await register(browser)
    assert list(answer.json()) == ["user"]
    name, _, value = cookie_of(answer).partition("=")
    assert (name, value[:4], len(value)) == ("evens_session", "evc_", 47)
    attributes = answer.headers["set-cookie"].partition("; ")[2]
    assert attributes == "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"


async def test_where_the_server_is_public_by_https_the_cookie_is_secure_and_of_this_host_alone() -> None:
    class _Never:
        def take_renewed(self, token: str) -> bool:
            return False

    cookies = SessionCookies(_Never(), OwnOrigin("https://bets.example"), timedelta(days=30))
    assert cookies.setting("x") == "__Host-evens=x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000"
    assert cookies.clearing() == "__Host-evens=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"


async def test_the_cookie_is_the_credential_of_the_whole_api(browser: httpx2.AsyncClient) -> None:
    me = (await browser.get("/v1/me")).json()
    assert (me["username"], me["role"]) == ("ada", "customer")
    assert (await browser.get("/v1/users/me/balance")).status_code == 200
    limits = await browser.put("/v1/me/limits", json={"deposit": {"day": "5.00"}})
    assert limits.status_code == 200, limits.text
    (session,) = (await browser.get("/v1/me/sessions")).json()["items"]
    assert session["current"]


async def test_a_page_hears_who_is_logged_in_on_it_and_that_nobody_is_without_an_error(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    there = await browser.get("/v1/auth/session")
    assert there.json() == {"me": (await browser.get("/v1/me")).json()}
    async with browsing(house.app) as visitor:
        answer = await visitor.get("/v1/auth/session")
    assert (answer.status_code, answer.json()) == (200, {"me": None})
    assert (await browser.get("/v1/auth/session", headers={"Authorization": "Bearer none"})).status_code == 401


async def test_the_database_has_only_the_hash_of_a_cookie(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    token = browser.cookies["evens_session"]
    async with house.database.connection() as connection:
        row = await connection.fetchrow("SELECT s.*, s.cookie_hash FROM evens.sessions AS s")
        assert row is not None
        assert row["cookie_hash"] == hashlib.sha256(token.encode()).digest()
        assert await connection.fetchval("SELECT count(*) FROM evens.refresh_tokens") == 0
    assert token not in str(dict(row))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://house.evil.example"},
        {"Origin": "http://house:8000"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Evens-App": "0"},
        {"X-Evens-App": ""},
    ],
    ids=str,
)
async def test_other_sites_can_change_nothing_with_the_cookie(
    browser: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    refused = await browser.post("/v1/auth/logout", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    assert (await browser.get("/v1/me")).status_code == 200


async def test_a_page_whose_origin_is_kept_to_itself_is_known_by_what_the_browser_says(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    del browser.headers["Origin"]
    assert (await browser.post("/v1/auth/logout")).json()["code"] == "cross_site"
    hidden = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await browser.put("/v1/me/limits", json={"deposit": {"day": "5.00"}}, headers=hidden)).status_code == 200
    assert (await browser.post("/v1/auth/logout", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 204


async def test_another_site_cannot_log_somebody_in(house: OpenHouse) -> None:
    async with browsing(house.app) as browser:
        await register(browser)
    async with browsing(house.app) as another:
        another.headers["Origin"] = "https://evil.example"
        answer = await log_in(another)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
        assert "set-cookie" not in answer.headers


async def test_whoever_sends_a_token_needs_no_header_of_the_app_and_means_the_token(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    bob = await house.user("bob", "long enough for two")
    for name in OWN:
        del browser.headers[name]
    headers = {"Authorization": f"Bearer {bob.bearer}"}
    assert (await browser.get("/v1/me", headers=headers)).json()["username"] == "bob"
    assert (await browser.post("/v1/auth/logout", headers=headers)).status_code == 204
    assert (await browser.get("/v1/me")).json()["username"] == "ada"


async def test_logging_out_ends_the_session_and_clears_the_cookie(browser: httpx2.AsyncClient) -> None:
    token = browser.cookies["evens_session"]
    answer = await browser.post("/v1/auth/logout")
    assert answer.headers["set-cookie"] == "evens_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    assert (await browser.get("/v1/me")).status_code == 401
    browser.cookies["evens_session"] = token
    assert (await browser.get("/v1/me")).status_code == 401


async def test_a_login_begins_a_new_session_and_ends_that_of_the_cookie_it_came_with(
    house: OpenHouse, browser: httpx2.AsyncClient
) -> None:
    earlier = browser.cookies["evens_session"]
    assert (await log_in(browser)).status_code == 200
    assert browser.cookies["evens_session"] != earlier
    assert len((await browser.get("/v1/me/sessions")).json()["items"]) == 1
    async with browsing(house.app) as fixed:
        fixed.cookies["evens_session"] = earlier
        assert (await fixed.get("/v1/me")).status_code == 401


async def test_a_login_that_fails_leaves_the_session_alone(browser: httpx2.AsyncClient) -> None:
    assert (await log_in(browser, password="wrong horse")).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 200


async def test_nobody_can_choose_the_cookie_of_a_session(house: OpenHouse) -> None:
    async with browsing(house.app) as browser:
        await register(browser)
        browser.cookies.clear()
        chosen = "evc_" + "a" * 43
        answer = await log_in(browser, cookie=True)
        assert chosen not in answer.headers["set-cookie"]
        browser.cookies.clear()
        browser.cookies["evens_session"] = chosen
        assert (await browser.get("/v1/me")).status_code == 401
        assert cookie_of(await log_in(browser)) != f"evens_session={chosen}"


async def test_a_cookie_that_is_there_twice_is_nobodys(browser: httpx2.AsyncClient) -> None:
    token = browser.cookies["evens_session"]
    both = {"Cookie": f"evens_session={token}; evens_session=evc_other"}
    browser.cookies.clear()
    assert (await browser.get("/v1/me", headers=both)).status_code == 401


async def test_only_the_api_takes_the_cookie(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    for path in ("/openapi.json", "/docs", "/nowhere", "/assets/x.js"):
        assert "set-cookie" not in (await browser.get(path)).headers


async def test_a_session_ends_by_the_list_and_by_a_freeze(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    (session,) = (await browser.get("/v1/me/sessions")).json()["items"]
    assert (await browser.delete(f"/v1/me/sessions/{session['id']}")).status_code == 204
    assert (await browser.get("/v1/me")).status_code == 401
    assert (await log_in(browser)).status_code == 200
    customer = CustomerId(int((await browser.get("/v1/me")).json()["id"].removeprefix("usr_")))
    await house.stage.submit(FreezeCustomer(customer))
    async with house.database.connection() as connection:
        ended = await connection.fetchval("SELECT bool_and(ended_at IS NOT NULL) FROM evens.sessions")
    assert ended


async def test_an_operator_who_logs_in_by_browser_is_one(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    customer = CustomerId(int((await browser.get("/v1/me")).json()["id"].removeprefix("usr_")))
    await house.services.identity.set_role(customer, Role.OPERATOR)
    assert (await log_in(browser)).status_code == 200
    assert (await browser.get("/v1/me")).json()["role"] == "operator"
    assert (await browser.get("/v1/users")).status_code == 200


async def test_the_cookie_is_set_again_when_its_session_goes_on(house: OpenHouse, browser: httpx2.AsyncClient) -> None:
    async with sure(house):
        first, second = await browser.get("/v1/me"), await browser.get("/v1/me")
    assert cookie_of(first) == f"evens_session={browser.cookies['evens_session']}"
    assert "set-cookie" not in second.headers


async def test_unknown_cookies_are_counted_before_the_database_is_asked(house: OpenHouse) -> None:
    app = create_app(replace(house.services, throttle=CallerThrottle(3, 5)))
    async with browsing(app) as browser:
        statuses: list[int] = []
        for number in range(5):
            browser.cookies["evens_session"] = "evc_" + f"{number}" * 43
            statuses.append((await browser.get("/v1/me")).status_code)
    assert statuses == [401, 401, 401, 429, 429]
