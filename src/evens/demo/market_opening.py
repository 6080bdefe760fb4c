"""Opens the simulator's markets, and turns traders' bids into orders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from evens.edges.cli.api import Answer, Api, Document
from evens.edges.cli.exchange.markets import MARKETS_PATH, ORDERS_PATH
from evens.edges.cli.simulator import Bid, Fixture

CURRENCY: Final = "USD"
_MIN_STAKE: Final = "1.00"
_TYPES: Final = {"match": ("Soccer", "MATCH_ODDS"), "race": ("Horse Racing", "WIN"), "final": ("Athletics", "PLACE")}
"""The event type and the market type of each kind of contest."""


def event_of(prefix: str, fixture: Fixture) -> str:
    """Return the market's event name, by which a later demo finds the market."""
    return f"{prefix}-{fixture.kind}-{fixture.number}"


def open_market(api: Api, prefix: str, fixture: Fixture, starts_at: float, key: str | None = None) -> Document:
    """Open a fixture's market; ``starts_at`` is in seconds since 1970."""
    body = {
        "name": fixture.name,
        "event": event_of(prefix, fixture),
        "starts_at": f"{datetime.fromtimestamp(int(starts_at), UTC):%Y-%m-%dT%H:%M:%S}Z",
        "runners": [{"name": runner} for runner in fixture.runners],
        "winners": fixture.winners,
        "commission_bps": fixture.commission_bps,
        "min_stake": _MIN_STAKE,
        "currency": CURRENCY,
        "cover_removals": fixture.kind == "race",
        "event_type": _TYPES[fixture.kind][0],
        "market_type": _TYPES[fixture.kind][1],
    }
    return api.post(MARKETS_PATH, body, key=key).document


def order_of(bid: Bid, market: Document, user_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the order for a bid: a quote waits in the book, a taker's order is fill or kill."""
    order = {
        "market_id": market["id"],
        "runner_id": market["runners"][bid.runner - 1]["id"],
        "user_id": user_ids[bid.username],
        "side": bid.side,
        "odds": bid.odds,
        "stake": bid.stake,
    }
    return order if bid.level is not None else {**order, "time_in_force": "fok", "min_fill": _MIN_STAKE}


def place_all(
    api: Api, bids: Iterable[Bid], market: Document, user_ids: Mapping[str, str], key: str | None = None
) -> Answer:
    """Place bids in one request; the results are in the order of the bids."""
    orders: Sequence[dict[str, Any]] = [order_of(bid, market, user_ids) for bid in bids]
    return api.post(f"{ORDERS_PATH}/batch", {"orders": orders}, key=key)
