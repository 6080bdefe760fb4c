"""The Prometheus metrics of the oracle and of the scheduler."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Outcome = Literal["price", "not_yet", "failed"]


class OracleMetrics:
    """Counts what sources of prices answered, and what that came to, by pool: sources of two may share a name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.answers = Counter(
            "evens_oracle_answers",
            "Answers of sources of closing prices, by pool, source and outcome: price, not_yet, failed.",
            ["pool", "source", "outcome"],
            registry=registry,
        )
        self.errors = Counter(
            "evens_oracle_errors",
            "Times that a source of closing prices failed, by pool and source.",
            ["pool", "source"],
            registry=registry,
        )
        self.verdicts = Counter(
            "evens_oracle_verdicts",
            "What asking a round's sources came to, by pool: decided, waiting, disagree, jump.",
            ["pool", "verdict"],
            registry=registry,
        )

    def of(self, pool: str) -> "PoolOracleMetrics":
        """Return what counts for one pool, by its key."""
        return PoolOracleMetrics(self, pool)


class PoolOracleMetrics:
    """Counts for one pool."""

    def __init__(self, every: OracleMetrics, pool: str) -> None:
        self._every = every
        self._pool = pool

    def answered(self, source: str, outcome: Outcome) -> None:
        """Count an answer."""
        self._every.answers.labels(self._pool, source, outcome).inc()
        if outcome == "failed":
            self._every.errors.labels(self._pool, source).inc()

    def judged(self, verdict: str) -> None:
        """Count what a question came to."""
        self._every.verdicts.labels(self._pool, verdict).inc()


class RoundToShow(Protocol):
    """A round without a result."""

    @property
    def is_locked(self) -> bool:
        """Whether nobody can bet in it any more."""
        ...


class RoundMetrics:
    """Shows what the scheduler runs, and how long after its time a round is settled."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._unsettled = Gauge(
            "evens_rounds_unsettled",
            "Rounds without a result, by pool and status: open, locked.",
            ["pool", "status"],
            registry=registry,
        )
        self._late = Histogram(
            "evens_round_settlement_seconds",
            "How long after its time a round had its result, in seconds.",
            buckets=(1, 5, 15, 60, 300, 900, 1800, 3600, 86_400),
            registry=registry,
        )

        self._waiting = Gauge(
            "evens_rounds_waiting",
            "Rounds that are due and wait, by pool and for what: price, operator.",
            ["pool", "what"],
            registry=registry,
        )
        self._overdue = Gauge(
            "evens_pool_steps_overdue",
            "Steps of a pool that are late beyond its grace; a pool that cannot be run has one.",
            ["pool"],
            registry=registry,
        )
        self._unwatched = Gauge(
            "evens_pools_unwatched_seconds",
            "For how long nobody has looked which rounds are due, in seconds; 0 on a server that stands by.",
            registry=registry,
        )

    def watch(self, unwatched_s: Callable[[], float]) -> None:
        """Ask this for how long nobody has looked at the pools: whoever stalls cannot tell it."""
        self._unwatched.set_function(unwatched_s)

    def show(self, pool: str, unsettled: Sequence["RoundToShow"]) -> None:
        """Show how many rounds of a pool have no result."""
        locked = sum(each.is_locked for each in unsettled)
        self._unsettled.labels(pool, "open").set(len(unsettled) - locked)
        self._unsettled.labels(pool, "locked").set(locked)

    def waiting(self, pool: str, for_price: int, for_operator: int, overdue: Callable[[], float]) -> None:
        """Show how many rounds of a pool wait for what. How many steps are ``overdue`` is asked when it is wanted."""
        self._waiting.labels(pool, "price").set(for_price)
        self._waiting.labels(pool, "operator").set(for_operator)
        self._overdue.labels(pool).set_function(overdue)

    def stand_by(self) -> None:
        """Show no pool: another server runs them."""
        for gauge in (self._unsettled, self._waiting, self._overdue):
            gauge.clear()

    def settled(self, seconds: float) -> None:
        """Count a round that has its result, so long after its time."""
        self._late.observe(seconds)
