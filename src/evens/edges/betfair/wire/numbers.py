"""Amounts and odds as Betfair writes them: JSON numbers.

Ours are whole minor units and hundredths, so a number is made of a decimal text once, on its way out, and nothing is
ever worked out with it.
"""

from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_average_odds, format_odds


def size_of(minor: int, currency: Currency) -> float:
    """Return an amount."""
    return float(format_minor(minor, currency.scale))


def price_of(odds: int) -> float:
    """Return odds in hundredths."""
    return float(format_odds(odds))


def average_price(value_cents: int, stake_minor: int) -> float:
    """Return the mean odds at which a stake was matched, 0 if none was."""
    return float(format_average_odds(value_cents, stake_minor)) if stake_minor else 0.0
