"""Refusals of the core as problems: one table from reason to status, and the sentences that say what to do next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.events.ledger import Fact
from evens.core.limits import PENDING_WITHDRAWALS_MAX
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.reasons import Reason
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import FieldError, Problem, problem

STATUS_BY_REASON: Final[Mapping[Reason, int]] = {
    Reason.CURRENCY_UNKNOWN: 422,
    Reason.CURRENCY_DEFINED: 409,
    Reason.CURRENCY_LIMIT: 409,
    Reason.USERNAME_TAKEN: 409,
    Reason.CUSTOMER_UNKNOWN: 404,
    Reason.RECIPIENT_UNKNOWN: 404,
    Reason.MARKET_UNKNOWN: 404,
    Reason.RUNNER_UNKNOWN: 404,
    Reason.RESOLVER_UNKNOWN: 404,
    Reason.ORDER_UNKNOWN: 404,
    Reason.CHALLENGE_OVER: 409,
    Reason.SAME_CUSTOMER: 422,
    Reason.OWN_CHALLENGE: 409,
    Reason.RESOLVER_CONFLICT: 409,
    Reason.NOT_CHALLENGER: 403,
    Reason.NOT_RESOLVER: 403,
    Reason.NOT_PARTY: 403,
    Reason.CUSTOMER_FROZEN: 409,
    Reason.CUSTOMER_NOT_FROZEN: 409,
    Reason.WITHDRAWAL_NOT_PENDING: 409,
    Reason.CHALLENGE_TIED: 409,
    Reason.CHALLENGE_TAKEN: 409,
    Reason.CHALLENGE_EXPIRED: 409,
    Reason.CHALLENGE_NOT_ACCEPTED: 409,
    Reason.CHALLENGE_RESOLVED: 409,
    Reason.CHALLENGE_NOT_RESOLVED: 409,
    Reason.CHALLENGE_DISPUTED: 409,
    Reason.DISPUTE_WINDOW_OVER: 409,
    Reason.ALREADY_SETTLED: 409,
    Reason.NOT_SETTLED: 409,
    Reason.MARKET_ARCHIVED: 409,
    Reason.MARKET_CLOSED: 409,
    Reason.MARKET_BUSY: 409,
    Reason.MARKET_SUSPENDED: 409,
    Reason.MARKET_NOT_SUSPENDED: 409,
    Reason.MARKET_IN_PLAY: 409,
    Reason.MARKET_VERSION_STALE: 409,
    Reason.RUNNER_REMOVED: 409,
    Reason.LAST_RUNNER: 409,
    Reason.WINNERS_WRONG: 422,
    Reason.ORDER_NOT_EXECUTABLE: 409,
    Reason.ODDS_OFF_LADDER: 422,
    Reason.STAKE_TOO_SMALL: 422,
    Reason.STAKE_TOO_LARGE: 422,
    Reason.MIN_FILL_TOO_LARGE: 422,
    Reason.NOTHING_CHANGES: 409,
    Reason.EFFECTIVE_IN_FUTURE: 422,
    Reason.PENDING_WITHDRAWALS_LIMIT: 409,
    Reason.ORDERS_LIMIT: 409,
    Reason.SELF_MATCH: 409,
    Reason.INSUFFICIENT_FUNDS: 402,
    Reason.BALANCE_LIMIT: 409,
}
"""The HTTP status of each refusal: 402 money, 403 somebody else's to do, 404 unknown, 409 wrong state, 422 a value."""

