"""What pages of customers ask often is found by indexes, whatever the tables grow to."""

import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from evens.store.exchange import cleared
from evens.store.sql_files import statements
from tests.conftest import Dsns

if TYPE_CHECKING:
    from evens.store.database import Wire

_ROUNDS: Final = statements("pools", "queries")["rounds"]
_RUNNING: Final = "r.id < $1 AND r.status = ANY ('{1,2}'::smallint[]) ORDER BY r.id DESC LIMIT $2"
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
    "rounds": _ROUNDS.replace("{which}", _RUNNING),
}
SMALL: Final = frozenset({"pools", "line_sources"})
"""Tables with a few rows, which are read whole."""


@pytest.fixture
async def owner(dsns: Dsns) -> AsyncIterator["Wire"]:
    """Connect as the owner; a table is scanned only where nothing else is possible."""
    wire = await asyncpg.connect(dsns.owner)
    await wire.execute("SET enable_seqscan = off")
    await wire.execute("SET plan_cache_mode = force_generic_plan")
    yield wire
    await wire.close()


@pytest.mark.parametrize("name", sorted(QUESTIONS))
async def test_no_table_has_to_be_scanned(owner: "Wire", name: str) -> None:
    asked = QUESTIONS[name].rstrip().removesuffix(";")
    values = ", ".join(["NULL"] * max(map(int, re.findall(r"\$(\d+)", asked))))
    await owner.execute(f"PREPARE question AS {asked}")
    plan = "\n".join([row[0] for row in await owner.fetch(f"EXPLAIN EXECUTE question ({values})")])
    assert set(re.findall(r"Seq Scan on (\w+)", plan)) <= SMALL


async def test_a_scan_is_noticed(owner: "Wire") -> None:
    plan = "\n".join([row[0] for row in await owner.fetch("EXPLAIN SELECT * FROM evens.matches WHERE stake = 5")])
    assert re.findall(r"Seq Scan on (\w+)", plan) == ["matches"]
