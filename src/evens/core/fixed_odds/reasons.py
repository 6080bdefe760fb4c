"""Why the sportsbook refuses a command."""

from typing import Final

from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class FixedOddsReason(Reason):
    """Reasons about fixtures, which customers call events, and bets on them."""

    EVENT_UNKNOWN = "event_unknown"
    SELECTION_UNKNOWN = "selection_unknown"
    BET_UNKNOWN = "bet_unknown"
    LINE_OUTDATED = "line_outdated"
    LINE_UNAVAILABLE = "line_unavailable"
    LEGS_RELATED = "legs_related"
    EVENT_FINISHED = "event_finished"
    EVENT_BUSY = "event_busy"
    EVENT_SUSPENDED = "event_suspended"
    DEADLINE_PASSED = "deadline_passed"
    RESULTS_CONTRADICT = "results_contradict"
    NO_RESULT = "no_result"
    OPERATOR_DECIDED = "operator_decided"
    SELECTION_REMOVED = "selection_removed"
    ODDS_TOO_SHORT = "odds_too_short"
    ODDS_CHANGED = "odds_changed"
    QUOTE_EXPIRED = "quote_expired"
    CASH_OUT_UNAVAILABLE = "cash_out_unavailable"
    STAKE_LIMITED = "stake_limited"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    SharedReason.CUSTOMER_UNKNOWN,
    FixedOddsReason.EVENT_UNKNOWN,
    FixedOddsReason.SELECTION_UNKNOWN,
    FixedOddsReason.BET_UNKNOWN,
    SharedReason.CUSTOMER_FROZEN,
    SharedReason.OWES_HOUSE,
    FixedOddsReason.LINE_OUTDATED,
    FixedOddsReason.LEGS_RELATED,
    FixedOddsReason.EVENT_FINISHED,
    FixedOddsReason.DEADLINE_PASSED,
    FixedOddsReason.LINE_UNAVAILABLE,
    FixedOddsReason.EVENT_BUSY,
    FixedOddsReason.EVENT_SUSPENDED,
    FixedOddsReason.OPERATOR_DECIDED,
    FixedOddsReason.NO_RESULT,
    FixedOddsReason.RESULTS_CONTRADICT,
    FixedOddsReason.SELECTION_REMOVED,
    FixedOddsReason.ODDS_TOO_SHORT,
    FixedOddsReason.ODDS_CHANGED,
    FixedOddsReason.QUOTE_EXPIRED,
    FixedOddsReason.CASH_OUT_UNAVAILABLE,
    SharedReason.NOTHING_CHANGES,
    FixedOddsReason.STAKE_LIMITED,
    SharedReason.INSUFFICIENT_FUNDS,
    SharedReason.BALANCE_LIMIT,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
