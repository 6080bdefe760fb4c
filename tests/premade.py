"""A migrated database that a server's folder begins with: made once by each process of a run, and then copied.

A server makes the database in a new folder itself, and that is tested where it is the point: tests/store/embedded, and
every test that starts a program by other means than :func:`tests.cli.program.running`. It takes a third as long as all
the rest of a start, so servers that only need to be there are given a copy of what it would make.
"""

import asyncio
import atexit
import shutil
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from threading import Thread

from evens.store.embedded import OWNER_ROLE, start
from evens.store.embedded.layout import Layout
from evens.store.migrate import migrate
from tests.folders import passable_folder

_PASSABLE = 0o711


def begin_with_database(data: Path) -> None:
    """Make a data folder that has a database of this version, as a server leaves it that was started and stopped."""
    data.mkdir(mode=_PASSABLE, parents=True)
    # The server's account becomes the owner of the copy when it starts.
    shutil.copytree(Layout.of(_template()).cluster, Layout.of(data).cluster)


@cache
def _template() -> Path:
    kept = ExitStack()
    atexit.register(kept.close)
    data = kept.enter_context(passable_folder()) / "data"
    with start(data) as server:
        # In a thread, because the caller may be within a loop.
        migrating = Thread(target=lambda: asyncio.run(migrate(server.dsn(OWNER_ROLE))))
        migrating.start()
        migrating.join()
    return data
