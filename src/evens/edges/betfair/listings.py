"""What there is to bet on: event types, competitions, events, countries, venues, types, times, and the catalogue.

Everything follows from the terms of the markets whose result is not booked yet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from evens.core.values.moments import DAY_NS
from evens.edges.betfair.calls import Call, Number, Operation, Params
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.market_filter import MarketFilter, find_markets, made_of_markets
from evens.edges.betfair.wire.definition import (
    BETTING_TYPE,
    MARKET_TYPE,
    REGULATOR,
    describe_competition,
    describe_event,
    describe_event_type,
    percent_of,
)
from evens.edges.betfair.wire.ids import format_market
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import size_of
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.matches import RunnerTotals
from evens.store.exchange.queries import MarketRow

WEIGHT_MAX: Final = 200
"""Most that one call may ask for, in Betfair's points of weight."""

RESULTS_MAX: Final = 1000

SUMMED_MAX: Final[Mapping[str, int]] = {"TRADED": 10_000, "AVAILABLE": 1_000}
"""How many markets are sorted by an amount: what is available is summed up of all orders that wait in them."""

Projection = Literal[
    "COMPETITION",
    "EVENT",
    "EVENT_TYPE",
    "MARKET_START_TIME",
    "MARKET_DESCRIPTION",
    "RUNNER_DESCRIPTION",
    "RUNNER_METADATA",
]
Sort = Literal[
    "MINIMUM_TRADED",
    "MAXIMUM_TRADED",
    "MINIMUM_AVAILABLE",
    "MAXIMUM_AVAILABLE",
    "FIRST_TO_START",
    "LAST_TO_START",
]
Granularity = Literal["DAYS", "HOURS", "MINUTES"]

