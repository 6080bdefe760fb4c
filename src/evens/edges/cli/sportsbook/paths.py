"""Where the sportsbook's things are in the API, and how events are found and odds are written."""

from typing import Final
from urllib.parse import quote

from evens.edges.cli.api import Api, Document

EVENTS_PATH: Final = "/v1/sportsbook/events"
BETS_PATH: Final = "/v1/sportsbook/bets"
EXPOSURE_PATH: Final = "/v1/sportsbook/exposure"
LIMITS_PATH: Final = "/v1/sportsbook/limits"
CONFLICTS_PATH: Final = "/v1/sportsbook/conflicts"

MAIN: Final = "main"
WIN: Final = "win"
NOTHING: Final = "–"


def event_path(event_id: str, *rest: str) -> str:
    """Return the path of an event, or of something below it."""
    return "/".join((EVENTS_PATH, quote(event_id, safe=""), *rest))


def bet_path(bet_id: str, *rest: str) -> str:
    """Return the path of a bet, or of something below it."""
    return "/".join((BETS_PATH, quote(bet_id, safe=""), *rest))


def acting_for(user: str, customer: Document) -> str | None:
    """Return the user id to send: an operator names the user, a customer's own key names none."""
    return customer["id"] if user != "me" else None


def odds_text(odds: str | None) -> str:
    """Return odds as people read them, ``"3.50"`` as ``"3.5"``."""
    if odds is None:
        return NOTHING
    return odds.rstrip("0").rstrip(".") if "." in odds else odds


class KnownEvents:
    """Events by id, each requested once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, Document] = {}

    def of(self, event_id: str) -> Document:
        """Return an event."""
        if event_id not in self._known:
            self._known[event_id] = self._api.get(event_path(event_id))
        return self._known[event_id]

    def leg_text(self, leg: Document) -> str:
        """Return what a leg is on, in words."""
        event = self.of(leg["event_id"])
        market = next((one for one in event["markets"] if one["key"] == leg["market"]), None)
        if market is None:
            return f"{leg['selection']} in {event['title']}"
        names = {one["key"]: one["name"] for one in market["selections"]}
        what = names.get(leg["selection"], leg["selection"])
        is_only = len(event["markets"]) == 1
        return f"{what} in {event['title']}" if is_only else f"{what} ({market['name']}) in {event['title']}"
