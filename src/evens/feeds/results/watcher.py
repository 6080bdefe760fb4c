"""The results watcher: settles markets by official results once these are confirmed and undisputed.

Theory of operation
-------------------
Every ``every_s`` the watcher reads all sources and maps each result to the markets of its event. For each market that a
source names it keeps a *case*: what each source says (its claim), and since when without a break.

*Confirmation.* A market is settled when all sources that name it say the same, the youngest of their claims is
``confirmation_s`` old, and no source fails at that moment. A source that withdraws its claim makes all the others wait
anew: it probably knows something. A source that cannot be read counts as still saying what it said last.

*Conflict.* Two sources differ, one changes its statement, a name fits no runner, or the server refuses the winners. The
market becomes *contested*: it is suspended, an operator is alerted once for each new set of claims, and it is never
settled automatically again, even if the sources agree later. If the market is settled already, nothing is changed, and
the operator is alerted that a source contradicts the settlement.

*Restarts.* The watcher stores nothing. Each command has an idempotency key: the suspension of a contested market, and
the settlement by these winners, attempt n. So a repeated command changes nothing, and after a restart the journal tells
which markets are contested: those whose suspension key it has, even if the suspension was refused. Confirmation begins
anew. A restart may repeat the alert that a source contradicts a settlement.

Example, with ``confirmation_s`` = 60 and the sources ``times`` and ``post``:

=====  ===============================  ==================================================================
12:00  times says that Alpha won        a case opens; times' claim dates from 12:00:00
12:01  times is 60 s old, but post      nothing is settled while a source fails
       cannot be read
12:02  post says that Alpha won too     post's claim dates from 12:02:00
12:03  both say the same, the younger   ``SettleMarket`` with the key ``results:settle:42:1:plain:0``; if the
       claim is 60 s old                market is busy, the next poll tries again with ``…:plain:1``
12:09  post says that Beta won          the market stays as settled; the operator is alerted
=====  ===============================  ==================================================================

Had post said that Beta won at 12:02 already, the market would have been suspended then, with the key
``results:contested:42``, and left to an operator.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.ids import MarketId
from evens.core.values.reasons import Reason
from evens.feeds.results.cases import Case
from evens.feeds.results.mapping import Outcome, Statement, combined, settled_as, statements
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.protocols import Alerts, LiveMarket, MarketCommands, Markets
from evens.feeds.results.source_reader import SourceReader
from evens.feeds.results.sources import OfficialResult, ResultSource
from evens.sequencer.errors import CommandFailed, NotLeading, OutcomeUnknown, Overloaded
from evens.store.errors import StoreUnavailable

RECHECK_S: Final = 60
"""How long an event is skipped whose results are unchanged and whose markets are all settled as these say."""

_S: Final = 10**9
_log: Final = structlog.get_logger(__name__)


def suspension_key(market: MarketId) -> str:
    """Return the key of a contested market's suspension. A market whose key is in the journal is contested."""
    return f"results:contested:{market}"


def settlement_key(market: MarketId, outcome: Outcome, attempt: int) -> str:
    """Return the key of a settlement. A refusal is recorded under its key, so another attempt needs another key."""
    winners = ",".join(map(str, outcome.winners)) or "void"
    return f"results:settle:{market}:{winners}:{'dead-heat' if outcome.dead_heat else 'plain'}:{attempt}"


