"""Secrets that sources are asked with: files in one folder, named by the terms of pools as ``{@NAME}``.

The folder is :data:`SECRETS_FOLDER` in the server's data folder. It holds nothing else, because whoever may create a
pool may have each of its files sent to an address of theirs.
"""

import re
from pathlib import Path
from typing import Final

from evens.feeds.upstream import SourceFailed

SECRETS_FOLDER: Final = "pool-secrets"

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)
_SECRET: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?", re.ASCII)
_BYTES_MAX: Final = 4096


class SecretFolder:
    """A folder of secrets, each the text of a file. ``None`` has none. A file is read whenever it is needed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def read(self, name: str) -> str:
        """Return a secret. Blocks. Raises :class:`SourceFailed` naming the file."""
        if self._folder is None or not _NAME.fullmatch(name):
            raise SourceFailed(f"needs the secret {name!r}, but this server has no folder of secrets for pools")
        try:
            with (self._folder / name).open("rb") as file:
                text = file.read(_BYTES_MAX).decode("ascii").strip()
        except (OSError, ValueError) as error:
            raise SourceFailed(f"needs the secret {name!r}, which cannot be read: {type(error).__name__}") from error
        if not _SECRET.fullmatch(text):
            raise SourceFailed(f"needs the secret {name!r}, which must be one line of printable ASCII")
        return text
