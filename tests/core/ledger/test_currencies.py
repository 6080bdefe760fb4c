"""The currency registry: each code once, with a number of its own and a scale for good."""

from evens.core.commands.ledger import DefineCurrency
from evens.core.events.ledger import CurrencyDefined, Rejected
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CURRENCY_NUMBER_MAX
from evens.core.values.money import Currency
from tests.core.desk import Desk


def test_currencies_are_numbered_in_order_of_definition_from_one() -> None:
    desk = Desk()
    assert desk.do(DefineCurrency("USD", 2)) == (CurrencyDefined(1, "USD", 2),)
    assert desk.do(DefineCurrency("USDC", 6)) == (CurrencyDefined(2, "USDC", 6),)
    assert desk.house.ledger.currencies == {"USD": Currency(1, "USD", 2), "USDC": Currency(2, "USDC", 6)}
    assert desk.house.ledger.currencies_by_number == {1: Currency(1, "USD", 2), 2: Currency(2, "USDC", 6)}


def test_a_currency_is_defined_once_and_the_refusal_tells_its_scale() -> None:
    desk = Desk()
    desk.define("USD", 2)
    expected = Rejected(SharedReason.CURRENCY_DEFINED, (("currency", "USD"), ("scale", 2)))
    assert desk.refuse(DefineCurrency("USD", 2)) == expected
    assert desk.refuse(DefineCurrency("USD", 3)) == expected
    assert desk.house.ledger.currencies["USD"].scale == 2


def test_a_refused_definition_takes_no_number() -> None:
    desk = Desk()
    desk.define("USD")
    desk.refuse(DefineCurrency("USD", 2))
    assert desk.define("EUR") == 2


def test_there_are_as_many_currencies_as_an_account_id_can_tell_apart() -> None:
    desk = Desk()
    for number in range(1, CURRENCY_NUMBER_MAX + 1):
        assert desk.define(f"C{number}") == number
    refusal = desk.refuse(DefineCurrency("ONE_MORE", 2))
    assert refusal == Rejected(SharedReason.CURRENCY_LIMIT, (("currencies_max", CURRENCY_NUMBER_MAX),))
    assert desk.refuse(DefineCurrency("C1", 2)).reason is SharedReason.CURRENCY_DEFINED
