"""What pages of customers ask often is found by indexes, whatever the tables grow to."""

import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from evens.core.values.ids import BetId, CustomerId, FixtureId, PoolBetId, PoolId, RoundId
from evens.core.values.pools import RoundStatus
from evens.store.database import Database
from evens.store.embedded import OWNER_ROLE, Running
from evens.store.exchange import cleared
from evens.store.fixed_odds.queries import SportsbookQueries
from evens.store.pools.queries import PoolQueries
from evens.store.sql_files import statements
from tests.databases import Databases
from tests.store.asked import asked

if TYPE_CHECKING:
    from evens.store.database import Wire

_POOL, _ROUND, _ANN = PoolId(1), RoundId(2), CustomerId(3)
_RUNNING: Final = RoundStatus.OPEN, RoundStatus.LOCKED


async def _read_stakes(database: Database) -> None:
    async for _ in PoolQueries(database).stakes(_ROUND):
        pass


QUESTIONS: Final = {
    "notifications": statements("account", "notifications")["happened"],
    "favourites": statements("account", "choices")["favourites"],
    "withdrawals": statements("wallets", "withdrawals")["withdrawals"],
    "traded": statements("exchange", "queries")["traded"],
    "markets": statements("exchange", "queries")["markets_about"],
    "events": statements("fixed_odds", "reading")["fixtures_about"],
    "challenges": statements("challenges", "queries")["public_about"],
    "copies": statements("following", "queries")["copies"],
    "leader's matches": statements("following", "turns")["matches"],
    "leader's bets": statements("following", "turns")["bets"],
    "leader's stakes": statements("following", "turns")["pool_bets"],
    "to be copied": statements("following", "turns")["pairs"],
    "current orders": statements("exchange", "betting")["current_orders"],
    "traded amounts": statements("exchange", "betting")["traded_amounts"],
    "available amounts": statements("exchange", "betting")["available_amounts"],
    "fills of orders": statements("exchange", "betting")["fills_of_orders"],
    "markets with orders": statements("exchange", "betting")["markets_with_orders"],
    **cleared.questions(),
    "running rounds of all pools": asked(lambda it: PoolQueries(it).rounds_of_all(_RUNNING, limit=9)),
    "rounds of all pools": asked(lambda it: PoolQueries(it).rounds_of_all(limit=9)),
    "rounds of pools about": asked(lambda it: PoolQueries(it).rounds_of_all(_RUNNING, "daily", limit=9)),
    "rounds of a pool": asked(lambda it: PoolQueries(it).rounds(_POOL, limit=9)),
    "settled rounds of a pool": asked(lambda it: PoolQueries(it).rounds(_POOL, RoundStatus.SETTLED, limit=9)),
    "the current round": asked(lambda it: PoolQueries(it).current(_POOL, 0)),
    "a round by its code": asked(lambda it: PoolQueries(it).round(_POOL, "20210312")),
    "a round": asked(lambda it: PoolQueries(it).round_by_id(_ROUND)),
    "rounds without a result": asked(lambda it: PoolQueries(it).unsettled(_POOL)),
    "rounds decided before": asked(lambda it: PoolQueries(it).decided_before(_POOL, "20210312", limit=9)),
    "what is locked in pools": asked(lambda it: PoolQueries(it).locked()),
    "results of a round": asked(lambda it: PoolQueries(it).results(_ROUND)),
    "stakes of a round": asked(_read_stakes),
    "a pool bet": asked(lambda it: PoolQueries(it).bet(PoolBetId(4))),
    "pool bets of a customer": asked(lambda it: PoolQueries(it).bets(_ANN, limit=9)),
    "pool bets of a customer in a pool": asked(lambda it: PoolQueries(it).bets(_ANN, pool=_POOL, limit=9)),
    "pool bets of a customer in a round": asked(lambda it: PoolQueries(it).bets(_ANN, in_round=_ROUND, limit=9)),
    "pool bets in a round": asked(lambda it: PoolQueries(it).bets(None, in_round=_ROUND, limit=9)),
    "told prices": asked(lambda it: PoolQueries(it).told.told(_POOL, "desk", "IXIC", "20210312")),
    "a bet": asked(lambda it: SportsbookQueries(it).bet(BetId(5))),
    "bets of a customer": asked(lambda it: SportsbookQueries(it).bets(_ANN, limit=9)),
    "open bets of a customer": asked(lambda it: SportsbookQueries(it).bets(_ANN, is_open=True, limit=9)),
    "bets on an event": asked(lambda it: SportsbookQueries(it).bets(fixture=FixtureId(6), limit=9)),
    "bets of a customer on an event": asked(lambda it: SportsbookQueries(it).bets(_ANN, fixture=FixtureId(6), limit=9)),
    "exposure": asked(lambda it: SportsbookQueries(it).exposure(FixtureId(6))),
    "an event": asked(lambda it: SportsbookQueries(it).fixture("main", "cup-1")),
    "active events": asked(lambda it: SportsbookQueries(it).fixtures(active_at=1, limit=9)),
    "overdue events": asked(lambda it: SportsbookQueries(it).overdue(1, limit=9)),
}
_PARTIAL: Final = """
SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indpred IS NOT NULL
"""
SMALL: Final = frozenset({"pools", "line_sources"})
"""Tables with a few rows, which are read whole."""


