"""What the house allows: limits by currency, stake factors by customer; and forgetting what is history."""

from collections.abc import Iterator

from evens.core.commands.fixed_odds import ArchiveFixture, SetBookLimits, SetStakeFactor
from evens.core.events.fixed_odds import BookLimitsSet, FixtureArchived, StakeFactorSet
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.fixture import Fixture
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import CORRECTION_WINDOW_NS, BookLimits, FixedOdds
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import FixtureStatus


def set_book_limits(book: FixedOdds, command: SetBookLimits, seq: int, at: int) -> Iterator[BookLimitsSet | Rejected]:
    """Set what the house takes in a currency from now on."""
    currency = book.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
        return
    yield BookLimitsSet(
        currency_number=currency.number,
        min_stake_minor=command.min_stake_minor,
        max_stake_minor=command.max_stake_minor,
        max_payout_minor=command.max_payout_minor,
        max_event_liability_minor=command.max_event_liability_minor,
        cash_out_margin_bps=command.cash_out_margin_bps,
    )


def apply_book_limits_set(book: FixedOdds, event: BookLimitsSet) -> None:
    """Remember the limits."""
    book.limits[event.currency_number] = BookLimits(
        event.min_stake_minor,
        event.max_stake_minor,
        event.max_payout_minor,
        event.max_event_liability_minor,
        event.cash_out_margin_bps,
    )


def set_stake_factor(
    book: FixedOdds, command: SetStakeFactor, seq: int, at: int
) -> Iterator[StakeFactorSet | Rejected]:
    """Let a customer stake more or less than others."""
    if command.customer not in book.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif book.stake_factors.get(command.customer, 100) == command.percent:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield StakeFactorSet(command.customer, command.percent)


def apply_stake_factor_set(book: FixedOdds, event: StakeFactorSet) -> None:
    """Remember the factor; 100 is what everybody has."""
    book.stake_factors.pop(event.customer, None)
    if event.percent != 100:
        book.stake_factors[event.customer] = event.percent


def archive_fixture(
    book: FixedOdds, command: ArchiveFixture, seq: int, at: int
) -> Iterator[FixtureArchived | Rejected]:
    """Forget a fixture on which nobody has or can have a bet, if nothing was decided for as long as it takes.

    One that is still needed stays, and is tried again: nothing else would ever bring it up before a restart.
    """
    fixture = book.fixtures.get(command.fixture)
    if fixture is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif fixture.decided_at is None or fixture.decided_at + CORRECTION_WINDOW_NS > at:
        yield Rejected(FixedOddsReason.NO_RESULT)
    elif (
        any(market.contradicted or not market.is_empty for market in fixture.markets.values())
        or fixture.busy is not None
        or _is_waited_for(book, fixture)
    ):
        book.try_archiving_again(fixture, at)
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        yield FixtureArchived(fixture.id)


def _is_waited_for(book: FixedOdds, fixture: Fixture) -> bool:
    """Return whether a market has no result, or none any more, and people can bet on it or have a leg on it."""
    return any(
        not market.results and (fixture.status is FixtureStatus.NEW or (fixture.id, market.key) in book.on_market)
        for market in fixture.markets.values()
    )


def apply_fixture_archived(book: FixedOdds, event: FixtureArchived) -> None:
    """Forget the fixture; accumulators that wait for other legs keep what they have to know of it."""
    fixture = book.fixtures[event.fixture]
    for market in fixture.markets.values():
        for number in list(book.on_market.get((fixture.id, market.key), ())):
            bet = book.accumulators[number]
            for place, factor in enumerate(book.factors(bet)):
                if bet.legs[place].fixture == fixture.id and factor is not None:
                    bet.decided[place] = factor
    book.drop_fixture(fixture)


def is_archiving_due(book: FixedOdds, command: ArchiveFixture) -> bool:
    """Return whether the fixture is still there, and this was scheduled for its last result."""
    fixture = book.fixtures.get(command.fixture)
    return fixture is not None and fixture.decided_at is not None
