"""Which markets a call is about: Betfair's MarketFilter, over the markets whose result is not booked yet."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec

from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.edges.betfair.calls import Call, Names, Params, TimeRange
from evens.edges.betfair.wire.definition import BETTING_TYPE, MARKET_TYPE
from evens.edges.betfair.wire.ids import competition_id, event_id, event_type_id, format_market
from evens.store.exchange.queries import MarketRow

T = TypeVar("T")


class MarketFilter(Params, kw_only=True, frozen=True):
    """Conditions that all hold; of several values in one of them any will do. An empty list is no condition."""

    text_query: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    exchange_ids: Names | None = None
    event_type_ids: Names | None = None
    event_ids: Names | None = None
    competition_ids: Names | None = None
    market_ids: Names | None = None
    venues: Names | None = None
    bsp_only: bool | None = None
    turn_in_play_enabled: bool | None = None
    in_play_only: bool | None = None
    market_betting_types: Names | None = None
    market_countries: Names | None = None
    market_type_codes: Names | None = None
    market_start_time: TimeRange | None = None
    with_orders: list[Literal["EXECUTABLE", "EXECUTION_COMPLETE"]] | None = None
    race_types: Names | None = None
    bet_delay_models: Names | None = None


def _competition(row: MarketRow) -> str | None:
    terms = row.terms
    return None if terms.competition is None else competition_id(terms.event_type, terms.competition)


MARKETS_PER_CALL: Final = 100
"""A list that is made anew counts as a call more for as many markets: one of 5,000 takes the writer 80 ms."""

_VALUES: Final[Mapping[str, Callable[[MarketRow], str | None]]] = {
    "event_type_ids": lambda row: event_type_id(row.terms.event_type),
    "event_ids": lambda row: event_id(row.terms.event, row.id),
    "competition_ids": _competition,
    "market_ids": lambda row: format_market(row.id),
    "venues": lambda row: row.terms.venue,
    "market_betting_types": lambda _: BETTING_TYPE,
    "market_countries": lambda row: row.terms.country,
    "market_type_codes": lambda row: row.terms.market_type or MARKET_TYPE,
    # Nothing here has one.
    "race_types": lambda _: None,
    "bet_delay_models": lambda _: None,
}


async def find_markets(call: Call[Any], asked: MarketFilter) -> Sequence[MarketRow]:
    """Return the markets that a filter selects, oldest first; those whose result is booked are none of them."""
    rows = await made_of_markets(call, asked, "markets", lambda rows: rows)
    return await _with_orders(call, rows, asked.with_orders) if asked.with_orders else rows


async def made_of_markets(
    call: Call[Any], asked: MarketFilter, name: str, make: Callable[[Sequence[MarketRow]], T]
) -> T:
    """Return what ``make`` makes of the markets that a filter selects, kept under a name while no market changes.

    Whose orders there have to be in them is no matter here. Nobody may change what is returned.
    """

    def select_and_make(rows: Sequence[MarketRow]) -> T:
        # What is made anew of many markets counts as several calls.
        call.count(len(rows) // MARKETS_PER_CALL)
        return make(_select(rows, asked))

    # A filter may be as long as a request.
    key = name, hashlib.blake2b(msgspec.json.encode(asked), digest_size=32).digest()
    return await call.dialect.unsettled.made(key, select_and_make)


def _select(rows: Sequence[MarketRow], asked: MarketFilter) -> Sequence[MarketRow]:
    moments = (asked.market_start_time or TimeRange()).moments("marketStartTime")
    since, until = MOMENT_MIN if moments[0] is None else moments[0], MOMENT_MAX if moments[1] is None else moments[1]
    wanted = {name: frozenset(values) for name in _VALUES if (values := getattr(asked, name))}
    return [
        row
        for row in rows
        if since <= row.terms.starts_at <= until
        and all(_VALUES[name](row) in values for name, values in wanted.items())
        and _matches(row, asked)
    ]


def _matches(row: MarketRow, asked: MarketFilter) -> bool:
    """Return whether a market fits the conditions of a filter that are no lists."""
    if asked.bsp_only or asked.turn_in_play_enabled is False:
        return False
    if asked.in_play_only is not None and asked.in_play_only != (row.turned_at is not None):
        return False
    return not asked.text_query or _has_words(row, asked.text_query)


def _has_words(row: MarketRow, query: str) -> bool:
    """Return whether each word of a query begins one of the names of a market or its event; a ``*`` ends a word."""
    terms = row.terms
    names = " ".join(filter(None, (terms.name, terms.event, terms.competition, terms.event_type, terms.venue)))
    words = names.casefold().split()
    return all(any(word.startswith(begun.rstrip("*")) for word in words) for begun in query.casefold().split())


async def _with_orders(call: Call[Any], rows: Sequence[MarketRow], kinds: Sequence[str]) -> list[MarketRow]:
    markets = [row.id for row in rows]
    is_open = None if len(set(kinds)) > 1 else kinds[0] == "EXECUTABLE"
    having = await call.dialect.bets.markets_with_orders(call.customer, markets, is_open=is_open)
    return [row for row in rows if row.id in having]
