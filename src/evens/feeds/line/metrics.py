"""The line feeds' Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class LineMetrics:
    """Shows how old each source's line is, which sources are silent, and counts what was asked of the house."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._age = Gauge(
            "evens_line_age_seconds", "How long ago a line source was last confirmed.", ["source"], registry=registry
        )
        self._silent = Gauge(
            "evens_line_silent", "1 while nothing is heard from a line source, else 0.", ["source"], registry=registry
        )
        self._asked = Counter(
            "evens_line_commands",
            "Commands that line providers brought about, by command and outcome: booked, refused.",
            ["command", "outcome"],
            registry=registry,
        )
        self._waits = Counter(
            "evens_line_waits", "Times that a message waited because its event was being settled.", registry=registry
        )
        self._pulls = Counter(
            "evens_line_pulls",
            "Requests to line providers, by outcome: read (also if nothing had changed), failed.",
            ["source", "outcome"],
            registry=registry,
        )
        self._messages = Counter(
            "evens_line_messages",
            "Messages from line providers, by outcome: booked, refused, unsigned, unjudged.",
            ["outcome"],
            registry=registry,
        )

    def show(self, source: str, age_s: float | None, *, is_silent: bool) -> None:
        """Show how a source is; an age of ``None`` is that it was never confirmed."""
        self._age.labels(source).set(float("inf") if age_s is None else age_s)
        self._silent.labels(source).set(is_silent)

    def asked(self, command: str, *, is_refused: bool) -> None:
        """Count a command."""
        self._asked.labels(command, "refused" if is_refused else "booked").inc()

    def waited(self) -> None:
        """Count a wait for a busy event."""
        self._waits.inc()

    def pulled(self, source: str, outcome: str) -> None:
        """Count a request to a provider."""
        self._pulls.labels(source, outcome).inc()

    def heard(self, outcome: str) -> None:
        """Count a message."""
        self._messages.labels(outcome).inc()
