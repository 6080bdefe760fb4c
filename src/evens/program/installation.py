"""The files in a data folder besides the database: the secrets, and a running server's address and key."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SECRET_BYTES: Final = 32


class SecretInvalid(Exception):
    """A secret of the installation is not 64 hexadecimal digits."""


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

    @property
    def secret_file(self) -> Path:
        """Has the secret that all others are derived from, and below it those that it replaced, a line each."""
        return self.folder / "secret"

    def secrets(self) -> list[bytes]:
        """Return what :attr:`secret_file` has, nothing if there is none. Raises :class:`SecretInvalid`, ``OSError``."""
        try:
            lines = self.secret_file.read_text("ascii").split()
        except FileNotFoundError:
            return []
        except UnicodeDecodeError:
            lines = [""]
        return [parse_secret(line, str(self.secret_file)) for line in lines or [""]]

    def write_secrets(self, held: Sequence[bytes]) -> None:
        """Write the secret in use and those before it, as a whole, for the folder's owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_private(self.secret_file, "\n".join([secret.hex() for secret in held]))

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

    @property
    def line_key_file(self) -> Path:
        """Has the key for writing to the line provider that keeps its data here."""
        return self.folder / "line-provider.key"

    def line_key(self) -> str:
        """Return the key in :attr:`line_key_file`; a new one is made at the first start. Raises ``OSError``."""
        try:
            key = self.line_key_file.read_text("ascii").strip()
        except FileNotFoundError:
            key = ""
        if not key:
            key = f"evl_{secrets.token_urlsafe(32)}"
            self.folder.mkdir(parents=True, exist_ok=True)
            _write_private(self.line_key_file, key)
        return key

    def withdraw(self) -> None:
        """Remove what :meth:`announce` wrote."""
        self.server_file.unlink(missing_ok=True)
        self.operator_key_file.unlink(missing_ok=True)


def parse_secret(text: str, origin: str) -> bytes:
    """Return a secret from its hexadecimal digits. Raises :class:`SecretInvalid` naming ``origin``."""
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise SecretInvalid(f"{origin} must be {2 * _SECRET_BYTES} hexadecimal digits.")
    return secret


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, atomically."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(descriptor)
    draft.replace(file)
