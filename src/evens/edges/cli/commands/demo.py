"""`evens demo`: a house with customers who pay each other, in a folder of its own, until Ctrl-C."""

import os
import signal
import time
from pathlib import Path
from threading import Event, Thread
from typing import Final

import typer

from evens.edges.cli.api import Api, Document
from evens.edges.cli.commands.serving import Waiting, serve_on
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.demo_actors import Actors, Standing
from evens.edges.cli.demo_screen import DemoScreen
from evens.edges.cli.failures import Failure
from evens.edges.cli.operations import Location, Operations, Serving
from evens.edges.cli.options import HOST, PORT, DataOption, JsonOption, PortOption
from evens.edges.cli.seeding import CONNECTIONS, seed
from evens.edges.cli.server_file import Target

DATA_DIR: Final = Path("evens-demo-data")
CUSTOMERS: Final = 40
LOG_FILE: Final = "server.log"

_REFRESH_S: Final = 1.0
_END_S_MAX: Final = 10.0


def register(app: typer.Typer, operations: Operations, panel: str) -> None:
    """Add the command to the program."""

    @app.command(cls=ConsoleCommand, rich_help_panel=panel)
    def demo(data: DataOption = DATA_DIR, port: PortOption = PORT, as_json: JsonOption = False) -> None:
        """Start a house whose customers pay each other, to play with."""
        waiting = Waiting("Starting a private PostgreSQL and the API")
        play = Play(operations, DemoScreen(as_json=as_json))

        def ready(serving: Serving) -> None:
            waiting.end()
            play.begin(serving)

        data.mkdir(parents=True, exist_ok=True)
        try:
            with waiting:
                serve_on(operations, Location(data, None), HOST, port, ready, play.end, data / LOG_FILE)
        except KeyboardInterrupt:
            # It came before the server minded the signal itself; nothing was begun that would have to be ended.
            pass
        play.conclude(data)


class Play:
    """What happens on the server's stage: customers are seeded and pay each other, on a thread of its own."""

    def __init__(self, operations: Operations, screen: DemoScreen) -> None:
        self._operations = operations
        self._screen = screen
        self._stop = Event()
        self._thread: Thread | None = None
        self._standing = Standing()
        self._failure: Failure | None = None

    def begin(self, serving: Serving) -> None:
        """Let it begin, and return at once."""
        self._thread = Thread(target=self._run, args=(serving,), name="demo", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the move that is being made end, and no other begin."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_END_S_MAX)

    def conclude(self, data_dir: Path) -> None:
        """Say goodbye. Raises the :class:`Failure` that ended the play, if one did."""
        self.end()
        if self._failure is not None:
            raise self._failure
        self._screen.goodbye(data_dir, self._standing)

    def _run(self, serving: Serving) -> None:
        try:
            with Api(Target(serving.url, serving.operator_key), connections_max=CONNECTIONS) as api:
                self._play(api, serving)
        except Failure as failure:
            if not self._stop.is_set():
                self._failure = failure
                os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._screen.end()

    def _play(self, api: Api, serving: Serving) -> None:
        seeded = seed(api, self._operations.newcomers(CUSTOMERS))
        user_ids = {one.username: one.user_id for one in seeded if one.user_id is not None}
        usernames = list(user_ids)
        if self._stop.is_set():
            return
        self._screen.welcome(serving, usernames)
        actors = Actors(api, self._operations.moves(usernames), user_ids, self._stop)
        self._standing = actors.standing
        totals: list[Document] = []
        refresh_at = 0.0
        for standing in actors.work():
            if time.monotonic() >= refresh_at and not standing.waiting:
                totals = api.get("/v1/tvl")["items"]
                refresh_at = time.monotonic() + _REFRESH_S
            self._screen.update(standing, totals)
