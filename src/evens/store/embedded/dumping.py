"""Copying the database of a running server into a dump and back, with PostgreSQL's own pg_dump and pg_restore."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterable
from typing import Final

from evens.store.embedded.account import ENVIRONMENT
from evens.store.embedded.config import DATABASE, OWNER_ROLE, PORT
from evens.store.embedded.errors import DumpFailed
from evens.store.embedded.running import Running

_CHUNK_BYTES: Final = 1024 * 1024


async def dump(server: Running, snapshot: str, write: Callable[[bytes], object]) -> None:
    """Pass the whole database as of an exported snapshot to ``write``, piece by piece, in pg_dump's custom format.

    Raises :class:`DumpFailed`.
    """
    program = await _start(server, "pg_dump", "--format=custom", f"--snapshot={snapshot}", stdin=DEVNULL, stdout=PIPE)
    complaints = asyncio.create_task(_read(program.stderr))
    try:
        assert program.stdout is not None
        while chunk := await program.stdout.read(_CHUNK_BYTES):
            await asyncio.to_thread(write, chunk)
    except BaseException:
        program.kill()
        raise
    finally:
        await _end(program, "pg_dump", await complaints)


async def load(server: Running, chunks: Iterable[bytes]) -> None:
    """Fill the server's empty database from a dump, as a whole or not at all. Raises :class:`DumpFailed`.

    Whatever is raised by ``chunks`` undoes it, too.
    """
    options = "--no-owner", "--exit-on-error", "--single-transaction"
    program = await _start(server, "pg_restore", *options, stdin=PIPE, stdout=DEVNULL)
    complaints = asyncio.create_task(_read(program.stderr))
    try:
        assert program.stdin is not None
        for chunk in chunks:
            program.stdin.write(chunk)
            await program.stdin.drain()
        program.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        pass  # It has ended and says why.
    except BaseException:
        program.kill()
        await program.wait()
        await complaints
        raise
    await _end(program, "pg_restore", await complaints)


async def _start(server: Running, name: str, *options: str, stdin: int, stdout: int) -> Process:
    target = f"--host={server.socket_directory}", f"--port={PORT}", f"--username={OWNER_ROLE}", f"--dbname={DATABASE}"
    return await asyncio.create_subprocess_exec(
        server.binaries / name,
        "--no-password",
        *target,
        *options,
        cwd="/",
        env=ENVIRONMENT,
        stdin=stdin,
        stdout=stdout,
        stderr=PIPE,
    )


async def _read(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.read()).decode(errors="replace").strip()


async def _end(program: Process, name: str, complaints: str) -> None:
    if await program.wait() != 0:
        raise DumpFailed(f"{name} failed: {complaints or 'it was ended'}")
