"""The sportsbook's live state: fixtures, open bets on them, and what the house allows."""

from collections.abc import Iterator, Mapping
from typing import Final

from evens.core.commands.fixed_odds import AdvanceFixture, ArchiveFixture
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.agenda import Agenda
from evens.core.values.fixed_odds import Factor, FixtureStage, return_minor
from evens.core.values.ids import HOUSE, AccountClass, BetId, CustomerId, FixtureId, account_id
from evens.core.values.odds import ODDS_UNIT

CORRECTION_WINDOW_NS: Final = 7 * 24 * 3600 * 10**9
"""How long after its last result a fixture can be corrected; it is archived then."""

ARCHIVING_RETRY_NS: Final = 24 * 3600 * 10**9
"""How long after an archiving that was refused the fixture is tried again."""


class BookLimits:
    """What the house takes in a currency, in minor units; ``None`` is no limit."""

    __slots__ = (
        "cash_out_margin_bps",
        "max_event_liability_minor",
        "max_payout_minor",
        "max_stake_minor",
        "min_stake_minor",
    )

    def __init__(
        self,
        min_stake_minor: int = 1,
        max_stake_minor: int | None = None,
        max_payout_minor: int | None = None,
        max_event_liability_minor: int | None = None,
        cash_out_margin_bps: int = 500,
    ) -> None:
        self.min_stake_minor = min_stake_minor
        self.max_stake_minor = max_stake_minor
        self.max_payout_minor = max_payout_minor
        self.max_event_liability_minor = max_event_liability_minor
        self.cash_out_margin_bps = cash_out_margin_bps

    def text(self) -> str:
        """Return the limits in one line."""
        return (
            f"{self.min_stake_minor} {self.max_stake_minor} {self.max_payout_minor} {self.max_event_liability_minor} "
            f"{self.cash_out_margin_bps}"
        )


UNLIMITED: Final = BookLimits()
"""What holds in a currency in which nobody has set limits."""


