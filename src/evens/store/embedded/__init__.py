"""The embedded PostgreSQL: a private server from a wheel, supervised by the process that started it.

    with start(Path("evens-data")) as server:
        connection = await asyncpg.connect(server.dsn(APP_ROLE))

The server listens on a unix socket only and authenticates by operating system user only (peer authentication). It
always commits durably, and it stops when the process that owns it ends, in whatever way. The modules, outermost first:

    server            starts a server, or attaches to a running one
    dumping           copies a database into a dump and back
    staging           a server beside a data directory's own place, until what is restored into it is checked
    running           a running server: its address, whether it is alive, how to stop it
    watched, watch    the two sides of the watcher process between the owner and the server
    cluster, config   make and configure the database cluster
    provision         makes the role and the database in a new cluster
    processes         finds and stops processes of an earlier server
    account, binaries, relocation    which user the server runs as, and where its programs are
"""

from evens.store.embedded.config import APP_ROLE, DATABASE, OWNER_ROLE, PROVIDER_ROLE
from evens.store.embedded.dumping import dump, load
from evens.store.embedded.errors import (
    AccountUnusable,
    DataDirectoryFull,
    DataDirectoryInUse,
    DataDirectoryUnusable,
    DumpFailed,
    EmbeddedPostgresError,
    PlatformUnsupported,
    SettingRefused,
    StartFailed,
    StopFailed,
)
from evens.store.embedded.running import Running
from evens.store.embedded.server import attach, start
from evens.store.embedded.staging import Staged, has_database, staged

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "OWNER_ROLE",
    "PROVIDER_ROLE",
    "AccountUnusable",
    "DataDirectoryFull",
    "DataDirectoryInUse",
    "DataDirectoryUnusable",
    "DumpFailed",
    "EmbeddedPostgresError",
    "PlatformUnsupported",
    "Running",
    "SettingRefused",
    "Staged",
    "StartFailed",
    "StopFailed",
    "attach",
    "dump",
    "has_database",
    "load",
    "staged",
    "start",
]
