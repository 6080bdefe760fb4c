"""How follows and copies are written for people."""

from collections.abc import Mapping
from typing import Final

from evens.edges.cli.api import Document
from evens.edges.cli.social.records import NOTHING, share_text
from evens.edges.cli.wording import amount_text, count_text, moment_text, money_text

REASONS: Final[Mapping[str, str]] = {
    "not_following": "the follow had ended",
    "paused": "the follow was paused",
    "stop_loss": "the stop-loss was reached",
    "expired": "it was a minute too late",
    "loop": "the leader's bet was a copy of a copy",
    "restricted": "one of you may not bet now",
    "not_allowed": "the leader or your limits do not allow it there",
    "currency": "it is in another currency",
    "market_closed": "nothing could be bet there any more",
    "below_minimum": "the stake would be below the least one",
    "slippage": "the odds were worse than you allow",
    "cap": "above what one copy may risk",
    "daily_cap": "the day's cap was reached",
    "allocation": "the allocation is used up",
    "funds": "there was not enough money",
    "own_order": "it would have met an order of your own",
    "stake_limit": "the house takes no such stake of you",
    "refused": "it was refused",
    "failed": "something went wrong on our side, and the operator knows",
    "lapsed": "nobody matched it",
}
"""Why a bet was not copied, in words."""


def stake_text(follow: Document) -> str:
    """Return what each copy stakes: an amount, or a share of the leader's stake."""
    return amount_text(follow["stake"]) if follow["stake"] is not None else share_text(follow["ratio"])


def terms_text(follow: Document) -> str:
    """Return the terms of a follow in a sentence without its subject."""
    currency = follow["currency"]
    is_fixed = follow["stake"] is not None
    each = money_text(follow["stake"], currency) if is_fixed else f"{stake_text(follow)} of their stake"
    caps = f"at most {amount_text(follow['per_bet_cap'])} a bet and {amount_text(follow['daily_cap'])} a day"
    return f"{each} each, {caps}, {money_text(follow['allocation'], currency)} in all"


def follow_row(follow: Document) -> tuple[str, ...]:
    """Return the cells of a follow in a table."""
    return (
        follow["id"],
        follow["leader"],
        _status(follow),
        stake_text(follow),
        amount_text(follow["allocation_used"]),
        amount_text(follow["allocation_left"]),
        amount_text(follow["used_today"]),
        amount_text(follow["daily_cap"]),
        amount_text(follow["result"]),
        follow["currency"],
    )


def follow_facts(follow: Document) -> dict[str, str]:
    """Return what there is to say of a follow, by name."""
    currency = follow["currency"]
    used, left = (amount_text(follow[name]) for name in ("allocation_used", "allocation_left"))
    stop_loss = follow["stop_loss_percent"]
    today, daily = (amount_text(follow[name]) for name in ("used_today", "daily_cap"))
    facts = {
        "Id": follow["id"],
        "Leader": follow["leader"],
        "Status": _status(follow),
        "Result": money_text(follow["result"], currency),
        "Each copy": stake_text(follow) if follow["stake"] is None else money_text(follow["stake"], currency),
        "A copy risks at most": money_text(follow["per_bet_cap"], currency),
        "Allocation": money_text(follow["allocation"], currency),
        "At risk now": f"{used} of {left} {currency} that are left of it",
        "Risked today (UTC)": f"{today} of {daily} {currency}",
        "Stop-loss": NOTHING if stop_loss is None else f"when {stop_loss} % of the allocation is left",
        "Odds on the exchange": f"at most {count_text(follow['max_slippage_ticks'], 'tick')} worse than the leader's",
        "Least odds with the house": NOTHING if follow["min_odds"] is None else follow["min_odds"],
        "Copied": ", ".join(follow["products"]),
        "Only in": ", ".join(follow["markets"]) or NOTHING,
        "Leader's fee": "none" if float(follow["performance_fee"]) == 0 else follow["performance_fee"],
        "Since": moment_text(follow["started_at"]),
    }
    return facts | ({} if follow["ended_at"] is None else {"Ended": moment_text(follow["ended_at"])})


def copy_row(copy: Document) -> tuple[str, ...]:
    """Return the cells of a copy in a table."""
    # What a server of a later version adds is told by its own name.
    reason: str | None = copy["reason"]
    why = "" if reason is None else REASONS.get(reason, reason)
    return (
        moment_text(copy["at"]),
        _theirs(copy),
        copy["status"],
        NOTHING if copy["bet_id"] is None else copy["bet_id"],
        _amount(copy["matched"] or copy["stake"]),
        NOTHING if copy["average_odds"] is None else copy["average_odds"],
        _amount(copy["risk"]),
        _amount(copy["result"]),
        why if copy["detail"] is None else f"{why} ({copy['detail']})",
    )


def _theirs(copy: Document) -> str:
    """Return what the leader bet on, by its title; several that were skipped together by the last one."""
    named = copy["leader_bet"] if copy["title"] is None else copy["title"]
    return named if copy["bets"] == 1 else f"{named} (and {copy['bets'] - 1} before)"


def _status(follow: Document) -> str:
    return "stopped" if follow["paused_by"] == "stop_loss" else follow["status"]


def _amount(amount: str | None) -> str:
    return NOTHING if amount is None else amount_text(amount)
