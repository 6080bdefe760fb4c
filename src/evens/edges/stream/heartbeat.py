"""Heartbeats: messages at a fixed interval, by which a client knows that its connection is alive."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog

from evens.core.values.moments import format_time
from evens.edges.stream.messages import encode
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Reader

_WRITES_AT_ONCE: Final = 100
"""After so many writes other tasks get a turn: the single writer shares this thread."""

_log: Final = structlog.get_logger("evens.stream")


async def send_heartbeats(readers: Mapping[Reader, None], metrics: StreamMetrics, every_s: float) -> None:
    """Send every reader a heartbeat every ``every_s``, until cancelled. ``readers`` may change meanwhile.

    A reader that is behind is skipped: it has other messages to receive.
    """
    while True:
        await asyncio.sleep(every_s)
        frame = encode({"type": "heartbeat", "at": format_time(time.time_ns())})
        for count, reader in enumerate(list(readers), 1):
            try:
                if not reader.connection.is_behind:
                    reader.connection.write(frame)
                    metrics.heartbeats.inc()
            except Exception:
                # One reader must not keep the others from their heartbeats.
                _log.exception("stream_heartbeat_failed")
            if count % _WRITES_AT_ONCE == 0:
                await asyncio.sleep(0)
