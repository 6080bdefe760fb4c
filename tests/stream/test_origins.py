"""The operator's setting of which sites' web pages may follow the stream."""

from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from evens.settings import Settings, SettingsInvalid, parse_origins, read_settings
from tests.cli.program import running
from tests.stream.client import connected

pytestmark = pytest.mark.anyio


def test_origins_are_read_as_browsers_write_them() -> None:
    assert parse_origins(Settings().stream_origins) == frozenset()
    text = "https://Tips.example, http://tv.example:8443,, http://[::1]:3000,"
    assert parse_origins(text) == {"https://tips.example", "http://tv.example:8443", "http://[::1]:3000"}


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "tips.example",
        "https://tips.example/",
        "https://*.example",
        "ws://tips.example",
        "https://me@tips.example",
        "https://tips.example https://tv.example",
    ],
)
def test_a_value_that_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EVENS_STREAM_ORIGINS", value)
    with pytest.raises(SettingsInvalid, match="EVENS_STREAM_ORIGINS"):
        read_settings()


async def test_pages_of_sites_in_the_setting_may_connect(tmp_path: Path) -> None:
    env = {"EVENS_STREAM_ORIGINS": "https://tips.example,https://tv.example"}
    with running(["serve", "--port", "0"], tmp_path / "data", env) as server:
        stream = server.url.replace("http", "ws", 1) + "/v1/stream"
        for origin in (server.url, "https://tips.example", "https://tv.example"):
            async with connected(stream, origin=origin) as client:
                await client.request("subscribe", channel="market", id="mkt_999999")
                assert (await client.receive())["code"] == "market_unknown"
        with pytest.raises(InvalidStatus, match="403"):
            async with connected(stream, origin="https://evil.example"):
                pass
