"""Runs `evens demo`: a server and a line provider with simulated customers who pay and bet, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from evens.demo.betting import Betting
from evens.demo.chain import PayingOverChain
from evens.demo.copying import Copying
from evens.demo.leading import read_leaders
from evens.demo.line_service import LineService
from evens.demo.market_series import Stopped
from evens.demo.markets import DemoMarkets, MarketsOverview
from evens.demo.payments import PaymentCounts, Payments
from evens.demo.pooling import Pooling
from evens.demo.screen import DemoScreen, News
from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.operations import Location, Operations, Serving
from evens.edges.cli.operator.serve_commands import serve_on
from evens.edges.cli.options import HOST
from evens.edges.cli.screen import progress
from evens.edges.cli.server_file import Target
from evens.edges.cli.wallets.seeding import CONNECTIONS, seed
from evens.edges.web.build import find_build

CUSTOMERS: Final = 40
LOG_FILE: Final = "server.log"

_REFRESH_S: Final = 1.0
_END_S_MAX: Final = 10.0
# A payment needs two, and three of the traders only quote.
_CUSTOMERS_MIN: Final = 8


def run_demo(operations: Operations, data: Path, port: int, market_minutes: float, *, as_json: bool) -> None:
    """Run the demo on a folder until Ctrl-C."""
    spinner = Spinner("Starting a private PostgreSQL, the API and a line provider")
    data.mkdir(parents=True, exist_ok=True)
    line = LineService(data, port)
    line.announce()
    PayingOverChain.announce()
    run = DemoRun(operations, DemoScreen(as_json=as_json), market_minutes, line)

    def ready(serving: Serving) -> None:
        spinner.end()
        run.begin(serving)

    try:
        with spinner:
            serve_on(operations, Location(data, None), HOST, port, ready, run.end, data / LOG_FILE, demo=True)
    except KeyboardInterrupt:
        # Ctrl-C came before the server handled signals itself; nothing had started that would have to be ended.
        pass
    run.conclude(data)


class Spinner:
    """A spinner from entering the ``with`` block until :meth:`end`, which any thread may call, and repeatedly."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = ExitStack()
        self._lock = Lock()

    def __enter__(self) -> None:
        self._shown.enter_context(progress(self._title))

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Remove the spinner."""
        with self._lock:
            self._shown.close()


class DemoRun:
    """The simulated activity on the server: threads that create customers, make payments, trade and bet."""

    def __init__(self, operations: Operations, screen: DemoScreen, market_minutes: float, line: LineService) -> None:
        self._line = line
        self._operations = operations
        self._screen = screen
        self._market_minutes = market_minutes
        self._stop = Event()
        self._thread: Thread | None = None
        self._counts = PaymentCounts()
        self._markets: DemoMarkets | None = None
        self._betting: Betting | None = None
        self._failure: Exception | None = None

    def begin(self, serving: Serving) -> None:
        """Start the threads, and return at once."""
        self._thread = Thread(target=self._run, args=(serving,), name="demo", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop: let the current payment finish, and begin no other."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_END_S_MAX)
        self._line.stop()

    def conclude(self, data_dir: Path) -> None:
        """Print the farewell. Raises what ended the run, if something did."""
        self.end()
        if self._failure is not None:
            raise self._failure
        markets = MarketsOverview() if self._markets is None else self._markets.overview
        bets = 0 if self._betting is None else self._betting.overview.bets
        self._screen.goodbye(data_dir, self._counts, markets, bets)

    def _run(self, serving: Serving) -> None:
        try:
            self._line.start()
            target = Target(serving.url, serving.operator_key)
            with Api(target, connections_max=CONNECTIONS) as api:
                seeded = seed(api, self._operations.newcomers(CUSTOMERS))
            # The payments and the markets retry by themselves, so that they can stop retrying when the demo ends.
            with Api(target, pauses_s=()) as api:
                self._simulate(api, serving, {one.username: one.user_id for one in seeded if one.user_id is not None})
        except Stopped:
            pass
        except Exception as error:
            self._fail(error)
        finally:
            self._screen.end()

    def _fail(self, error: Exception) -> None:
        """End the demo with what went wrong: a thread that died alone would leave a demo in which nothing happens."""
        if not self._stop.is_set():
            self._failure = error
            os.kill(os.getpid(), signal.SIGTERM)

    def _simulate(self, api: Api, serving: Serving, user_ids: Mapping[str, str]) -> None:
        if self._stop.is_set():
            return
        usernames = list(user_ids)
        if len(usernames) < _CUSTOMERS_MIN:
            raise Refused("Others have the names of the demo's customers.", "Give it a folder of its own: --data DIR")
        copying = Copying(api, self._operations, serving.url, user_ids, self._stop)
        # What leaders bet is told by their style, and by nothing else.
        others = {name: user_id for name, user_id in user_ids.items() if name not in copying.leaders}
        markets = DemoMarkets(api, self._operations, others, self._market_minutes, self._stop)
        betting = Betting(api, self._operations, others, self._stop)
        self._markets, self._betting = markets, betting
        pooling = Pooling(api, self._operations, others, self._stop)
        chain = PayingOverChain(api, serving.url, user_ids, self._stop)
        betting.open()
        pooling.open()
        markets.open()
        self._line.wait_until_ready(self._stop)
        has_app = find_build() is not None
        self._screen.welcome(serving, usernames, markets.overview, self._line.url, has_app=has_app)
        threads = [
            Thread(target=self._until_stopped, args=(work,), name=name, daemon=True)
            for name, work in (
                *(("markets", markets.work), ("betting", betting.work)),
                *(("pool", pooling.work), ("chain", chain.work), ("copying", copying.work)),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            self._pay(
                api,
                user_ids,
                markets,
                betting,
                lambda leaders: News(pooling.overview, chain.latest, leaders, copying.overview),
            )
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(_END_S_MAX)

    def _until_stopped(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._fail(error)

    def _pay(
        self,
        api: Api,
        user_ids: Mapping[str, str],
        markets: DemoMarkets,
        betting: Betting,
        news: Callable[[str], News],
    ) -> None:
        payments = Payments(api, self._operations.moves(list(user_ids)), user_ids, self._stop)
        self._counts = payments.counts
        totals: list[Document] = []
        leaders = ""
        refresh_at = 0.0
        for counts in payments.work():
            if time.monotonic() >= refresh_at:
                with suppress(Unavailable):
                    totals, leaders = api.get("/v1/tvl")["items"], read_leaders(api)
                refresh_at = time.monotonic() + _REFRESH_S
            self._screen.update(counts, totals, markets.overview, betting.overview, news(leaders))
