"""Where follows are in the API, how one is named on the command line, and what limits are sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from evens.edges.cli.api import Api, Document
from evens.edges.cli.asking import confirm
from evens.edges.cli.failures import Misused, Refused
from evens.edges.cli.social.records import fee_text

FOLLOWS_PATH: Final = "/v1/follows"
COPIES_STEP: Final = "copies"
NO_LIMIT: Final = "none"

_FOLLOW_ID: Final = re.compile(r"fol_[0-9]+", re.ASCII)


class CopiedProduct(StrEnum):
    """Where bets are copied."""

    EXCHANGE = "exchange"
    SPORTSBOOK = "sportsbook"
    POOLS = "pools"


def agreed_fee(api: Api, leader: str, fee: str | None) -> str:
    """Return the performance fee that the follower agrees to: ``fee``, or what the leader's profile shows.

    Whoever is at the terminal is asked about a fee that was not given. Of somebody who shows no profile nothing is
    known; the house says then why they cannot be followed.
    """
    if fee is not None:
        return fee
    try:
        shown = api.get(f"/v1/profiles/{quote(leader.removeprefix('@'), safe='')}")["performance_fee"]
    except Refused:
        return "0"
    if shown != "0":
        said = f"{leader} takes {fee_text(shown)} of what the copies win net, above the most that they have won."
        confirm(said, yes=False, otherwise=f"Add --fee {shown} to agree to it.")
    return shown


def follow_path(follow_id: str, *rest: str) -> str:
    """Return the path of a follow, or of something below it."""
    return "/".join((FOLLOWS_PATH, quote(follow_id, safe=""), *rest))


def find_follow(api: Api, named: str) -> Document:
    """Return the follow with this id, or the caller's own of a leader, the one that has not ended.

    Raises :class:`Refused` if there is none, and :class:`Misused` if a leader is followed in several currencies.
    """
    if _FOLLOW_ID.fullmatch(named):
        return api.get(follow_path(named))
    leader = named.removeprefix("@").lower()
    found = [each for each in api.items(FOLLOWS_PATH) if each["leader"].lower() == leader and each["status"] != "ended"]
    if not found:
        raise Refused(f"You do not follow {named}.", "Name the follow by its id; to see them: evens follow list --all")
    if len(found) > 1:
        ids = ", ".join(f"{each['id']} ({each['currency']})" for each in found)
        raise Misused(f"You follow {named} in several currencies.", f"Name the one that is meant: {ids}")
    return found[0]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is given of the limits that are not amounts. ``none`` takes a limit away."""

    slippage: int | None
    min_odds: str | None
    stop_loss: str | None
    products: Sequence[CopiedProduct] | None
    markets: Sequence[str] | None


def terms_body(stake: str | None, ratio: str | None, caps: Mapping[str, str | None], bounds: Bounds) -> dict[str, Any]:
    """Return what is given of the limits, as the API has it. Raises :class:`Misused` for a stop-loss in words."""
    mode = "fixed" if stake is not None else "proportional" if ratio is not None else None
    given = {
        "mode": mode,
        "stake": stake,
        "ratio": ratio,
        **caps,
        "max_slippage_ticks": bounds.slippage,
        "products": None if bounds.products is None else [product.value for product in bounds.products],
    }
    body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if bounds.min_odds is not None:
        body["min_odds"] = None if bounds.min_odds == NO_LIMIT else bounds.min_odds
    if bounds.stop_loss is not None:
        body["stop_loss_percent"] = None if bounds.stop_loss == NO_LIMIT else _percent(bounds.stop_loss)
    if bounds.markets:
        body["markets"] = [] if NO_LIMIT in bounds.markets else list(bounds.markets)
    return body


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise Misused(f"{text!r} is no percentage.", f"Write a whole number such as 50, or {NO_LIMIT}.")
    return int(text)