_DETAIL_BY_REASON: Final[Mapping[Reason, str]] = {
    Reason.CURRENCY_UNKNOWN: "This house keeps no accounts in that currency.",
    Reason.CURRENCY_DEFINED: "This currency is defined already, and its scale can never change.",
    Reason.CURRENCY_LIMIT: "No further currency can be defined.",
    Reason.USERNAME_TAKEN: "This username is taken; choose another one.",
    Reason.CUSTOMER_UNKNOWN: "There is no such user.",
    Reason.RECIPIENT_UNKNOWN: "There is no such recipient; check the id or the username.",
    Reason.MARKET_UNKNOWN: "There is no such market; check the id.",
    Reason.RUNNER_UNKNOWN: "This market has no such runner; the market shows the ids of its runners.",
    Reason.RESOLVER_UNKNOWN: "There is no such resolver; check the id or the username.",
    Reason.ORDER_UNKNOWN: "There is no such order; check the id.",
    Reason.CHALLENGE_OVER: "This challenge is over.",
    Reason.SAME_CUSTOMER: "Payer and recipient are the same user; name another recipient.",
    Reason.OWN_CHALLENGE: "This challenge is your own; somebody else has to accept it.",
    Reason.RESOLVER_CONFLICT: "Whoever resolves a challenge cannot take part in it.",
    Reason.NOT_CHALLENGER: "Only whoever offered this challenge can do that.",
    Reason.NOT_RESOLVER: "Only the resolver of this challenge can do that.",
    Reason.NOT_PARTY: "Only the two who bet in this challenge can do that.",
    Reason.CUSTOMER_FROZEN: "This user is frozen and cannot move money out until an operator unfreezes the account.",
    Reason.CUSTOMER_NOT_FROZEN: "This user is not frozen.",
    Reason.WITHDRAWAL_NOT_PENDING: "This withdrawal is completed or rejected already.",
    Reason.CHALLENGE_TIED: "This challenge is decided by a market, whose result is the only one there is.",
    Reason.CHALLENGE_TAKEN: "Somebody has accepted this challenge already.",
    Reason.CHALLENGE_EXPIRED: "This challenge has expired, or expires too soon; nobody can accept it.",
    Reason.CHALLENGE_NOT_ACCEPTED: "Nobody has accepted this challenge.",
    Reason.CHALLENGE_RESOLVED: "How this challenge ended has been said already.",
    Reason.CHALLENGE_NOT_RESOLVED: "How this challenge ended has not been said yet.",
    Reason.CHALLENGE_DISPUTED: "This challenge is disputed already; the operator decides.",
    Reason.DISPUTE_WINDOW_OVER: "It is too late to dispute how this challenge ended.",
    Reason.ALREADY_SETTLED: "This market is settled, or being settled; another result is a correction and must say so.",
    Reason.NOT_SETTLED: "This market is not settled, so there is nothing to correct.",
    Reason.MARKET_ARCHIVED: "This market was settled long ago; nothing about it can change any more.",
    Reason.MARKET_CLOSED: "This market is closed.",
    Reason.MARKET_BUSY: "This market is busy with its users' bets; ask again in a moment.",
    Reason.MARKET_SUSPENDED: "This market is suspended.",
    Reason.MARKET_NOT_SUSPENDED: "This market is not suspended.",
    Reason.MARKET_IN_PLAY: "This market has turned in-play already.",
    Reason.MARKET_VERSION_STALE: "The market has changed since the version you know of; look at it, and ask again.",
    Reason.RUNNER_REMOVED: "This runner has been removed from the market.",
    Reason.LAST_RUNNER: "This is the last runner of the market; void the market instead.",
    Reason.WINNERS_WRONG: "The winners must be different runners, as many as the market has places.",
    Reason.ORDER_NOT_EXECUTABLE: "Nothing of this order is unmatched any more.",
    Reason.ODDS_OFF_LADDER: "These odds are not on the market's ladder.",
    Reason.STAKE_TOO_SMALL: "The stake must be more than what is matched already.",
    Reason.STAKE_TOO_LARGE: "The stake is too large.",
    Reason.MIN_FILL_TOO_LARGE: "The least to be matched must not be more than the stake.",
    Reason.NOTHING_CHANGES: "The order has these odds and this stake already.",
    Reason.EFFECTIVE_IN_FUTURE: "The value date lies in the future; leave it out for now, or give a past one.",
    Reason.PENDING_WITHDRAWALS_LIMIT: (
        f"{PENDING_WITHDRAWALS_MAX} withdrawals are waiting already; ask again when one of them is decided."
    ),
    Reason.ORDERS_LIMIT: "Too many of your orders wait in this market; take some back first.",
    Reason.SELF_MATCH: "This order would be matched with your own; take that back first, or ask for other odds.",
    Reason.INSUFFICIENT_FUNDS: "There is not enough money.",
    Reason.BALANCE_LIMIT: "The balance would become larger than can be kept.",
}

_FIELD_BY_REASON: Final[Mapping[Reason, str]] = {
    Reason.CURRENCY_UNKNOWN: "currency",
    Reason.SAME_CUSTOMER: "to_user_id",
    Reason.WINNERS_WRONG: "winners",
    Reason.ODDS_OFF_LADDER: "odds",
    Reason.STAKE_TOO_SMALL: "stake",
    Reason.STAKE_TOO_LARGE: "stake",
    Reason.MIN_FILL_TOO_LARGE: "min_fill",
    Reason.EFFECTIVE_IN_FUTURE: "effective_at",
}

