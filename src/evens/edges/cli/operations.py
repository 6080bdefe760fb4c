"""What the command line needs from the composition root, because it needs the database or the simulator.

:mod:`evens.program.operations` implements :class:`Operations`. Every method may raise :class:`OperationFailed`;
anything else is a bug.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    """A server that is ready. ``first_start``: the folder was new; ``startup_s``: how long the start took.

    ``betfair_stream`` is where Betfair's Exchange Stream listens, as host and port.
    """

    url: str
    data_dir: Path
    operator_key: str
    first_start: bool
    startup_s: float
    betfair_stream: str


@dataclass(frozen=True, slots=True)
class LineServing:
    """A line provider that is ready, and the file that its key for writing is in."""

    url: str
    data_dir: Path
    key_file: Path
    startup_s: float


@dataclass(frozen=True, slots=True)
class Signing:
    """What the chain's signer signs, and where it is asked.

    ``amount_max`` of one payment and ``day_max`` of a day are units of the token; ``fee_wei_max`` is paid per gas.
    """

    key_file: Path
    socket: Path
    group: str | None
    chain_id: int
    token: str
    amount_max: int
    day_max: int
    fee_wei_max: int


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit read, how long it took, and the problems it found as sentences, the first difference first.

    ``anchor``: the last record with its hash, ``SEQ:HASH``, to hold the journal against later.
    """

    records: int
    entries: int
    transfers: int
    accounts: int
    seconds: float
    anchor: str
    problems: list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check of the doctor; ``remedy`` says what to do if it is not ``ok``."""

    name: str
    ok: bool
    detail: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class UsedSecret:
    """A secret of the installation by its fingerprint. ``until``: how long what an earlier one made counts."""

    fingerprint: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A live webhook, and the secret that its receiver checks messages with from now on."""

    id: str
    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecretReport:
    """The secret in use, the earlier ones that still count, and the webhooks whose secrets were asked for."""

    in_use: UsedSecret
    earlier: list[UsedSecret]
    webhooks: list[WebhookSecret]


@dataclass(frozen=True, slots=True)
class BetfairExport:
    """A market that was written into a file of Betfair's historic data."""

    file: Path
    lines: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was written: its size, the end of its journal, and the fingerprint of the secret it belongs to."""

    file: Path
    size_bytes: int
    records: int
    anchor: str
    secret: str | None


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A backup that was restored. ``secret_is_here``: the secret that it belongs to is the one at hand."""

    records: int
    anchor: str
    made_at: str
    migrations: list[str]
    secret: str | None
    secret_is_here: bool


class OperationFailed(Exception):
    """An operation failed, for example because there is no database. ``str()`` says why, and what to do next."""


class OperationRefused(OperationFailed):
    """An operation was refused, for example a key for a user who does not exist."""


class AddressInUse(OperationFailed):
    """Something else listens on the host and port asked for."""


@dataclass(frozen=True, slots=True)
class RoundDays:
    """What an exchange's calendar says of a round's day.

    ``before`` are the codes that the session before may have: as the round knew it, and with the days left out that
    were announced as closed since. ``is_session`` is whether the exchange opened on the round's own day, as far as the
    calendar knows without announcements.
    """

    before: tuple[str, ...]
    is_session: bool


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
        demo: bool = False,
    ) -> int:
        """Serve the API until SIGINT or SIGTERM, then return the exit code. Call it from the main thread.

        While it runs, ``server.json`` and ``operator.key`` are in the data folder. ``ready`` is called once the API
        answers; ``stopping`` when a signal asks for the end, and the API answers until it returns. Both run outside of
        the event loop, so they may use the API. Logs go to ``log_file``, else to stderr. In a ``demo`` everybody may
        enter as one of the simulated customers, or as an operator, without a password.

        Raises :class:`AddressInUse` before anything is written if the port is taken.
        """
        ...

    def serve_line(
        self,
        location: Location,
        *,
        of_evens: Path | None,
        host: str,
        port: int,
        simulate: int | None,
        ready: Callable[[LineServing], None],
    ) -> int:
        """Serve the line provider until SIGINT or SIGTERM, then return the exit code. Call it from the main thread.

        Its database is the private one in its folder, or that of the Evens which runs on the folder ``of_evens``, or
        the one that ``location`` names. ``simulate`` is the seed of a line that moves by itself.
        """
        ...

    def make_signer_key(self, file: Path) -> str:
        """Write a new private key for the chain's signer, and return its address. A file that is there is refused."""
        ...

    def serve_signer(self, signing: Signing, *, ready: Callable[[str], None]) -> int:
        """Sign payments until SIGINT or SIGTERM, then return the exit code; ``ready`` gets the signer's address."""
        ...

    def migrate(self, location: Location) -> list[str]:
        """Bring the database to this version's schema; return the names of the migrations that were applied."""
        ...

    def create_api_key(self, location: Location, *, role: str, username: str | None, name: str | None) -> str:
        """Make an API key with this label, acting for the customer with this name or id, if given; return it."""
        ...

    def rotate_secret(self, location: Location, *, overlap_s: int) -> SecretReport:
        """Replace the secret that tokens, links and webhook secrets derive from; what the one before made counts on.

        Servers use it from their next start. The report has every live webhook.
        """
        ...

    def show_secret(self, location: Location, *, webhooks: bool) -> SecretReport:
        """Return which secret the database is used with, and with ``webhooks`` what their receivers need."""
        ...

    def audit(self, location: Location, *, anchors: Sequence[str], progress: Callable[[int, int], None]) -> AuditReport:
        """Replay the journal and compare; ``progress`` is called with the entries done and the total, now and then.

        The journal must still hold the records of ``anchors``, which earlier audits gave.
        """
        ...

    def export_betfair(self, location: Location, market: str, file: Path) -> BetfairExport:
        """Write a settled market into a new file, beside a running server or without one."""
        ...

    def back_up(self, location: Location, file: Path) -> BackupReport:
        """Write the private database into a new file, beside a running server or without one."""
        ...

    def restore(self, location: Location, file: Path, *, progress: Callable[[int, int], None]) -> RestoreReport:
        """Make the private database of a folder that has none from a backup, if its audit finds nothing wrong."""
        ...

    def doctor(self, location: Location) -> list[Finding]:
        """Check everything that is known to go wrong with an installation, without changing anything."""
        ...

    def round_days(self, running: str, closed: Sequence[str], code: str) -> RoundDays | None:
        """Return what the calendar of a pool that is run like this says of a round; ``closed`` was announced late.

        ``None`` for rounds of intervals, for what is no round of an exchange, and for an exchange that is not known.
        """
        ...
