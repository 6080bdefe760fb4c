"""How much may be staked: what the house's limits and its bank leave for a bet, found by trying stakes.

Whether a stake would do is a yes that turns to a no once, as the stake grows: its return, the reserve that it needs and
what the house may lose on the fixture only rise from some stake on, and with no stake at all everything fits. So the
largest one is found by halving.
"""

from collections.abc import Callable

from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import FixedOdds
from evens.core.values.fixed_odds import BetLeg, own_risk_minor, return_minor
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, account_id
from evens.core.values.odds import ODDS_UNIT, share_floor


def possible_return_minor(stake_minor: int, legs: tuple[BetLeg, ...]) -> int:
    """Return what a bet pays back if every leg wins."""
    return return_minor(stake_minor, [(leg.odds, ODDS_UNIT) for leg in legs])


def reserve_for(market: FixtureMarket | None, legs: tuple[BetLeg, ...], currency_number: int, stake_minor: int) -> int:
    """Return how much more the house would have to reserve for a bet; less than zero if it covers others."""
    if market is None:
        return possible_return_minor(stake_minor, legs) - stake_minor
    more = (legs[0].selection, len(market.removals), legs[0].odds, stake_minor)
    book = market.books.get(currency_number)
    held_minor = 0 if book is None else book.reserved_minor
    return market.needed_minor(currency_number, more) - held_minor


def check_stake(
    book: FixedOdds,
    customer: CustomerId,
    currency_number: int,
    stake_minor: int,
    legs: tuple[BetLeg, ...],
    on: list[tuple[Fixture, FixtureMarket]],
) -> Rejected | None:
    """Refuse a stake that is outside of the limits, or that the bank cannot cover, and name the largest that would do.

    ``on`` are the fixtures and markets of the legs.
    """
    limits = book.limits_in(currency_number)
    single = on[0][1] if len(legs) == 1 else None
    bank_minor = book.ledger.balance_minor(account_id(HOUSE, currency_number, AccountClass.BANK))
    most_minor = limits.max_stake_minor
    percent = book.stake_factors.get(customer, 100)
    if most_minor is not None:
        most_minor = share_floor(most_minor, percent, 100)
    elif percent == 0:
        most_minor = 0

    def fits(minor: int) -> bool:
        if most_minor is not None and minor > most_minor:
            return False
        if limits.max_payout_minor is not None and possible_return_minor(minor, legs) > limits.max_payout_minor:
            return False
        # No single needs more than what it can win itself. Mostly that is there, and nothing else has to be worked out.
        return (single is not None and can_bear(own_risk_minor(legs[0].odds, minor))) or can_bear(
            reserve_for(single, legs, currency_number, minor)
        )

    def can_bear(more_minor: int) -> bool:
        bound_minor = limits.max_event_liability_minor
        return more_minor <= bank_minor and (
            bound_minor is None
            or more_minor <= 0
            or all(fixture.liability_minor(currency_number) + more_minor <= bound_minor for fixture, _ in on)
        )

    if stake_minor >= limits.min_stake_minor and fits(stake_minor):
        return None
    facts = (
        ("currency", book.ledger.currencies_by_number[currency_number].code),
        ("minimum_minor", limits.min_stake_minor),
        ("maximum_minor", _most_that_fits(stake_minor, limits.min_stake_minor, fits)),
    )
    return Rejected(FixedOddsReason.STAKE_LIMITED, facts)


def _most_that_fits(stake_minor: int, least_minor: int, fits: Callable[[int], bool]) -> int:
    """Return the largest stake that would do instead of one that does not; 0 if none would."""
    largest_minor = stake_minor if fits(stake_minor) else _largest(stake_minor, fits)
    if stake_minor < least_minor:
        return max(largest_minor, least_minor if fits(least_minor) else 0)
    return largest_minor if largest_minor >= least_minor else 0


def _largest(too_large_minor: int, fits: Callable[[int], bool]) -> int:
    """Return the largest stake below one that does not fit."""
    low, high = 0, too_large_minor
    while high - low > 1:
        middle = low + high >> 1
        if fits(middle):
            low = middle
        else:
            high = middle
    return low
