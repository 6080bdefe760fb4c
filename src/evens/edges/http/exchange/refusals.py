"""How the exchange's refusals are presented."""

from dataclasses import replace
from typing import Final

from evens.core.exchange.reasons import ExchangeReason
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.edges.http.exchange.presenting import order_status
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import Problem
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal
from evens.store.exchange.queries import OrderRow


def _explain_ladder(known: Facts, _currencies: Currencies) -> Explanation:
    below, above = format_odds(int(known["odds_below"])), format_odds(int(known["odds_above"]))
    detail = f"These odds are not on the market's ladder; the nearest are {below} and {above}."
    return detail, {"odds_below": below, "odds_above": above}


def _explain_version(known: Facts, _currencies: Currencies) -> Explanation:
    version = known["market_version"]
    return f"The market has changed; look at it, and ask again with version {version}.", {"market_version": version}


def _explain_winners(known: Facts, _currencies: Currencies) -> Explanation:
    detail = f"The winners must be different runners, at most {known['winners']}; name those who tie in `tied`."
    return detail, {"winners": known["winners"]}


def _explain_tied(known: Facts, _currencies: Currencies) -> Explanation:
    left = known["places_left"]
    return f"The winners leave {left} places; those who tie must be more than that, and at least one place be left.", {}


def _explain_orders_limit(known: Facts, _currencies: Currencies) -> Explanation:
    return f"{known['orders_max']} of your orders wait in this market already; take some back first.", {}


_ENDS: Final = {"complete": "It is matched completely", "cancelled": "It was cancelled", "lapsed": "It lapsed"}


def explain_over(problem: Problem, order: OrderRow, currency: Currency) -> Problem:
    """Say of an order that is over, which never changes again, how it ended and how much of it was matched."""
    matched, status = format_minor(order.matched_minor, currency.scale), order_status(order)
    detail = (
        f"Nothing of this order is unmatched any more. {_ENDS[status]}; {matched} {currency.code} of it is matched."
    )
    return replace(problem, detail=detail, order_status=status, matched=matched, currency=currency.code)


EXCHANGE_REFUSALS: Final = (
    Refusal(ExchangeReason.MARKET_UNKNOWN, 404, "There is no such market; check the id."),
    Refusal(
        ExchangeReason.RUNNER_UNKNOWN, 404, "This market has no such runner; the market shows the ids of its runners."
    ),
    Refusal(ExchangeReason.ORDER_UNKNOWN, 404, "There is no such order; check the id."),
    Refusal(
        ExchangeReason.ALREADY_SETTLED,
        409,
        "This market is settled, or being settled; another result is a correction and must say so.",
    ),
    Refusal(ExchangeReason.NOT_SETTLED, 409, "This market is not settled, so there is nothing to correct."),
    Refusal(
        ExchangeReason.MARKET_ARCHIVED, 409, "This market was settled long ago; nothing about it can change any more."
    ),
    Refusal(ExchangeReason.MARKET_CLOSED, 409, "This market is closed."),
    Refusal(ExchangeReason.MARKET_BUSY, 409, "This market is busy with its users' bets; ask again in a moment."),
    Refusal(ExchangeReason.MARKET_SUSPENDED, 409, "This market is suspended."),
    Refusal(ExchangeReason.MARKET_NOT_SUSPENDED, 409, "This market is not suspended."),
    Refusal(ExchangeReason.MARKET_IN_PLAY, 409, "This market has turned in-play already."),
    Refusal(
        ExchangeReason.MARKET_VERSION_STALE,
        409,
        "The market has changed since the version you know of; look at it, and ask again.",
        explanations={"market_version": _explain_version},
    ),
    Refusal(
        ExchangeReason.RUNNER_REMOVED,
        409,
        "This runner has been removed from the market already; only another reduction changes that.",
    ),
    Refusal(
        ExchangeReason.RUNNER_NOT_REMOVED, 409, "This runner has not been removed, so there is nothing to take back."
    ),
    Refusal(ExchangeReason.LAST_RUNNER, 409, "This is the last runner of the market; void the market instead."),
    Refusal(
        ExchangeReason.RUNNERS_FINAL,
        409,
        "In a market with cross-matching no runner can be removed: whoever does not take part loses. Settle it for "
        "whoever wins, or void it.",
    ),
    Refusal(
        ExchangeReason.WINNERS_WRONG,
        422,
        "The winners must be different runners, not more than the market has places.",
        field="winners",
        explanations={"winners": _explain_winners, "places_left": _explain_tied},
    ),
    Refusal(ExchangeReason.ORDER_NOT_EXECUTABLE, 409, "Nothing of this order is unmatched any more."),
    Refusal(
        ExchangeReason.ODDS_OFF_LADDER,
        422,
        "These odds are not on the market's ladder.",
        field="odds",
        explanations={"odds_below": _explain_ladder},
    ),
    Refusal(
        ExchangeReason.MIN_FILL_TOO_LARGE,
        422,
        "The least to be matched must not be more than the stake.",
        field="min_fill",
    ),
    Refusal(
        ExchangeReason.ORDERS_LIMIT,
        409,
        "Too many of your orders wait in this market; take some back first.",
        explanations={"orders_max": _explain_orders_limit},
    ),
    Refusal(
        ExchangeReason.SELF_MATCH,
        409,
        "This order would be matched with your own; take that back first, or ask for other odds.",
    ),
)
