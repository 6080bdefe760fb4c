"""The dialect of the Unified Odds Feed: one XML message for each thing that happens, sent to our webhook.

=============================  =====================================================================================
message                        what it says
=============================  =====================================================================================
``odds_change``                markets with their odds. Status 1 is open; 0 (inactive), −1 (suspended), −3 (settled)
                               and −4 (cancelled) are suspended: a result or cancellation is a message of its own.
                               −2 (handed over) says nothing: the producer that takes over says it
``bet_stop``                   the markets of the ``groups`` that it names are suspended until an ``odds_change`` names
                               them; so is every market whose groups are not known here
``bet_settlement``             results: 1 won, 0 lost; with ``void_factor`` 1 void, 0.5 half won or half lost;
                               ``dead_heat_factor`` is the share of a dead heat. −1 is not decided yet. A certainty
                               of 1 (seen live) counts as one of 2 (confirmed) does: the same again is nothing new
``bet_cancel``                 bets struck from ``start_time`` until before ``end_time`` are void
``rollback_bet_settlement``    the results are taken back
``rollback_bet_cancel``        the bets of that window are bets again
``fixture_change``             ask for the fixture
``alive``                      with ``subscribed="0"`` something was missed: recover
``snapshot_complete``          the recovery that was asked for is complete
=============================  =====================================================================================

Times are milliseconds since 1970, and the order of a saying is the ``timestamp`` of its message. A market is its id
with its specifiers: ``18:total=2.5``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from evens.core.values.fixed_odds import LegResult, LineMarket, LineSelection, SelectionResult
from evens.feeds.line.dialects.numbers import dead_heat_of, decimal_of, hundredths, moment_of
from evens.feeds.line.sayings import ANY_END, EVERYTHING, Header, Saying, SayingInvalid, Window, checked

MS: Final = 10**6
"""Nanoseconds in a millisecond."""

PREMATCH_PRODUCT: Final = "3"
"""The producer that offers odds until a match begins; the others go on during it."""

_OPEN: Final = "1"
_HANDED_OVER: Final = "-2"

_MARKETS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "1": ("1x2", {"1": "home", "2": "draw", "3": "away"}),
    "10": ("Double chance", {"9": "home or draw", "10": "home or away", "11": "draw or away"}),
    "11": ("Draw no bet", {"4": "home", "5": "away"}),
    "16": ("Handicap", {"1714": "home", "1715": "away"}),
    "18": ("Total", {"12": "over", "13": "under"}),
    "29": ("Both teams to score", {"74": "yes", "76": "no"}),
    "186": ("Winner", {"4": "home", "5": "away"}),
}
"""Names of the markets that most providers offer, and of their outcomes; of others the numbers are shown."""

_GROUPS: Final = dict.fromkeys(("1", "18", "29"), frozenset({"all", "score", "regular_play"}))
"""The groups that the markets most often bet on belong to, as market descriptions publish them."""

_ANY_NUMBER_WINS: Final = frozenset({"10"})


@dataclass(frozen=True, slots=True)
class Alive:
    """The provider is there; ``subscribed`` is whether nothing was missed. ``at`` is its moment in milliseconds."""

    product: str
    subscribed: bool
    at: int


@dataclass(frozen=True, slots=True)
class SnapshotComplete:
    """Everything that was missed has been sent, for the request of this number."""

    product: str
    request: str


@dataclass(frozen=True, slots=True)
class FixtureChanged:
    """The fixture itself has changed at a moment in milliseconds, and must be asked for."""

    key: str
    at: int


Message = Saying | Alive | SnapshotComplete | FixtureChanged


def parse(body: bytes) -> Element:
    """Return the document. Raises :class:`SayingInvalid` for what is no XML, or has entities or a document type."""
    try:
        document: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise SayingInvalid("body: must be one XML message without a document type") from error
    return document


def translate(body: bytes) -> Message:
    """Return what a message says. Raises :class:`SayingInvalid`."""
    message = parse(body)
    translator = _TRANSLATORS.get(message.tag)
    if translator is None:
        raise SayingInvalid(f"body: <{message.tag}> is none of {', '.join(sorted(_TRANSLATORS))}")
    said = translator(message)
    return checked(said) if isinstance(said, Saying) else said


def translate_fixture(body: bytes, at: int) -> Saying:
    """Return what the provider's API says of a fixture, asked ``at`` a moment in milliseconds.

    Without competitors its name is its title. Raises :class:`SayingInvalid`.
    """
    document = parse(body)
    fixture = document if document.tag == "fixture" else document.find("fixture")
    if fixture is None:
        raise SayingInvalid("body: must have a <fixture>")
    starts_at = moment_of(fixture.get("start_time") or _need(fixture, "scheduled"), "start_time")
    names = [each.get("name", "") for each in fixture.iterfind("competitors/competitor")]
    tournament = fixture.find("tournament")
    sport = None if tournament is None else tournament.find("sport")
    header = Header(
        title=" v ".join(names) if all(names) and names else fixture.get("name") or _need(fixture, "id"),
        deadline=starts_at,
        sport=None if sport is None else sport.get("name"),
        competition=None if tournament is None else tournament.get("name"),
        starts_at=starts_at,
    )
    return checked(Saying(_need(fixture, "id"), at, header=header))


def product_of(body: bytes) -> str:
    """Return the number of the producer that a message is from, ``""`` if it names none."""
    return parse(body).get("product", "")


def market_key(market: Element) -> str:
    """Return the key of a market: its id, and its specifiers if it has any."""
    specifiers = market.get("specifiers")
    return f"{_need(market, 'id')}:{specifiers}" if specifiers else _need(market, "id")


def _odds_change(message: Element) -> Saying:
    markets = list(message.iterfind("odds/market"))
    spoken = [market for market in markets if market.get("status", _OPEN) != _HANDED_OVER]
    with_odds = tuple(_market(market) for market in spoken if market.find("outcome") is not None)
    stopped = tuple(market_key(market) for market in spoken if market.find("outcome") is None)
    return Saying(_need(message, "event_id"), _order(message), markets=with_odds, stopped=stopped)


def _market(market: Element) -> LineMarket:
    number, specifiers = _need(market, "id"), market.get("specifiers")
    name, outcomes = _MARKETS.get(number, (f"Market {number}", dict[str, str]()))
    selections = [
        LineSelection(
            key := _need(outcome, "id"),
            outcome.get("name") or outcomes.get(key, key),
            hundredths(decimal_of(outcome.get("odds", "1.00"), "odds"), "odds"),
            # An outcome without odds is named, and cannot be bet on.
            suspended=outcome.get("active", "1") != "1" or "odds" not in outcome.attrib,
        )
        for outcome in market.iterfind("outcome")
    ]
    return LineMarket(
        key=market_key(market),
        name=market.get("name") or (f"{name} ({specifiers.replace('|', ', ')})" if specifiers else name),
        selections=tuple(selections),
        suspended=market.get("status", _OPEN) != _OPEN,
        winners=1 if number in _MARKETS and number not in _ANY_NUMBER_WINS else 0,
    )


def _bet_stop(message: Element) -> Saying:
    named = frozenset(group for group in message.get("groups", "all").split("|") if group)
    # Stopping more than was asked for is safe, stopping less is not: a market of unknown groups stops as well.
    spared = frozenset(number for number, groups in _GROUPS.items() if named and not groups & named)
    return Saying(_need(message, "event_id"), _order(message), stopped=(EVERYTHING,), spared=spared)


def _bet_settlement(message: Element) -> Saying:
    results: dict[str, tuple[SelectionResult, ...]] = {}
    for market in message.iterfind("outcomes/market"):
        outcomes = list(market.iterfind("outcome"))
        if outcomes and all(_need(outcome, "result") != "-1" for outcome in outcomes):
            key = market_key(market)
            results[key] = tuple(_result(key, outcome) for outcome in outcomes)
    return Saying(_need(message, "event_id"), _order(message), results=results)


def _result(market: str, outcome: Element) -> SelectionResult:
    has_won = {"1": True, "0": False}.get(_need(outcome, "result"))
    if has_won is None:
        raise SayingInvalid(f"result: must be 0, 1 or -1, not {outcome.get('result')!r}")
    void_factor = decimal_of(outcome.get("void_factor", "0"), "void_factor")
    key = _need(outcome, "id")
    match (void_factor, has_won):
        case (Decimal() as factor, _) if factor == 1:
            return SelectionResult(market, key, LegResult.VOID)
        case (Decimal() as factor, _) if factor == Decimal("0.5"):
            return SelectionResult(market, key, LegResult.HALF_WON if has_won else LegResult.HALF_LOST)
        case (Decimal() as factor, _) if factor:
            raise SayingInvalid(f"void_factor: must be 0.5 or 1, not {factor}")
        case (_, False):
            return SelectionResult(market, key, LegResult.LOST)
        case _:
            places, tied = dead_heat_of(outcome.get("dead_heat_factor", "1"), "dead_heat_factor")
            return SelectionResult(market, key, LegResult.WON, places, tied)


def _bet_cancel(message: Element) -> Saying:
    return Saying(
        _need(message, "event_id"), _order(message), cancelled=tuple(_windows(message, end=_order(message) * MS))
    )


def _rollback_bet_cancel(message: Element) -> Saying:
    return Saying(_need(message, "event_id"), _order(message), restored=tuple(_windows(message, end=ANY_END)))


def _windows(message: Element, *, end: int) -> Iterator[Window]:
    """Yield the windows of a message; one without an end ends at ``end``."""
    since = _milliseconds(message, "start_time") * MS if "start_time" in message.attrib else 0
    until = _milliseconds(message, "end_time") * MS if "end_time" in message.attrib else end
    for market in message.iterfind("market"):
        yield Window(market_key(market), since, until)


def _rollback_bet_settlement(message: Element) -> Saying:
    markets = tuple(market_key(market) for market in message.iterfind("market"))
    return Saying(_need(message, "event_id"), _order(message), rolled_back=markets)


def _fixture_change(message: Element) -> FixtureChanged:
    return FixtureChanged(_need(message, "event_id"), _order(message))


def _alive(message: Element) -> Alive:
    return Alive(message.get("product", ""), message.get("subscribed", "1") == "1", _order(message))


def _snapshot_complete(message: Element) -> SnapshotComplete:
    return SnapshotComplete(message.get("product", ""), message.get("request_id", ""))


def _order(message: Element) -> int:
    return _milliseconds(message, "timestamp")


def _milliseconds(element: Element, name: str) -> int:
    text = _need(element, name)
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise SayingInvalid(f"{name}: must be milliseconds since 1970, not {text!r}")
    return int(text)


def _need(element: Element, name: str) -> str:
    value = element.get(name)
    if not value:
        raise SayingInvalid(f"{name}: is missing in <{element.tag}>")
    return value


_TRANSLATORS: Final[Mapping[str, Callable[[Element], Message]]] = {
    "alive": _alive,
    "bet_cancel": _bet_cancel,
    "bet_settlement": _bet_settlement,
    "bet_stop": _bet_stop,
    "fixture_change": _fixture_change,
    "odds_change": _odds_change,
    "rollback_bet_cancel": _rollback_bet_cancel,
    "rollback_bet_settlement": _rollback_bet_settlement,
    "snapshot_complete": _snapshot_complete,
}
