"""What Prometheus gets to know of the line provider."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest

_LATENCIES_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class LineMetrics:
    """Counts requests; the deliverer counts in the same registry."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self._requests = Histogram(
            "line_provider_http_request_seconds",
            "HTTP requests, by route and status.",
            ["method", "route", "status"],
            buckets=_LATENCIES_S,
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an HTTP request under its route's template."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def render(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)
