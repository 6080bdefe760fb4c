"""The refusals that several products give: currencies, customers, stakes, money."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.money import format_minor
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal, currency_of


def _explain_missing_funds(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    needed = format_minor(int(known["needed_minor"]), currency.scale)
    available = format_minor(int(known["available_minor"]), currency.scale)
    detail = f"{needed} {currency.code} is needed and {available} {currency.code} is available."
    return detail, {"currency": currency.code, "needed": needed, "available": available}


def _explain_debt(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    owed = format_minor(int(known["owed_minor"]), currency.scale)
    detail = (
        f"This user owes the house {owed} {currency.code} and cannot withdraw, send or bet until that is repaid; "
        "whatever arrives repays it first."
    )
    return detail, {"currency": currency.code, "owed": owed}


def _explain_least_stake(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    limit = format_minor(int(known["limit_minor"]), currency.scale)
    return f"The stake must be at least {limit} {currency.code}.", {"currency": currency.code, "limit": limit}


def _explain_matched_stake(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    matched = format_minor(int(known["matched_minor"]), currency.scale)
    detail = f"{matched} {currency.code} is matched already; the stake must be more."
    return detail, {"currency": currency.code, "matched": matched}


def _explain_least_remainder(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    limit = format_minor(int(known["least_minor"]), currency.scale)
    detail = f"At least {limit} {currency.code} must stay unmatched; leave that much, or take back all of it."
    return detail, {"currency": currency.code, "limit": limit}


def _explain_largest_stake(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    limit = format_minor(int(known["limit_minor"]), currency.scale)
    detail = f"At these odds the stake must be at most {limit} {currency.code}."
    return detail, {"currency": currency.code, "limit": limit}


SHARED_REFUSALS: Final = (
    Refusal(SharedReason.CURRENCY_UNKNOWN, 422, "This house keeps no accounts in that currency.", field="currency"),
    Refusal(SharedReason.CURRENCY_DEFINED, 409, "This currency is defined already, and its scale can never change."),
    Refusal(SharedReason.CURRENCY_LIMIT, 409, "No further currency can be defined."),
    Refusal(SharedReason.CUSTOMER_UNKNOWN, 404, "There is no such user."),
    Refusal(
        SharedReason.CUSTOMER_FROZEN,
        409,
        "This user is frozen and cannot move money out until an operator unfreezes the account.",
    ),
    Refusal(
        SharedReason.OWES_HOUSE,
        409,
        "This user owes the house and cannot withdraw, send or bet until that is repaid.",
        explanations={"owed_minor": _explain_debt},
    ),
    Refusal(
        SharedReason.STAKE_TOO_SMALL,
        422,
        "The stake must be more than what is matched already.",
        field="stake",
        explanations={
            "limit_minor": _explain_least_stake,
            "least_minor": _explain_least_remainder,
            "matched_minor": _explain_matched_stake,
        },
    ),
    Refusal(
        SharedReason.STAKE_TOO_LARGE,
        422,
        "The stake is too large.",
        field="stake",
        explanations={"limit_minor": _explain_largest_stake},
    ),
    Refusal(SharedReason.NOTHING_CHANGES, 409, "The order has these odds and this stake already."),
    Refusal(
        SharedReason.EFFECTIVE_IN_FUTURE,
        422,
        "The value date lies in the future; leave it out for now, or give a past one.",
        field="effective_at",
    ),
    Refusal(
        SharedReason.INSUFFICIENT_FUNDS,
        402,
        "There is not enough money.",
        explanations={"needed_minor": _explain_missing_funds},
    ),
    Refusal(SharedReason.BALANCE_LIMIT, 409, "The balance would become larger than can be kept."),
)
