"""The Prometheus metrics of the oracle and of the scheduler."""

from collections.abc import Sequence
from typing import Literal, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Outcome = Literal["price", "not_yet", "failed"]


class OracleMetrics:
    """Counts what sources of prices answered, and what that came to. Sources of different pools may share a name."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "evens_oracle_answers",
            "Answers of sources of closing prices, by outcome: price, not_yet, failed.",
            ["source", "outcome"],
            registry=registry,
        )
        self._errors = Counter(
            "evens_oracle_errors", "Times that a source of closing prices failed.", ["source"], registry=registry
        )
        self._verdicts = Counter(
            "evens_oracle_verdicts",
            "What asking a round's sources came to: decided, waiting, disagree, jump.",
            ["verdict"],
            registry=registry,
        )

    def answered(self, source: str, outcome: Outcome) -> None:
        """Count an answer."""
        self._answers.labels(source, outcome).inc()
        if outcome == "failed":
            self._errors.labels(source).inc()

    def judged(self, verdict: str) -> None:
        """Count what a question came to."""
        self._verdicts.labels(verdict).inc()


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

    def show(self, pool: str, unsettled: Sequence["RoundToShow"]) -> None:
        """Show how many rounds of a pool have no result."""
        locked = sum(each.is_locked for each in unsettled)
        self._unsettled.labels(pool, "open").set(len(unsettled) - locked)
        self._unsettled.labels(pool, "locked").set(locked)

    def waiting(self, pool: str, for_price: int, for_operator: int, overdue: int) -> None:
        """Show how many rounds of a pool wait for what, and how many steps are overdue."""
        self._waiting.labels(pool, "price").set(for_price)
        self._waiting.labels(pool, "operator").set(for_operator)
        self._overdue.labels(pool).set(overdue)

    def settled(self, seconds: float) -> None:
        """Count a round that has its result, so long after its time."""
        self._late.observe(seconds)
