"""Refusals of the core as problems: one table from reason to status, and the sentences that say what to do next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.challenges.reasons import ChallengeReason
from evens.core.events.ledger import Fact
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.reasons import Reason
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.withdrawals import PENDING_WITHDRAWALS_MAX
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import FieldError, Problem, problem

STATUS_BY_REASON: Final[Mapping[Reason, int]] = {
    SharedReason.CURRENCY_UNKNOWN: 422,
    SharedReason.CURRENCY_DEFINED: 409,
    SharedReason.CURRENCY_LIMIT: 409,
    WalletReason.USERNAME_TAKEN: 409,
    SharedReason.CUSTOMER_UNKNOWN: 404,
    WalletReason.RECIPIENT_UNKNOWN: 404,
    ExchangeReason.MARKET_UNKNOWN: 404,
    ExchangeReason.RUNNER_UNKNOWN: 404,
    ChallengeReason.RESOLVER_UNKNOWN: 404,
    ExchangeReason.ORDER_UNKNOWN: 404,
    ChallengeReason.CHALLENGE_OVER: 409,
    WalletReason.SAME_CUSTOMER: 422,
    ChallengeReason.OWN_CHALLENGE: 409,
    ChallengeReason.RESOLVER_CONFLICT: 409,
    ChallengeReason.NOT_CHALLENGER: 403,
    ChallengeReason.NOT_RESOLVER: 403,
    ChallengeReason.NOT_PARTY: 403,
    SharedReason.CUSTOMER_FROZEN: 409,
    WalletReason.CUSTOMER_NOT_FROZEN: 409,
    WalletReason.WITHDRAWAL_NOT_PENDING: 409,
    ChallengeReason.CHALLENGE_TIED: 409,
    ChallengeReason.CHALLENGE_TAKEN: 409,
    ChallengeReason.CHALLENGE_EXPIRED: 409,
    ChallengeReason.CHALLENGE_NOT_ACCEPTED: 409,
    ChallengeReason.CHALLENGE_RESOLVED: 409,
    ChallengeReason.CHALLENGE_NOT_RESOLVED: 409,
    ChallengeReason.CHALLENGE_DISPUTED: 409,
    ChallengeReason.DISPUTE_WINDOW_OVER: 409,
    ExchangeReason.ALREADY_SETTLED: 409,
    ExchangeReason.NOT_SETTLED: 409,
    ExchangeReason.MARKET_ARCHIVED: 409,
    ExchangeReason.MARKET_CLOSED: 409,
    ExchangeReason.MARKET_BUSY: 409,
    ExchangeReason.MARKET_SUSPENDED: 409,
    ExchangeReason.MARKET_NOT_SUSPENDED: 409,
    ExchangeReason.MARKET_IN_PLAY: 409,
    ExchangeReason.MARKET_VERSION_STALE: 409,
    ExchangeReason.RUNNER_REMOVED: 409,
    ExchangeReason.LAST_RUNNER: 409,
    ExchangeReason.WINNERS_WRONG: 422,
    ExchangeReason.ORDER_NOT_EXECUTABLE: 409,
    ExchangeReason.ODDS_OFF_LADDER: 422,
    SharedReason.STAKE_TOO_SMALL: 422,
    SharedReason.STAKE_TOO_LARGE: 422,
    ExchangeReason.MIN_FILL_TOO_LARGE: 422,
    SharedReason.NOTHING_CHANGES: 409,
    SharedReason.EFFECTIVE_IN_FUTURE: 422,
    WalletReason.PENDING_WITHDRAWALS_LIMIT: 409,
    ExchangeReason.ORDERS_LIMIT: 409,
    ExchangeReason.SELF_MATCH: 409,
    SharedReason.INSUFFICIENT_FUNDS: 402,
    SharedReason.BALANCE_LIMIT: 409,
}
"""The HTTP status of each refusal: 402 money, 403 somebody else's to do, 404 unknown, 409 wrong state, 422 a value."""

