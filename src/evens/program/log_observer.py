"""Logs what the sequencer reports, and passes it on to the metrics and the stream."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from evens.core.receipts import Receipt
from evens.sequencer.observer import Observer

_log: Final = structlog.get_logger("evens.sequencer")


class LogObserver:
    """Implements :class:`evens.sequencer.observer.Observer`: logs what is not routine and passes everything on.

    ``role_known`` is set once it is known whether this server writes.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers
        self._last_reason = self._last_trouble = ""
        self.role_known = asyncio.Event()

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Pass a batch on."""
        for observer in self._observers:
            observer.committed(receipts, seconds)

    def leading(self, seq: int, seconds: float) -> None:
        """Log that this server writes now."""
        self._last_reason = self._last_trouble = ""
        self.role_known.set()
        _log.info("leading", seq=seq, loaded_in_s=round(seconds, 3))
        for observer in self._observers:
            observer.leading(seq, seconds)

    def idle(self, because: str) -> None:
        """Log that this server does not write, and why; the same reason in a row is logged once."""
        if because != self._last_reason:
            _log.warning("not_leading", because=because)
        self._last_reason = because
        self.role_known.set()
        for observer in self._observers:
            observer.idle(because)

    def failed(self, error: Exception) -> None:
        """Log what went wrong; the same error in a row is logged once."""
        trouble = repr(error)
        if trouble != self._last_trouble:
            _log.error("sequencer_trouble", exc_info=error)
        self._last_trouble = trouble
        for observer in self._observers:
            observer.failed(error)
