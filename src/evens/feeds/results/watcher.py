"""The watcher: settles markets as the official results say, once these have proved to be stable and undisputed.

A result is settled when every source that names it has said the same without a break for the time of confirmation, and
no source fails at that moment. Anything else is a conflict: two sources differ, one changes its mind, names fit no
runner, or the house refuses the winners. The market is then suspended, an operator is told, and the market is never
settled automatically again, even if the sources agree later. What is settled is never settled anew.

Nothing is stored here. After a restart the time of confirmation begins again; the house tells which markets are
contested, because their suspension was asked for under a key that it remembers, even where it refused; and keys keep it
from doing anything twice. What a restart may repeat is an alert that a settled market's result is in doubt.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.reasons import Reason
from evens.feeds.results.cases import Case
from evens.feeds.results.listening import Listener
from evens.feeds.results.mapping import Outcome, Statement, combined, settled_as, statements
from evens.feeds.results.metrics import ResultsMetrics
from evens.feeds.results.protocols import Alerts, Desk, LiveMarket, Markets
from evens.feeds.results.sources import OfficialResult, ResultSource
from evens.sequencer.errors import CommandFailed, NotLeading, OutcomeUnknown, Overloaded
from evens.store.errors import StoreUnavailable

REST_S: Final = 60
"""How long nobody looks again at an event whose markets are all settled, if there are any, and as its results say."""

_S: Final = 10**9
_log: Final = structlog.get_logger(__name__)


def suspension_key(market: int) -> str:
    """Return the key of a contested market's suspension. That the house knows it is what marks the market as such."""
    return f"results:contested:{market}"


def settlement_key(market: int, outcome: Outcome, attempt: int) -> str:
    """Return the key of a settlement. A refusal stands under its key, so another attempt needs another one."""
    winners = ",".join(map(str, outcome.winners)) or "void"
    return f"results:settle:{market}:{winners}:{'dead-heat' if outcome.dead_heat else 'plain'}:{attempt}"


