"""Whether requests can be served now, thing by thing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from evens.edges.gateway import Gateway
from evens.edges.http.operator.shapes import ReadinessCheck
from evens.edges.http.operator.totals import RecentTotals, Totals
from evens.store.errors import StoreUnavailable
from evens.store.migrate import bundled
from evens.store.wallets.queries import Queries

_log: Final = structlog.get_logger("evens.http")


class ReadinessProbe:
    """Asks the database, the migrations, the sequencer, the ledger and the clock how they are.

    ``told`` are parts that say of themselves, by name, what is to be known of them; that never makes it not ready.
    """

    def __init__(
        self,
        queries: Queries,
        totals: RecentTotals,
        gateway: Gateway,
        clock_trouble: Callable[[], str | None],
        told: Mapping[str, Callable[[], str | None]],
    ) -> None:
        self._queries = queries
        self._totals = totals
        self._gateway = gateway
        self._clock_trouble = clock_trouble
        self._told = told
        self._expected = {migration.number for migration in bundled()}

    async def __call__(self) -> Sequence[ReadinessCheck]:
        """Return one check for each; what cannot be asked is not well."""
        return [*await self._check_store(), self._check_sequencer(), self._check_clock(), *self._tell()]

    async def _check_store(self) -> list[ReadinessCheck]:
        try:
            applied = await self._queries.applied_migrations()
            ledger = _check_ledger(await self._totals.get())
        except StoreUnavailable as error:
            # Anybody may ask, and the driver names hosts and roles: that is for the log.
            _log.warning("not_ready", error=str(error))
            unasked = "The database was not asked."
            return [
                ReadinessCheck("database", ok=False, detail="It cannot be reached; the log says why."),
                ReadinessCheck("migrations", ok=False, detail=unasked),
                ReadinessCheck("ledger", ok=False, detail=unasked),
            ]
        return [ReadinessCheck("database", ok=True, detail="It answers."), self._check_migrations(applied), ledger]

    def _check_migrations(self, applied: set[int]) -> ReadinessCheck:
        if applied == self._expected:
            return ReadinessCheck("migrations", ok=True, detail="The schema is the one of this build.")
        missing, unknown = sorted(self._expected - applied), sorted(applied - self._expected)
        detail = f"Missing: {missing}; unknown to this build: {unknown}. Run 'evens migrate' of the newest version."
        return ReadinessCheck("migrations", ok=False, detail=detail)

    def _check_sequencer(self) -> ReadinessCheck:
        because = self._gateway.closed_because
        detail = "It leads." if because is None else f"It does not write now: {because}."
        return ReadinessCheck("sequencer", ok=because is None, detail=detail)

    def _check_clock(self) -> ReadinessCheck:
        # A jump is told, but what is booked is booked with the right time: it is no reason to turn callers away. A
        # journal from the future is one, and the sequencer says so.
        return ReadinessCheck("clock", ok=True, detail=self._clock_trouble() or "It goes evenly.")

    def _tell(self) -> list[ReadinessCheck]:
        # Without its provider nobody can bet on the line, a round may wait for its price, and the chain's node may be
        # away; everything else goes on, and what waits is made up for: callers are not turned away.
        said = [(name, tell()) for name, tell in self._told.items()]
        return [ReadinessCheck(name, ok=True, detail=text) for name, text in said if text is not None]


def _check_ledger(totals_minor: Totals) -> ReadinessCheck:
    """Check that each currency sums to zero over all accounts, as double entry must."""
    sums: dict[int, int] = {}
    for (number, _), total in totals_minor.items():
        sums[number] = sums.get(number, 0) + total
    off = [number for number, total in sums.items() if total]
    detail = f"Currencies {off} do not sum to zero; run 'evens audit'." if off else "Every currency sums to zero."
    return ReadinessCheck("ledger", ok=not off, detail=detail)
