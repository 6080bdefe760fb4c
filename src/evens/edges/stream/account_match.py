"""A match as the stream tells it to one of the two whose it is."""

from typing import Any

from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.public_ids import format_market_id, format_order_id, format_trade_id
from evens.edges.http.protocol.betting import SIDE_NAMES
from evens.store.exchange.matches import Fill


def present_match(fill: Fill, currency: Currency) -> dict[str, Any]:
    """Return the match with the customer's own order and side."""
    return {
        "id": format_trade_id(fill.match),
        "order_id": format_order_id(fill.order),
        "market_id": format_market_id(fill.market),
        "runner_id": str(fill.runner),
        "side": SIDE_NAMES[fill.side],
        "odds": format_odds(fill.odds),
        "size": format_minor(fill.stake_minor, currency.scale),
        "at": format_time(fill.match),
    }
