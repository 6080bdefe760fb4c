"""Defining currencies: the registry is part of the books, because a scale that changed would change every amount."""

from collections.abc import Iterator

from evens.core.commands.ledger import DefineCurrency
from evens.core.events.ledger import CurrencyDefined, Rejected
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CURRENCY_NUMBER_MAX
from evens.core.values.money import Currency


def define_currency(ledger: Ledger, command: DefineCurrency, seq: int, at: int) -> Iterator[CurrencyDefined | Rejected]:
    """Give the currency the next number, once."""
    known = ledger.currencies.get(command.code)
    number = len(ledger.currencies) + 1
    if known is not None:
        yield Rejected(SharedReason.CURRENCY_DEFINED, (("currency", known.code), ("scale", known.scale)))
    elif number > CURRENCY_NUMBER_MAX:
        yield Rejected(SharedReason.CURRENCY_LIMIT, (("currencies_max", CURRENCY_NUMBER_MAX),))
    else:
        yield CurrencyDefined(number, command.code, command.scale)


def apply_currency_defined(ledger: Ledger, event: CurrencyDefined) -> None:
    """Add the currency to the registry."""
    currency = Currency(event.number, event.code, event.scale)
    ledger.currencies[event.code] = currency
    ledger.currencies_by_number[event.number] = currency
