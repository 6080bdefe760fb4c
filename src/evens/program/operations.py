"""The operations of the command line that need the database, or the secret."""

import socket
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from evens.core.values.public_ids import parse_market_id, parse_user_id
from evens.edges.betfair.wire.ids import parse_market as parse_betfair_market
from evens.edges.cli.operations import (
    AuditReport,
    BackupReport,
    BetfairExport,
    Finding,
    LineServing,
    Location,
    OperationFailed,
    OperationRefused,
    RestoreReport,
    RoundDays,
    SecretReport,
    Serving,
    Signing,
)
from evens.edges.cli.server_file import read_running_url
from evens.edges.http.app import create_app
from evens.edges.http.services import Services
from evens.edges.web.build import find_build
from evens.edges.web.pages import Pages
from evens.edges.web.previews import Previews
from evens.identity.errors import IdentityError
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Role
from evens.identity.service import Identity
from evens.program.backup_file import BackupInvalid
from evens.program.backups import back_up, restore
from evens.program.betfair_export import export_market
from evens.program.betfair_stream import listen_for_betfair, serving_betfair
from evens.program.descriptors import raise_limit
from evens.program.doctor import examine
from evens.program.installation import Installation, SecretInvalid
from evens.program.listening import listen, url_of
from evens.program.local_key import local_key
from evens.program.logs import configure
from evens.program.pool_file import check_pool_file
from evens.program.postgres import NoHouse, Postgres, borrow, check_database, check_house, own
from evens.program.rounds import round_days, schedule_of_files
from evens.program.secret_reports import rotate, show
from evens.program.secrets import SecretKeeper, SecretRefused
from evens.program.server import open_house, serve
from evens.program.simulator import ProgramSimulator
from evens.settings import Settings, SettingsInvalid, read_settings
from evens.store.auditing.anchors import Anchor
from evens.store.auditing.audit import audit
from evens.store.database import Database
from evens.store.embedded import DataDirectoryFull, EmbeddedPostgresError, has_database
from evens.store.errors import StoreError
from evens.store.identity import IdentityTables
from evens.store.migrate import check_schema, migrate
from evens.store.wallets.queries import Customer, Queries

_Result = TypeVar("_Result")


class ProgramOperations(ProgramSimulator):
    """Implements :class:`evens.edges.cli.operations.Operations`."""

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
        """Serve the API until a signal; see the protocol."""
        started = time.monotonic()
        with _errors_for_people():
            # Whatever is kept beside the database is in the folder that the command line names.
            settings = read_settings().model_copy(update={"data": location.data_dir})
            raise_limit()
            listener = listen(host, port)
            betfair = listen_for_betfair(settings, host, port)
            installation = Installation(location.data_dir)
            first_start = not location.data_dir.exists()
            configure(settings.log_level, log_file)
            with listener, betfair, own(location.data_dir, location.database_url) as postgres:
                server = _Serving(installation, postgres, settings, first_start, started, demo=demo)
                uvloop.run(server.run(listener, betfair, ready, stopping or _nothing))
        return 0

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
        """Serve the line provider until a signal; see the protocol."""
        with _errors_for_people():
            raise_limit()
            listener = listen(host, port)
            configure(read_settings().log_level)
            with listener:
                # Another service, whose routes Evens itself never needs.
                line_provider = import_module("evens.program.line_provider")
                line_provider.serve_line(location, listener, of_evens=of_evens, simulate=simulate, ready=ready)
        return 0

    def make_signer_key(self, file: Path) -> str:
        """Write a new private key."""
        return import_module("evens.program.chain_signer").make(file)

    def serve_signer(self, signing: Signing, *, ready: Callable[[str], None]) -> int:
        """Sign payments until a signal."""
        with _errors_for_people():
            configure(read_settings().log_level)
        # The libraries for chains take seconds to import: only the signer has this one.
        return import_module("evens.program.chain_signer").serve(signing, ready)

    def migrate(self, location: Location) -> list[str]:
        """Bring the schema up to this version."""
        with _database(location, may_make=True) as postgres:
            return [f"{applied.number:04} {applied.name}" for applied in _run(migrate(postgres.owner_dsn))]

    def create_api_key(self, location: Location, *, role: str, username: str | None, name: str | None) -> str:
        """Make an API key and return it."""
        with _database(location) as postgres:
            _run(_prepare_house(postgres))
            keys = _run(_keeper(location, postgres).keys())
            return _run(_create_api_key(postgres, keys, Role(role), username, name))

    def rotate_secret(self, location: Location, *, overlap_s: int) -> SecretReport:
        """Replace the secret."""
        with _database(location) as postgres:
            _run(_prepare_house(postgres))
            return _run(rotate(_keeper(location, postgres), postgres.app_dsn, overlap_s))

    def show_secret(self, location: Location, *, webhooks: bool) -> SecretReport:
        """Show which secrets count."""
        with _database(location) as postgres:
            _run(_prepare_house(postgres))
            return _run(show(_keeper(location, postgres), postgres.app_dsn, with_webhooks=webhooks))

    def audit(self, location: Location, *, anchors: Sequence[str], progress: Callable[[int, int], None]) -> AuditReport:
        """Replay the journal and compare."""
        try:
            earlier = [Anchor.parse(text) for text in anchors]
        except ValueError as error:
            raise OperationRefused(_sentence(str(error))) from error
        with _database(location) as postgres:
            _run(_prepare_house(postgres))
            found = _run(audit(postgres.app_dsn, progress, earlier))
        return AuditReport(
            records=found.records,
            entries=found.entries,
            transfers=found.transfers,
            accounts=found.accounts,
            seconds=found.seconds,
            anchor=str(found.end),
            problems=found.problems,
        )

    def export_betfair(self, location: Location, market: str, file: Path) -> BetfairExport:
        """Write a settled market into a file."""
        number = parse_market_id(market) or parse_betfair_market(market)
        if number is None:
            raise OperationRefused(f"{market} is no market's id; name one such as mkt_42 or 1.42.")
        with _database(location) as postgres:
            _run(_prepare_house(postgres))
            lines = _run(export_market(postgres.app_dsn, number, file))
        return BetfairExport(file, lines, file.stat().st_size)

    def back_up(self, location: Location, file: Path) -> BackupReport:
        """Write a backup."""
        with _errors_for_people():
            configure("error")
            return back_up(location, file)

    def restore(self, location: Location, file: Path, *, progress: Callable[[int, int], None]) -> RestoreReport:
        """Restore a backup."""
        with _errors_for_people():
            configure("error")
            return restore(location, file, progress)

    def doctor(self, location: Location) -> list[Finding]:
        """Check everything that is known to go wrong."""
        return examine(location)

    def round_days(self, running: str, closed: Sequence[str], code: str) -> RoundDays | None:
        """Ask the calendar of a round."""
        return round_days(running, closed, code)


