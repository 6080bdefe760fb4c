"""What is followed: a thing that ends while it lingers leaves nothing behind that would end it later."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from evens.edges.betfair.stream import feed
from evens.edges.betfair.stream.feed import Feed
from evens.edges.stream.messages import Code
from tests.stream.conftest import until

pytestmark = pytest.mark.anyio


@dataclass
class Hub:
    """Notes what is subscribed."""

    subscribed: list[int] = field(default_factory=list[int])
    dropped: list[int] = field(default_factory=list[int])

    def subscribe(self, reader: Feed[Any, Any], key: tuple[str, int], _id: str) -> None:
        reader.subscriptions[key] = cast("Any", object())
        self.subscribed.append(key[1])

    def unsubscribe(self, reader: Feed[Any, Any], key: tuple[str, int]) -> None:
        reader.remove(key)
        self.dropped.append(key[1])


@dataclass(eq=False)
class Client:
    """Notes which things there are not."""

    missing: list[int] = field(default_factory=list[int])

    def changed(self, number: int) -> None:
        raise AssertionError(number)

    def unknown(self, number: int) -> None:
        self.missing.append(number)

    def degraded(self) -> None:
        raise AssertionError


async def test_what_ended_while_it_lingered_is_followed_anew_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "LINGER_S", 0.05)
    hub, client = Hub(), Client()

    def encode(*_: object) -> bytes:
        return b""

    prices = Feed[Any, Any](cast("Any", hub), "market", lambda view: view, encode)
    for number in (1, 2):
        prices.follow(number, client)
        prices.unfollow(number, client)
    prices.remove(("market", 1))
    prices.send({"id": "1", "code": Code.NOT_AUTHENTICATED})
    prices.follow(1, client)
    await until(lambda: hub.dropped != [])
    assert (hub.subscribed, hub.dropped, client.missing) == ([1, 2, 1], [2], [])
    prices.close()
