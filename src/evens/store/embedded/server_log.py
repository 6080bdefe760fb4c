"""PostgreSQL's log file: opened for a start, rotated by size, read for what went wrong."""

import os
from pathlib import Path

from evens.store.embedded.errors import DataDirectoryUnusable

ROTATE_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 4096
TAIL_LINES = 8


class ServerLog:
    """The log, from one start on."""

    def __init__(self, path: Path) -> None:
        """Open it for appending; a large one is kept under another name first.

        Raises:
            DataDirectoryUnusable: it cannot be opened.
        """
        self.path = path
        try:
            if path.exists() and path.stat().st_size > ROTATE_BYTES:
                path.replace(path.with_name(f"{path.name}.1"))
            self.fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise DataDirectoryUnusable(
                f"cannot write {path}: {error.strerror}; run as the user who owns {path.parent}"
            ) from error
        self._start = self.size()

    def size(self) -> int:
        """Its length, in bytes."""
        return os.fstat(self.fd).st_size

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines written since this start; empty where there are none."""
        offset = max(self._start, self.size() - TAIL_BYTES)
        text = os.pread(self.fd, TAIL_BYTES, offset).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def close(self) -> None:
        """Close this process's hold on the file."""
        os.close(self.fd)
