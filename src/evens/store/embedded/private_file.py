"""Small files that only one account may read, and that are replaced as a whole."""

import os
from contextlib import suppress
from pathlib import Path

from evens.store.embedded.account import Account


def replace_private(path: Path, text: str, account: Account) -> None:
    """Write `text` to `path`, owned and readable by `account` alone; readers see the old file or the new one."""
    draft = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        draft.unlink()
    # O_EXCL, because the directory may belong to the other account, which could put a symbolic link there for root.
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        if account.foreign:
            os.fchown(fd, account.uid, account.gid)
    draft.replace(path)
