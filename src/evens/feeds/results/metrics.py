"""The results watcher's Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ResultsMetrics:
    """Shows which sources cannot be read, and counts settled markets and alerts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._failing = Gauge(
            "evens_results_source_failing",
            "1 while a source of official results cannot be read (nothing is settled then), else 0.",
            ["source"],
            registry=registry,
        )
        settled = Counter(
            "evens_results_settled",
            "Markets settled from official results, by outcome: won, void.",
            ["outcome"],
            registry=registry,
        )
        self._alerts = Counter(
            "evens_results_alerts", "Markets whose results were left to an operator.", registry=registry
        )
        self._by_outcome = {is_void: settled.labels("void" if is_void else "won") for is_void in (False, True)}

    def source_read(self, source: str, *, is_failing: bool) -> None:
        """Show whether a source could be read."""
        self._failing.labels(source).set(is_failing)

    def settled(self, *, is_void: bool) -> None:
        """Count a market that was settled."""
        self._by_outcome[is_void].inc()

    def alerted(self) -> None:
        """Count an alert."""
        self._alerts.inc()