class ResultsWatcher:
    """Reads the sources every ``every_s`` seconds; ``confirmation_s`` is how long a result must stay unchanged.

    ``clock`` returns nanoseconds and never goes back, as ``time.monotonic_ns`` does. Raises ``ValueError`` if two
    sources share a name.
    """

    def __init__(
        self,
        sources: Sequence[ResultSource],
        markets: Markets,
        commands: MarketCommands,
        alerts: Alerts,
        metrics: ResultsMetrics,
        clock: Callable[[], int],
        *,
        every_s: float,
        confirmation_s: float,
    ) -> None:
        self._sources = SourceReader(sources, metrics)
        self._markets = markets
        self._commands = commands
        self._alerts = alerts
        self._metrics = metrics
        self._clock = clock
        self._every_s = every_s
        self._confirmation_ns = round(confirmation_s * _S)
        self._cases: dict[str, dict[int, Case]] = {}
        self._skipped: dict[str, tuple[Sequence[OfficialResult], int]] = {}
        self._last_error = ""
        self._stopping = asyncio.Event()

    @property
    def sources(self) -> Sequence[str]:
        """The names of the sources."""
        return self._sources.names

    @property
    def failing(self) -> Mapping[str, str]:
        """What was wrong with each source that could not be read the last time, by name."""
        return self._sources.failing

    async def run(self) -> None:
        """Poll until :meth:`stop`. An error is logged, and the next poll tries again."""
        while not self._stopping.is_set():
            await self.poll()
            try:
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Make :meth:`run` return once the current poll is done."""
        self._stopping.set()

    async def poll(self) -> None:
        """Read all sources once and act on the results."""
        by_event = await self._sources.read()
        now = self._clock()
        self._skipped = {event: skipped for event, skipped in self._skipped.items() if event in by_event}
        error_text = ""
        for event in dict.fromkeys((*by_event, *self._cases)):
            results = by_event.get(event, [])
            known, until = self._skipped.get(event, ((), 0))
            if known == results and now < until:
                continue
            try:
                await self._process(event, results, now)
            except (NotLeading, Overloaded, OutcomeUnknown, StoreUnavailable) as error:
                error_text = str(error)
                if error_text != self._last_error:
                    _log.warning("results_wait_for_the_server", error=error_text)
                break
            except Exception as error:
                # A market that cannot be processed must not keep the others from being settled.
                error_text = repr(error)
                if error_text != self._last_error:
                    _log.exception("results_event_failed", contest=event)
        self._last_error = error_text

    async def _process(self, event: str, results: Sequence[OfficialResult], now: int) -> None:
        markets = await self._markets.find(event)
        by_market: dict[int, dict[str, list[Statement]]] = {}
        for result in results:
            for market, statement in statements(result, markets):
                by_market.setdefault(market, {}).setdefault(result.source, []).append(statement)
        known_cases, cases = self._cases.get(event, {}), dict[int, Case]()
        for market in markets:
            if market.id in by_market or market.id in known_cases:
                case = cases[market.id] = known_cases.get(market.id) or await self._open_case(market.id)
                by_source = by_market.get(market.id, {})
                case.update({source: combined(several) for source, several in by_source.items()}, now)
        self._store(event, cases)
        for market in markets:
            if market.id in cases:
                await self._decide(market, cases[market.id], now)
        self._skip_if_done(event, results, now)

    async def _open_case(self, market: MarketId) -> Case:
        return Case(contested=await self._commands.knows(suspension_key(market)))

    def _store(self, event: str, cases: dict[int, Case]) -> None:
        self._cases.pop(event, None)
        if cases:
            self._cases[event] = cases

    def _skip_if_done(self, event: str, results: Sequence[OfficialResult], now: int) -> None:
        """Skip an event for a while if nothing remains to be done: sources may name thousands of past events."""
        cases = self._cases.get(event, {})
        if not all(case.is_idle for case in cases.values()):
            return
        if results:
            self._skipped[event] = (results, now + RECHECK_S * _S)
        else:
            self._cases.pop(event, None)

    async def _decide(self, market: LiveMarket, case: Case, now: int) -> None:
        settled = settled_as(market)
        case.is_settled = settled is not None
        conflict = case.conflict(market, settled)
        if conflict is not None and settled is not None:
            settlement = f"This market is settled, and {settled.words(market)}, but:"
            case.pending_alert = f"{settlement} {conflict} Nothing was changed."
        elif conflict is not None:
            self._contest(case, conflict)
        outcome = case.confirmed(now, self._confirmation_ns)
        if outcome is not None and settled is None and outcome != case.requested and not self._sources.failing:
            await self._settle(market, case, outcome)
        await self._escalate(market, case)

    def _contest(self, case: Case, what: str) -> None:
        case.contested = True
        case.pending_alert = f"{what} This market will not be settled automatically: settle or void it by hand."

    async def _settle(self, market: LiveMarket, case: Case, outcome: Outcome) -> None:
        try:
            refusal = await self._submit(market.id, outcome, settlement_key(market.id, outcome, case.attempt))
        except CommandFailed:
            self._contest(case, f"The server failed to book that {outcome.words(market)}.")
            return
        if refusal is None:
            case.requested = outcome
            self._metrics.settled(is_void=outcome.is_void)
            _log.info("settled_from_results", market=market.id, winners=outcome.winners)
        elif refusal is ExchangeReason.MARKET_BUSY:
            case.attempt += 1
        elif refusal is ExchangeReason.ALREADY_SETTLED:
            # Somebody else has settled it; once that is booked, the results are compared with it.
            case.requested = outcome
        else:
            self._contest(case, f"The server refuses that {outcome.words(market)} ({refusal}).")

    async def _submit(self, market: MarketId, outcome: Outcome, key: str) -> Reason | None:
        if outcome.is_void:
            return await self._commands.void(market, key=key)
        return await self._commands.settle(market, outcome.winners, dead_heat=outcome.dead_heat, key=key)

    async def _escalate(self, market: LiveMarket, case: Case) -> None:
        """Suspend a contested market and alert the operator, each once.

        The suspension comes first, because its key marks the market as contested after a restart. If betting is
        stopped already, the suspension is refused, which is as good.
        """
        try:
            if case.contested and not case.suspended:
                await self._commands.suspend(market.id, key=suspension_key(market.id))
                case.suspended = True
        finally:
            if case.pending_alert is not None:
                await self._alerts.alert(market, case.pending_alert)
                case.pending_alert = None
                self._metrics.alerted()
