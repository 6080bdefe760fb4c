"""What the sequencer tells those who watch it: metrics and logs, never anything that decides."""

from collections.abc import Sequence
from typing import Protocol

from evens.core.receipts import Receipt


class Observer(Protocol):
    """Hears of the sequencer's life. Every call must be quick, and must not raise."""

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Hear that a batch was committed, and how long the commit took."""
        ...

    def leading(self, seq: int, seconds: float) -> None:
        """Hear that this server writes now, from ``seq`` on; ``seconds`` is how long it took to load."""
        ...

    def idle(self, because: str) -> None:
        """Hear that this server does not write, and why."""
        ...

    def failed(self, error: Exception) -> None:
        """Hear of a command that broke the rules."""
        ...


class Unobserved:
    """An observer that looks away."""

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Ignore a batch."""

    def leading(self, seq: int, seconds: float) -> None:
        """Ignore a start."""

    def idle(self, because: str) -> None:
        """Ignore a stop."""

    def failed(self, error: Exception) -> None:
        """Ignore a failure."""
