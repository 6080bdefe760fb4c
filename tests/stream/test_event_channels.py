"""The channels of the sportsbook: a client that applies every message has exactly what HTTP shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from evens.core.commands.fixed_odds import (
    CancelBets,
    DeclareResults,
    HearSource,
    HoldFixture,
    PublishLine,
    RemoveSelection,
    RollBackResults,
    VoidFixture,
)
from evens.core.events.fixed_odds import LinePublished
from evens.core.events.ledger import Rejected
from evens.core.values.fixed_odds import LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import FixtureId
from evens.identity.principal import Role
from tests.stream.client import Client, Copy, Message
from tests.stream.conftest import StreamServer

pytestmark = pytest.mark.anyio

HOUR_NS = 3600 * 10**9
KEYS = ("cup-1", "cup-2", "a:b")
SELECTIONS = ("home", "draw", "away")
OF_THE_MOMENT = {"as_of", "stale", "coefficient"}
"""What HTTP shows of an event and the stream does not."""


@dataclass(slots=True)
class EventCopy(Copy):
    """An event as one subscriber has it."""

    head: dict[str, Any] = field(default_factory=dict[str, Any])
    markets: dict[str, Any] = field(default_factory=dict[str, Any])

    def begin(self, message: Message) -> None:
        self.change(message)

    def change(self, message: Message) -> None:
        self.head |= {
            name: message[name] for name in message.keys() - {"type", "channel", "seq", "prev_seq", "markets"}
        }
        self.markets |= {market["key"]: market for market in message["markets"]}

    def event(self) -> dict[str, Any]:
        return {**self.head, "markets": list(self.markets.values())}


@dataclass(slots=True)
class EventsCopy(Copy):
    """The list of events as one subscriber has it."""

    events: dict[str, Any] = field(default_factory=dict[str, Any])

    def begin(self, message: Message) -> None:
        self.events = {event["id"]: event for event in message["events"]}

    def change(self, message: Message) -> None:
        self.events |= {event["id"]: event for event in message["events"]}
        for ended in message["ended"]:
            del self.events[ended]


class Bookmaker:
    """Publishes events and does things with them, at random."""

    def __init__(self, streaming: StreamServer, seed: int) -> None:
        self._streaming = streaming
        self._chance = Random(seed)
        self._versions: dict[str, int] = dict.fromkeys(KEYS, 0)
        self.fixtures: dict[str, FixtureId] = {}

    async def publish(self, key: str) -> None:
        """Publish an event, or change one or two of its markets."""
        chance = self._chance
        self._versions[key] += 1
        markets = tuple(
            LineMarket(
                name,
                name.title(),
                tuple(LineSelection(each, each.title(), chance.randint(101, 900)) for each in SELECTIONS),
                suspended=chance.random() < 0.2,
            )
            for name in chance.sample(("main", "half_time", "corners"), chance.randint(1, 2))
        )
        deadline = time.time_ns() + HOUR_NS
        line = Line(f"Match {key}", deadline, markets=markets, suspended=chance.random() < 0.1)
        receipt = await self._streaming.book(PublishLine("main", key, self._versions[key], line))
        first = receipt.events[0]
        if isinstance(first, LinePublished):
            self.fixtures[key] = first.fixture

    async def act(self) -> None:
        """Do one thing; what is refused changes nothing."""
        chance, key = self._chance, self._chance.choice(KEYS)
        fixture = self.fixtures[key]
        results = tuple(SelectionResult("main", each, chance.choice(list(LegResult))) for each in SELECTIONS)
        acts: list[Callable[[], Any]] = [
            lambda: HoldFixture(fixture, chance.random() < 0.5),
            lambda: RemoveSelection(fixture, "main", chance.choice(SELECTIONS), 500),
            lambda: DeclareResults(fixture, results, finished=chance.random() < 0.3),
            lambda: DeclareResults(fixture, results, correction=True, finished=False),
            lambda: RollBackResults(fixture),
            lambda: CancelBets(fixture, (), 1),
            lambda: HearSource("main", chance.random() < 0.5),
        ]
        if chance.random() < 0.5:
            await self.publish(key)
        else:
            await self._streaming.book(chance.choice(acts)())


async def _opened(streaming: StreamServer, seed: int) -> Bookmaker:
    bookmaker = Bookmaker(streaming, seed)
    for key in KEYS:
        await bookmaker.publish(key)
    return bookmaker


async def _shown(streaming: StreamServer, key: str) -> dict[str, Any]:
    desk = await streaming.someone(Role.OPERATOR)
    event = (await desk.get(f"/v1/sportsbook/events/{key}")).json()
    return {name: value for name, value in event.items() if name not in OF_THE_MOMENT}


@pytest.mark.parametrize("seed", range(4))
async def test_a_client_that_applies_every_delta_has_exactly_the_events(streaming: StreamServer, seed: int) -> None:
    bookmaker = await _opened(streaming, seed)
    async with streaming.connected() as client, streaming.connected() as other:
        listed = EventsCopy(client)
        await client.request("subscribe", channel="events")
        listed.take(await client.receive())
        for _ in range(20):
            await bookmaker.act()
        copies = [await _follow(other, key) for key in KEYS[:1]]
        for _ in range(60):
            await bookmaker.act()
        for copy, key in zip(copies, KEYS, strict=False):
            while copy.event() != await _shown(streaming, key):
                copy.take(await other.receive())
        while listed.events != await _listed(streaming):
            listed.take(await client.receive())
        assert listed.deltas > 0


async def _listed(streaming: StreamServer) -> dict[str, Any]:
    """Return the list of events as HTTP shows each of them."""
    listed: dict[str, Any] = {}
    for key in KEYS:
        event = await _shown(streaming, key)
        markets = event.pop("markets")
        if event["status"] == "new":
            listed[key] = {**event, "market": next(iter(markets), None), "markets": len(markets)}
    return listed


async def _follow(client: Client, key: str) -> EventCopy:
    await client.request("subscribe", channel="event", id=key)
    copy = EventCopy(client)
    copy.take(await client.receive())
    return copy


async def test_an_event_that_is_not_there_and_ids_that_are_none_are_told(streaming: StreamServer) -> None:
    await _opened(streaming, 0)
    async with streaming.connected() as client:
        for wrong in ("cup-9", "x" * 301, "", "a\0b", "elsewhere:cup-1"):
            await client.request("subscribe", channel="event", id=wrong)
            assert (await client.receive())["code"] == "event_unknown", wrong
        await client.request("subscribe", channel="event")
        assert (await client.receive())["code"] == "field_missing"
        await client.request("subscribe", channel="events", id="cup-1")
        assert (await client.receive())["code"] == "field_invalid"


async def test_what_happens_to_others_and_while_a_view_is_loaded_does_not_disturb(streaming: StreamServer) -> None:
    bookmaker = await _opened(streaming, 5)
    async with streaming.connected() as client:
        await client.request("subscribe", channel="event", id="cup-1")
        for _ in range(5):
            await bookmaker.publish("cup-2")
            await bookmaker.publish("cup-1")
        copy = EventCopy(client)
        copy.take(await client.receive())
        while copy.event() != await _shown(streaming, "cup-1"):
            copy.take(await client.receive())


async def test_an_event_is_listed_from_when_it_is_published_until_it_has_ended(streaming: StreamServer) -> None:
    async with streaming.connected() as client:
        listed = EventsCopy(client)
        await client.request("subscribe", channel="events")
        listed.take(await client.receive())
        assert listed.events == {}
        bookmaker = await _opened(streaming, 1)
        while listed.events.keys() != set(KEYS):
            listed.take(await client.receive())
        await streaming.book(VoidFixture(bookmaker.fixtures["cup-2"]))
        while "cup-2" in listed.events:
            listed.take(await client.receive())
        # Until the void result is booked, the house is busy with the event.
        taken_back = RollBackResults(bookmaker.fixtures["cup-2"])
        while isinstance((await streaming.book(taken_back)).events[0], Rejected):
            pass
        while "cup-2" not in listed.events:
            listed.take(await client.receive())
