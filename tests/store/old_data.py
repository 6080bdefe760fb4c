"""A database as an earlier build left it: its rows as COPY blocks of a dump, and what its state was."""

import gzip
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from evens.store import migrate as migrations
from evens.store.migrate import EVENS, bundled, migrate

DUMP: Final = Path(__file__).parent / "data" / "first_831_records.sql.gz"
"""Every command and every event, in 831 records, written by the build before the store's rooms."""

RECORDS: Final = 831
DIGEST: Final = "31fd05cc24cf5377a0dc49255523af64f4d26627842bcf7972ba44ab7c04d461"
"""``House.digest()`` after the last record, as that build had it."""

_BLOCK: Final = re.compile(rb"^COPY evens\.(\w+) \(([^)]*)\) FROM stdin;\n(.*?)^\\\.\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of one table, in PostgreSQL's text format."""

    table: str
    columns: list[str]
    rows: bytes


def read_dump() -> list[Block]:
    """Return the dump's blocks in their order."""
    return [
        Block(table.decode(), columns.decode().split(", "), rows)
        for table, columns, rows in _BLOCK.findall(gzip.decompress(DUMP.read_bytes()))
    ]


def known_migrations(blocks: list[Block]) -> set[int]:
    """Return the numbers of the migrations that the dumped database had."""
    (block,) = [block for block in blocks if block.table == "migrations"]
    return {int(row.split(b"\t")[0]) for row in block.rows.splitlines()}


async def restore(owner_dsn: str) -> None:
    """Fill a bare database with the dump, as the build that wrote it would have it: with its migrations, no others."""
    blocks = read_dump()
    known = known_migrations(blocks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            migrations, "bundled", lambda schema=EVENS: [each for each in bundled(schema) if each.number in known]
        )
        await migrate(owner_dsn)
    owner = await asyncpg.connect(owner_dsn)
    try:
        # What migrations put in themselves is in the dump too, as are their checksums at that time.
        await owner.execute("DELETE FROM evens.head; DELETE FROM evens.migrations")
        for block in blocks:
            await owner.copy_to_table(
                block.table, schema_name="evens", columns=block.columns, source=BytesIO(block.rows), format="text"
            )
    finally:
        await owner.close()
