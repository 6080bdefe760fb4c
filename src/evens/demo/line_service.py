"""The demo's line provider: a second service whose line moves by itself and ends within minutes."""

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from threading import Event
from typing import Final

from evens.edges.cli.failures import Refused

FOLDER: Final = "line-provider"
LOG_FILE: Final = "line-provider.log"
KEY_FILE: Final = "line-provider.key"
SEED: Final = 7
SOURCES: Final = "EVENS_LINE_SOURCES"
KEYS: Final = "EVENS_LINE_KEYS"

_HOST: Final = "127.0.0.1"
_END_S_MAX: Final = 10.0
_READY_S_MAX: Final = 60.0
_ASK_EVERY_S: Final = 0.1


class LineService:
    """Runs ``evens line-provider`` beside the server, in the same private PostgreSQL, on the port after the server's.

    If that is taken, any free one does. Whoever has chosen sources of their own gets no other.
    """

    def __init__(self, data_dir: Path, port: int) -> None:
        self._data_dir = data_dir
        self._process: Popen[bytes] | None = None
        self.is_wanted: Final = not os.environ.get(SOURCES)
        self._port = _free_port(port + 1 if port else 0) if self.is_wanted else 0

    @property
    def url(self) -> str | None:
        """Where the provider answers; ``None`` if there is none of the demo's own."""
        return f"http://{_HOST}:{self._port}" if self.is_wanted else None

    def announce(self) -> None:
        """Tell the server, which is yet to start in this process, where its line comes from."""
        if self.is_wanted:
            os.environ[SOURCES] = f"main=evens+{self.url}"
            os.environ[KEYS] = f"main=@{(self._data_dir / FOLDER / KEY_FILE).absolute()}"

    def start(self) -> None:
        """Start the provider; the server must be running, because its database is the provider's, too."""
        if not self.is_wanted:
            return
        arguments = ["line-provider", "--port", str(self._port), "--simulate", str(SEED)]
        folders = ["--data", str(self._data_dir / FOLDER), "--evens-data", str(self._data_dir)]
        with (self._data_dir / LOG_FILE).open("ab") as log:
            self._process = Popen(
                [sys.executable, "-m", "evens.tied_main", *arguments, *folders],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self, stop: Event) -> None:
        """Return once the provider answers, or ``stop`` is set. Raises :class:`Refused` if it ends or takes long."""
        patience = time.monotonic() + _READY_S_MAX
        while self._process is not None and not self._answers() and not stop.wait(_ASK_EVERY_S):
            if self._process.poll() is not None or time.monotonic() > patience:
                raise Refused("The line provider does not start.", f"See {self._data_dir / LOG_FILE}")

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection((_HOST, self._port), 1.0):
            return True
        return False

    def stop(self) -> None:
        """End the provider and wait for it."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port(wanted: int) -> int:
    """Return this port, or another one if it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted
