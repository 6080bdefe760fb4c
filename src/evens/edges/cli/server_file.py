"""Finds the server: by its address, or by the file that a running server writes into its data folder."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from evens.edges.cli.failures import Misused, Unavailable

SERVER_FILE: Final = "server.json"
KEY_FILE: Final = "operator.key"
KEY_VARIABLE: Final = "EVENS_API_KEY"


@dataclass(frozen=True, slots=True)
class Target:
    """A server: its address without a trailing slash, and the API key to send."""

    url: str
    api_key: str = field(repr=False)


def find_target(data_dir: Path, url: str | None) -> Target:
    """Return the server at ``url``, else the one that runs on ``data_dir``.

    The key in the folder is sent to that folder's server only, never to another address.

    Raises :class:`Unavailable` if no server runs there, :class:`Misused` if there is no key for it.
    """
    wanted = url.rstrip("/") if url is not None else None
    if wanted is not None and not wanted.startswith(("http://", "https://")):
        raise Misused(f"{wanted} is not the address of a server.", "It begins with http:// or https://.")
    local = read_running_url(data_dir)
    address = wanted or local
    if address is None:
        raise Unavailable(f"No server runs on {data_dir}.", f"Start one with: {serve_command(data_dir)}")
    return Target(address, _find_key(data_dir, address, is_local=address == local))


def serve_command(data_dir: Path) -> str:
    """Return the command that starts a server on this folder."""
    return "evens serve" if data_dir == Path("evens-data") else f"evens serve --data {data_dir}"


def _find_key(data_dir: Path, address: str, *, is_local: bool) -> str:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key:
        return key
    if not is_local:
        raise Misused(
            f"For {address} there is no key.",
            f"Put an API key into {KEY_VARIABLE}; on the server, `evens api-key create --role operator` makes one.",
        )
    path = data_dir / KEY_FILE
    try:
        return path.read_text("ascii").strip()
    except PermissionError as error:
        raise Misused(
            f"You may not read {path}.", f"Use the account that runs the server, or put an API key into {KEY_VARIABLE}."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"{path} cannot be read.", "Restart the server; it makes a new one.") from error


def read_running_url(data_dir: Path) -> str | None:
    """Return the address of the server that runs on this folder, if one does."""
    server = _read_server(data_dir)
    if server is None or not _is_alive(server["pid"]):
        return None
    return str(server["url"]).rstrip("/")


def _read_server(data_dir: Path) -> dict[str, Any] | None:
    try:
        server = json.loads((data_dir / SERVER_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = cast("dict[str, Any]", server) if isinstance(server, dict) else {}
    return known if {"url", "pid"} <= known.keys() else None


def _is_alive(pid: Any) -> bool:
    """Return whether the process exists; a server that was killed leaves its file behind."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