class _Serving:
    """One run of ``evens serve`` on a running database."""

    def __init__(
        self,
        installation: Installation,
        postgres: Postgres,
        settings: Settings,
        first_start: bool,
        started: float,
        *,
        demo: bool,
    ) -> None:
        self._demo = demo
        self._installation = installation
        self._postgres = postgres
        self._settings = settings
        self._first_start = first_start
        self._started = started

    async def run(
        self,
        listener: socket.socket,
        betfair: socket.socket,
        ready: Callable[[Serving], None],
        stopping: Callable[[], None],
    ) -> None:
        """Prepare the database, then serve."""
        await _prepare(self._postgres)
        keys = await SecretKeeper(self._installation, self._settings, self._postgres.app_dsn).keys()
        url = url_of(listener)
        schedule = schedule_of_files(self._settings.data)
        pools = await check_pool_file(self._settings, self._postgres.app_dsn, schedule)
        async with (
            open_house(self._postgres, self._settings, keys, url, demo=self._demo, pools=pools) as house,
            local_key(house.services.identity, self._installation) as key,
            serving_betfair(house.betfair.stream, self._settings, betfair, house.places),
        ):
            stream = "{}:{}".format(*betfair.getsockname()[:2])

            def announce() -> None:
                self._installation.announce(url, key)
                house.services.identity.judging.begin()
                startup_s = time.monotonic() - self._started
                ready(Serving(url, self._installation.folder, key, self._first_start, startup_s, stream))

            app = create_app(house.services, _pages(house.services), house.betfair.routes)
            await serve(house, app, listener, ready=announce, stopping=stopping)


def _pages(services: Services) -> Pages:
    return Pages(find_build(), Previews(services, services.settings.public_url))


async def _prepare(postgres: Postgres) -> None:
    """Migrate the private database; one that the operator provides is only checked, since its owner migrates it."""
    if postgres.private is not None:
        await migrate(postgres.owner_dsn)
    else:
        await check_schema(postgres.owner_dsn)


async def _prepare_house(postgres: Postgres) -> None:
    """Prepare a database that has a house, and refuse one that has none."""
    await check_house(postgres)
    await _prepare(postgres)


def _keeper(location: Location, postgres: Postgres) -> SecretKeeper:
    return SecretKeeper(Installation(location.data_dir), read_settings(), postgres.app_dsn)


async def _create_api_key(
    postgres: Postgres, keys: InstallationKeys, role: Role, username: str | None, name: str | None
) -> str:
    database = await Database.open(postgres.app_dsn)
    try:
        customer = None
        if username is not None:
            found = await _find_customer(Queries(database), username)
            if found is None:
                raise OperationRefused(f"There is no user called {username!r}; make one with 'evens user create'.")
            customer = found.id
        identity = Identity(IdentityTables(database), keys)
        made = await identity.create_api_key(CONSOLE, role=role, customer=customer, name=name)
        identity.close()
        return made.key
    finally:
        await database.close()


async def _find_customer(queries: Queries, named: str) -> Customer | None:
    """Return the customer with this id or username; what reads as an id is one, and ``@`` may stand before a name."""
    customer = parse_user_id(named)
    if customer is not None:
        return await queries.customer(customer)
    return await queries.customer_by_username(named.removeprefix("@"))


@contextmanager
def _database(location: Location, *, may_make: bool = False) -> Generator[Postgres]:
    with _errors_for_people():
        configure("error")
        _check_same_database(location)
        if location.database_url is None and not may_make:
            check_database(location.data_dir)
        with borrow(location.data_dir, location.database_url) as postgres:
            yield postgres


def _check_same_database(location: Location) -> None:
    """Refuse to begin a second database in a folder whose server has its own elsewhere and would not see the change."""
    folder = location.data_dir
    if location.database_url is None and read_running_url(folder) is not None and not has_database(folder):
        raise OperationRefused(
            f"The server on {folder} does not use the database in that folder. "
            "Set DATABASE_URL to the one that it uses, and try again."
        )


@contextmanager
def _errors_for_people() -> Generator[None]:
    """Turn expected errors into sentences for the person at the terminal."""
    try:
        yield
    except (IdentityError, SecretRefused, BackupInvalid, DataDirectoryFull, NoHouse) as error:
        raise OperationRefused(_sentence(str(error))) from error
    except (StoreError, EmbeddedPostgresError, SecretInvalid, SettingsInvalid) as error:
        raise OperationFailed(_sentence(str(error))) from error


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!")) else ".")


def _run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    return uvloop.run(coroutine)


def _nothing() -> None:
    """Do nothing before stopping."""
