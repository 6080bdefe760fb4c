"""Lists of arrivals and payouts: the right rows, and no scan of the others, however many there are."""

import json
from itertools import product
from typing import Any

import asyncpg
import pytest

from evens.core.values.ids import CustomerId
from evens.store.chain.deposits import ChainDeposits
from evens.store.chain.filters import filtered
from evens.store.chain.withdrawals import ChainWithdrawals
from evens.store.database import Database
from evens.store.sql_files import statements
from tests.conftest import Dsns

pytestmark = pytest.mark.anyio

ROWS = 20_000
CUSTOMERS = 50
RARE = CustomerId(3)
"""Somebody with a handful of rows, none of them new."""

_FILL = f"""
INSERT INTO evens.customers (id, username, registered_at)
    SELECT n, 'c' || n, n FROM generate_series(1, {CUSTOMERS}) AS n;
INSERT INTO evens.chain_deposits (rail, tx_hash, ordinal, block_number, block_hash, sender, address, customer, units,
    amount, status, reason)
SELECT 'evm-1', '0x' || n, 0, n, 'x', 's', 'a', CASE WHEN n % 4000 = 1 THEN 3 ELSE 10 + n % 40 END, 1, 1,
    CASE WHEN n < 40 THEN 'refused' WHEN n % 2 = 0 THEN 'ignored' ELSE 'credited' END, 'r'
FROM generate_series(1, {ROWS}) AS n;
INSERT INTO evens.chain_withdrawals (id, rail, customer, destination, amount, status)
SELECT n, 'evm-1', CASE WHEN n % 4000 = 1 THEN 3 ELSE 10 + n % 40 END, '0x', 1,
    CASE WHEN n < 40 THEN 'returned' ELSE 'confirmed' END
FROM generate_series(1, {ROWS}) AS n;
ANALYZE evens.chain_deposits, evens.chain_withdrawals;
"""


@pytest.fixture
async def full(dsns: Dsns) -> Dsns:
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(f"SET session_replication_role = replica; {_FILL}")
    await owner.execute("VACUUM evens.chain_deposits, evens.chain_withdrawals")
    await owner.close()
    return dsns


def rows_read(plan: dict[str, Any]) -> int:
    """Return how many rows a plan has taken from tables, those that it threw away included."""
    thrown = sum(plan.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck"))
    own = plan["Actual Rows"] * plan["Actual Loops"] if "Relation Name" in plan else 0
    return int(own) + thrown + sum(rows_read(each) for each in plan.get("Plans", ()))


@pytest.mark.parametrize(
    ("name", "statuses"),
    [("deposits", (None, "refused", "credited")), ("withdrawals", (None, "returned", "confirmed"))],
)
async def test_a_page_reads_no_more_rows_than_it_shows(full: Dsns, name: str, statuses: tuple[str | None, ...]) -> None:
    """Pools 5: deposits and payouts are listed without a scan, for customers and operators, with any filter."""
    page = 11
    sql = statements("chain", name)["deposits" if name == "deposits" else "many"]
    shown = ("", "AND status <> 'ignored'") if name == "deposits" else ("",)
    app = await asyncpg.connect(full.app)
    # What is asked often is planned once for all values.
    await app.execute("SET plan_cache_mode = force_generic_plan")
    for customer, status, also in product((None, RARE, 11), statuses, shown):
        if status is not None and also:
            continue
        wanted, values = filtered(sql, {"customer": customer, "status": status}, also=also)
        (explained,) = await app.fetchrow(f"EXPLAIN (ANALYZE, FORMAT JSON) {wanted}", 2**62, page, *values) or ("",)
        (plan,) = json.loads(explained)
        assert rows_read(plan["Plan"]) <= page, (customer, status, also, explained)
    await app.close()


async def test_filters_show_what_they_say(full: Dsns, database: Database) -> None:
    deposits, withdrawals = ChainDeposits(database), ChainWithdrawals(database)
    theirs = await deposits.deposits(RARE, None, ignored=False, before=2**62, limit=100)
    assert [(each.arrival.customer, each.status) for each in theirs] == [(RARE, "credited")] * 4 + [(RARE, "refused")]
    assert [each.arrival.block.number for each in theirs] == [16001, 12001, 8001, 4001, 1]
    everybodys = await deposits.deposits(None, None, ignored=True, before=2**62, limit=2)
    assert [each.status for each in everybodys] == ["ignored", "credited"]
    refused = await deposits.deposits(None, "refused", ignored=True, before=30, limit=2)
    assert [each.id for each in refused] == [29, 28]
    paid = await withdrawals.many(RARE, "confirmed", before=16001, limit=2)
    assert [each.id for each in paid] == [12001, 8001]
