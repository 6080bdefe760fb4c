"""Where things lie in a data directory."""

from dataclasses import dataclass
from pathlib import Path

from evens.store.embedded.errors import DataDirectoryUnusable


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one data directory; `root` is absolute and free of symbolic links."""

    root: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        """The layout of `data_dir`, which need not exist yet.

        Raises:
            DataDirectoryUnusable: the path holds a control character, which PostgreSQL's own files cannot hold.
        """
        root = data_dir.expanduser().resolve()
        if any(ord(character) < ord(" ") for character in str(root)):
            raise DataDirectoryUnusable(f"{str(root)!r} holds a control character: choose another data directory")
        return cls(root)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data, or a symbolic link to where it had to be put instead."""
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        """What PostgreSQL wrote, this start's output last."""
        return self.root / "postgres.log"

    @property
    def owner_lock(self) -> Path:
        """Locked by the process that owns the server; holds its process id."""
        return self.root / "lock"

    @property
    def server_lock(self) -> Path:
        """Locked as long as any process of the server lives, its owner gone or not."""
        return self.root / "postgres.lock"

    @property
    def socket_record(self) -> Path:
        """Remembers the socket directory where the data directory's own path does not fit."""
        return self.root / "socket_directory"
