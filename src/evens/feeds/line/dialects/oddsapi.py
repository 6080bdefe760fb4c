"""The dialect of The Odds API, version 4: JSON that lists events with the prices of several bookmakers.

``/v4/sports/{sport}/odds`` has bookmakers, in them the markets ``h2h``, ``spreads`` and ``totals``, and in these
outcomes that are told apart **by name**, never by position: the home team, the away team, ``Draw``, ``Over`` and
``Under``. Each line of points is a market of its own (``spreads:-1.5`` is the home team's handicap, ``totals:2.5``), so
that a bet stays on the line it was made on. Of several bookmakers, the one named by the operator is followed, or else
for each market the first by name that offers it.

``/v4/sports/{sport}/scores`` has results: of an event that is ``completed`` and has a score for both teams, and of
nothing else. An event that is missing, postponed or without scores has no result.

Prices are read as decimals. There are no versions: the moment at which something was read is its order.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from evens.core.values.fixed_odds import LegResult, LineMarket, LineSelection, SelectionResult
from evens.feeds.line.dialects.numbers import decimal_of, hundredths, moment_of
from evens.feeds.line.sayings import Header, Saying, SayingInvalid, checked

_NAMES: Final = {"h2h": "Match odds", "spreads": "Handicap", "totals": "Total"}


class _Outcome(msgspec.Struct, frozen=True):
    name: str
    price: Decimal
    point: Decimal | None = None


class _Market(msgspec.Struct, frozen=True):
    key: str
    outcomes: tuple[_Outcome, ...]


class _Bookmaker(msgspec.Struct, frozen=True):
    key: str
    markets: tuple[_Market, ...] = ()


class _Event(msgspec.Struct, frozen=True):
    id: str
    commence_time: str
    home_team: str
    away_team: str
    sport_key: str = ""
    sport_title: str | None = None
    bookmakers: tuple[_Bookmaker, ...] = ()


class _TeamScore(msgspec.Struct, frozen=True):
    name: str
    score: str | None = None


class _Scores(msgspec.Struct, frozen=True):
    id: str
    home_team: str
    away_team: str
    completed: bool = False
    scores: tuple[_TeamScore, ...] | None = None


def translate_odds(body: bytes, at: int, bookmaker: str | None = None) -> tuple[Saying, ...]:
    """Return what the odds that were read ``at`` a moment say. Raises :class:`SayingInvalid`."""
    return tuple(_saying(event, at, bookmaker) for event in _decode(body, tuple[_Event, ...]))


def translate_scores(body: bytes) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the scores (home, away) of the events that are completed, by id. Raises :class:`SayingInvalid`."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for event in _decode(body, tuple[_Scores, ...]):
        scores = {each.name: each.score for each in event.scores or ()}
        home, away = scores.get(event.home_team), scores.get(event.away_team)
        if event.completed and home and away:
            found[event.id] = decimal_of(home, "score"), decimal_of(away, "score")
    return found


def results_of(markets: Iterable[LineMarket], home: Decimal, away: Decimal) -> dict[str, tuple[SelectionResult, ...]]:
    """Return how markets ended by the score. Quarter lines are two bets on the lines beside them."""
    results: dict[str, tuple[SelectionResult, ...]] = {}
    for market in markets:
        kind, _, point = market.key.partition(":")
        if kind in _NAMES:
            line = Decimal(point) if point else Decimal(0)
            results[market.key] = tuple(
                SelectionResult(market.key, each.key, _result(kind, each.key, line, home, away, market))
                for each in market.selections
            )
    return results


def _result(kind: str, selection: str, line: Decimal, home: Decimal, away: Decimal, market: LineMarket) -> LegResult:
    if kind == "h2h":
        has_draw = any(each.key == "draw" for each in market.selections)
        winner = "home" if home > away else "away" if away > home else "draw"
        if winner == "draw" and not has_draw:
            return LegResult.VOID
        return LegResult.WON if selection == winner else LegResult.LOST
    margin = home + away - line if kind == "totals" else home - away + line
    return _by_margin(margin if selection in {"home", "over"} else -margin)


def _by_margin(margin: Decimal) -> LegResult:
    if margin >= Decimal("0.5"):
        return LegResult.WON
    if margin <= Decimal("-0.5"):
        return LegResult.LOST
    return LegResult.VOID if margin == 0 else LegResult.HALF_WON if margin > 0 else LegResult.HALF_LOST


def _saying(event: _Event, at: int, bookmaker: str | None) -> Saying:
    starts_at = moment_of(event.commence_time, "commence_time")
    header = Header(
        title=f"{event.home_team} v {event.away_team}",
        deadline=starts_at,
        sport=event.sport_key or None,
        competition=event.sport_title,
        starts_at=starts_at,
    )
    markets = tuple(_markets(event, bookmaker).values())
    return checked(Saying(event.id, at, header=header, suspended=not markets, markets=markets, whole=True))


def _markets(event: _Event, bookmaker: str | None) -> dict[str, LineMarket]:
    found: dict[str, LineMarket] = {}
    followed = [each for each in event.bookmakers if bookmaker in {None, each.key}]
    kinds = set[str]()
    for each in sorted(followed, key=lambda each: each.key):
        offered = [market for market in each.markets if market.key in _NAMES and market.key not in kinds]
        for market in offered:
            translated = _market(event, market)
            if translated is not None:
                kinds.add(market.key)
                found[translated.key] = translated
    return found


def _market(event: _Event, market: _Market) -> LineMarket | None:
    """Return a market by the names of its outcomes; ``None`` if one has no place in it or both sides are not there."""
    keys: Mapping[str, str] = {event.home_team: "home", event.away_team: "away", "Draw": "draw"}
    if market.key == "totals":
        keys = {"Over": "over", "Under": "under"}
    by_key = {keys[each.name]: each for each in market.outcomes if each.name in keys}
    first, second = ("over", "under") if market.key == "totals" else ("home", "away")
    if len(by_key) < len(market.outcomes) or not {first, second} <= by_key.keys():
        return None
    point = by_key[first].point
    if market.key != "h2h" and (point is None or by_key[second].point != (point if market.key == "totals" else -point)):
        return None
    selections = [
        LineSelection(key, _name(outcome), hundredths(outcome.price, "price"))
        for key in (first, "draw", second)
        if (outcome := by_key.get(key)) is not None
    ]
    suffix = "" if market.key == "h2h" or point is None else f":{_plain(point)}"
    name = _NAMES[market.key] + ("" if not suffix else f" {suffix[1:]}")
    return LineMarket(market.key + suffix, name, tuple(selections))


def _name(outcome: _Outcome) -> str:
    return outcome.name if outcome.point is None else f"{outcome.name} {_plain(outcome.point)}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SayingInvalid(f"body: {error}") from error
