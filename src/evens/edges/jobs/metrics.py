"""The deliverer's Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from evens.store.deliveries import DeliveryStatus


class DeliveryMetrics:
    """Counts attempts by their outcome, and shows how late deliveries are."""

    def __init__(self, registry: CollectorRegistry, prefix: str = "evens") -> None:
        self._attempts = Counter(
            f"{prefix}_webhook_attempts",
            "Attempts to deliver a notice, by outcome: delivered, failed (to be tried again), given_up.",
            ["outcome"],
            registry=registry,
        )
        self._overdue = Gauge(
            f"{prefix}_webhook_overdue_seconds",
            "By how much the most overdue delivery is late; 0 when none is.",
            registry=registry,
        )
        self._by_status = {
            DeliveryStatus.DELIVERED: self._attempts.labels("delivered"),
            DeliveryStatus.DUE: self._attempts.labels("failed"),
            DeliveryStatus.GIVEN_UP: self._attempts.labels("given_up"),
        }

    def attempted(self, status: DeliveryStatus) -> None:
        """Count an attempt by the status that the delivery has after it."""
        self._by_status[status].inc()

    def overdue(self, seconds: float) -> None:
        """Show how late the most overdue delivery is."""
        self._overdue.set(seconds)
