"""The dialect of the Evens line provider, as `docs/line-provider.md` describes it: JSON, whole events with versions.

An event is told whole every time, so the newest version says everything; only that results were taken back is the type
of a message and nothing that an event shows. Orders are the event's versions, which rise by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from evens.core.values.fixed_odds import FixtureStatus, LegResult, LineMarket, LineSelection, SelectionResult
from evens.feeds.line.dialects.numbers import dead_heat_of, decimal_of, hundredths, moment_of
from evens.feeds.line.sayings import EVERYTHING, Header, Removal, Saying, SayingInvalid, Window, checked

ROLLED_BACK: Final = "result_rolled_back"
ALIVE: Final = "alive"
TYPES: Final = frozenset({"event_changed", "bet_stop", "event_finished", "event_cancelled", ROLLED_BACK})
"""The types of messages that carry an event."""

_RESULTS: Final = {
    "won": LegResult.WON,
    "lost": LegResult.LOST,
    "void": LegResult.VOID,
    "half_won": LegResult.HALF_WON,
    "half_lost": LegResult.HALF_LOST,
}
_DECIDED: Final = frozenset({"settled", "void"})
_FINISHED: Final = frozenset({"FINISHED", "FINISHED_WIN", "FINISHED_LOSE"})


class _Selection(msgspec.Struct, frozen=True):
    key: str
    name: str
    coefficient: str
    status: str = "open"
    result: str | None = None
    dead_heat: str | None = None
    reduction_bps: int | None = None


class _Market(msgspec.Struct, frozen=True):
    key: str
    name: str
    selections: tuple[_Selection, ...]
    status: str = "open"
    winners: int = 1
    related_group: str | None = None


class _Cancelled(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    since: str
    until: str
    markets: tuple[str, ...] = ()


class _Event(msgspec.Struct, frozen=True):
    id: str
    title: str
    deadline: str
    status: str
    version: int
    sport: str | None = None
    competition: str | None = None
    starts_at: str | None = None
    suspended: bool = False
    coefficient: str | None = None
    markets: tuple[_Market, ...] = ()
    cancelled: tuple[_Cancelled, ...] = ()
    change: int = 0


class _Page(msgspec.Struct, frozen=True):
    items: tuple[msgspec.Raw, ...]
    next: str | None = None
    change: int = 0


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Change(msgspec.Struct, frozen=True):
    change: int
    type: str
    event: _Event


class _Changes(msgspec.Struct, frozen=True):
    items: tuple[msgspec.Raw, ...]
    next: int | str | None = None
    last: int = 0


class _Data(msgspec.Struct, frozen=True):
    change: int = 0
    event: _Event | None = None


class _Envelope(msgspec.Struct, frozen=True):
    type: str
    data: _Data = _Data()


class _Webhook(msgspec.Struct, frozen=True):
    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Message:
    """One change of one event, or that the provider is alive (no saying). ``change`` numbers all changes."""

    type: str
    change: int
    saying: Saying | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Events by their keys as they are written after ``change``, and the cursor of the next page.

    Most of a line is the same at each look, and what is the same need not be understood again.
    """

    events: Mapping[str, bytes]
    next: str | None
    change: int


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Changes in order, as they are written; whether a page follows; and the number of the last change there is."""

    changes: Sequence[bytes]
    has_more: bool
    last: int


def translate_message(body: bytes) -> Message:
    """Return what a webhook's message says. Raises :class:`SayingInvalid`."""
    envelope = _decode(body, _Envelope)
    if envelope.type == ALIVE:
        return Message(ALIVE, envelope.data.change, None)
    if envelope.type not in TYPES:
        raise SayingInvalid(f"type: {envelope.type!r} is none of {', '.join(sorted([*TYPES, ALIVE]))}")
    if envelope.data.event is None:
        raise SayingInvalid("data.event: is missing")
    return Message(envelope.type, envelope.data.change, _saying(envelope.data.event, envelope.type))


def translate_event(body: bytes) -> Saying:
    """Return what ``GET /events/{id}`` says, or an event of a page. Raises :class:`SayingInvalid`."""
    return _saying(_decode(body, _Event), "event_changed")


def read_events(body: bytes) -> EventsPage:
    """Return the events of a page of ``GET /events``, as they are written. Raises :class:`SayingInvalid`."""
    page = _decode(body, _Page)
    return EventsPage({_decode(each, _Named).id: bytes(each) for each in page.items}, page.next, page.change)


def read_changes(body: bytes) -> ChangesPage:
    """Return the changes of a page of ``GET /changes``, as they are written. Raises :class:`SayingInvalid`."""
    page = _decode(body, _Changes)
    return ChangesPage([bytes(each) for each in page.items], page.next is not None, page.last)


