"""The Exchange Stream's Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class BetfairStreamMetrics:
    """Counts connections, subscriptions and messages."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connections = Gauge(
            "evens_betfair_stream_connections", "Open connections of Betfair's Exchange Stream.", registry=registry
        )
        self.subscriptions = Gauge(
            "evens_betfair_stream_subscriptions",
            "Subscriptions of the Exchange Stream, by op: mcm (markets), ocm (orders).",
            ["op"],
            registry=registry,
        )
        self.kept = Gauge(
            "evens_betfair_stream_entries_bytes",
            "Memory of encoded entries that clients share, by op: mcm, ocm.",
            ["op"],
            registry=registry,
        )
        self.sent = Counter(
            "evens_betfair_stream_messages_sent",
            "Lines written, by op: mcm, ocm, status, connection.",
            ["op"],
            registry=registry,
        )
        # There is a change for each client and picture, so the label is not looked up for each.
        self.changes = {op: self.sent.labels(op) for op in ("mcm", "ocm")}
        self.failed = Counter(
            "evens_betfair_stream_requests_failed",
            "Requests that were refused and connections that were ended, by Betfair's error code.",
            ["code"],
            registry=registry,
        )
        self.refused = Counter(
            "evens_betfair_stream_refused",
            "Connections that were never opened, by reason: full (no place), handshake (no TLS in time).",
            ["reason"],
            registry=registry,
        )
        self.dropped = Counter(
            "evens_betfair_stream_dropped", "Connections ended because their reader had stalled.", registry=registry
        )
