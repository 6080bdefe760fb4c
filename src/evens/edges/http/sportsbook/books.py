"""What the routes of the sportsbook read: amounts in minor units, odds in hundredths, times in nanoseconds since 1970.

:class:`evens.store.fixed_odds.queries.SportsbookQueries` implements :class:`SportsbookReads`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evens.core.values.fixed_odds import (
    BetEnd,
    BetLeg,
    FixtureStage,
    FixtureStatus,
    LineSelection,
    SelectionResult,
)
from evens.core.values.ids import AccountClass, BetId, CustomerId, FixtureId


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market of a fixture. ``removals`` are (selection, reduction in basis points, at), ``cancelled`` (since, until).

    ``results`` stand if it is decided, ``settlement`` counts them; ``contradiction`` is what the provider said that is
    something else, until an operator decides, at the moment ``contradicted_at``.
    """

    key: str
    name: str
    selections: tuple[LineSelection, ...]
    suspended: bool = False
    winners: int = 1
    group: str | None = None
    settlement: int = 0
    stage: FixtureStage = FixtureStage.NOTHING
    results: tuple[SelectionResult, ...] = ()
    removals: tuple[tuple[str, int, int], ...] = ()
    cancelled: tuple[tuple[int, int], ...] = ()
    contradiction: tuple[SelectionResult, ...] = ()
    contradicted_at: int | None = None


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """A fixture as recorded. ``silent`` is whether nothing is heard from its source."""

    id: FixtureId
    source: str
    key: str
    version: int
    title: str
    sport: str | None
    competition: str | None
    starts_at: int | None
    deadline: int
    suspended: bool
    held: bool
    status: FixtureStatus
    silent: bool
    markets: tuple[MarketRow, ...]


@dataclass(frozen=True, slots=True)
class LegRow:
    """A leg of a bet, with the fixture it is on; of its markets, the one that the leg is on is enough."""

    leg: BetLeg
    fixture: FixtureRow


@dataclass(frozen=True, slots=True)
class BetRow:
    """A bet as recorded.

    ``end`` and ``returned_minor`` are those of a bet that ended by itself, at ``ended_at``. Of a single whose market's
    present result was booked, ``ended_at`` is when; the rest follows from its leg.
    """

    id: BetId
    customer: CustomerId
    currency_number: int
    stake_minor: int
    placed_at: int
    legs: tuple[LegRow, ...]
    end: BetEnd | None = None
    returned_minor: int | None = None
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """The open singles on a selection in a currency that were struck after ``removals`` removals in its market.

    ``value_cents`` is the sum of stake × odds.
    """

    fixture: FixtureId
    market: str
    selection: str
    currency_number: int
    removals: int
    bets: int
    staked_minor: int
    value_cents: int


@dataclass(frozen=True, slots=True)
class LimitsRow:
    """What the house takes in a currency; ``None`` is no limit."""

    min_stake_minor: int = 1
    max_stake_minor: int | None = None
    max_payout_minor: int | None = None
    max_event_liability_minor: int | None = None
    cash_out_margin_bps: int = 500


class SportsbookReads(Protocol):
    """Read-only questions to the sportsbook's tables. Lists are newest first. All raise ``StoreUnavailable``."""

    async def fixture(self, source: str, key: str) -> FixtureRow | None:
        """Return the fixture that its provider calls this."""
        ...

    async def fixtures(
        self, *, active_at: int | None, sport: str | None, text: str | None, before: int, limit: int
    ) -> Sequence[FixtureRow]:
        """Return fixtures; with ``active_at`` those that one can bet on then.

        ``sport`` is compared whatever its case, ``text`` is a part of the title or the competition.
        """
        ...

    async def fixtures_by_id(self, fixtures: Sequence[FixtureId]) -> Mapping[FixtureId, FixtureRow]:
        """Return fixtures by their ids."""
        ...

    async def bet(self, bet: BetId) -> BetRow | None:
        """Return one bet."""
        ...

    async def bets(
        self, customer: CustomerId | None, *, is_open: bool | None, fixture: FixtureId | None, before: int, limit: int
    ) -> Sequence[BetRow]:
        """Return bets of a customer or of all, with a leg on ``fixture``; ``is_open`` is those that are not over."""
        ...

    async def exposure(self, fixture: FixtureId | None) -> Sequence[ExposureRow]:
        """Return what open singles come to, ordered by fixture, the newest first, market, currency and selection."""
        ...

    async def limits(self, currency_number: int) -> LimitsRow | None:
        """Return what the house takes in a currency, if that was ever set."""
        ...

    async def stake_factor(self, customer: CustomerId) -> int | None:
        """Return a customer's stake factor in per cent, 100 if it was never set; ``None`` for an unknown customer."""
        ...

    async def contradicted(self, *, before: int, limit: int) -> Sequence[FixtureRow]:
        """Return the fixtures with a contradiction that no operator has decided."""
        ...

    async def house_balances(self) -> Mapping[int, Mapping[AccountClass, int]]:
        """Return the house's own accounts by currency number, and what customers owe as ``EXTERNAL``."""
        ...
