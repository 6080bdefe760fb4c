"""A connection that keeps what was written to it, for tests of the hub without sockets."""

import json
from collections.abc import Callable
from typing import Any


class RecordingConnection:
    """Implements :class:`evens.edges.stream.protocol.Connection`. Keeps the messages that were written."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.is_behind = False

    def write(self, frame: bytes) -> None:
        self.messages.append(json.loads(frame[frame.index(b"{") :]))

    async def drain(self) -> None:
        """Return at once."""

    def watch(self, *, resumed: Callable[[], None], stalled: Callable[[], None], stalled_after_s: float) -> None:
        """Watch nothing."""

    def close(self, code: int, reason: str) -> None:
        """Stay open."""
