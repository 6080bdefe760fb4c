"""Secrets that sources are asked with: files in one folder, named by the terms of pools as ``{@NAME}``.

The folder is :data:`SECRETS_FOLDER` in the server's data folder. It holds nothing else, because whoever may create a
pool may have each of its files sent to an address of theirs.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from evens.feeds.upstream import SourceFailed

SECRETS_FOLDER: Final = "pool-secrets"

_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)
_SECRET: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,998}[\x21-\x7e])?", re.ASCII)
_BYTES_MAX: Final = 4096
_SIMULATION: Final = ".simulation"
"""No name that terms can give: they begin with a letter or a digit."""


class SecretFolder:
    """A folder of secrets, each the text of a file. ``None`` has none. A file is read whenever it is needed."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._simulation: bytes | None = None

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

    def simulation(self) -> bytes:
        """Return what keeps simulated prices from being foreseen, the same after a restart; empty without a folder.

        It is made when it is first needed. Raises :class:`SourceFailed` if it cannot be kept.
        """
        if self._simulation is None and self._folder is not None:
            path = self._folder / _SIMULATION
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with suppress(FileExistsError), open(path, "xb", opener=_private) as file:
                    file.write(secrets.token_bytes(32))
                self._simulation = path.read_bytes()
            except OSError as error:
                raise SourceFailed(f"cannot keep its secret: {type(error).__name__}") from error
        return self._simulation or b""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
