"""A house whose database is not its servers' own: it outlives them, and it can be away."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from evens.store.embedded import OWNER_ROLE, Running, start
from tests.cli.program import Server, running
from tests.premade import begin_with_database


@dataclass(slots=True)
class Elsewhere:
    """A data folder and a migrated database."""

    data: Path
    cluster: Path
    postgres: Running

    @property
    def dsn(self) -> str:
        """The database's address for its owner; it stays the same."""
        return self.postgres.dsn(OWNER_ROLE)

    @contextmanager
    def open(self, **variables: str) -> Generator[Server]:
        """Start a server on the database."""
        with running(["serve", "--port", "0"], self.data, env={"DATABASE_URL": self.dsn} | variables) as server:
            yield server

    def stop(self) -> None:
        """Take the database away."""
        self.postgres.stop()

    def start(self) -> None:
        """Let the database come back."""
        self.postgres = start(self.cluster)

    async def rows(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Return what the tables say."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()


@contextmanager
def elsewhere(folder: Path) -> Generator[Elsewhere]:
    """Run a database in a folder until the end of the block."""
    begin_with_database(folder / "elsewhere")
    house = Elsewhere(folder / "data", folder / "elsewhere", start(folder / "elsewhere"))
    try:
        yield house
    finally:
        house.stop()
