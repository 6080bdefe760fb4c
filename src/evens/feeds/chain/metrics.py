"""The chain rail's Prometheus metrics."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

_STATUSES: Final = ("waiting", "approved", "signing", "sent", "stuck")


class ChainMetrics:
    """Shows how far the chain was read, what arrived, and which payouts are not finished."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.behind = 0
        """How many blocks were deep enough and not read, when the chain was read last."""
        self._failing = Gauge(
            "evens_chain_failing",
            "1 while the chain's node or the signer cannot be asked or not be believed, else 0.",
            ["part"],
            registry=registry,
        )
        self._behind = Gauge(
            "evens_chain_blocks_behind",
            "Blocks that are deep enough to be credited and were not read yet.",
            registry=registry,
        )
        self._head = Gauge("evens_chain_head", "The number of the chain's last block.", registry=registry)
        self._arrived = Counter(
            "evens_chain_arrivals",
            "What arrived at customers' addresses: credited, refused, ignored, orphaned.",
            ["outcome"],
            registry=registry,
        )
        self._pending = Gauge(
            "evens_chain_payouts", "Payouts that are not finished, by status.", ["status"], registry=registry
        )
        self._bumped = Counter(
            "evens_chain_fees_raised", "Payouts that were sent again with a higher fee.", registry=registry
        )

    def asked(self, part: str, *, is_failing: bool) -> None:
        """Show whether a part (``watch`` or ``pay``) could do its work."""
        self._failing.labels(part).set(is_failing)

    def read(self, head: int, behind: int) -> None:
        """Show where the chain and the cursor are."""
        self._head.set(head)
        self._behind.set(behind)
        self.behind = behind

    def arrived(self, outcome: str) -> None:
        """Count an arrival."""
        self._arrived.labels(outcome).inc()

    def pending(self, counts: Mapping[str, int]) -> None:
        """Show how many payouts are where."""
        for status in _STATUSES:
            self._pending.labels(status).set(counts.get(status, 0))

    def fee_raised(self) -> None:
        """Count a payout that was sent again."""
        self._bumped.inc()
