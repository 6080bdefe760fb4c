"""The real program while its house is being loaded: credentials that are known count, all others may come again.

A lock on a table that only the house is loaded from keeps a server in that state for as long as a test looks at it.
"""

import socket
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest

from evens.edges.http.protocol.cookies import APP_HEADER, APP_VALUE
from tests.cli.program import EVENS, PATIENCE_S, environment, run, running
from tests.conftest import Dsns
from tests.feeds.line.reading import signed
from tests.stream.client import connected
from tests.waiting import until

pytestmark = pytest.mark.anyio

PASSWORD = "a password of nobody else"
UNKNOWN = "evk_aaaaaaaaaaaaaaaa_" + "a" * 52


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


@asynccontextmanager
async def not_to_be_loaded(dsns: Dsns) -> AsyncGenerator[None]:
    """Let no server read the balances during the block."""
    owner = await asyncpg.connect(dsns.owner)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE evens.balances IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await owner.close()


@contextmanager
def begun(data: Path, port: int, variables: dict[str, str]) -> Generator["subprocess.Popen[str]"]:
    """Start a server, and do not wait until it is ready."""
    command = [EVENS, "serve", "--port", str(port), "--data", str(data), "--json"]
    with (
        (data.parent / "second.stderr").open("a") as errors,
        subprocess.Popen(command, env=environment(variables), stdout=subprocess.PIPE, stderr=errors, text=True) as it,
    ):
        try:
            yield it
        finally:
            it.terminate()
            it.wait(PATIENCE_S)


def listens(port: int) -> bool:
    """Return whether something listens on a port; it may be a moment before it answers."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def bearer(credential: str) -> dict[str, str]:
    """Return the headers with which a credential is shown."""
    return {"Authorization": f"Bearer {credential}"}


async def logged_in(http: httpx2.AsyncClient) -> tuple[str, str]:
    """Register somebody; return an access token and the header of a browser's cookie."""
    person: dict[str, Any] = {"username": "ada", "password": PASSWORD, "email": "ada@example.org"}
    registered = await http.post("/v1/auth/register", json=person)
    assert registered.status_code == 201, registered.text
    login = {"login": "ada", "password": PASSWORD, "cookie": True}
    welcomed = await http.post(
        "/v1/auth/login", json=login, headers={APP_HEADER: APP_VALUE, "Origin": str(http.base_url)}
    )
    assert welcomed.status_code == 200, welcomed.text
    return registered.json()["access_token"], welcomed.headers["set-cookie"].partition(";")[0]


async def test_whoever_is_known_is_served_and_all_others_are_to_come_again(dsns: Dsns, tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    house = {"DATABASE_URL": dsns.owner}
    variables = house | {"EVENS_LINE_SOURCES": "main=evens+http://127.0.0.1:1", "EVENS_LINE_KEYS": "main=key"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as http:
        with running(["serve", "--port", str(port)], data, house) as server:
            made_here = server.key
            lasting = run("api-key", "create", "--role", "operator", "--data", str(data), env=house).out.strip()
            token, cookie = await logged_in(http)
            http.cookies.clear()
            server.process.kill()
            server.process.wait(PATIENCE_S)
        async with not_to_be_loaded(dsns):
            with begun(data, port, variables) as following:
                # Who connects before the server answers is kept waiting, not turned away.
                await until(lambda: listens(port))
                await check_unknown(http, (made_here, UNKNOWN, "nonsense", "evc_" + "a" * 43))
                await check_known(http, lasting, token, cookie)
                await check_webhook(http)
                await check_stream(f"ws://127.0.0.1:{port}/v1/stream", made_here, lasting)
                following.kill()
        with begun(data, port, variables) as following:
            assert following.stdout is not None
            assert following.stdout.readline()
            assert (await http.get("/v1/webhooks", headers=bearer(made_here))).status_code == 401
            now = bearer((data / "operator.key").read_text().strip())
            assert (await http.get("/v1/webhooks", headers=now)).status_code == 200


async def check_unknown(http: httpx2.AsyncClient, credentials: tuple[str, ...]) -> None:
    """Assert that nobody is refused who may be known in a moment."""
    for headers in ({}, {"Authorization": "Bearer"}, *map(bearer, credentials)):
        for method, path in (("GET", "/v1/webhooks"), ("POST", "/v1/deposits"), ("GET", "/v1/me")):
            answer = await http.request(method, path, headers=headers, json={} if method == "POST" else None)
            said = answer.status_code, answer.json()["code"], answer.headers.get("retry-after")
            assert said == (503, "starting", "1"), (method, path, headers)


async def check_known(http: httpx2.AsyncClient, lasting: str, token: str, cookie: str) -> None:
    """Assert that those who are known read, and may write in a moment; and that a wrong password is wrong."""
    for headers in (bearer(lasting), bearer(token), {"Cookie": cookie}):
        assert (await http.get("/v1/me", headers=headers)).status_code == 200, headers
    # The session's cookie was set anew with the answer, and would now go with every request.
    http.cookies.clear()
    body = {"user_id": "usr_1", "amount": "1.00"}
    written = await http.post("/v1/deposits", json=body, headers=bearer(lasting))
    assert (written.status_code, written.headers["retry-after"]) == (503, "1"), written.text
    wrong = await http.post("/v1/auth/login", json={"login": "ada", "password": "another one"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")


async def check_webhook(http: httpx2.AsyncClient) -> None:
    """Assert that a provider sends its message again: with which secret it signs is not known here yet."""
    body = b'{"type": "alive", "data": {"change": 1}}'
    answer = await http.post("/v1/sportsbook/webhooks/line", content=body, headers=signed(body))
    said = answer.status_code, answer.json()["code"], answer.headers.get("retry-after")
    assert said == (503, "line_unavailable", "1")


async def check_stream(url: str, made_here: str, lasting: str) -> None:
    """Assert that the stream says the same, and follows no account yet."""
    async with connected(url) as client:
        said = await client.authenticate(made_here)
        assert (said["code"], said["retry_after_s"]) == ("starting", 1)
        assert (await client.authenticate(lasting))["type"] == "authenticated"
        await client.request("subscribe", channel="account", id="usr_1")
        said = await client.receive()
        assert (said["code"], said["retry_after_s"]) == ("not_leading", 1)
