"""Encoded entries that clients share: how many are kept, whatever fields clients ask for."""

from itertools import combinations

import pytest

from evens.edges.betfair.stream.entries import OF_THING_MAX, EntryCache
from evens.edges.betfair.stream.price_rows import Field
from tests.betfair.stream.conftest import BetfairServer

BYTES_OF_ENTRY = 2048


def test_a_thing_has_so_many_entries_and_those_used_last_stay() -> None:
    cache = EntryCache[str](of_thing_max=2)
    cache.put(1, None, "a", b"A")
    cache.put(1, None, "b", b"B")
    cache.put(2, None, "a", b"other")
    assert cache.get(1, None, "a") == b"A"
    cache.put(1, 7, "a", b"C")
    assert [cache.get(*key) for key in ((1, None, "a"), (1, None, "b"), (1, 7, "a"))] == [b"A", None, b"C"]
    assert cache.get(2, None, "a") == b"other"


def test_all_entries_together_have_so_many_bytes() -> None:
    cache = EntryCache[str](bytes_max=100_000)
    for number in range(1_000):
        cache.put(number, None, "a", bytes(10_000))
        assert cache.bytes <= 100_000
    assert cache.get(999, None, "a") == bytes(10_000)
    assert cache.get(0, None, "a") is None


def test_what_is_forgotten_takes_no_memory() -> None:
    cache = EntryCache[str]()
    for number in range(3):
        cache.put(number, None, "a", b"A")
        cache.put(number, None, "b", b"")
        assert cache.get(number, None, "b") == b""
    for number in range(4):
        cache.forget(number)
    assert (cache.bytes, len(cache)) == (0, 0)


@pytest.mark.anyio
async def test_who_asks_for_ever_other_fields_fills_no_memory(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    async with (
        betfair.connected(await betfair.session()) as other,
        betfair.connected(await betfair.session("bob")) as bob,
    ):
        await other.follow(marketFilter={"marketIds": [f"1.{market}"]})
        for count in (1, 2, 3):
            for fields in combinations(Field, count):
                await bob.follow(marketFilter={"marketIds": [f"1.{market}"]}, marketDataFilter={"fields": list(fields)})
        assert 0 < betfair.metric("entries_bytes", op="mcm") <= OF_THING_MAX * BYTES_OF_ENTRY
