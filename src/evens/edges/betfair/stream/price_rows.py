"""Translates pictures of a market into Betfair's rows: a whole image, or what changed from one picture to another.

All of it is pure. For every selection of fields holds: a client that has the image of one picture and applies the
change to another has the image of that one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from evens.core.values.money import Currency
from evens.edges.betfair.stream.pictures import Levels, MarketPicture, RunnerPicture
from evens.edges.betfair.wire.ids import format_market
from evens.edges.betfair.wire.numbers import price_of, size_of

LADDER_LEVELS: Final = 3
LADDER_LEVELS_MAX: Final = 10

Row = list[Any]
_RowsOf = Callable[[RunnerPicture, RunnerPicture, Currency, int], list[Row]]


class Field(StrEnum):
    """What a subscription can ask for; the names are Betfair's."""

    BEST_DISPLAYED = "EX_BEST_OFFERS_DISP"
    BEST = "EX_BEST_OFFERS"
    ALL = "EX_ALL_OFFERS"
    TRADED = "EX_TRADED"
    TRADED_VOLUME = "EX_TRADED_VOL"
    LAST_PRICE = "EX_LTP"
    DEFINITION = "EX_MARKET_DEF"
    STARTING_TRADED = "SP_TRADED"
    STARTING_PROJECTED = "SP_PROJECTED"


@dataclass(frozen=True, slots=True)
class Projection:
    """The fields that a subscription asks for, and how many levels its best prices have."""

    fields: frozenset[Field] = frozenset(Field)
    ladder_levels: int = LADDER_LEVELS


def image(picture: MarketPicture, projection: Projection) -> dict[str, Any]:
    """Return a market whole, as an entry of ``mc``."""
    nothing = (RunnerPicture(runner.runner) for runner in picture.runners)
    changes: dict[str, Any] = {"id": format_market(picture.market), "img": True}
    if Field.DEFINITION in projection.fields:
        changes["marketDefinition"] = picture.definition
    rows = [_runner(*each, picture.currency, projection) for each in zip(nothing, picture.runners, strict=True)]
    changes["rc"] = [row for row in rows if row is not None]
    if Field.TRADED_VOLUME in projection.fields:
        changes["tv"] = _volume(picture)
    return changes


def change(before: MarketPicture, after: MarketPicture, projection: Projection) -> dict[str, Any] | None:
    """Return what changed of a market, as an entry of ``mc``; ``None`` if nothing that was asked for did."""
    changes: dict[str, Any] = {}
    if Field.DEFINITION in projection.fields and before.definition != after.definition:
        changes["marketDefinition"] = after.definition
    rows = [
        row
        for each in zip(before.runners, after.runners, strict=True)
        if (row := _runner(*each, after.currency, projection)) is not None
    ]
    if rows:
        changes["rc"] = rows
    if Field.TRADED_VOLUME in projection.fields and (volume := _volume(after)) != _volume(before):
        changes["tv"] = volume
    if not changes:
        return None
    if after.number - before.number > 1:
        changes["con"] = True
    return {"id": format_market(after.market), **changes}


def level_changes(before: Levels, after: Levels, currency: Currency) -> list[Row]:
    """Return ``[price, size]`` of each price whose size is another, the size being 0 where nothing is left."""
    old, new = dict(before), dict(after)
    rows: list[Row] = [[price_of(odds), size_of(minor, currency)] for odds, minor in after if old.get(odds) != minor]
    rows += [[price_of(odds), 0] for odds, _ in before if odds not in new]
    return rows


def _runner(
    before: RunnerPicture, after: RunnerPicture, currency: Currency, projection: Projection
) -> dict[str, Any] | None:
    """Return what changed of a runner, as an entry of ``rc``; ``None`` if nothing that was asked for did."""
    if before is after:
        return None
    row: dict[str, Any] = {}
    for field, rows_by_name in _ROWS.items():
        if field in projection.fields:
            for name, rows_of in rows_by_name.items():
                rows = rows_of(before, after, currency, projection.ladder_levels)
                if rows:
                    row[name] = rows
    if Field.LAST_PRICE in projection.fields and after.last_odds != before.last_odds:
        row["ltp"] = price_of(after.last_odds)
    if Field.TRADED_VOLUME in projection.fields and after.traded != before.traded:
        row["tv"] = _traded_volume([after], currency)
    if not row:
        return None
    row["id"] = after.runner
    return row


def _all_to_back(before: RunnerPicture, after: RunnerPicture, currency: Currency, _levels: int) -> list[Row]:
    return level_changes(before.to_back, after.to_back, currency)


def _all_to_lay(before: RunnerPicture, after: RunnerPicture, currency: Currency, _levels: int) -> list[Row]:
    return level_changes(before.to_lay, after.to_lay, currency)


def _best_to_back(before: RunnerPicture, after: RunnerPicture, currency: Currency, levels: int) -> list[Row]:
    return _ladder_changes(before.to_back[:levels], after.to_back[:levels], currency)


def _best_to_lay(before: RunnerPicture, after: RunnerPicture, currency: Currency, levels: int) -> list[Row]:
    return _ladder_changes(before.to_lay[:levels], after.to_lay[:levels], currency)


def _traded(before: RunnerPicture, after: RunnerPicture, currency: Currency, _levels: int) -> list[Row]:
    return level_changes(before.traded, after.traded, currency)


_ROWS: Final[Mapping[Field, Mapping[str, _RowsOf]]] = {
    Field.ALL: {"atb": _all_to_back, "atl": _all_to_lay},
    Field.BEST: {"batb": _best_to_back, "batl": _best_to_lay},
    # What is displayed would have virtual bets, too; there are none here.
    Field.BEST_DISPLAYED: {"bdatb": _best_to_back, "bdatl": _best_to_lay},
    Field.TRADED: {"trd": _traded},
}


def _ladder_changes(before: Levels, after: Levels, currency: Currency) -> list[Row]:
    """Return ``[level, price, size]`` of each level that is another, with a price and size of 0 where there is none."""
    rows: list[Row] = [
        [level, price_of(odds), size_of(minor, currency)]
        for level, (odds, minor) in enumerate(after)
        if level >= len(before) or before[level] != (odds, minor)
    ]
    rows += [[level, 0, 0] for level in range(len(after), len(before))]
    return rows


def _volume(picture: MarketPicture) -> float:
    return _traded_volume(picture.runners, picture.currency)


def _traded_volume(runners: Iterable[RunnerPicture], currency: Currency) -> float:
    return size_of(sum(minor for runner in runners for _, minor in runner.traded), currency)
