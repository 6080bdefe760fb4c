"""What a message of a provider says of a fixture, in the same words for all providers.

A saying has an ``order``, which rises with time within its fixture: the provider's version, or the moment of the
message. So sayings can come in any order and repeatedly, and still it is clear which counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from evens.core.values.fixed_odds import (
    COEFFICIENT_MAX,
    LINE_NUMBER_MAX,
    LINE_TEXT_MAX,
    MARKETS_PER_FIXTURE_MAX,
    SELECTIONS_PER_MARKET_MAX,
    FixtureStatus,
    LineMarket,
    SelectionResult,
)

ANY_END: Final = -1
"""The end of a window that is restored, whenever it ended."""

EVERYTHING: Final = ""
"""What stands for all markets of a fixture where a market is named. No market has this key."""


class SayingInvalid(Exception):
    """A provider's message cannot be understood; ``str()`` names the field and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a fixture is. Times are nanoseconds since 1970."""

    title: str
    deadline: int
    sport: str | None = None
    competition: str | None = None
    starts_at: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A selection is out, and bets on the others of its market win less."""

    market: str
    selection: str
    reduction_bps: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Bets struck on a market, or on :data:`EVERYTHING`, from ``since`` until before ``until`` are void."""

    market: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Saying:
    """What one message says of the fixture ``key``; what is left out stays as it was.

    ``whole`` says that the fixture has no markets but these. ``stopped`` suspends the markets that it names, or
    :data:`EVERYTHING` but what ``spared`` names, until they are spoken of again. A name of ``spared`` is a market's key
    up to its colon, so that it stands for every line of points. ``results`` are by market; ``rolled_back`` names
    markets whose results are taken back, or :data:`EVERYTHING`. ``restored`` takes windows of ``cancelled`` bets back.
    ``is_version`` says that the orders of this provider are versions, of which the house keeps each.
    """

    key: str
    order: int
    header: Header | None = None
    suspended: bool | None = None
    markets: tuple[LineMarket, ...] = ()
    whole: bool = False
    stopped: tuple[str, ...] = ()
    removed: tuple[Removal, ...] = ()
    results: Mapping[str, tuple[SelectionResult, ...]] = field(default_factory=dict[str, tuple[SelectionResult, ...]])
    rolled_back: tuple[str, ...] = ()
    cancelled: tuple[Window, ...] = ()
    restored: tuple[Window, ...] = ()
    status: FixtureStatus | None = None
    is_version: bool = False
    spared: frozenset[str] = frozenset()


def checked(saying: Saying) -> Saying:
    """Return the saying if it keeps the bounds of the house. Raises :class:`SayingInvalid`."""
    _check_text("id", saying.key)
    _check_number("version", saying.order)
    if saying.header is not None:
        _check_text("title", saying.header.title)
        for name in ("sport", "competition"):
            text = getattr(saying.header, name)
            if text is not None:
                _check_text(name, text)
        _check_number("deadline", saying.header.deadline)
        _check_number("starts_at", saying.header.starts_at or 0)
    for window in (*saying.cancelled, *saying.restored):
        _check_number("from", window.since)
        _check_number("to", window.until)
    if len(saying.markets) > MARKETS_PER_FIXTURE_MAX:
        raise SayingInvalid(f"markets: there are {len(saying.markets)}, at most {MARKETS_PER_FIXTURE_MAX} are taken")
    for market in saying.markets:
        _check_market(market)
    for removal in saying.removed:
        if not 0 <= removal.reduction_bps <= 10_000:
            raise SayingInvalid("reduction_bps: must be from 0 to 10,000 basis points")
    return saying


def _check_number(field: str, number: int) -> None:
    if not ANY_END <= number <= LINE_NUMBER_MAX:
        raise SayingInvalid(f"{field}: must be from 0 to {LINE_NUMBER_MAX}")


def _check_market(market: LineMarket) -> None:
    _check_text("market", market.key)
    _check_text("market name", market.name)
    if market.group is not None:
        _check_text("related_group", market.group)
    if not 0 <= market.winners <= len(market.selections):
        raise SayingInvalid(f"winners: of market {market.key!r} must be from 0 to its number of selections")
    if not 1 <= len(market.selections) <= SELECTIONS_PER_MARKET_MAX:
        raise SayingInvalid(
            f"selections: market {market.key!r} has {len(market.selections)}, and must have 1 to "
            f"{SELECTIONS_PER_MARKET_MAX}"
        )
    if len({selection.key for selection in market.selections}) < len(market.selections):
        raise SayingInvalid(f"selections: market {market.key!r} names one twice")
    for selection in market.selections:
        _check_text("selection", selection.key)
        _check_text("selection name", selection.name)
        if not 1 <= selection.odds <= COEFFICIENT_MAX:
            raise SayingInvalid(f"coefficient: of {selection.key!r} must be from 0.01 to {COEFFICIENT_MAX // 100}")


def _check_text(field_name: str, text: str) -> None:
    if not text or len(text) > LINE_TEXT_MAX or not text.isprintable():
        raise SayingInvalid(f"{field_name}: must have 1 to {LINE_TEXT_MAX} printable characters")
