"""The files in a data folder besides the database: the secret, and a running server's address and key."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SECRET_BYTES: Final = 32


class SecretInvalid(Exception):
    """The installation's secret is not 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder. Files are created when they are first needed."""

    folder: Path

    @property
    def operator_key_file(self) -> Path:
        """Has an operator's API key while a server runs, for everybody who may read the folder."""
        return self.folder / "operator.key"

    @property
    def server_file(self) -> Path:
        """Has the address of the server while it runs."""
        return self.folder / "server.json"

    def secret(self, given: str | None = None) -> bytes:
        """Return the secret that all others are derived from: ``given`` as hexadecimal, else created once and kept.

        Raises :class:`SecretInvalid`.
        """
        file = self.folder / "secret"
        if given is None and not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_private(file, secrets.token_hex(_SECRET_BYTES))
        text = file.read_text("ascii").strip() if given is None else given
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) != _SECRET_BYTES:
            origin = "EVENS_SECRET" if given is not None else str(file)
            raise SecretInvalid(f"{origin} must be {2 * _SECRET_BYTES} hexadecimal digits.")
        return secret

    def left_operator_key(self) -> str | None:
        """Return the key of a server that was killed before it could remove the file, if there is one."""
        try:
            return self.operator_key_file.read_text("ascii").strip()
        except FileNotFoundError:
            return None

    def announce(self, url: str, operator_key: str) -> None:
        """Write the address and the operator's key where the command line finds them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_private(self.operator_key_file, operator_key)
        _write_private(self.server_file, json.dumps({"url": url, "pid": os.getpid()}))

    def withdraw(self) -> None:
        """Remove what :meth:`announce` wrote."""
        self.server_file.unlink(missing_ok=True)
        self.operator_key_file.unlink(missing_ok=True)


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, atomically."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text + "\n")
    draft.replace(file)
