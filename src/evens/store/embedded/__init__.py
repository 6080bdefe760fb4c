"""The embedded PostgreSQL: a private server from a wheel, supervised by the process that started it.

    with start(Path("evens-data")) as server:
        connection = await asyncpg.connect(server.dsn(APP_ROLE))

The server listens on a unix socket only and authenticates by operating system user only (peer authentication). It
always commits durably, and it stops when the process that owns it ends, in whatever way. The modules, outermost first:

    server            starts a server, or attaches to a running one
    running           a running server: its address, whether it is alive, how to stop it
    watched, watch    the two sides of the watcher process between the owner and the server
    cluster, config   make and configure the database cluster
    provision         makes the role and the database in a new cluster
    processes         finds and stops processes of an earlier server
    account, binaries, relocation    which user the server runs as, and where its programs are
"""

from evens.store.embedded.config import APP_ROLE, DATABASE, OWNER_ROLE
from evens.store.embedded.errors import (
    AccountUnusable,
    DataDirectoryInUse,
    DataDirectoryUnusable,
    EmbeddedPostgresError,
    PlatformUnsupported,
    SettingRefused,
    StartFailed,
    StopFailed,
)
from evens.store.embedded.running import Running
from evens.store.embedded.server import attach, start

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "OWNER_ROLE",
    "AccountUnusable",
    "DataDirectoryInUse",
    "DataDirectoryUnusable",
    "EmbeddedPostgresError",
    "PlatformUnsupported",
    "Running",
    "SettingRefused",
    "StartFailed",
    "StopFailed",
    "attach",
    "start",
]
