"""Telling the log what the sequencer goes through, beside the metrics that count it and the stream that tells it on."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from evens.core.receipts import Receipt
from evens.sequencer.observer import Observer

_log: Final = structlog.get_logger("evens.sequencer")


class Narrator:
    """Implements :class:`evens.sequencer.observer.Observer`: passes everything on, and logs what is not routine.

    ``settled`` is set once it is known whether this server writes.
    """

    def __init__(self, *listeners: Observer) -> None:
        self._listeners = listeners
        self._last_trouble = ""
        self.settled = asyncio.Event()

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Pass a batch on."""
        for listener in self._listeners:
            listener.committed(receipts, seconds)

    def leading(self, seq: int, seconds: float) -> None:
        """Say that this server writes now."""
        self._last_trouble = ""
        self.settled.set()
        _log.info("leading", seq=seq, loaded_in_s=round(seconds, 3))
        for listener in self._listeners:
            listener.leading(seq, seconds)

    def idle(self, because: str) -> None:
        """Say that this server does not write, and why."""
        if because != self._last_trouble:
            _log.warning("not_leading", because=because)
        self._last_trouble = because
        self.settled.set()
        for listener in self._listeners:
            listener.idle(because)

    def failed(self, error: Exception) -> None:
        """Say what went wrong; the same thing again and again is said once."""
        trouble = repr(error)
        if trouble != self._last_trouble:
            _log.error("sequencer_trouble", exc_info=error)
        self._last_trouble = trouble
        for listener in self._listeners:
            listener.failed(error)
