"""Ids as Betfair writes them: a market is ``1.<number>``, a bet a number as text, a selection a number.

A market's number and a bet's are ours, and a selection is a runner's number within its market. Event types,
competitions and events have names here and no numbers, so their ids are worked out of the names: the same on every
server and for ever, without a table. The event types that Betfair has too have its ids, by which programs filter. Any
other name has 48 bits of its BLAKE2b hash above :data:`HASHED_MIN`: among 20,000 names the chance that two have the
same number is one in a million.
"""

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from evens.core.values.ids import MarketId, OrderId, RunnerId

HASHED_MIN: Final = 1 << 48
"""Ids that are worked out of names begin here; below are those of Betfair's own event types."""

NO_EVENT_TYPE: Final = "Special Bets"
"""What a market without an event type is a case of."""

_MARKET: Final = re.compile(r"1\.([1-9][0-9]{0,14})", re.ASCII)
_BET: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)

EVENT_TYPES: Final = {
    "Soccer": 1,
    "Tennis": 2,
    "Golf": 3,
    "Cricket": 4,
    "Rugby Union": 5,
    "Boxing": 6,
    "Horse Racing": 7,
    "Motor Sport": 8,
    "Special Bets": 10,
    "Cycling": 11,
    "Rowing": 12,
    "Rugby League": 1477,
    "Darts": 3503,
    "Athletics": 3988,
    "Greyhound Racing": 4339,
    "Financial Bets": 6231,
    "Snooker": 6422,
    "American Football": 6423,
    "Baseball": 7511,
    "Basketball": 7522,
    "Hockey": 7523,
    "Ice Hockey": 7524,
    "Australian Rules": 61420,
    "Chess": 136332,
    "Poker": 315220,
    "Winter Sports": 451485,
    "Handball": 468328,
    "Volleyball": 998917,
    "Bowls": 998918,
    "Gaelic Games": 2152880,
    "Politics": 2378961,
    "Table Tennis": 2593174,
    "Mixed Martial Arts": 26420387,
    "Current Affairs": 27388198,
    "E-Sports": 27454571,
}
"""Betfair's ids of event types that both may have, by name."""


def format_market(market: int) -> str:
    """Return a market's id."""
    return f"1.{market}"


def parse_market(text: str) -> MarketId | None:
    """Return the market whose id this could be, ``None`` if it can be none's."""
    match = _MARKET.fullmatch(text)
    market = MarketId(int(match[1]) if match else 0)
    return market if 0 < market < 1 << 49 else None


def format_bet(order: int) -> str:
    """Return a bet's id: an order's number as text."""
    return str(order)


def parse_bet(text: str) -> OrderId | None:
    """Return the order whose id this could be, ``None`` if it can be none's."""
    order = OrderId(int(text) if _BET.fullmatch(text) else 0)
    return order if 0 < order < 1 << 63 else None


def parse_selection(number: int) -> RunnerId | None:
    """Return the runner that a selection's number stands for in its market, ``None`` if it can be none."""
    return RunnerId(number) if 0 < number < 1000 else None


def event_type_id(event_type: str | None) -> str:
    """Return the id of an event type, that of :data:`NO_EVENT_TYPE` if there is none."""
    name = event_type or NO_EVENT_TYPE
    known = EVENT_TYPES.get(name)
    return _hashed("event type", name) if known is None else str(known)


def competition_id(event_type: str | None, competition: str) -> str:
    """Return the id of a competition within its event type."""
    return _hashed("competition", event_type or NO_EVENT_TYPE, competition)


def event_id(event: str | None, market: int) -> str:
    """Return the id of an event; a market that names none is an event of its own and has its number."""
    return str(market) if event is None else _hashed("event", event)


@lru_cache(maxsize=65_536)
def _hashed(kind: str, *names: str) -> str:
    digest = blake2b("\0".join((kind, *names)).encode(), digest_size=6).digest()
    return str(HASHED_MIN + int.from_bytes(digest, "big"))
