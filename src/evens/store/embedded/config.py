"""The server's configuration: fixed settings, defaults, and who may connect."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from evens.store.embedded.account import Account, names_with_access
from evens.store.embedded.binaries import Binaries
from evens.store.embedded.errors import SettingRefused
from evens.store.embedded.private_file import replace_private

OWNER_ROLE = "evens_owner"
APP_ROLE = "evens_app"
FUNCTIONS_ROLE = "evens_functions"
PROVIDER_ROLE = "line_provider"
LOGIN_ROLES = (OWNER_ROLE, APP_ROLE, PROVIDER_ROLE)
DATABASE = "evens"
PORT = 5432  # Not a TCP port: it is part of the socket's name.
SOCKET_NAME = f".s.PGSQL.{PORT}"

SETTINGS_FILE = "evens.conf"
INCLUDE_LINE = (
    f"\n# Written anew at every start; put settings of your own below this line.\ninclude '{SETTINGS_FILE}'\n"
)

# Given on the command line, where neither a file nor ALTER SYSTEM can change them. They make acknowledged payments
# durable and keep the server off the network.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
PINNED = {**DURABLE, "listen_addresses": "", "port": str(PORT), "unix_socket_permissions": "0700"}

# Callers may not set these either, because this package relies on them.
RESERVED = frozenset(PINNED) | {
    "config_file", "data_directory", "external_pid_file", "hba_file", "ident_file", "log_destination",
    "logging_collector", "unix_socket_directories",
}  # fmt: skip

DEFAULTS = {
    "checkpoint_timeout": "15min",
    "cluster_name": "evens",
    "jit": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "max_connections": "50",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    # Filling each new 16 MiB of the log with zeros keeps one commit, and all behind it, waiting for 60 ms.
    "wal_init_zero": "off",
    "wal_level": "replica",
}

Settings = Mapping[str, str]


def check_settings(settings: Settings) -> None:
    """Raise for settings that a caller may not choose.

    Raises:
        SettingRefused: a reserved name, a malformed one, or a value of several lines.
    """
    for name, value in settings.items():
        if name in RESERVED:
            raise SettingRefused(f"the server setting {name!r} is fixed: leave it out")
        if not re.fullmatch(r"[a-z_][a-z0-9_.]*", name):
            raise SettingRefused(f"{name!r} is not the name of a server setting")
        if any(ord(character) < ord(" ") for character in value):
            raise SettingRefused(f"the value of the server setting {name!r} holds a control character")


def write_configuration(cluster: Path, *, account: Account, binaries: Binaries, settings: Settings) -> None:
    """Write the settings and the access rules into `cluster`, which may have been moved or copied since last time."""
    values = {**DEFAULTS, "wal_compression": "lz4" if binaries.lz4 else "off", **settings}
    lines = [f"{name} = {_quoted(value)}" for name, value in sorted(values.items())]
    replace_private(cluster / SETTINGS_FILE, _page(lines), account)
    replace_private(cluster / "pg_hba.conf", _page(_access_rules()), account)
    replace_private(cluster / "pg_ident.conf", _page(_names(account)), account)


def server_argv(cluster: Path, binaries: Binaries, socket_directory: Path) -> list[str]:
    """Return the command line of the server."""
    pinned = {**PINNED, "unix_socket_directories": str(socket_directory)}
    options = [argument for name, value in pinned.items() for argument in ("-c", f"{name}={value}")]
    return [str(binaries.directory / "postgres"), "-D", str(cluster), *options]


def _access_rules() -> list[str]:
    # PostgreSQL rejects every connection that no rule allows.
    return [f"local all {role} peer map=evens" for role in LOGIN_ROLES]


def _names(account: Account) -> list[str]:
    return [f'evens "{user}" {role}' for user in names_with_access(account) for role in LOGIN_ROLES]


def _page(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in ("# Written by Evens at every start; changes are lost.", *lines))


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
