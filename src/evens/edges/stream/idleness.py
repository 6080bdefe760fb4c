"""Disconnects readers that neither say who they are nor follow anything: a connection costs something even so."""

import asyncio
from collections.abc import Mapping
from typing import Final

from evens.edges.stream.protocol import POLICY_VIOLATION
from evens.edges.stream.reader import Reader

_LOOKS: Final = 4
"""How often a reader is looked at before it counts as idle; it is disconnected by a quarter too late at most."""


async def close_idle(readers: Mapping[Reader, None], idle_s: float) -> None:
    """Disconnect readers that are anonymous and without a subscription for ``idle_s``, until cancelled."""
    looks: dict[Reader, int] = {}
    while True:
        await asyncio.sleep(idle_s / _LOOKS)
        idle = [reader for reader in readers if reader.credential is None and not reader.subscriptions]
        looks = {reader: looks.get(reader, 0) + 1 for reader in idle}
        for reader, count in looks.items():
            if count > _LOOKS:
                reader.connection.close(POLICY_VIOLATION, "authenticate or subscribe to something")