_DETAIL_BY_REASON: Final[Mapping[Reason, str]] = {
    SharedReason.CURRENCY_UNKNOWN: "This house keeps no accounts in that currency.",
    SharedReason.CURRENCY_DEFINED: "This currency is defined already, and its scale can never change.",
    SharedReason.CURRENCY_LIMIT: "No further currency can be defined.",
    WalletReason.USERNAME_TAKEN: "This username is taken; choose another one.",
    SharedReason.CUSTOMER_UNKNOWN: "There is no such user.",
    WalletReason.RECIPIENT_UNKNOWN: "There is no such recipient; check the id or the username.",
    ExchangeReason.MARKET_UNKNOWN: "There is no such market; check the id.",
    ExchangeReason.RUNNER_UNKNOWN: "This market has no such runner; the market shows the ids of its runners.",
    ChallengeReason.RESOLVER_UNKNOWN: "There is no such resolver; check the id or the username.",
    ExchangeReason.ORDER_UNKNOWN: "There is no such order; check the id.",
    ChallengeReason.CHALLENGE_OVER: "This challenge is over.",
    WalletReason.SAME_CUSTOMER: "Payer and recipient are the same user; name another recipient.",
    ChallengeReason.OWN_CHALLENGE: "This challenge is your own; somebody else has to accept it.",
    ChallengeReason.RESOLVER_CONFLICT: "Whoever resolves a challenge cannot take part in it.",
    ChallengeReason.NOT_CHALLENGER: "Only whoever offered this challenge can do that.",
    ChallengeReason.NOT_RESOLVER: "Only the resolver of this challenge can do that.",
    ChallengeReason.NOT_PARTY: "Only the two who bet in this challenge can do that.",
    SharedReason.CUSTOMER_FROZEN: "This user is frozen and cannot move money out until an operator unfreezes the account.",
    WalletReason.CUSTOMER_NOT_FROZEN: "This user is not frozen.",
    WalletReason.WITHDRAWAL_NOT_PENDING: "This withdrawal is completed or rejected already.",
    ChallengeReason.CHALLENGE_TIED: "This challenge is decided by a market, whose result is the only one there is.",
    ChallengeReason.CHALLENGE_TAKEN: "Somebody has accepted this challenge already.",
    ChallengeReason.CHALLENGE_EXPIRED: "This challenge has expired, or expires too soon; nobody can accept it.",
    ChallengeReason.CHALLENGE_NOT_ACCEPTED: "Nobody has accepted this challenge.",
    ChallengeReason.CHALLENGE_RESOLVED: "How this challenge ended has been said already.",
    ChallengeReason.CHALLENGE_NOT_RESOLVED: "How this challenge ended has not been said yet.",
    ChallengeReason.CHALLENGE_DISPUTED: "This challenge is disputed already; the operator decides.",
    ChallengeReason.DISPUTE_WINDOW_OVER: "It is too late to dispute how this challenge ended.",
    ExchangeReason.ALREADY_SETTLED: "This market is settled, or being settled; another result is a correction and must say so.",
    ExchangeReason.NOT_SETTLED: "This market is not settled, so there is nothing to correct.",
    ExchangeReason.MARKET_ARCHIVED: "This market was settled long ago; nothing about it can change any more.",
    ExchangeReason.MARKET_CLOSED: "This market is closed.",
    ExchangeReason.MARKET_BUSY: "This market is busy with its users' bets; ask again in a moment.",
    ExchangeReason.MARKET_SUSPENDED: "This market is suspended.",
    ExchangeReason.MARKET_NOT_SUSPENDED: "This market is not suspended.",
    ExchangeReason.MARKET_IN_PLAY: "This market has turned in-play already.",
    ExchangeReason.MARKET_VERSION_STALE: "The market has changed since the version you know of; look at it, and ask again.",
    ExchangeReason.RUNNER_REMOVED: "This runner has been removed from the market.",
    ExchangeReason.LAST_RUNNER: "This is the last runner of the market; void the market instead.",
    ExchangeReason.WINNERS_WRONG: "The winners must be different runners, as many as the market has places.",
    ExchangeReason.ORDER_NOT_EXECUTABLE: "Nothing of this order is unmatched any more.",
    ExchangeReason.ODDS_OFF_LADDER: "These odds are not on the market's ladder.",
    SharedReason.STAKE_TOO_SMALL: "The stake must be more than what is matched already.",
    SharedReason.STAKE_TOO_LARGE: "The stake is too large.",
    ExchangeReason.MIN_FILL_TOO_LARGE: "The least to be matched must not be more than the stake.",
    SharedReason.NOTHING_CHANGES: "The order has these odds and this stake already.",
    SharedReason.EFFECTIVE_IN_FUTURE: "The value date lies in the future; leave it out for now, or give a past one.",
    WalletReason.PENDING_WITHDRAWALS_LIMIT: (
        f"{PENDING_WITHDRAWALS_MAX} withdrawals are waiting already; ask again when one of them is decided."
    ),
    ExchangeReason.ORDERS_LIMIT: "Too many of your orders wait in this market; take some back first.",
    ExchangeReason.SELF_MATCH: "This order would be matched with your own; take that back first, or ask for other odds.",
    SharedReason.INSUFFICIENT_FUNDS: "There is not enough money.",
    SharedReason.BALANCE_LIMIT: "The balance would become larger than can be kept.",
}

_FIELD_BY_REASON: Final[Mapping[Reason, str]] = {
    SharedReason.CURRENCY_UNKNOWN: "currency",
    WalletReason.SAME_CUSTOMER: "to_user_id",
    ExchangeReason.WINNERS_WRONG: "winners",
    ExchangeReason.ODDS_OFF_LADDER: "odds",
    SharedReason.STAKE_TOO_SMALL: "stake",
    SharedReason.STAKE_TOO_LARGE: "stake",
    ExchangeReason.MIN_FILL_TOO_LARGE: "min_fill",
    SharedReason.EFFECTIVE_IN_FUTURE: "effective_at",
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
    (SharedReason.INSUFFICIENT_FUNDS, "needed_minor"): _tell_of_funds,
    (SharedReason.STAKE_TOO_SMALL, "limit_minor"): _tell_of_least,
    (SharedReason.STAKE_TOO_SMALL, "matched_minor"): _tell_of_matched,
    (SharedReason.STAKE_TOO_LARGE, "limit_minor"): _tell_of_most,
    (ExchangeReason.ODDS_OFF_LADDER, "odds_below"): _tell_of_ladder,
    (ExchangeReason.MARKET_VERSION_STALE, "market_version"): _tell_of_version,
    (ExchangeReason.WINNERS_WRONG, "winners"): _tell_of_winners,
    (ExchangeReason.ORDERS_LIMIT, "orders_max"): _tell_of_orders,
}
"""What more is told of a refusal that comes with a fact of this name."""