_WEIGHTS: Final[Mapping[str, int]] = {"MARKET_DESCRIPTION": 1, "RUNNER_METADATA": 1}
_SPANS_NS: Final[Mapping[Granularity, int]] = {"DAYS": DAY_NS, "HOURS": DAY_NS // 24, "MINUTES": DAY_NS // 1440}
_LADDERS: Final = {"classic": "CLASSIC", "finest": "FINEST"}


class Listing(Params, kw_only=True, frozen=True):
    """A filter; all names here are in one language."""

    filter: MarketFilter
    locale: str | None = None


class TimeRanges(Params, kw_only=True, frozen=True):
    """A filter, and how long each time is."""

    filter: MarketFilter
    granularity: Granularity


class Catalogue(Params, kw_only=True, frozen=True):
    """A filter, what to tell of each market, and of how many in which order."""

    filter: MarketFilter
    market_projection: list[Projection] | None = None
    sort: Sort | None = None
    max_results: Number
    locale: str | None = None


Named = dict[str, Any]


async def list_event_types(call: Call[Listing]) -> list[Named]:
    """Return the event types of markets, with how many there are of each."""
    return await _listed(
        call, "eventTypes", lambda rows: _counted(rows, lambda row: describe_event_type(row.terms), "eventType")
    )


async def list_competitions(call: Call[Listing]) -> list[Named]:
    """Return the competitions of markets."""
    return await _listed(call, "competitions", _competitions)


async def list_events(call: Call[Listing]) -> list[Named]:
    """Return the events of markets; an event opens with the first of its markets."""

    def make(rows: Sequence[MarketRow]) -> list[Named]:
        by_start = sorted(rows, key=lambda row: row.terms.starts_at)
        return _counted(by_start, lambda row: describe_event(row.id, row.terms), "event")

    return await _listed(call, "events", make)


async def list_market_types(call: Call[Listing]) -> list[Named]:
    """Return the types of markets."""
    return await _listed(
        call,
        "marketTypes",
        lambda rows: _counted_texts(rows, lambda row: row.terms.market_type or MARKET_TYPE, "marketType"),
    )


async def list_countries(call: Call[Listing]) -> list[Named]:
    """Return the countries of markets that name one."""
    return await _listed(
        call, "countries", lambda rows: _counted_texts(rows, lambda row: row.terms.country, "countryCode")
    )


async def list_venues(call: Call[Listing]) -> list[Named]:
    """Return the venues of markets that name one."""
    return await _listed(call, "venues", lambda rows: _counted_texts(rows, lambda row: row.terms.venue, "venue"))


async def list_time_ranges(call: Call[TimeRanges]) -> list[Named]:
    """Return the days, hours or minutes (of UTC) in which markets start."""
    granularity = call.params.granularity
    return await _listed(call, granularity, lambda rows: _time_ranges(rows, _SPANS_NS[granularity]))


def _time_ranges(rows: Iterable[MarketRow], span_ns: int) -> list[Named]:
    counts: dict[int, int] = {}
    for row in rows:
        begins_at = row.terms.starts_at - row.terms.starts_at % span_ns
        counts[begins_at] = counts.get(begins_at, 0) + 1
    return [
        {
            "timeRange": {"from": format_moment(begins_at), "to": format_moment(begins_at + span_ns)},
            "marketCount": count,
        }
        for begins_at, count in sorted(counts.items())
    ]


def _competitions(rows: Iterable[MarketRow]) -> list[Named]:
    found = list(rows)
    counted = _counted(found, lambda row: describe_competition(row.terms), "competition")
    by_id = {each["competition"]["id"]: each for each in counted}
    for row in found:
        competition = describe_competition(row.terms)
        if competition is not None and row.terms.country is not None:
            by_id[competition["id"]].setdefault("competitionRegion", row.terms.country)
    return counted


async def list_market_catalogue(call: Call[Catalogue]) -> list[Named]:
    """Return what never changes of markets, and what was matched on them."""
    asked = call.params
    projections = set(asked.market_projection or ())
    weight = sum(_WEIGHTS.get(each, 0) for each in projections)
    if not 1 <= asked.max_results <= RESULTS_MAX or weight * asked.max_results > WEIGHT_MAX:
        told = f"maxResults is 1 to {RESULTS_MAX}, and times the weight of marketProjection at most {WEIGHT_MAX}."
        raise ApiError("TOO_MUCH_DATA", told)
    found = await find_markets(call, asked.filter)
    chosen = await sort_markets(call.dialect.bets, found, asked.sort or "FIRST_TO_START")
    chosen = chosen[: asked.max_results]
    totals = await call.services.exchange.queries.runner_totals([row.id for row in chosen])
    return [_catalogue(call, row, totals[row.id], projections) for row in chosen]


async def sort_markets(bets: BettingQueries, rows: Sequence[MarketRow], sort: Sort) -> list[MarketRow]:
    """Return markets in an order. Only orders by amounts ask the tables, for one number of each market.

    Raises :class:`ApiError` for more markets than one call may have summed up.
    """
    ids = [row.id for row in rows]
    is_reversed, kind = sort.startswith(("MAXIMUM", "LAST")), sort.rpartition("_")[2]
    if kind == "START":
        return sorted(rows, key=lambda row: row.terms.starts_at, reverse=is_reversed)
    if len(ids) > SUMMED_MAX[kind]:
        many = f"At most {SUMMED_MAX[kind]} markets are sorted by {sort}, and the filter selects {len(ids)}; narrow it."
        raise ApiError("TOO_MUCH_DATA", many)
    amounts = await (bets.traded_amounts(ids) if kind == "TRADED" else bets.available_amounts(ids))
    return sorted(rows, key=lambda row: amounts.get(row.id, 0), reverse=is_reversed)


def _catalogue(
    call: Call[Any], row: MarketRow, totals: Mapping[int, RunnerTotals], projections: set[Projection]
) -> Named:
    terms, currency = row.terms, call.services.currencies.by_number(row.currency_number)
    matched_minor = sum(total.both_sides_minor for total in totals.values())
    found: Named = {
        "marketId": format_market(row.id),
        "marketName": terms.name,
        "totalMatched": size_of(matched_minor, currency),
    }
    if "MARKET_START_TIME" in projections:
        found["marketStartTime"] = format_moment(terms.starts_at)
    if "MARKET_DESCRIPTION" in projections:
        found["description"] = _description(row)
    if "EVENT_TYPE" in projections:
        found["eventType"] = describe_event_type(terms)
    if "COMPETITION" in projections and (competition := describe_competition(terms)) is not None:
        found["competition"] = competition
    if "EVENT" in projections:
        found["event"] = describe_event(row.id, terms)
    if projections & {"RUNNER_DESCRIPTION", "RUNNER_METADATA"}:
        found["runners"] = [_runner(place, name, projections) for place, name in enumerate(terms.runners, 1)]
    return found


def _runner(place: int, name: str, projections: set[Projection]) -> Named:
    runner: Named = {"selectionId": place, "runnerName": name, "handicap": 0.0, "sortPriority": place}
    if "RUNNER_METADATA" in projections:
        runner["metadata"] = {"runnerId": str(place)}
    return runner


def _description(row: MarketRow) -> Named:
    terms = row.terms
    described: Named = {
        "persistenceEnabled": True,
        "bspMarket": False,
        "marketTime": format_moment(terms.starts_at),
        "suspendTime": format_moment(terms.starts_at),
        "bettingType": BETTING_TYPE,
        "turnInPlayEnabled": True,
        "marketType": terms.market_type or MARKET_TYPE,
        "regulator": REGULATOR,
        "marketBaseRate": percent_of(terms.commission_bps),
        "discountAllowed": True,
        "wallet": "UK wallet",
    }
    if (ladder := _LADDERS.get(terms.ladder.name)) is not None:
        described["priceLadderDescription"] = {"type": ladder}
    return described


async def _listed(call: Call[Any], name: str, make: Callable[[Sequence[MarketRow]], list[Named]]) -> list[Named]:
    """Return a list of what there is in the markets of a call's filter, kept where it is the same for everybody."""
    asked: MarketFilter = call.params.filter
    if asked.with_orders:
        return make(await find_markets(call, asked))
    return await made_of_markets(call, asked, name, make)


def _counted(
    rows: Iterable[MarketRow], describe: Callable[[MarketRow], Mapping[str, str] | None], name: str
) -> list[Named]:
    """Return what markets are described by, with how many are by each; what comes first describes it."""
    found: dict[str, Named] = {}
    for row in rows:
        described = describe(row)
        if described is not None:
            counted = found.setdefault(described["id"], {name: described, "marketCount": 0})
            counted["marketCount"] += 1
    return list(found.values())


def _counted_texts(rows: Iterable[MarketRow], text_of: Callable[[MarketRow], str | None], name: str) -> list[Named]:
    counts: dict[str, int] = {}
    for row in rows:
        if (text := text_of(row)) is not None:
            counts[text] = counts.get(text, 0) + 1
    return [{name: text, "marketCount": count} for text, count in counts.items()]


LISTINGS: Final[Mapping[str, Operation[Any]]] = {
    "listEventTypes": Operation(Listing, list_event_types),
    "listCompetitions": Operation(Listing, list_competitions),
    "listEvents": Operation(Listing, list_events),
    "listMarketTypes": Operation(Listing, list_market_types),
    "listCountries": Operation(Listing, list_countries),
    "listVenues": Operation(Listing, list_venues),
    "listTimeRanges": Operation(TimeRanges, list_time_ranges),
    "listMarketCatalogue": Operation(Catalogue, list_market_catalogue),
}
