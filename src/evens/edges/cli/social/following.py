"""Where follows are in the API, how one is named on the command line, and what limits are sent."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from evens.edges.cli.api import Api, Document
from evens.edges.cli.failures import Misused, Refused

FOLLOWS_PATH: Final = "/v1/follows"
COPIES_STEP: Final = "copies"
NO_LIMIT: Final = "none"

_FOLLOW_ID: Final = re.compile(r"fol_[0-9]+", re.ASCII)


class CopiedProduct(StrEnum):
    """Where bets are copied."""

    EXCHANGE = "exchange"
    SPORTSBOOK = "sportsbook"
    POOLS = "pools"


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


def terms_body(
    stake: str | None,
    ratio: str | None,
    caps: Mapping[str, str | None],
    slippage: int | None,
    min_odds: str | None,
    products: Sequence[CopiedProduct] | None,
) -> dict[str, Any]:
    """Return what is given of the limits, as the API has it."""
    mode = "fixed" if stake is not None else "proportional" if ratio is not None else None
    given = {
        "mode": mode,
        "stake": stake,
        "ratio": ratio,
        **caps,
        "max_slippage_ticks": slippage,
        "products": None if products is None else [product.value for product in products],
    }
    body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if min_odds is not None:
        body["min_odds"] = None if min_odds == NO_LIMIT else min_odds
    return body
