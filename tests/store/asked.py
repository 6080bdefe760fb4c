"""What queries ask of the database, as they ask it: their statements, without a database."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any


class Recorder:
    """Stands for a database in which there is nothing, and keeps the statements that it is asked."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    @asynccontextmanager
    async def connection(self) -> "AsyncGenerator[Recorder]":
        """Lend itself."""
        yield self

    @asynccontextmanager
    async def transaction(self, **_: Any) -> AsyncGenerator[None]:
        """Begin nothing."""
        yield

    async def fetch(self, sql: str, *_: Any) -> list[Any]:
        """Keep a statement, and find nothing."""
        self.statements.append(sql)
        return []

    async def fetchrow(self, sql: str, *_: Any) -> None:
        """Keep a statement, and find nothing."""
        self.statements.append(sql)


def asked(ask: Callable[[Any], Awaitable[object]]) -> str:
    """Return the first statement of what is asked of a database."""
    recorder = Recorder()

    async def run() -> None:
        await ask(recorder)

    asyncio.run(run())
    return recorder.statements[0]
