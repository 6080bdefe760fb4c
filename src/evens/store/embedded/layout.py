"""The files of a data directory."""

from dataclasses import dataclass
from pathlib import Path

from evens.store.embedded.errors import DataDirectoryUnusable


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one data directory; `root` is absolute and free of symbolic links."""

    root: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        """Return the layout of `data_dir`, which need not exist yet.

        Raises:
            DataDirectoryUnusable: the path holds a control character, which PostgreSQL's own files cannot hold.
        """
        root = data_dir.expanduser().resolve()
        if any(ord(character) < ord(" ") for character in str(root)):
            raise DataDirectoryUnusable(f"{str(root)!r} holds a control character: choose another data directory")
        return cls(root)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data, or a symbolic link to it if it could not be here."""
        return self.root / "postgres"

    @property
    def staging(self) -> Path:
        """A data directory of its own while a backup is restored; the cluster moves out of it when it is checked."""
        return self.root / "restoring"

    @property
    def log(self) -> Path:
        """The output of PostgreSQL, the latest last."""
        return self.root / "postgres.log"

    @property
    def owner_lock(self) -> Path:
        """Locked by the process that owns the server; holds its process id."""
        return self.root / "lock"

    @property
    def server_lock(self) -> Path:
        """Locked while any process of the server is alive, even after its owner has ended."""
        return self.root / "postgres.lock"

    @property
    def socket_record(self) -> Path:
        """Names the socket directory if the path of the data directory is too long for a socket."""
        return self.root / "socket_directory"