class ResultsWatcher:
    """Asks the sources every ``every_s`` seconds; ``confirmation_s`` is how long a result must stay as it is.

    ``clock`` returns nanoseconds and never goes back, as ``time.monotonic_ns`` does. Raises ``ValueError`` if two
    sources share a name.
    """

    def __init__(
        self,
        sources: Sequence[ResultSource],
        markets: Markets,
        desk: Desk,
        alerts: Alerts,
        metrics: ResultsMetrics,
        clock: Callable[[], int],
        *,
        every_s: float,
        confirmation_s: float,
    ) -> None:
        self._listener = Listener(sources, metrics)
        self._markets = markets
        self._desk = desk
        self._alerts = alerts
        self._metrics = metrics
        self._clock = clock
        self._every_s = every_s
        self._confirmation_ns = round(confirmation_s * _S)
        self._cases: dict[str, dict[int, Case]] = {}
        self._resting: dict[str, tuple[Sequence[OfficialResult], int]] = {}
        self._trouble = ""
        self._stopping = asyncio.Event()

    @property
    def failing(self) -> Mapping[str, str]:
        """What was wrong with each source that could not be read the last time, by name."""
        return self._listener.failing

    async def run(self) -> None:
        """Poll until :meth:`stop`. Trouble is logged, and left to the next poll."""
        while not self._stopping.is_set():
            await self.poll()
            try:
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let :meth:`run` return once the poll under way is done."""
        self._stopping.set()

    async def poll(self) -> None:
        """Hear all sources once and do what follows from it."""
        by_event = await self._listener.listen()
        now = self._clock()
        self._resting = {event: rest for event, rest in self._resting.items() if event in by_event}
        trouble = ""
        for event in dict.fromkeys((*by_event, *self._cases)):
            results = by_event.get(event, [])
            said, until = self._resting.get(event, ((), 0))
            if said == results and now < until:
                continue
            try:
                await self._look_at(event, results, now)
            except (NotLeading, Overloaded, OutcomeUnknown, StoreUnavailable) as error:
                trouble = str(error)
                if trouble != self._trouble:
                    _log.warning("results_wait_for_the_house", error=trouble)
                break
            except Exception as error:
                # One market that cannot be dealt with must not keep all others from being settled.
                trouble = repr(error)
                if trouble != self._trouble:
                    _log.exception("results_stumbled", contest=event)
        self._trouble = trouble

    async def _look_at(self, event: str, results: Sequence[OfficialResult], now: int) -> None:
        markets = await self._markets.find(event)
        said: dict[int, dict[str, list[Statement]]] = {}
        for result in results:
            for market, statement in statements(result, markets):
                said.setdefault(market, {}).setdefault(result.source, []).append(statement)
        before, cases = self._cases.get(event, {}), dict[int, Case]()
        for market in markets:
            if market.id in said or market.id in before:
                case = cases[market.id] = before.get(market.id) or await self._open_case(market.id)
                case.hear({source: combined(all_said) for source, all_said in said.get(market.id, {}).items()}, now)
        self._keep(event, cases)
        for market in markets:
            if market.id in cases:
                await self._decide(market, cases[market.id], now)
        self._rest(event, results, now)

    async def _open_case(self, market: int) -> Case:
        return Case(contested=await self._desk.knows(suspension_key(market)))

    def _keep(self, event: str, cases: dict[int, Case]) -> None:
        self._cases.pop(event, None)
        if cases:
            self._cases[event] = cases

    def _rest(self, event: str, results: Sequence[OfficialResult], now: int) -> None:
        """Let be what is done: sources may go on to name thousands of events of the past."""
        cases = self._cases.get(event, {})
        if not all(case.is_idle for case in cases.values()):
            return
        if results:
            self._resting[event] = (results, now + REST_S * _S)
        else:
            self._cases.pop(event, None)

    async def _decide(self, market: LiveMarket, case: Case, now: int) -> None:
        settled = settled_as(market)
        case.is_over = settled is not None
        conflict = case.conflict(market, settled)
        if conflict is not None and settled is not None:
            case.unsaid = f"This market is settled, and {settled.words(market)}, but: {conflict} Nothing was changed."
        elif conflict is not None:
            self._contest(case, conflict)
        outcome = case.verdict(now, self._confirmation_ns)
        if outcome is not None and settled is None and outcome != case.asked and not self._listener.failing:
            await self._settle(market, case, outcome)
        await self._hand_over(market, case)

    def _contest(self, case: Case, what: str) -> None:
        case.contested = True
        case.unsaid = f"{what} This market will not be settled automatically: settle or void it by hand."

    async def _settle(self, market: LiveMarket, case: Case, outcome: Outcome) -> None:
        try:
            refusal = await self._ask(market.id, outcome, settlement_key(market.id, outcome, case.attempt))
        except CommandFailed:
            self._contest(case, f"The house broke on being told that {outcome.words(market)}.")
            return
        if refusal is None:
            case.asked = outcome
            self._metrics.settled(is_void=outcome.is_void)
            _log.info("settled_from_results", market=market.id, winners=outcome.winners)
        elif refusal is ExchangeReason.MARKET_BUSY:
            case.attempt += 1
        elif refusal is ExchangeReason.ALREADY_SETTLED:
            # Somebody was faster; once their result is booked it can be compared.
            case.asked = outcome
        else:
            self._contest(case, f"The house refuses that {outcome.words(market)} ({refusal}).")

    async def _ask(self, market: int, outcome: Outcome, key: str) -> Reason | None:
        if outcome.is_void:
            return await self._desk.void(market, key=key)
        return await self._desk.settle(market, outcome.winners, dead_heat=outcome.dead_heat, key=key)

    async def _hand_over(self, market: LiveMarket, case: Case) -> None:
        """Suspend a contested market and tell the operator, each once.

        The suspension comes first, because it is what a restart remembers. Where betting cannot be stopped, or is
        stopped already, the house refuses it, and that is as good.
        """
        try:
            if case.contested and not case.marked:
                await self._desk.suspend(market.id, key=suspension_key(market.id))
                case.marked = True
        finally:
            if case.unsaid is not None:
                await self._alerts.alert(market, case.unsaid)
                case.unsaid = None
                self._metrics.alerted()