class FixedOdds:
    """Fixtures by id, open accumulators, limits by currency number, and stake factors in per cent by customer.

    ``by_key`` finds a fixture by its source and key, ``on_market`` the accumulators with a leg on a market. ``silent``
    are the sources that nothing is heard from.
    """

    __slots__ = (
        "accumulators",
        "agenda",
        "by_key",
        "customers",
        "fixtures",
        "frozen",
        "ledger",
        "limits",
        "on_market",
        "silent",
        "stake_factors",
    )

    def __init__(
        self, ledger: Ledger, agenda: Agenda, customers: Mapping[CustomerId, str], frozen: Mapping[CustomerId, None]
    ) -> None:
        self.ledger = ledger
        self.agenda = agenda
        self.customers = customers
        self.frozen = frozen
        self.fixtures: dict[FixtureId, Fixture] = {}
        self.by_key: dict[tuple[str, str], Fixture] = {}
        self.accumulators: dict[BetId, Accumulator] = {}
        self.on_market: dict[tuple[FixtureId, str], dict[BetId, None]] = {}
        self.limits: dict[int, BookLimits] = {}
        self.stake_factors: dict[CustomerId, int] = {}
        self.silent: dict[str, None] = {}

    def add_fixture(self, fixture: Fixture) -> None:
        """Make a fixture known, and put on the agenda what it has under way or before it."""
        self.fixtures[fixture.id] = fixture
        self.by_key[fixture.source, fixture.key] = fixture
        if fixture.busy is not None:
            self.agenda.begin(AdvanceFixture(fixture.id))
        if fixture.decided_at is not None:
            self.schedule_archiving(fixture, fixture.decided_at)

    def drop_fixture(self, fixture: Fixture) -> None:
        """Forget a fixture."""
        del self.fixtures[fixture.id], self.by_key[fixture.source, fixture.key]

    def schedule_archiving(self, fixture: Fixture, decided_at: int) -> None:
        """Archive a decided fixture once it can no longer be corrected."""
        self.agenda.schedule(decided_at + CORRECTION_WINDOW_NS, fixture.id, ArchiveFixture(fixture.id))

    def try_archiving_again(self, fixture: Fixture, at: int) -> None:
        """Archive a fixture that is still needed another day. A house that is loaded tries it at once."""
        self.agenda.schedule(at + ARCHIVING_RETRY_NS, fixture.id, ArchiveFixture(fixture.id))

    def enter(self, fixture: Fixture, market: FixtureMarket, stage: FixtureStage) -> None:
        """Let a market begin a stage, or end the last one."""
        market.begin(stage)
        if fixture.busy is not None:
            self.agenda.begin(AdvanceFixture(fixture.id))
        else:
            self.agenda.finish(AdvanceFixture(fixture.id))

    def add_accumulator(self, bet: Accumulator) -> None:
        """Take in an accumulator, to be found by the markets of its legs."""
        self.accumulators[bet.bet] = bet
        for leg in bet.legs:
            self.on_market.setdefault((leg.fixture, leg.market), {})[bet.bet] = None
        self.count_reserved(bet, bet.reserved_minor)

    def drop_accumulator(self, bet: Accumulator) -> None:
        """Forget an accumulator that is over."""
        del self.accumulators[bet.bet]
        for leg in bet.legs:
            waiting = self.on_market.get((leg.fixture, leg.market), {})
            waiting.pop(bet.bet, None)
            if not waiting:
                self.on_market.pop((leg.fixture, leg.market), None)
        self.count_reserved(bet, -bet.reserved_minor)

    def count_reserved(self, bet: Accumulator, more_minor: int) -> None:
        """Count what is reserved for an accumulator with each fixture that it has a leg on."""
        for leg in bet.legs:
            fixture = self.fixtures.get(leg.fixture)
            if fixture is not None and more_minor:
                counted = fixture.accumulated_minor
                counted[bet.currency_number] = counted.get(bet.currency_number, 0) + more_minor

    def factors(self, bet: Accumulator) -> list[Factor | None]:
        """Return what each leg of an accumulator multiplies the stake with; ``None`` while that is not known."""
        factors: list[Factor | None] = []
        for place, leg in enumerate(bet.legs):
            known = bet.decided.get(place)
            if known is None and (fixture := self.fixtures.get(leg.fixture)) is not None:
                known = fixture.markets[leg.market].factor(leg.selection, leg.odds, bet.at)
            factors.append(known)
        return factors

    def return_minor(self, bet: Accumulator) -> int | None:
        """Return what an accumulator pays back, the stake included; ``None`` while that is not known."""
        factors = self.factors(bet)
        known = [factor for factor in factors if factor is not None]
        if any(numerator == 0 for numerator, _ in known):
            return 0
        return return_minor(bet.stake_minor, known) if len(known) == len(factors) else None

    def possible_return_minor(self, bet: Accumulator) -> int:
        """Return the most that an accumulator can pay back: every leg wins that a correction can still let win."""
        return return_minor(
            bet.stake_minor, [bet.decided.get(place, (leg.odds, ODDS_UNIT)) for place, leg in enumerate(bet.legs)]
        )

    def limits_in(self, currency_number: int) -> BookLimits:
        """Return what the house takes in a currency."""
        return self.limits.get(currency_number, UNLIMITED)

    def customer_frozen(self, customer: CustomerId) -> None:
        """Do nothing: a bet that was taken stands."""

    def customer_unfrozen(self, customer: CustomerId) -> None:
        """Do nothing."""

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless every market's sums are those of its open singles."""
        for fixture in self.fixtures.values():
            for market in fixture.markets.values():
                for book in market.books.values():
                    if market.is_covered and not book.is_sound():
                        raise InvariantBroken(f"the singles on {market.key} of fixture {fixture.id} do not add up")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield what customers have staked and the house has reserved, by escrow account."""
        for fixture in self.fixtures.values():
            for market in fixture.markets.values():
                for number, book in market.books.items():
                    yield account_id(HOUSE, number, AccountClass.ESCROW), book.reserved_minor
                    for customer, staked_minor in book.stakes_minor():
                        if customer not in book.corrected:
                            yield account_id(customer, number, AccountClass.ESCROW), staked_minor
        for bet in self.accumulators.values():
            if bet.booked is None:
                yield account_id(bet.customer, bet.currency_number, AccountClass.ESCROW), bet.stake_minor
                yield account_id(HOUSE, bet.currency_number, AccountClass.ESCROW), bet.reserved_minor

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for number in sorted(self.limits):
            yield f"book limits {number} {self.limits[number].text()}"
        for customer in sorted(self.stake_factors):
            yield f"stake factor {customer} {self.stake_factors[customer]}"
        for source in sorted(self.silent):
            yield f"silent {source}"
        for fixture in sorted(self.fixtures):
            yield from self.fixtures[fixture].lines()
        for bet in sorted(self.accumulators):
            yield self.accumulators[bet].text()
