"""What is followed with a credential ends when the credential does, not at the next check."""

import asyncio

import pytest

from evens.core.commands.wallets import FreezeCustomer
from evens.edges.stream.stream import StreamSettings
from evens.identity.principal import CONSOLE, Role
from tests.conftest import Dsns
from tests.edges.conftest import Caller
from tests.stream.client import Client, Message
from tests.stream.conftest import StreamServer, id_of, opened

pytestmark = pytest.mark.anyio

SELDOM = StreamSettings(heartbeat_s=3600)
"""Nothing ends by the check that is made again and again."""


@pytest.fixture
def stream_settings() -> StreamSettings:
    return SELDOM


async def logged_in(streaming: StreamServer) -> tuple[Caller, str]:
    """Register somebody through the front door; return them and their id."""
    body = {"username": "ada", "email": "ada@example.com", "password": "correct horse"}
    tokens = (await streaming.http.post("/v1/auth/register", json=body)).json()
    return Caller(streaming.http, tokens["access_token"]), tokens["user"]["id"]


async def follow_own_account(client: Client, bearer: str | None) -> None:
    await client.authenticate(bearer)
    await client.request("subscribe", channel="account")
    assert (await client.receive())["type"] == "snapshot"


async def next_within(client: Client, seconds: float) -> Message:
    async with asyncio.timeout(seconds):
        return await client.receive()


async def test_a_stream_ends_at_once_when_its_session_is_logged_out(streaming: StreamServer) -> None:
    """Hold 5: a followed stream ends at once."""
    ada, user_id = await logged_in(streaming)
    async with streaming.connected() as client:
        await follow_own_account(client, ada.bearer)
        await ada.post("/v1/auth/logout")
        ended = await next_within(client, 20)
        assert (ended["code"], ended["channel"], ended["id"]) == ("not_authenticated", "account", user_id)
        await client.request("subscribe", channel="account")
        assert (await client.receive())["code"] == "not_authenticated"


async def test_a_stream_ends_at_once_when_its_session_ends_on_another_server(
    streaming: StreamServer, dsns: Dsns
) -> None:
    """Hold 5: on every server."""
    ada, _ = await logged_in(streaming)
    async with opened(dsns, SELDOM) as another, streaming.connected() as client:
        await follow_own_account(client, ada.bearer)
        await another.http.post("/v1/auth/logout", headers={"Authorization": f"Bearer {ada.bearer}"})
        assert (await next_within(client, 20))["code"] == "not_authenticated"


async def test_the_streams_of_a_frozen_customer_end_at_once_and_an_operators_go_on(streaming: StreamServer) -> None:
    """Hold 13: freezing a customer ends their streams, whether they came with a key or a session."""
    identity = streaming.house.services.identity
    ada = await streaming.customer("ada")
    desk = await streaming.someone(Role.OPERATOR)
    made = await identity.create_api_key(CONSOLE, role=Role.CUSTOMER, customer=id_of(ada))
    async with streaming.connected() as first, streaming.connected() as second, streaming.connected() as third:
        await follow_own_account(first, ada.bearer)
        await follow_own_account(second, made.key)
        await third.authenticate(desk.bearer)
        await third.request("subscribe", channel="account", id=ada.id)
        await third.receive()
        await streaming.book(FreezeCustomer(id_of(ada)))
        assert (await next_within(first, 20))["code"] == "not_authenticated"
        assert (await next_within(second, 20))["code"] == "not_authenticated"
        await streaming.deposit(id_of(ada), 100)
        assert (await next_within(third, 20))["type"] == "delta"
    assert (await ada.get("/v1/me")).status_code == 401


async def browser_cookie(streaming: StreamServer) -> str:
    """Register somebody in a browser; return the header with their cookie."""
    body = {"username": "ada", "email": "ada@example.com", "password": "correct horse", "cookie": True}
    headers = {"Origin": "http://house", "X-Evens-App": "1"}
    answer = await streaming.http.post("/v1/auth/register", json=body, headers=headers)
    streaming.http.cookies.clear()
    return answer.headers["set-cookie"].partition(";")[0]


async def test_our_own_page_authenticates_by_the_cookie_it_connected_with(streaming: StreamServer) -> None:
    cookie = {"Cookie": await browser_cookie(streaming)}
    own = f"http://127.0.0.1:{streaming.port}"
    async with streaming.connected(origin=own, additional_headers=cookie) as client:
        await client.request("auth")
        assert (await client.receive())["type"] == "authenticated"
        await client.request("subscribe", channel="account")
        assert (await client.receive())["type"] == "snapshot"
        headers = {**cookie, "Origin": "http://house", "X-Evens-App": "1"}
        assert (await streaming.http.post("/v1/auth/logout", headers=headers)).status_code == 204
        assert (await next_within(client, 20))["code"] == "not_authenticated"
        await client.request("auth")
        assert (await client.receive())["code"] == "not_authenticated"


async def test_a_page_of_another_site_does_not_authenticate_by_our_cookie(dsns: Dsns) -> None:
    settings = StreamSettings(heartbeat_s=3600, origins=frozenset(["https://tips.example"]))
    async with opened(dsns, settings) as streaming:
        cookie = {"Cookie": await browser_cookie(streaming)}
        for options in ({"origin": "https://tips.example"}, {}):
            async with streaming.connected(additional_headers=cookie, **options) as client:
                await client.request("auth")
                refused = await client.receive()
                assert (refused["code"], refused["field"]) == ("field_missing", "token")
