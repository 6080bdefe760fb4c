"""What the command line needs from the composition root, because it needs the database or the simulator.

:mod:`evens.program.operations` implements :class:`Operations`. Every method may raise :class:`OperationFailed`;
anything else is a bug.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evens.edges.cli.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Location:
    """An installation's folder, and its database if that is not the private one in the folder."""

    data_dir: Path
    database_url: str | None


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is ready. ``first_start``: the folder was new; ``startup_s``: how long the start took."""

    url: str
    data_dir: Path
    operator_key: str
    first_start: bool
    startup_s: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit read, how long it took, and the problems it found as sentences, the first difference first."""

    records: int
    entries: int
    transfers: int
    accounts: int
    seconds: float
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check of the doctor; ``remedy`` says what to do if it is not ``ok``."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


class OperationFailed(Exception):
    """An operation failed, for example because there is no database. ``str()`` says why, and what to do next."""


class OperationRefused(OperationFailed):
    """An operation was refused, for example a key for a user who does not exist."""


class AddressInUse(OperationFailed):
    """Something else listens on the host and port asked for."""


class Operations(Simulator, Protocol):
    """Everything that needs the database, the secret or the simulator rather than the HTTP API."""

    def serve(
        self,
        location: Location,
        *,
        host: str,
        port: int,
        ready: Callable[[Serving], None],
        stopping: Callable[[], None] | None = None,
        log_file: Path | None = None,
    ) -> int:
        """Serve the API until SIGINT or SIGTERM, then return the exit code. Call it from the main thread.

        While it runs, ``server.json`` and ``operator.key`` are in the data folder. ``ready`` is called once the API
        answers; ``stopping`` when a signal asks for the end, and the API answers until it returns. Both run outside of
        the event loop, so they may use the API. Logs go to ``log_file``, else to stderr.

        Raises :class:`AddressInUse` before anything is written if the port is taken.
        """
        ...

    def migrate(self, location: Location) -> list[str]:
        """Bring the database to this version's schema; return the names of the migrations that were applied."""
        ...

    def create_api_key(self, location: Location, *, role: str, username: str | None, name: str | None) -> str:
        """Make an API key with this label, acting for the customer with this name or id, if given; return it."""
        ...

    def audit(self, location: Location, *, progress: Callable[[int, int], None]) -> AuditReport:
        """Replay the journal and compare; ``progress`` is called with the entries done and the total, now and then."""
        ...

    def doctor(self, location: Location) -> list[Finding]:
        """Check everything that is known to go wrong with an installation, without changing anything."""
        ...
