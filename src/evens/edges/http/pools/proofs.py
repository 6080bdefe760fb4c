"""Proofs of rounds as bytes: made once for all who ask, in parts, and no more than a few at a time.

The proof of a round of 100,000 stakes is seven megabytes. Made anew for each of many who ask at once, it would take the
process's memory and the others' time. So it is made part by part, with a pause for others after each, kept until others
are asked for instead, and sent in slices as fast as each reader takes them.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable
from typing import Final

import msgspec

from evens.core.values.money import Currency
from evens.core.values.pools import RoundStatus
from evens.edges.http.pools.presenting import present_proof, present_proven_stakes
from evens.edges.http.protocol.problem import Refused, problem
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import RoundRow

KEPT_BYTES: Final = 32 * 1024 * 1024
"""How much of finished proofs is kept; the one that was asked for least recently goes first."""

MAKING_MAX: Final = 8
"""How many different proofs may be under way or wait for it; others are told to come again."""

SLICE_BYTES: Final = 64 * 1024

_RETRY_AFTER_S: Final = "2"


class Proofs:
    """Makes, keeps and shares proofs of rounds."""

    def __init__(self, reads: PoolQueries, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._reads = reads
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[bytes]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, row: RoundRow, currency: Currency) -> bytes:
        """Return the proof of a round as it stands now, as JSON. Raises a 503 if too many others are being made."""
        # Whatever changes a proof changes one of these.
        asked = row.id, row.status, row.stage, row.settlement, row.decided_at, row.fee_minor, row.rounding_minor
        known = self._kept.get(asked)
        if known is not None:
            self._kept.move_to_end(asked)
            return known
        making = self._making.get(asked)
        if making is None:
            if len(self._making) >= MAKING_MAX:
                detail = "Too many proofs are being made at the moment; ask again soon."
                raise Refused(problem(503, "busy", detail), {"Retry-After": _RETRY_AFTER_S})
            making = self._making[asked] = asyncio.ensure_future(self._make(row, currency))
            making.add_done_callback(lambda made: self._finish(asked, made))
        # Whoever goes away must not take the proof from those who wait for it, too.
        return await asyncio.shield(making)

    async def _make(self, row: RoundRow, currency: Currency) -> bytes:
        async with self._one_at_a_time:
            parts: list[bytes] = []
            if row.status is not RoundStatus.OPEN:
                async for stakes in self._reads.stakes(row.id):
                    parts.append(msgspec.json.encode(present_proven_stakes(row, stakes))[1:-1])
                    await asyncio.sleep(0)
            results = await self._reads.results(row.id)
            every_stake = msgspec.Raw(b"[" + b",".join(parts) + b"]")
            return msgspec.json.encode(present_proof(row, every_stake, results, currency))

    def _finish(self, asked: Hashable, made: "asyncio.Task[bytes]") -> None:
        del self._making[asked]
        if made.cancelled() or made.exception() is not None:
            return
        self._kept[asked] = made.result()
        while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._kept_bytes:
            self._kept.popitem(last=False)


async def in_slices(content: bytes) -> AsyncIterator[bytes]:
    """Yield bytes in slices, so that a slow reader's buffer holds one of them and not all."""
    for first in range(0, len(content), SLICE_BYTES):
        yield content[first : first + SLICE_BYTES]
