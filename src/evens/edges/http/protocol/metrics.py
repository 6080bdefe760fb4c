"""What Prometheus gets to know: commands, batches, requests, balances. Watches the sequencer, decides nothing."""

from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.ids import AccountClass
from evens.core.values.money import Currency

_LATENCIES_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_BATCH_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

CUSTOMER_CLASSES: Final = (AccountClass.CASH, AccountClass.ESCROW, AccountClass.WITHDRAWING)


class Metrics:
    """Everything measured, in one registry. Can observe the sequencer, which the program lets it do."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry: Final = registry or CollectorRegistry()
        self._commands = Counter(
            "evens_commands", "Commands decided, by kind and outcome.", ["kind", "outcome"], registry=self.registry
        )
        self._batch_size = Histogram(
            "evens_batch_size", "Commands committed together.", buckets=_BATCH_SIZES, registry=self.registry
        )
        self._commit = Histogram(
            "evens_commit_seconds", "How long a commit took.", buckets=_LATENCIES_S, registry=self.registry
        )
        self._leading = Gauge("evens_leading", "1 while this server writes.", registry=self.registry)
        self._load = Gauge("evens_load_seconds", "How long the last loading of the house took.", registry=self.registry)
        self._failures = Counter("evens_failures", "Troubles of the sequencer.", ["error"], registry=self.registry)
        self._balances = Gauge(
            "evens_balance", "Sum of balances, by currency and class.", ["currency", "class"], registry=self.registry
        )
        self._tvl = Gauge(
            "evens_tvl", "Everything that customers hold, by currency.", ["currency"], registry=self.registry
        )
        self._in_pools = Gauge(
            "evens_pool_staked",
            "What is staked in a pool's rounds without a result, by currency and side.",
            ["pool", "currency", "side"],
            registry=self.registry,
        )
        self._withdrawals = Gauge(
            "evens_withdrawals_pending",
            "Withdrawals that are not paid yet, by currency and by what pays them: desk, rail.",
            ["currency", "by"],
            registry=self.registry,
        )
        self._requests = Histogram(
            "evens_http_request_seconds",
            "HTTP requests, by route and status.",
            ["method", "route", "status"],
            buckets=_LATENCIES_S,
            registry=self.registry,
        )
        self._command_counters: dict[tuple[type, str], Counter] = {}
        self._request_histograms: dict[tuple[str, str, int], Histogram] = {}

    def show_queues(self, foreground: Callable[[], int], background: Callable[[], int]) -> None:
        """Show how many commands wait for their turn in each lane of the inbox."""
        gauge = Gauge("evens_queue_depth", "Commands that wait for their turn.", ["lane"], registry=self.registry)
        gauge.labels("foreground").set_function(foreground)
        gauge.labels("background").set_function(background)

    def show_clock(self, off_s: Callable[[], float]) -> None:
        """Show how far the machine's clock is ahead of the time that the server goes by, 0 unless it has jumped."""
        gauge = Gauge("evens_clock_off_seconds", "How far the clock jumped ahead.", registry=self.registry)
        gauge.set_function(off_s)

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Count a committed batch."""
        self._batch_size.observe(len(receipts))
        self._commit.observe(seconds)
        for key, count in Tally(map(_kind_and_outcome, receipts)).items():
            counter = self._command_counters.get(key)
            if counter is None:
                kind, outcome = key
                counter = self._command_counters[key] = self._commands.labels(kind.__name__, outcome)
            counter.inc(count)

    def leading(self, seq: int, seconds: float) -> None:
        """Note that this server writes now."""
        self._leading.set(1)
        self._load.set(seconds)

    def idle(self, because: str) -> None:
        """Note that this server does not write."""
        self._leading.set(0)

    def failed(self, error: Exception) -> None:
        """Count a trouble."""
        self._failures.labels(type(error).__name__).inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request under its route's template, so that ids make no new series."""
        key = method, route, status
        histogram = self._request_histograms.get(key)
        if histogram is None:
            histogram = self._request_histograms[key] = self._requests.labels(method, route, str(status))
        histogram.observe(seconds)

    def show_balances(
        self, totals_minor: Mapping[tuple[int, AccountClass], int], currencies: Sequence[Currency]
    ) -> None:
        """Show the sums of all balances."""
        by_number = {currency.number: currency for currency in currencies}
        held = dict.fromkeys((currency.code for currency in currencies), 0.0)
        for (number, account_class), total_minor in totals_minor.items():
            currency = by_number[number]
            total = total_minor / 10**currency.scale
            self._balances.labels(currency.code, account_class.name.lower()).set(total)
            if account_class in CUSTOMER_CLASSES:
                held[currency.code] += total
        for code, total in held.items():
            self._tvl.labels(code).set(total)

    def show_withdrawals(self, pending: Mapping[tuple[int, bool], int], currencies: Sequence[Currency]) -> None:
        """Show how many withdrawals are pending, by their currency's number and whether a rail pays them."""
        for currency in currencies:
            for by_rail, by in ((False, "desk"), (True, "rail")):
                self._withdrawals.labels(currency.code, by).set(pending.get((currency.number, by_rail), 0))

    def show_pools(
        self, staked_minor: Mapping[tuple[str, int], Mapping[str, int]], currencies: Sequence[Currency]
    ) -> None:
        """Show what is staked in each pool, by its key and currency number and then by side."""
        by_number = {currency.number: currency for currency in currencies}
        for (pool, number), sides in staked_minor.items():
            for side, minor in sides.items():
                currency = by_number[number]
                self._in_pools.labels(pool, currency.code, side).set(minor / 10**currency.scale)

    def render(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


def _kind_and_outcome(receipt: Receipt) -> tuple[type, str]:
    first = receipt.events[0]
    return type(receipt.command), first.reason if isinstance(first, Rejected) else "booked"
