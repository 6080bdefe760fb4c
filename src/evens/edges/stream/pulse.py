"""What happens to connections as time goes by: heartbeats for all, and an end to what a credential no longer allows."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog

from evens.core.values.moments import format_time
from evens.edges.stream.hub import Hub
from evens.edges.stream.messages import encode, error
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Reader
from evens.edges.stream.topic import ACCOUNT
from evens.identity.errors import NotAuthenticated
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

_WRITES_AT_ONCE: Final = 100

_log: Final = structlog.get_logger("evens.stream")


class Pulse:
    """Beats every ``every_s`` for the ``readers`` there are then."""

    def __init__(
        self, readers: Mapping[Reader, None], hub: Hub, identity: Identity, metrics: StreamMetrics, every_s: float
    ) -> None:
        self._readers = readers
        self._hub = hub
        self._identity = identity
        self._metrics = metrics
        self._every_s = every_s

    async def beat(self) -> None:
        """Send heartbeats until cancelled. A reader that is behind has enough to read."""
        while True:
            await asyncio.sleep(self._every_s)
            frame = encode({"type": "heartbeat", "at": format_time(time.time_ns())})
            for place, reader in enumerate(list(self._readers), 1):
                if not reader.connection.is_behind:
                    reader.connection.write(frame)
                    self._metrics.heartbeats.inc()
                if place % _WRITES_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def check_credentials(self) -> None:
        """End what readers follow under credentials that have expired or were revoked, until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            for reader in list(self._readers):
                try:
                    await self._check(reader)
                except StoreUnavailable:
                    # Whoever was known stays known until somebody can be asked.
                    continue
                except Exception:
                    _log.exception("stream_credential_unchecked")

    async def _check(self, reader: Reader) -> None:
        credential = reader.credential
        if credential is None:
            return
        try:
            await self._identity.authenticate(credential.token)
        except NotAuthenticated as ended:
            # Meanwhile the reader may have shown a newer one.
            if reader.credential is not credential:
                return
            reader.credential = None
            for key, subscription in list(reader.subscriptions.items()):
                if key[0] == ACCOUNT:
                    self._hub.leave(reader, key)
                    reader.tell(error(ended.code, str(ended), channel=ACCOUNT, id=subscription.topic.subject))
