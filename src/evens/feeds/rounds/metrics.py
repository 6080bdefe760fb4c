"""The oracle's Prometheus metrics."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter

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
