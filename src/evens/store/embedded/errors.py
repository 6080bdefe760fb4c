"""What can go wrong with the embedded PostgreSQL.

    EmbeddedPostgresError
    ├── PlatformUnsupported     this operating system or installation cannot run it
    ├── AccountUnusable         no ordinary operating system account to run the server as
    ├── DataDirectoryInUse      another process owns the server of this data directory
    ├── DataDirectoryUnusable   the directory or the cluster in it cannot be used
    ├── DataDirectoryFull       there is a database already where one is to be restored
    ├── DumpFailed              pg_dump or pg_restore failed
    ├── SettingRefused          a server setting that callers may not choose, or that is malformed
    ├── StartFailed             the server, or the making of its cluster, ended or hung
    └── StopFailed              processes of the server remain

Every message says what to do next and names the file to look into.
"""

from pathlib import Path


class EmbeddedPostgresError(Exception):
    """A problem with the embedded PostgreSQL; the message tells the user what to do."""


class PlatformUnsupported(EmbeddedPostgresError):
    """This operating system, or this installation, cannot run the embedded PostgreSQL."""


class AccountUnusable(EmbeddedPostgresError):
    """There is no operating system account that PostgreSQL could run as."""


class DataDirectoryInUse(EmbeddedPostgresError):
    """Another process owns the server of this data directory.

    Attributes:
        data_dir: the directory asked for.
        pid: the process that owns it; None if that could not be read.
    """

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        owner = "another process" if pid is None else f"process {pid}"
        super().__init__(f"{data_dir} is in use by {owner}: stop it first, or choose another data directory")
        self.data_dir = data_dir
        self.pid = pid


class DataDirectoryUnusable(EmbeddedPostgresError):
    """The data directory, or the database cluster in it, cannot be used as it is."""


class DataDirectoryFull(EmbeddedPostgresError):
    """There is a database already where one is to be restored."""


class DumpFailed(EmbeddedPostgresError):
    """PostgreSQL's own tools could not write or read a dump."""


class SettingRefused(EmbeddedPostgresError):
    """A server setting that callers may not choose, or that is malformed."""


class StartFailed(EmbeddedPostgresError):
    """The server did not become ready."""


class StopFailed(EmbeddedPostgresError):
    """Processes of the server are still there although they were told to end, and then killed."""
