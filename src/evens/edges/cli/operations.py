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


class Fixture(Protocol):
    """A contest that there is to be a market for."""

    @property
    def kind(self) -> str:
        """What sort of contest it is; there is one of each at any time."""
        ...

    @property
    def number(self) -> int:
        """Which one of its kind, from 1."""
        ...

    @property
    def name(self) -> str:
        """The market's name."""
        ...

    @property
    def runners(self) -> Sequence[str]:
        """Who can win."""
        ...

    @property
    def winners(self) -> int:
        """How many of them will."""
        ...

    @property
    def commission_bps(self) -> int:
        """What is taken of net profits, in basis points."""
        ...


class Bid(Protocol):
    """Something that a trader wants of a market."""

    @property
    def username(self) -> str:
        """Who wants it."""
        ...

    @property
    def runner(self) -> int:
        """The runner's position, from 1."""
        ...

    @property
    def side(self) -> Literal["back", "lay"]:
        """To bet for the runner or against it."""
        ...

    @property
    def odds(self) -> str:
        """A price on the classic ladder, such as ``"2.50"``."""
        ...

    @property
    def stake(self) -> str:
        """A decimal, such as ``"12.50"``."""
        ...

    @property
    def level(self) -> int | None:
        """Which quote of the maker on that side it replaces; ``None`` for a take: now or not at all."""
        ...


class Turn(Protocol):
    """Bids that belong together."""

    @property
    def bids(self) -> Sequence[Bid]:
        """To be made one after the other."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before it, in seconds."""
        ...


class Traders(Protocol):
    """Those who trade on one fixture."""

    @property
    def maker(self) -> str:
        """The username of who quotes."""
        ...

    def open(self) -> Sequence[Bid]:
        """Return all of the maker's quotes, to begin with."""
        ...

    def turn(self) -> Turn:
        """Return what is done next."""
        ...

    def turn_in_play(self) -> None:
        """Trade as one does once a contest has begun."""
        ...

    def draw_winners(self) -> Sequence[int]:
        """Return the positions of those who win, from 1."""
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

    def fixture_kinds(self) -> Sequence[str]:
        """Return what sorts of contests there are."""
        ...

    def fixture(self, kind: str, number: int) -> Fixture:
        """Return a contest, the same one at every call."""
        ...

    def traders(self, fixture: Fixture, usernames: Sequence[str]) -> Traders:
        """Return who trades on it among these customers; the last ones quote, one for each kind. At least eight."""
        ...
