"""The directory for clusters and programs that the server's account could not reach where they belong."""

import os
import stat
from pathlib import Path

from evens.store.embedded.errors import DataDirectoryUnusable

ROOT = Path("/var/lib/evens")


def relocation_root() -> Path:
    """Return the directory for relocated clusters and programs; make it if it is missing. Only root needs it.

    Raises:
        DataDirectoryUnusable: another user than root could change its contents.
    """
    try:
        ROOT.mkdir(mode=0o711, parents=True)
        ROOT.chmod(0o711)
    except FileExistsError:
        pass
    except OSError as error:
        raise DataDirectoryUnusable(f"cannot make {ROOT}: {error.strerror}") from error
    found = ROOT.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise DataDirectoryUnusable(f"{ROOT} must be a directory that only root can write to: check its owner and mode")
    return ROOT
