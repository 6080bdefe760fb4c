"""What a market is, in Betfair's words: what listMarketCatalogue, listMarketBook and the stream all say of it."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from evens.core.values.betting import MarketStatus, MarketTerms
from evens.core.values.ids import MarketId
from evens.core.values.odds import BPS_UNIT
from evens.edges.betfair.wire.ids import NO_EVENT_TYPE, competition_id, event_id, event_type_id
from evens.edges.betfair.wire.moments import format_moment
from evens.store.exchange.queries import MarketRow

BETTING_TYPE: Final = "ODDS"
REGULATOR: Final = "MR_INT"
TIMEZONE: Final = "UTC"
MARKET_TYPE: Final = "SPECIAL"
"""The type of a market that names none."""

StatusName = Literal["OPEN", "SUSPENDED", "CLOSED"]
RunnerStatusName = Literal["ACTIVE", "REMOVED", "WINNER", "LOSER"]

_STATUSES: Final[Mapping[MarketStatus, StatusName]] = {
    MarketStatus.OPEN: "OPEN",
    MarketStatus.IN_PLAY: "OPEN",
    MarketStatus.SUSPENDED: "SUSPENDED",
    # Betting is over, and the result is not booked yet: theirs are suspended until it is.
    MarketStatus.CLOSED: "SUSPENDED",
    MarketStatus.SETTLED: "CLOSED",
    MarketStatus.VOID: "CLOSED",
}


def status_of(status: MarketStatus) -> StatusName:
    """Return a market's status."""
    return _STATUSES[status]


def runner_status(row: MarketRow, runner: int) -> RunnerStatusName:
    """Return a runner's status; in a void market nobody ran."""
    if runner in row.removals or row.status is MarketStatus.VOID:
        return "REMOVED"
    if row.status is not MarketStatus.SETTLED:
        return "ACTIVE"
    return "WINNER" if runner in row.shares else "LOSER"


def active_runners(row: MarketRow) -> int:
    """Return how many runners can still win."""
    return sum(runner_status(row, runner) == "ACTIVE" for runner in range(1, len(row.terms.runners) + 1))


def bet_delay(row: MarketRow) -> int:
    """Return for how many seconds an order waits now before it may be matched: none until the market is in-play."""
    return 0 if row.turned_at is None else row.terms.bet_delay_ms // 1000


def percent_of(bps: int) -> float:
    """Return basis points in per cent, as a number."""
    whole, rest = divmod(bps, BPS_UNIT // 100)
    return float(f"{whole}.{rest:02d}")


def describe_event_type(terms: MarketTerms) -> dict[str, str]:
    """Return the event type of a market: its id and name."""
    return {"id": event_type_id(terms.event_type), "name": terms.event_type or NO_EVENT_TYPE}


def describe_competition(terms: MarketTerms) -> dict[str, str] | None:
    """Return the competition of a market, ``None`` if it names none."""
    if terms.competition is None:
        return None
    return {"id": competition_id(terms.event_type, terms.competition), "name": terms.competition}


def describe_event(market: MarketId, terms: MarketTerms) -> dict[str, str]:
    """Return the event of a market. One that names none is an event by itself."""
    event = {
        "id": event_id(terms.event, market),
        "name": terms.event or terms.name,
        "timezone": TIMEZONE,
        "openDate": format_moment(terms.starts_at),
    }
    if terms.country is not None:
        event["countryCode"] = terms.country
    if terms.venue is not None:
        event["venue"] = terms.venue
    return event


def describe_market(row: MarketRow) -> dict[str, Any]:
    """Return the fields of a stream's ``marketDefinition`` but its runners."""
    terms = row.terms
    described: dict[str, Any] = {
        "bspMarket": False,
        "turnInPlayEnabled": True,
        "persistenceEnabled": True,
        "marketBaseRate": percent_of(terms.commission_bps),
        "eventId": event_id(terms.event, row.id),
        "eventTypeId": event_type_id(terms.event_type),
        "numberOfWinners": terms.winners,
        "bettingType": BETTING_TYPE,
        "marketType": terms.market_type or MARKET_TYPE,
        "marketTime": format_moment(terms.starts_at),
        "suspendTime": format_moment(terms.starts_at),
        "bspReconciled": False,
        "complete": True,
        "inPlay": row.turned_at is not None,
        "crossMatching": terms.cross_matching,
        "runnersVoidable": False,
        "numberOfActiveRunners": active_runners(row),
        "betDelay": bet_delay(row),
        "status": status_of(row.status),
        "regulators": [REGULATOR],
        "discountAllowed": True,
        "timezone": TIMEZONE,
        "openDate": format_moment(terms.starts_at),
        "version": row.version,
        "name": terms.name,
        "eventName": terms.event or terms.name,
    }
    if terms.country is not None:
        described["countryCode"] = terms.country
    if terms.venue is not None:
        described["venue"] = terms.venue
    if row.settled_at is not None:
        described["settledTime"] = format_moment(row.settled_at)
    return described
