"""PostgreSQL's log file: opened for a start, rotated by size, read for what went wrong."""

import os
from pathlib import Path

from evens.store.embedded.errors import DataDirectoryUnusable

ROTATE_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 4096
TAIL_LINES = 8


class ServerLog:
    """The log file, opened for one start of the server."""

    def __init__(self, path: Path) -> None:
        """Open the file for appending; a large one is first renamed and kept.

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
        """Return the length of the file in bytes."""
        return os.fstat(self.fd).st_size

    def tail(self, lines: int = TAIL_LINES) -> str:
        """Return the last lines written since this start; an empty text if there are none."""
        offset = max(self._start, self.size() - TAIL_BYTES)
        text = os.pread(self.fd, TAIL_BYTES, offset).decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def close(self) -> None:
        """Close the file in this process."""
        os.close(self.fd)
