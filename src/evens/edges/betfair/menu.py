"""The navigation menu: event types, in them competitions as groups, events, and their markets."""

from collections.abc import Sequence
from typing import Any

from evens.edges.betfair.wire.definition import (
    MARKET_TYPE,
    describe_competition,
    describe_event,
    describe_event_type,
)
from evens.edges.betfair.wire.ids import format_market
from evens.edges.betfair.wire.moments import format_moment
from evens.store.exchange.queries import MarketRow

Node = dict[str, Any]


def make_menu(rows: Sequence[MarketRow]) -> Node:
    """Return the menu of markets whose result is not booked, in order of their starts."""
    root: Node = {"type": "GROUP", "name": "ROOT", "id": 0, "children": []}
    known: dict[tuple[str, ...], Node] = {(): root}
    for row in sorted(rows, key=lambda each: (each.terms.starts_at, each.id)):
        terms = row.terms
        path: tuple[str, ...] = ()
        event_type, competition = describe_event_type(terms), describe_competition(terms)
        event = describe_event(row.id, terms)
        above = [("EVENT_TYPE", event_type["id"], event_type["name"])]
        if competition is not None:
            above.append(("GROUP", competition["id"], competition["name"]))
        above.append(("EVENT", event["id"], event["name"]))
        for kind, number, name in above:
            parent, path = known[path], (*path, number)
            if path not in known:
                known[path] = {"type": kind, "name": name, "id": number, "children": []}
                if kind == "EVENT":
                    known[path]["countryCode"] = terms.country or ""
                parent["children"].append(known[path])
        known[path]["children"].append(
            {
                "type": "MARKET",
                "name": terms.name,
                "id": format_market(row.id),
                "exchangeId": "1",
                "marketType": terms.market_type or MARKET_TYPE,
                "marketStartTime": format_moment(terms.starts_at),
                "numberOfWinners": terms.winners,
            }
        )
    return root
