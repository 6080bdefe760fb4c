"""How the sportsbook's refusals are presented."""

from typing import Final

from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.values.money import format_minor
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal, currency_of

LINE_UNAVAILABLE: Final = (
    "The provider of these odds is not heard from at the moment; nothing was booked, ask again soon."
)


def _explain_stake(known: Facts, currencies: Currencies) -> Explanation:
    currency = currency_of(known, currencies)
    least_minor, most_minor = int(known["minimum_minor"]), int(known["maximum_minor"])
    least, most = format_minor(least_minor, currency.scale), format_minor(most_minor, currency.scale)
    if most_minor == 0:
        detail = "The house takes no bet of yours on this at the moment."
    else:
        detail = f"The house takes from {least} to {most} {currency.code} on this; choose another stake."
    return detail, {"currency": currency.code, "minimum": least, "maximum": most}


def _explain_selection(known: Facts, _currencies: Currencies) -> Explanation:
    market, selection = known["market"], known["selection"]
    if not selection:
        return f"The event has no market {market}; the event shows the keys of its markets.", {}
    detail = f"The event has no selection {selection} in a market {market}; the event shows the keys of both."
    return detail, {}


SPORTSBOOK_REFUSALS: Final = (
    Refusal(FixedOddsReason.EVENT_UNKNOWN, 404, "There is no such event; check the id."),
    Refusal(
        FixedOddsReason.SELECTION_UNKNOWN,
        404,
        "The event has no such selection; the event shows the keys of its markets and selections.",
        explanations={"selection": _explain_selection},
    ),
    Refusal(FixedOddsReason.BET_UNKNOWN, 404, "There is no such bet; check the id."),
    Refusal(FixedOddsReason.LINE_OUTDATED, 409, "This is older than what the provider has said already."),
    Refusal(FixedOddsReason.LINE_UNAVAILABLE, 503, LINE_UNAVAILABLE),
    Refusal(
        FixedOddsReason.LEGS_RELATED,
        409,
        "Two of the legs are related, so that one makes the other likelier: bet on them one by one.",
    ),
    Refusal(
        FixedOddsReason.EVENT_FINISHED,
        409,
        "This event is finished: nobody can bet on it any more, and a week after its last result nothing of it can be "
        "changed.",
    ),
    Refusal(FixedOddsReason.EVENT_BUSY, 409, "The bets on this event are being dealt with; ask again in a moment."),
    Refusal(
        FixedOddsReason.EVENT_SUSPENDED, 409, "Nobody can bet on this at the moment; look at the event again soon."
    ),
    Refusal(FixedOddsReason.DEADLINE_PASSED, 409, "It is too late to bet on this event."),
    Refusal(
        FixedOddsReason.RESULTS_CONTRADICT,
        409,
        "This contradicts what was said of the market before, which stands, and the market is listed among the "
        "conflicts; to replace its result, settle the event with `correction`.",
    ),
    Refusal(
        FixedOddsReason.OPERATOR_DECIDED,
        409,
        "An operator has decided about this market, so what its provider says changes nothing.",
    ),
    Refusal(FixedOddsReason.NO_RESULT, 409, "There is no result to take back."),
    Refusal(FixedOddsReason.SELECTION_REMOVED, 409, "This selection was taken out of its market; choose another one."),
    Refusal(FixedOddsReason.ODDS_TOO_SHORT, 409, "These odds are too short to bet on: they must be at least 1.01."),
    Refusal(
        FixedOddsReason.ODDS_CHANGED,
        409,
        "The odds have changed; those that `legs` names are good for the next attempt.",
    ),
    Refusal(FixedOddsReason.QUOTE_EXPIRED, 409, "This quote is no longer good; ask for a new one."),
    Refusal(
        FixedOddsReason.CASH_OUT_UNAVAILABLE,
        409,
        "This bet cannot be cashed out now: it is over or lost, or nobody can say at the moment what it is worth.",
    ),
    Refusal(
        FixedOddsReason.STAKE_LIMITED,
        409,
        "The house does not take this stake.",
        explanations={"maximum_minor": _explain_stake},
    ),
)
