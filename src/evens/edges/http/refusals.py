"""Refusals of the core as problems: one table from reason to status, and the sentences that say what to do next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.events import Fact
from evens.core.limits import PENDING_WITHDRAWALS_MAX
from evens.core.values.money import format_minor
from evens.core.values.reasons import Reason
from evens.edges.http.currencies import Currencies
from evens.edges.http.problem import FieldError, Problem, problem

STATUS_BY_REASON: Final[Mapping[Reason, int]] = {
    Reason.CURRENCY_UNKNOWN: 422,
    Reason.CURRENCY_DEFINED: 409,
    Reason.CURRENCY_LIMIT: 409,
    Reason.USERNAME_TAKEN: 409,
    Reason.CUSTOMER_UNKNOWN: 404,
    Reason.RECIPIENT_UNKNOWN: 404,
    Reason.SAME_CUSTOMER: 422,
    Reason.CUSTOMER_FROZEN: 409,
    Reason.CUSTOMER_NOT_FROZEN: 409,
    Reason.WITHDRAWAL_NOT_PENDING: 409,
    Reason.EFFECTIVE_IN_FUTURE: 422,
    Reason.PENDING_WITHDRAWALS_LIMIT: 409,
    Reason.INSUFFICIENT_FUNDS: 402,
    Reason.BALANCE_LIMIT: 409,
}
"""The HTTP status of each refusal: 402 money, 404 unknown, 409 wrong state, 422 a value that cannot be right."""

_DETAIL_BY_REASON: Final[Mapping[Reason, str]] = {
    Reason.CURRENCY_UNKNOWN: "This house keeps no accounts in that currency.",
    Reason.CURRENCY_DEFINED: "This currency is defined already, and its scale can never change.",
    Reason.CURRENCY_LIMIT: "No further currency can be defined.",
    Reason.USERNAME_TAKEN: "This username is taken; choose another one.",
    Reason.CUSTOMER_UNKNOWN: "There is no such user.",
    Reason.RECIPIENT_UNKNOWN: "There is no such recipient; check the id or the username.",
    Reason.SAME_CUSTOMER: "Payer and recipient are the same user; name another recipient.",
    Reason.CUSTOMER_FROZEN: "This user is frozen and cannot move money out until an operator unfreezes the account.",
    Reason.CUSTOMER_NOT_FROZEN: "This user is not frozen.",
    Reason.WITHDRAWAL_NOT_PENDING: "This withdrawal is completed or rejected already.",
    Reason.EFFECTIVE_IN_FUTURE: "The value date lies in the future; leave it out for now, or give a past one.",
    Reason.PENDING_WITHDRAWALS_LIMIT: (
        f"{PENDING_WITHDRAWALS_MAX} withdrawals are waiting already; ask again when one of them is decided."
    ),
    Reason.INSUFFICIENT_FUNDS: "There is not enough money.",
    Reason.BALANCE_LIMIT: "The balance would become larger than can be kept.",
}

_FIELD_BY_REASON: Final[Mapping[Reason, str]] = {
    Reason.CURRENCY_UNKNOWN: "currency",
    Reason.SAME_CUSTOMER: "to_user_id",
    Reason.EFFECTIVE_IN_FUTURE: "effective_at",
}


def present_refusal(reason: Reason, facts: tuple[Fact, ...], currencies: Currencies) -> Problem:
    """Return the problem that tells the caller of a refusal."""
    known = dict(facts)
    detail = _DETAIL_BY_REASON[reason]
    errors = [FieldError(_FIELD_BY_REASON[reason], detail)] if reason in _FIELD_BY_REASON else []
    told: dict[str, Any] = {"position": known["position"]} if "position" in known else {}
    enrich = _ENRICHMENTS.get(reason)
    if enrich is not None:
        detail, more = enrich(known, currencies)
        told |= more
    return problem(STATUS_BY_REASON[reason], reason.value, detail, errors, **told)


def _tell_of_funds(known: Mapping[str, int | str], currencies: Currencies) -> tuple[str, dict[str, str]]:
    code = str(known["currency"])
    currency = currencies.find(code)
    assert currency is not None
    needed = format_minor(int(known["needed_minor"]), currency.scale)
    available = format_minor(int(known["available_minor"]), currency.scale)
    detail = f"{needed} {code} is needed and {available} {code} is available."
    return detail, {"currency": code, "needed": needed, "available": available}


_ENRICHMENTS: Final[Mapping[Reason, Callable[[Mapping[str, int | str], Currencies], tuple[str, dict[str, str]]]]] = {
    Reason.INSUFFICIENT_FUNDS: _tell_of_funds,
}
