"""Storing a journal again, record by record, and loading the house after each."""

import asyncpg

from evens.core.kernel import apply
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.store.encoding.codec import decode
from evens.store.journal import PostgresJournal, connect
from evens.store.loading import load_house
from tests.conftest import Dsns, Stage


async def recorded(dsns: Dsns) -> list[Receipt]:
    """Return every record of the journal."""
    owner = await asyncpg.connect(dsns.owner)
    rows = await owner.fetch("SELECT seq, at, command_id, payload FROM evens.journal ORDER BY seq")
    await owner.close()
    return [Receipt(row["seq"], row["at"], row["command_id"].bytes, *decode(row["payload"])) for row in rows]


async def check_every_place(stage: Stage) -> None:
    """Empty the tables, store the journal again, and hold what is loaded after each record against the replay."""
    stage.sequencer.stop()
    dsns = stage.dsns
    receipts = await recorded(dsns)
    journal = PostgresJournal(dsns.app)
    await journal.lead(lambda: None)
    await journal.resign()
    await _empty(dsns)
    await journal.lead(lambda: None)
    replayed = House()
    wire = await connect(dsns.app, "test")
    try:
        for receipt in receipts:
            apply(replayed, receipt.events, receipt.seq, receipt.at)
            await journal.append(journal.prepare([receipt]))
            async with wire.transaction(isolation="repeatable_read", readonly=True):
                stored = await load_house(wire)
            assert list(stored.lines()) == list(replayed.lines()), receipt
            stored.check()
    finally:
        await wire.close()
        await journal.resign()


async def _empty(dsns: Dsns) -> None:
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    for row in await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'evens'::regnamespace AND relkind = 'r'"
        " AND relname NOT IN ('migrations', 'head', 'secrets')"
    ):
        await owner.execute(f"DELETE FROM evens.{row['relname']}")
    await owner.execute("UPDATE evens.head SET seq = 0, at = 0, hash = sha256('')")
    await owner.close()
