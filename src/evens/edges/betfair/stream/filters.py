"""Which markets a client's filter means, by what the markets promise."""

from typing import Final

from evens.core.values.betting import MarketTerms
from evens.core.values.ids import MarketId
from evens.edges.betfair.stream.requests import MarketFilter
from evens.edges.betfair.stream.statuses import Code, RequestFailed
from evens.edges.betfair.wire.definition import BETTING_TYPE, MARKET_TYPE
from evens.edges.betfair.wire.ids import event_id, event_type_id, parse_market

MARKETS_MAX: Final = 200
"""Most markets of one subscription."""


def named_markets(chosen: MarketFilter) -> list[MarketId] | None:
    """Return the markets that a filter names, ``None`` if it names none. Raises :class:`RequestFailed`."""
    if not chosen.market_ids:
        return None
    found: dict[MarketId, None] = {}
    for text in chosen.market_ids:
        market = parse_market(text)
        if market is None:
            raise RequestFailed(
                Code.INVALID_INPUT, f"marketFilter.marketIds: {text!r} is no market's id; they are such as 1.42."
            )
        found[market] = None
    if len(found) > MARKETS_MAX:
        raise too_many(len(found))
    return list(found)


def too_many(count: int) -> RequestFailed:
    """Return the refusal of a subscription to so many markets."""
    return RequestFailed(
        Code.TOO_MANY_MARKETS,
        f"The filter fits {count} markets, and a subscription has {MARKETS_MAX} at most; name fewer in marketFilter.",
    )


def fits(chosen: MarketFilter, market: MarketId, terms: MarketTerms) -> bool:
    """Return whether a market fits a filter, whatever markets it names."""
    return (
        _has(chosen.event_ids, event_id(terms.event, market))
        and _has(chosen.event_type_ids, event_type_id(terms.event_type))
        and _has(chosen.market_types, terms.market_type or MARKET_TYPE)
        and _has(chosen.country_codes, terms.country)
        and _has(chosen.venues, terms.venue)
        and _has(chosen.betting_types, BETTING_TYPE)
        # There are neither race types nor models of delay, so asking for some finds nothing.
        and not chosen.race_types
        and not chosen.bet_delay_models
        and chosen.turn_in_play_enabled is not False
        and not chosen.bsp_market
    )


def _has(wanted: list[str] | None, value: str | None) -> bool:
    """Return whether a value is wanted. An empty list is none that was given."""
    return not wanted or value in wanted