@pytest.fixture(scope="module")
async def owner(postgres: Running, databases: Databases) -> AsyncIterator["Wire"]:
    """Connect as the owner; a table is scanned only where nothing else is possible.

    The database is a new one: where tests have left a page in a table, reading all of it may be the fastest.
    """
    name = await databases.lend(is_new=True)
    wire = await asyncpg.connect(postgres.dsn(OWNER_ROLE, name))
    await wire.execute("SET enable_seqscan = off")
    await wire.execute("SET plan_cache_mode = force_generic_plan")
    yield wire
    await wire.close()
    await databases.take_back(name)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_no_table_has_to_be_scanned(owner: "Wire", name: str) -> None:
    asked = QUESTIONS[name].rstrip().removesuffix(";")
    numbers = map(int, re.findall(r"\$(\d+)", asked))
    values = ", ".join(["NULL"] * max(numbers, default=0))
    await owner.execute(f"PREPARE question AS {asked}")
    scanned = await _scanned(owner, f"EXECUTE question ({values})" if values else "EXECUTE question")
    await owner.execute("DEALLOCATE question")
    assert scanned <= SMALL


async def test_a_scan_is_noticed(owner: "Wire") -> None:
    assert await _scanned(owner, "SELECT * FROM evens.matches WHERE stake = 5") == {"matches"}
    # To read all of an index is to scan the table as well.
    assert await _scanned(owner, "SELECT id FROM evens.rounds ORDER BY id") == {"rounds"}
    await owner.execute(
        "PREPARE another AS SELECT * FROM evens.rounds WHERE id < $1 AND fee_bps = 5 ORDER BY id DESC LIMIT 9"
    )
    assert await _scanned(owner, "EXECUTE another (NULL)") == {"rounds"}


async def _scanned(owner: "Wire", statement: str) -> set[str]:
    """Return the tables that a statement reads whole, as the server plans it."""
    found: set[str] = set()
    partial = {row[0] for row in await owner.fetch(_PARTIAL)}

    def look(node: dict[str, Any]) -> None:
        kind, condition = node["Node Type"], node.get("Index Cond") or node.get("Recheck Cond", "")
        # Newest first until there are enough, but for those that a filter drops: that may be all of them.
        is_dropping = "Filter" in node and re.fullmatch(r"\(id < \$\d+\)", condition)
        is_whole = kind in {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"} and (not condition or is_dropping)
        if kind == "Seq Scan" or (is_whole and node.get("Index Name") not in partial):
            found.add(node["Relation Name"])
        for each in node.get("Plans", ()):
            look(each)

    (plan,) = json.loads(await owner.fetchval(f"EXPLAIN (FORMAT JSON) {statement}"))
    look(plan["Plan"])
    return found
