"""From requests to publish events to what a line provider is sent: keys made of names, and what must fit together."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from evens.core.values.fixed_odds import Line, LineChange, LineMarket, LineSelection, MarketChange, SelectionChange
from evens.edges.http.protocol.problem import refuse_fields
from evens.edges.http.sportsbook.bodies import MAIN
from evens.edges.http.sportsbook.line_bodies import (
    KEY_CHARS_MAX,
    EventChangeBody,
    MarketChangeBody,
    NewEventBody,
    NewMarketBody,
    NewSelectionBody,
    SelectionChangeBody,
)
from evens.store.fixed_odds.rows import FixtureRow

Errors = Iterator[tuple[str, str]]

_TITLE_CHARS: Final = 48
_NO_WORD: Final = re.compile(r"[^a-z0-9]+", re.ASCII)


def event_key(title: str, code: str) -> str:
    """Return an id for an event without one: of its title, so that people know it, and of a code that is its own."""
    word = word_of(title)[:_TITLE_CHARS].rstrip("-")
    return f"{word or 'event'}-{code}"


def word_of(name: str) -> str:
    """Return the word that a key is made of, ``home-win`` for "Home win!"; empty if no letter or digit is ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NO_WORD.sub("-", plain.lower()).strip("-")[:KEY_CHARS_MAX].rstrip("-")


def read_line(body: NewEventBody) -> Line:
    """Return a new event as it is published. Raises a 422 that names every field that does not fit with others."""
    errors = [*_wrong_names(body.markets, "markets")]
    for place, market in enumerate(body.markets):
        errors += _wrong_names(market.selections, f"markets[{place}].selections")
        if market.winners > len(market.selections):
            errors.append((f"markets[{place}].winners", "must not be more than there are selections"))
    if errors:
        raise refuse_fields(*errors)
    is_only = len(body.markets) == 1 and body.markets[0].key is None
    # Whoever bets on an event with one market need not name it: `main` is what a bet means.
    keys = [MAIN] if is_only else _keys(body.markets, "market")
    return Line(
        title=body.title,
        deadline=body.deadline,
        sport=body.sport,
        competition=body.competition,
        starts_at=body.starts_at,
        markets=tuple([_market(key, market) for key, market in zip(keys, body.markets, strict=True)]),
    )


def read_change(body: EventChangeBody, event: FixtureRow) -> LineChange:
    """Return what is to be published about an event.

    Raises a 422 that names what the event does not have, what is named twice, and where nothing is said.
    """
    markets = body.markets or []
    errors = [*_wrong_keys(markets, "markets", [market.key for market in event.markets], "a market of this event")]
    known = {market.key: [selection.key for selection in market.selections] for market in event.markets}
    for place, market in enumerate(markets):
        errors += _wrong_market(market, f"markets[{place}]", known)
    if body.title is None and body.deadline is None and not markets:
        errors.append(("body", "must say what is to be different: title, deadline or markets"))
    if errors:
        raise refuse_fields(*errors)
    return LineChange(body.title, body.deadline, tuple([_market_change(market) for market in markets]))


def _market(key: str, body: NewMarketBody) -> LineMarket:
    selections = zip(_keys(body.selections, "selection"), body.selections, strict=True)
    return LineMarket(
        key,
        body.name,
        tuple([LineSelection(own, selection.name, selection.odds) for own, selection in selections]),
        winners=body.winners,
        group=body.related_group,
    )


def _keys(named: Sequence[NewMarketBody | NewSelectionBody], kind: str) -> list[str]:
    """Return the keys that are given, and words made of the names for the others, each once."""
    taken = {each.key for each in named if each.key is not None}
    keys: list[str] = []
    for place, each in enumerate(named, 1):
        key = each.key or _free(word_of(each.name) or f"{kind}-{place}", taken)
        taken.add(key)
        keys.append(key)
    return keys


def _free(word: str, taken: Collection[str | None]) -> str:
    number, key = 1, word
    while key in taken:
        number += 1
        key = f"{word[: KEY_CHARS_MAX - 4]}-{number}"
    return key


def _wrong_names(named: Sequence[NewMarketBody | NewSelectionBody], path: str) -> Errors:
    keys, names = set[str](), set[str]()
    for place, each in enumerate(named):
        if each.key is not None and each.key in keys:
            yield f"{path}[{place}].key", "is given more than once"
        if each.name.casefold() in names:
            yield f"{path}[{place}].name", "is given more than once; nobody could tell the two apart"
        keys |= set() if each.key is None else {each.key}
        names.add(each.name.casefold())


def _wrong_keys(
    named: Sequence[MarketChangeBody | SelectionChangeBody], path: str, known: Sequence[str], what: str
) -> Errors:
    keys = set[str]()
    for place, each in enumerate(named):
        if each.key in keys:
            yield f"{path}[{place}].key", "is given more than once"
        elif each.key not in known:
            yield f"{path}[{place}].key", f"is not {what}; it has {', '.join(known)}"
        keys.add(each.key)


def _wrong_market(market: MarketChangeBody, path: str, known: Mapping[str, Sequence[str]]) -> Errors:
    selections = market.selections or []
    if market.suspended is None and not selections:
        yield path, "must say what is to be different: selections or suspended"
    if market.key in known:
        what = f"a selection of the market {market.key}"
        yield from _wrong_keys(selections, f"{path}.selections", known[market.key], what)
    for place, selection in enumerate(selections):
        if selection.odds is None and selection.suspended is None:
            yield f"{path}.selections[{place}]", "must say what is to be different: odds or suspended"


def _market_change(market: MarketChangeBody) -> MarketChange:
    selections = [SelectionChange(each.key, each.odds, each.suspended) for each in market.selections or []]
    return MarketChange(market.key, tuple(selections), market.suspended)