_Known = Mapping[str, int | str]
_Told = tuple[str, dict[str, Any]]


def present_refusal(reason: Reason, facts: tuple[Fact, ...], currencies: Currencies) -> Problem:
    """Return the problem that tells the caller of a refusal."""
    known = dict(facts)
    detail = _DETAIL_BY_REASON[reason]
    told: dict[str, Any] = {"position": known["position"]} if "position" in known else {}
    enrich = next((_ENRICHMENTS[reason, name] for name in known if (reason, name) in _ENRICHMENTS), None)
    if enrich is not None:
        detail, more = enrich(known, currencies)
        told |= more
    errors = [FieldError(_FIELD_BY_REASON[reason], detail)] if reason in _FIELD_BY_REASON else []
    return problem(STATUS_BY_REASON[reason], reason.value, detail, errors, **told)


def _tell_of_funds(known: _Known, currencies: Currencies) -> _Told:
    currency = _currency(known, currencies)
    needed = format_minor(int(known["needed_minor"]), currency.scale)
    available = format_minor(int(known["available_minor"]), currency.scale)
    detail = f"{needed} {currency.code} is needed and {available} {currency.code} is available."
    return detail, {"currency": currency.code, "needed": needed, "available": available}


def _tell_of_least(known: _Known, currencies: Currencies) -> _Told:
    currency = _currency(known, currencies)
    limit = format_minor(int(known["limit_minor"]), currency.scale)
    return f"The stake must be at least {limit} {currency.code}.", {"currency": currency.code, "limit": limit}


def _tell_of_matched(known: _Known, currencies: Currencies) -> _Told:
    currency = _currency(known, currencies)
    matched = format_minor(int(known["matched_minor"]), currency.scale)
    detail = f"{matched} {currency.code} is matched already; the stake must be more."
    return detail, {"currency": currency.code, "matched": matched}


def _tell_of_most(known: _Known, currencies: Currencies) -> _Told:
    currency = _currency(known, currencies)
    limit = format_minor(int(known["limit_minor"]), currency.scale)
    detail = f"At these odds the stake must be at most {limit} {currency.code}."
    return detail, {"currency": currency.code, "limit": limit}


def _tell_of_ladder(known: _Known, _currencies: Currencies) -> _Told:
    below, above = format_odds(int(known["odds_below"])), format_odds(int(known["odds_above"]))
    detail = f"These odds are not on the market's ladder; the nearest are {below} and {above}."
    return detail, {"odds_below": below, "odds_above": above}


def _tell_of_version(known: _Known, _currencies: Currencies) -> _Told:
    version = known["market_version"]
    return f"The market has changed; look at it, and ask again with version {version}.", {"market_version": version}


def _tell_of_winners(known: _Known, _currencies: Currencies) -> _Told:
    detail = f"The winners must be different runners, and {known['winners']} of them, or more in a dead heat."
    return detail, {"winners": known["winners"]}


def _tell_of_orders(known: _Known, _currencies: Currencies) -> _Told:
    return f"{known['orders_max']} of your orders wait in this market already; take some back first.", {}


def _currency(known: _Known, currencies: Currencies) -> Currency:
    currency = currencies.find(str(known["currency"]))
    assert currency is not None
    return currency


_ENRICHMENTS: Final[Mapping[tuple[Reason, str], Callable[[_Known, Currencies], _Told]]] = {
    (Reason.INSUFFICIENT_FUNDS, "needed_minor"): _tell_of_funds,
    (Reason.STAKE_TOO_SMALL, "limit_minor"): _tell_of_least,
    (Reason.STAKE_TOO_SMALL, "matched_minor"): _tell_of_matched,
    (Reason.STAKE_TOO_LARGE, "limit_minor"): _tell_of_most,
    (Reason.ODDS_OFF_LADDER, "odds_below"): _tell_of_ladder,
    (Reason.MARKET_VERSION_STALE, "market_version"): _tell_of_version,
    (Reason.WINNERS_WRONG, "winners"): _tell_of_winners,
    (Reason.ORDERS_LIMIT, "orders_max"): _tell_of_orders,
}
"""What more is told of a refusal that comes with a fact of this name."""
