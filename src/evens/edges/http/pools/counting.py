"""Figures of what happens in pools, counted from what is committed: volume by side, rounds by how they ended."""

from collections import Counter as Tally
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from evens.core.events.pools import PoolBetPlaced, RoundDecided
from evens.core.receipts import Receipt
from evens.core.values.ids import RoundId
from evens.core.values.money import Currency
from evens.core.values.pools import PoolSide
from evens.edges.http.pools.presenting import RESULTS, SIDES

_UNKNOWN_MAX: Final = 10_000


class PoolFigures:
    """Implements :class:`evens.edges.gateway.Follower`. Only the server that writes counts.

    A bet does not say of which pool it is. Whoever reads rounds tells (:meth:`learn`); what was staked in a round
    before that is counted then.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._staked = Counter(
            "evens_pool_volume",
            "What was staked in pools, by currency and side, since this server leads.",
            ["pool", "currency", "side"],
            registry=registry,
        )
        self._decided = Counter(
            "evens_rounds_decided",
            "Results of rounds, by pool: up, down, void; and whether it was the first or a correction.",
            ["pool", "result", "correction"],
            registry=registry,
        )
        self._known: dict[RoundId, tuple[str, Currency]] = {}
        self._unknown: Tally[tuple[RoundId, PoolSide]] = Tally()

    def learn(self, number: RoundId, pool_key: str, currency: Currency) -> None:
        """Know of which pool a round without a result is."""
        if number in self._known:
            return
        self._known[number] = pool_key, currency
        for side in PoolSide:
            if minor := self._unknown.pop((number, side), 0):
                self._count(number, side, minor)

    def committed(self, receipts: Sequence[Receipt]) -> None:
        """Count what was committed."""
        for receipt in receipts:
            first = receipt.events[0]
            if isinstance(first, PoolBetPlaced):
                self._count(first.round, first.side, first.stake_minor)
                continue
            last = receipt.events[-1]
            if isinstance(last, RoundDecided):
                correction = "yes" if last.settlement > 1 else "no"
                self._decided.labels(last.pool_key, RESULTS[last.result], correction).inc()
                self._known.pop(last.round, None)

    def leading(self, seq: int) -> None:
        """Do nothing: figures go on where they were."""

    def idle(self, because: str) -> None:
        """Forget what another server goes on with."""
        self._known.clear()
        self._unknown.clear()

    def _count(self, number: RoundId, side: PoolSide, minor: int) -> None:
        known = self._known.get(number)
        if known is not None:
            pool_key, currency = known
            self._staked.labels(pool_key, currency.code, SIDES[side]).inc(minor / 10**currency.scale)
        elif len(self._unknown) < _UNKNOWN_MAX:
            self._unknown[number, side] += minor
