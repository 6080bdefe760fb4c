"""A million accounts: how long a start takes, what an account costs in memory, and a transfer on disk."""

import asyncio
import json
import subprocess
import sys

import asyncpg

from bench.environment import leading, new_database, pairs
from bench.report import AT_MOST, Report
from evens.core.commands.wallets import Transfer
from evens.store.auditing.audit import audit
from evens.store.embedded import APP_ROLE, Running

ACCOUNTS = 1_000_000
TRANSFERS = 300_000

# One customer account each, and one for the rail they were paid from.
_LOAD = """
import asyncio, gc, json, resource, sys, time
from evens.store.journal import PostgresJournal

def rss():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()

async def main():
    journal = PostgresJournal(sys.argv[1])
    await journal.lead(lambda: None)
    before, started = rss(), time.perf_counter()
    house = await journal.load()
    house.check()
    seconds = time.perf_counter() - started
    gc.collect()
    print(json.dumps({"seconds": seconds, "bytes": rss() - before, "accounts": len(house.ledger.balances)}))
    await journal.resign()

asyncio.run(main())
"""

_SIZES = """
SELECT (SELECT count(*) FROM evens.transfers) AS transfers,
    pg_total_relation_size('evens.journal') + pg_total_relation_size('evens.transfers') AS bytes
"""


async def run(server: Running, report: Report) -> None:
    """Fill a database through the sequencer, then start on it in a fresh process."""
    name = await new_database(server)
    dsn = server.dsn(APP_ROLE, name)
    async with leading(dsn) as bench:
        customers = await bench.customers(ACCOUNTS, 10_000)
        before = await _sizes(dsn)
        await bench.book([Transfer(a, b, "USD", 1) for a, b in pairs(customers, TRANSFERS, seed=1)])
        after = await _sizes(dsn)
    each = (after["bytes"] - before["bytes"]) / (after["transfers"] - before["transfers"])
    report.add("disk per transfer, journal and all indexes in", each, "bytes", 600, AT_MOST)
    loaded = await asyncio.to_thread(load_in_a_fresh_process, dsn)
    report.add("accounts loaded", loaded["accounts"], "accounts", ACCOUNTS)
    report.add("start with a million accounts", loaded["seconds"], "s", 15, AT_MOST)
    report.add("memory per account", loaded["bytes"] / loaded["accounts"], "bytes", 500, AT_MOST)
    audited = await audit(dsn)
    assert not audited.problems, audited.problems
    report.add("audit", audited.entries / audited.seconds, "entries/s", 100_000)


async def _sizes(dsn: str) -> asyncpg.Record:
    connection = await asyncpg.connect(dsn)
    sizes = await connection.fetchrow(_SIZES)
    await connection.close()
    assert sizes is not None
    return sizes


def load_in_a_fresh_process(dsn: str) -> dict[str, float]:
    """Load the house of a database in a new process; return "seconds", "bytes" of memory, and "accounts"."""
    output = subprocess.run([sys.executable, "-c", _LOAD, dsn], check=True, capture_output=True, text=True).stdout
    return json.loads(output)
