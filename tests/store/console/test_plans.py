"""What the console asks is found by an index: no table that grows is read as a whole."""

from typing import Any, Final

import pytest

from evens.store import approvals
from evens.store.database import Database
from evens.store.sql_files import statements

pytestmark = pytest.mark.anyio

_DOWN: Final = {"beyond": "<", "direction": "DESC"}
_LAST: Final = 2**62

QUESTIONS: Final[dict[str, tuple[Any, ...]]] = {
    "ledger accounts_of": ([0, -1],),
    "ledger balance": (1,),
    "ledger balance_at": (1, _LAST),
    "ledger entries": (1, _LAST, 51),
    "ledger transfer": (1,),
    "ledger referenced": ("bank", "bank%", 10),
    "ledger holders": (1,),
    "journal newest": (_LAST, 51),
    "journal oldest": (0, 51),
    "journal some": ([1, 2],),
    "journal hashes": ([1, 2],),
    "journal by_kind": (_LAST, 51, "SettleMarket"),
    "journal by_actor": (_LAST, 51, "house"),
    "journal by_subject": (_LAST, 51, "bet 1"),
    "journal by_market": (_LAST, 51, 1),
    "journal by_order": (_LAST, 51, 1),
    "journal by_round": (_LAST, 51, 1),
    "journal by_customer": (_LAST, 51, 1, _LAST),
    "journal moment": (1,),
    "journal place": (),
    "journal audits": (_LAST, 20),
    "subjects about": ([1, 2],),
    "subjects payloads": ([1, 2],),
    "customers by_name": ("ada%", _LAST, 51),
    "customers by_email": ("ada%", _LAST, 51),
    "customers by_tag": ("vip", _LAST, 51),
    "customers frozen": (_LAST, 51),
    "customers all": (_LAST, 51),
    "customers found": ([1, 2],),
    "customers balances": ([1, 2],),
    "customers notes": (1, _LAST, 51),
    "customers waiting_withdrawals": (0, 51),
    "customers pending_withdrawals": (),
    "customers waiting": (),
    "customers day_ends": (1, [1, 2]),
    "customers staked_on_rounds": (50,),
    "customers matched_on_markets": (50,),
    "customers webhooks": (),
    "customers contested_markets": ("feed:results", 50),
}

SMALL: Final = frozenset({"currencies", "webhooks", "head", "quarantine", "pools"})
"""Tables that have few rows in any house."""


async def scanned(database: Database, sql: str, *arguments: Any) -> set[str]:
    """Return the tables that a plan reads as a whole, though it avoids that wherever an index leads to the rows."""
    async with database.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join([row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *arguments)])
    return {line.partition("Seq Scan on ")[2].split()[0] for line in plan.split("\n") if "Seq Scan on " in line}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_table_that_grows_is_scanned(database: Database, question: str) -> None:
    file, name = question.split()
    sql = statements("console", file)[name]
    if "{beyond}" in sql:
        sql = sql.format(**_DOWN)
    assert await scanned(database, sql, *QUESTIONS[question]) <= SMALL


@pytest.mark.parametrize(
    ("by", "values"), [("", ()), ("status", ("pending",)), ("target", (["settle_market"], "mkt_1")), ("scope", ("x",))]
)
async def test_no_list_of_proposals_is_scanned(database: Database, by: str, values: tuple[Any, ...]) -> None:
    assert await scanned(database, approvals.PAGES[by], _LAST, 51, *values) == set()


async def test_a_market_is_loaded_by_itself_without_the_others(database: Database) -> None:
    sql = statements("exchange", "loading")
    assert await scanned(database, sql["last_orders"], 1) == set()
    assert await scanned(database, sql["kept_bets"], 1, 1, 1) == set()
    pools = statements("pools", "loading")
    for name in ("rounds", "live_stakes", "to_correct"):
        assert await scanned(database, pools[name], 1) <= SMALL
    singles = statements("fixed_odds", "loading")
    for name in ("open_singles", "to_correct", "booked_currencies", "accumulators_on"):
        assert await scanned(database, singles[name], 1) == set()
    challenges = statements("challenges", "settled")
    assert await scanned(database, challenges["can_still_change_of"], None, 1) == set()


async def test_a_scan_is_noticed(database: Database) -> None:
    assert await scanned(database, "SELECT * FROM evens.transfers WHERE amount = $1", 1) == {"transfers"}
