"""Amounts in requests: text and a currency code become minor units, or a 422 that names the field."""

from dataclasses import dataclass

from evens.core.ledger.reasons import SharedReason
from evens.core.values.money import AmountInvalid, Currency, parse_amount
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.protocol.services import SharedServices


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency."""

    currency: Currency
    amount_minor: int


def read_money(shared: SharedServices, amount: str, code: str | None) -> Money:
    """Return what an amount and a currency code mean; without a code, in the server's own currency."""
    currency = read_currency(shared, code)
    return Money(currency, read_amount(amount, currency, "amount"))


def read_amount(amount: str, currency: Currency, field: str) -> int:
    """Return the minor units that an amount means in this currency."""
    try:
        return parse_amount(amount, currency.scale)
    except AmountInvalid as error:
        raise refuse_fields((field, str(error))) from error


def read_currency(shared: SharedServices, code: str | None) -> Currency:
    """Return the currency with this code, by default the server's own."""
    wanted = shared.default_currency if code is None else code
    currency = shared.currencies.find(wanted)
    if currency is None:
        known = ", ".join(each.code for each in shared.currencies.all())
        message = f"is not a currency of this house; there are {known}"
        raise refuse_fields(("currency", message), code=SharedReason.CURRENCY_UNKNOWN.value)
    return currency
