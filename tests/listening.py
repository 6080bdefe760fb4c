"""Servers of tests that answer as they are told, and leave no connection behind."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Answers = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answers, certificate: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """Let a function answer each connection to a port of loopback, which is yielded.

    A connection is closed when its answer is given, and what is still answered at the end of the block is cancelled.
    """
    answering: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()
            # The transport is closed one turn of the loop later, which the end of a test would not wait for.
            with suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=certificate)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in answering:
            each.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
