"""What the command line asks of the composition root, because no edge can do it alone.

``main`` implements :class:`Operations`. Every method may raise :class:`OperationFailed`; anything else is a bug.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Location:
    """Where an installation lives: its folder, and its database if that is not the private one in the folder."""

    data_dir: Path
    database_url: str | None


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers. ``first_start``: the folder was new; ``startup_s``: how long it took to get here."""

    url: str
    data_dir: Path
    operator_key: str
    first_start: bool
    startup_s: float


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit read, how long it took, and what it found wrong, in words, the first difference first."""

    records: int
    entries: int
    transfers: int
    accounts: int
    seconds: float
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at; ``remedy`` says what to do where it is not ``ok``."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


class OperationFailed(Exception):
    """Something stood in the way, such as a database out of reach. ``str()`` says what, and what to do next."""


class OperationRefused(OperationFailed):
    """What was asked for cannot be had as things are, such as a key for a user who does not exist."""


class AddressInUse(OperationFailed):
    """Something else listens on the host and port asked for."""


class Newcomer(Protocol):
    """A customer to begin with: a username and the deposits to make, each an amount and a currency."""

    @property
    def username(self) -> str:
        """The same at every run."""
        ...

    @property
    def deposits(self) -> Sequence[tuple[str, str]]:
        """Pairs of amount and currency, such as ``("1250.00", "USD")``; at most one for each currency."""
        ...


class Move(Protocol):
    """Something that an actor does: pays another, deposits or withdraws."""

    @property
    def kind(self) -> Literal["transfer", "deposit", "withdrawal"]:
        """What is done."""
        ...

    @property
    def username(self) -> str:
        """Who does it."""
        ...

    @property
    def payee(self) -> str | None:
        """Who is paid by a transfer."""
        ...

    @property
    def amount(self) -> str:
        """A decimal, such as ``"12.50"``."""
        ...

    @property
    def currency(self) -> str:
        """The currency's code."""
        ...

    @property
    def memo(self) -> str | None:
        """What a transfer is for."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before it, in seconds."""
        ...


class Operations(Protocol):
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

        While it runs, ``server.json`` and ``operator.key`` lie in the data folder. ``ready`` is called once the API
        answers; ``stopping`` when a signal asks for the end, and the API answers until it returns. Both run outside of
        the event loop, so they may use the API. Logs go to ``log_file``, else to stderr.

        Raises :class:`AddressInUse` before anything is written if the port is taken.
        """
        ...

    def migrate(self, location: Location) -> list[str]:
        """Bring the database to this version's schema; return the names of the migrations that were applied."""
        ...

    def create_api_key(self, location: Location, *, role: str, username: str | None, name: str | None) -> str:
        """Make an API key with this label, acting for the customer called ``username`` if given; return it."""
        ...

    def audit(self, location: Location, *, progress: Callable[[int, int], None]) -> AuditReport:
        """Replay the journal and compare; ``progress`` hears entries done and entries in all, now and then."""
        ...

    def doctor(self, location: Location) -> list[Finding]:
        """Look at everything that is known to go wrong with an installation, changing nothing."""
        ...

    def newcomers(self, count: int) -> Sequence[Newcomer]:
        """Return the first ``count`` customers of the simulator: the same at every call."""
        ...

    def moves(self, usernames: Sequence[str]) -> Iterator[Move]:
        """Return what actors among these customers do, without end and the same at every call."""
        ...
