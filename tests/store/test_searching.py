"""Searching by words: however they are written, at once, and among many."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from evens.core.values.betting import MarketStatus
from evens.store.database import Database
from evens.store.exchange.queries import ExchangeQueries
from evens.store.searching import LOOKED_THROUGH
from evens.store.sql_files import statements
from tests.conftest import Dsns

if TYPE_CHECKING:
    from evens.store.database import Wire

_FILL = """
INSERT INTO evens.markets (id, currency_number, terms, created_at, status)
SELECT number, 1, jsonb_build_object(
    'name', 'Match odds ' || number, 'event', CASE WHEN number % 1000 = 0 THEN $1 END,
    'starts_at', 1, 'runners', jsonb_build_array('Ann', 'Bo'), 'winners', 1, 'commission_bps', 0,
    'ladder', jsonb_build_object('name', 'x', 'bands', jsonb_build_array(jsonb_build_array(1000, 1))),
    'min_stake_minor', 1, 'bet_delay_ms', 0
), number, 1 + number % 2 FROM generate_series(1, 20000) AS number
"""


@pytest.fixture
async def owner(dsns: Dsns) -> AsyncIterator["Wire"]:
    """Connect as the owner."""
    wire = await asyncpg.connect(dsns.owner)
    yield wire
    await wire.close()


async def words_of(owner: "Wire", text: str) -> list[str]:
    """Return the words of a market with this name."""
    await owner.execute("DELETE FROM evens.markets")
    terms = "jsonb_build_object('name', $1::text, 'runners', '[]'::jsonb)"
    sql = f"INSERT INTO evens.markets (id, currency_number, terms, created_at) VALUES (1, 1, {terms}, 1)"
    return await owner.fetchval(f"{sql} RETURNING tsvector_to_array(words)", text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Łódź – München", ["lodz", "munchen"]),
        ("O'Brien/Smith (2-1)", ["1", "2", "brien", "o", "smith"]),
        ("МОСКВА Ünïted", ["united", "москва"]),
        ("ﬁnal \u00a0 x\u0301", ["final", "x"]),
        ("", []),
        ("'!&|<->:*\\ \" %_", []),
        ("a" * 500, ["a" * 40]),
        ("\ufdfa" * 500, None),
        ("\U0001f3c7" * 3, ["\U0001f3c7" * 3]),
    ],
)
async def test_words_are_found_however_they_are_written(owner: "Wire", text: str, words: list[str] | None) -> None:
    """Any text a market can be named has words, and what it is called finds it."""
    found = await words_of(owner, text)
    assert words is None or sorted(found) == sorted(words)
    asked = "SELECT count(*) FROM evens.markets WHERE words @@ evens.search_query($1)"
    assert await owner.fetchval(asked, text.upper()) == bool(found)
    for word in found:
        assert await owner.fetchval(asked, word[:1]) == 1


async def test_what_is_common_and_what_is_rare_is_found_among_many(owner: "Wire", database: Database) -> None:
    """Neither reads all markets: one is found among the newest, the other by the index."""
    await owner.execute(_FILL.replace("$1", "'Derby of Łódź'"))
    await owner.execute("ANALYZE evens.markets")
    exchange = ExchangeQueries(database)

    async def found(words: str, **asked: Any) -> list[int]:
        return [row.id for row in await exchange.markets(words=words, limit=51, **asked)]

    assert await found("od mat") == list(range(20000, 20000 - 51, -1))
    assert await found("lodz DER") == list(range(20000, 0, -1000))
    assert await found("lodz", before=3000, statuses=[MarketStatus.OPEN]) == [2000, 1000]
    assert await found("lodz", statuses=[MarketStatus.SUSPENDED]) == []
    assert await found("nobody") == []
    assert await found("match nobody") == []


@pytest.mark.parametrize("name", ["newest_markets_about", "markets_about"])
async def test_searching_scans_no_table(owner: "Wire", name: str) -> None:
    """The plans use indexes, for rare and for common words."""
    await owner.execute(_FILL.replace("$1", "'Derby'"))
    await owner.execute("ANALYZE evens.markets")
    sql = statements("exchange", "queries")[name]
    for words in ("derby", "zzz"):
        values = {
            "$1": "1000000",
            "$2": "NULL",
            "$3": "NULL",
            "$4": "51",
            "$5": f"'{words}'",
            "$6": str(LOOKED_THROUGH),
        }
        asked = sql
        for place, value in values.items():
            asked = asked.replace(place, value)
        plan = "\n".join([row[0] for row in await owner.fetch(f"EXPLAIN {asked}")])
        assert "Seq Scan" not in plan
        assert "markets_pkey" in plan or "markets_by_words" in plan
