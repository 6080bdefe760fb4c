"""The directory of the server's unix socket.

This is the cluster's directory, which only the server's user may enter. But the path of a socket may have only about a
hundred bytes, and some characters have a meaning in the lists of directories that PostgreSQL and its clients read. If
the cluster's path does not fit, the socket goes into a private directory with a short name.
"""

import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from evens.store.embedded.account import Account
from evens.store.embedded.config import SOCKET_NAME
from evens.store.embedded.errors import DataDirectoryUnusable
from evens.store.embedded.layout import Layout
from evens.store.embedded.relocation import relocation_root

PATH_BYTES_MAX = 103  # The limit of macOS; Linux allows four more.
PLAIN_PATH = re.compile(r"/[\w ./+@~-]*")


def choose_socket_directory(layout: Layout, cluster: Path, account: Account) -> Path:
    """Return the directory for the socket. If it is not the cluster's, make it and record it in the data directory.

    The caller holds the data directory's locks.

    Raises:
        DataDirectoryUnusable: no path is short enough.
    """
    if _fits(cluster):
        return cluster
    remembered = _remembered(layout)
    if remembered is not None and _is_private(remembered, account):
        return remembered
    made = Path(tempfile.mkdtemp(prefix="evens-", dir=_base(account)))
    if account.foreign:
        os.chown(made, account.uid, account.gid)
    layout.socket_record.write_text(f"{layout.root}\n{made}\n")
    return made


def remove_socket_directory(layout: Layout, directory: Path, account: Account) -> None:
    """Undo `choose_socket_directory` after the server has ended."""
    if _remembered(layout) == directory and _is_private(directory, account):
        with suppress(OSError):
            directory.rmdir()
            layout.socket_record.unlink()


def _fits(directory: Path) -> bool:
    size = len(os.fsencode(directory / SOCKET_NAME))
    return size <= PATH_BYTES_MAX and PLAIN_PATH.fullmatch(str(directory)) is not None


def _remembered(layout: Layout) -> Path | None:
    """Return the recorded directory; None if there is none, or the record was copied with another data directory."""
    # Only what is not there, or not ours, is no record: one that cannot be read now names where clients connect.
    with suppress(FileNotFoundError, ValueError):
        made_for, directory = layout.socket_record.read_text().splitlines()
        if made_for == str(layout.root):
            return Path(directory)
    return None


def _is_private(directory: Path, account: Account) -> bool:
    try:
        found = directory.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == 0o700


def _base(account: Account) -> Path:
    if account.foreign:
        return relocation_root()
    for candidate in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir()):
        base = Path(candidate)
        if base.is_absolute() and _fits(base / "evens-12345678") and os.access(base, os.W_OK | os.X_OK):
            return base
    raise DataDirectoryUnusable(
        "the path of the data directory is too long, or too unusual, for a unix socket, and so are XDG_RUNTIME_DIR and "
        "TMPDIR: choose another data directory, or set TMPDIR to a short path"
    )
