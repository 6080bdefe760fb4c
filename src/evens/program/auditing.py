"""Audits that a running server is asked for: each in a process of its own, on a snapshot, so that nobody waits for it.

The process is this module, run with the address of the database on its standard input. It writes lines of JSON: how far
it has come, and at last what it found.
"""

import asyncio
import json
import os
import sys
from typing import Any, Final

import structlog

from evens.edges.http.operator.auditing import AuditRunning
from evens.store.auditing.audit import audit
from evens.store.console.journal import JournalQueries
from evens.store.errors import StoreUnavailable

_EVERY_RECORDS: Final = 20_000
_NICE: Final = 10

_log = structlog.get_logger(__name__)


class AuditProcess:
    """Implements :class:`evens.edges.http.operator.auditing.Auditor`."""

    def __init__(self, dsn: str, journal: JournalQueries) -> None:
        self._dsn = dsn
        self._journal = journal
        self._asked: asyncio.Queue[int | None] = asyncio.Queue(1)
        self._process: asyncio.subprocess.Process | None = None
        self.progress: tuple[int, int] | None = None

    async def begin(self, by: str) -> None:
        """Note that an audit begins, and have :meth:`run` run it."""
        if self.progress is not None:
            raise AuditRunning
        self.progress = (0, 0)
        try:
            self._asked.put_nowait(await self._journal.begin_audit(by))
        except BaseException:
            self.progress = None
            raise

    async def run(self) -> None:
        """Run each audit that is asked for, until :meth:`stop`."""
        while (number := await self._asked.get()) is not None:
            try:
                await self._audit(number)
            except StoreUnavailable as error:
                _log.warning("audit_not_noted", error=str(error))
            except OSError as error:
                await self._journal.end_audit(number, None, None, None, None, None, str(error))
            finally:
                self.progress = None

    def stop(self) -> None:
        """End :meth:`run`, and an audit under way with it; one that was only asked for is not run."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._asked.full():
            self._asked.get_nowait()
        self._asked.put_nowait(None)

    async def _audit(self, number: int) -> None:
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        found: dict[str, Any] | None = None
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(self._dsn.encode())
            process.stdin.close()
            async for line in process.stdout:
                told = json.loads(line)
                if "of" in told:
                    self.progress = told["records"], told["of"]
                else:
                    found = told
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if found is None:
            await self._journal.end_audit(number, None, None, None, None, None, "The audit ended; see the log.")
        else:
            digest = bytes.fromhex(found["hash"])
            counted = found["transfers"], found["accounts"]
            await self._journal.end_audit(number, found["seq"], digest, *counted, found["problems"], None)


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def _main(dsn: str) -> None:
    last = 0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if done - last >= _EVERY_RECORDS:
            last = done
            _tell({"records": done, "of": total})

    report = await audit(dsn, progress)
    _tell(
        {
            "seq": report.end.seq,
            "hash": report.end.hash.hex(),
            "transfers": report.transfers,
            "accounts": report.accounts,
            "problems": report.problems,
        }
    )


if __name__ == "__main__":
    os.nice(_NICE)
    asyncio.run(_main(sys.stdin.read()))
