"""What the sequencer reports to metrics, logs and streams. Observers never decide anything."""

from collections.abc import Sequence
from typing import Protocol

from evens.core.receipts import Receipt


class Observer(Protocol):
    """Is called when something happens to the sequencer. Every call must be quick, and must not raise."""

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Take note that a batch was committed, and how long the commit took."""
        ...

    def leading(self, seq: int, seconds: float) -> None:
        """Take note that this server leads now, from ``seq`` on; ``seconds`` is how long it took to load."""
        ...

    def idle(self, because: str) -> None:
        """Take note that this server does not lead, and why."""
        ...

    def failed(self, error: Exception) -> None:
        """Take note of an error: of a command on which the rules broke, or of the journal."""
        ...


class Unobserved:
    """An observer that ignores everything, and the base of observers that ignore most of it."""

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Ignore a batch."""

    def leading(self, seq: int, seconds: float) -> None:
        """Ignore a start."""

    def idle(self, because: str) -> None:
        """Ignore a stop."""

    def failed(self, error: Exception) -> None:
        """Ignore a failure."""
