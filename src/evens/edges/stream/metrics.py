"""The stream's Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class StreamMetrics:
    """Counts connections, subscriptions and messages."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connections = Gauge("evens_stream_connections", "Open connections of the stream.", registry=registry)
        self.subscriptions = Gauge(
            "evens_stream_subscriptions", "Subscriptions, by channel.", ["channel"], registry=registry
        )
        self.sent = Counter(
            "evens_stream_messages_sent",
            "Messages written, by type: snapshot, delta, heartbeat, error, and answers to what clients ask.",
            ["type"],
            registry=registry,
        )
        # Looked up once, since a round sends thousands of messages.
        self.snapshots, self.deltas, self.heartbeats = map(self.sent.labels, ("snapshot", "delta", "heartbeat"))
        self.conflated = Counter(
            "evens_stream_conflated", "Deltas held back and merged because a reader was behind.", registry=registry
        )
        self.dropped = Counter(
            "evens_stream_dropped", "Connections ended because their reader had stalled.", registry=registry
        )
        self.refused = Counter(
            "evens_stream_refused", "Handshakes refused, by reason: origin, full.", ["reason"], registry=registry
        )
