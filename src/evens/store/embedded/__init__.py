"""The embedded PostgreSQL: a private server from a wheel, supervised by the process that started it.

    with start(Path("evens-data")) as server:
        connection = await asyncpg.connect(server.dsn(APP_ROLE))

It listens on a unix socket only, lets in by operating system user only (peer authentication), always commits
durably, and ends with its owner, however that ends. Modules, from the outside in:

    server            start, attach
    running           a running server: its address, whether it lives, how to stop it
    watched, watch    both sides of the watcher between the owner and the server
    cluster, config   making and configuring the database cluster; provision: its role and database
    processes         what an earlier server may have left behind
    account, binaries, relocation    who it runs as, where its programs are
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