def translate_change(body: bytes) -> Message:
    """Return what a change of a page says. Raises :class:`SayingInvalid`."""
    change = _decode(body, _Change)
    return Message(change.type, change.change, _saying(change.event, change.type))


def translate_webhook(body: bytes) -> str:
    """Return the secret of the webhook that was registered. Raises :class:`SayingInvalid`."""
    return _decode(body, _Webhook).secret


def _decode(body: bytes | msgspec.Raw, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SayingInvalid(f"body: {error}") from error


def _saying(event: _Event, kind: str) -> Saying:
    markets = event.markets or _only_market(event)
    decided = [market for market in markets if market.status in _DECIDED]
    status: FixtureStatus | None = None
    if event.status == "VOID":
        # What was settled before the rest was void keeps its results.
        is_void = all(market.status == "void" for market in markets)
        status = FixtureStatus.VOID if is_void else FixtureStatus.FINISHED
    elif event.status in _FINISHED:
        status = FixtureStatus.FINISHED
    elif event.status != "NEW":
        raise SayingInvalid(f"status: {event.status!r} is none of FINISHED, FINISHED_LOSE, FINISHED_WIN, NEW, VOID")
    elif kind == ROLLED_BACK:
        status = FixtureStatus.NEW
    return checked(
        Saying(
            key=event.id,
            order=event.version,
            header=_header(event),
            suspended=event.suspended,
            markets=tuple(_market(market) for market in markets),
            whole=True,
            removed=tuple(_removals(markets)),
            results={} if status is FixtureStatus.VOID else {market.key: _results(market) for market in decided},
            rolled_back=_taken_back(markets) if kind == ROLLED_BACK else (),
            cancelled=tuple(_windows(event)),
            status=status,
            is_version=True,
        )
    )


def _only_market(event: _Event) -> tuple[_Market, ...]:
    """Return the market that the simplest form of an event stands for."""
    if event.coefficient is None:
        raise SayingInvalid("markets: are missing, and so is coefficient")
    result = {"FINISHED_WIN": "won", "FINISHED_LOSE": "lost", "VOID": "void"}.get(event.status)
    status = "open" if result is None else "void" if result == "void" else "settled"
    selection = _Selection("win", event.title, event.coefficient, result=result)
    return (_Market("main", event.title, (selection,), status),)


def _header(event: _Event) -> Header:
    return Header(
        title=event.title,
        deadline=moment_of(event.deadline, "deadline"),
        sport=event.sport,
        competition=event.competition,
        starts_at=None if event.starts_at is None else moment_of(event.starts_at, "starts_at"),
    )


def _market(market: _Market) -> LineMarket:
    return LineMarket(
        key=market.key,
        name=market.name,
        selections=tuple(
            LineSelection(each.key, each.name, _odds(each.coefficient), suspended=each.status != "open")
            for each in market.selections
        ),
        suspended=market.status != "open",
        winners=market.winners,
        group=market.related_group,
    )


def _odds(coefficient: str) -> int:
    number = decimal_of(coefficient, "coefficient")
    odds = hundredths(number, "coefficient")
    if Decimal(odds) / 100 != number:
        raise SayingInvalid(f"coefficient: must have at most two decimals, not {coefficient}")
    return odds


def _removals(markets: Sequence[_Market]) -> list[Removal]:
    return [
        Removal(market.key, each.key, each.reduction_bps or 0)
        for market in markets
        for each in market.selections
        if each.status == "removed"
    ]


def _results(market: _Market) -> tuple[SelectionResult, ...]:
    results: list[SelectionResult] = []
    for each in market.selections:
        result = _RESULTS.get(each.result or "")
        if result is None:
            if each.status == "removed":
                continue
            raise SayingInvalid(f"result: of {each.key!r} must be one of {', '.join(_RESULTS)}, not {each.result!r}")
        places, tied = (1, 1) if each.dead_heat is None else dead_heat_of(each.dead_heat, "dead_heat")
        results.append(SelectionResult(market.key, each.key, result, places, tied))
    return tuple(results)


def _taken_back(markets: Sequence[_Market]) -> tuple[str, ...]:
    back = tuple(market.key for market in markets if market.status not in _DECIDED)
    return (EVERYTHING,) if len(back) == len(markets) else back


def _windows(event: _Event) -> list[Window]:
    return [
        Window(market, moment_of(each.since, "cancelled.from"), moment_of(each.until, "cancelled.to"))
        for each in event.cancelled
        for market in each.markets or (EVERYTHING,)
    ]
