"""What is written to an Evens line provider, as `docs/line-provider.md` describes it, and what it answers to that.

It says ``coefficient`` where everybody else says ``odds``, as a decimal string.
"""

import re
from http import HTTPStatus
from typing import Any, Final

import msgspec

from evens.core.values.fixed_odds import Line, LineChange, LineMarket, LineSelection, MarketChange, SelectionChange
from evens.core.values.moments import format_time
from evens.core.values.odds import format_odds
from evens.feeds.line.dialects.evens import translate_event
from evens.feeds.line.sources.source import PublishNotAllowed, PublishRefused
from evens.feeds.upstream import Answer

EVENT_EXISTS: Final = "event_exists"
"""The code of a provider's refusal to publish a second event under an id."""

_NOT_OURS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_COEFFICIENT: Final = re.compile(r"\bcoefficient\b")


class _Wrong(msgspec.Struct, frozen=True):
    field: str
    message: str


class _Problem(msgspec.Struct, frozen=True):
    code: str = "request_refused"
    detail: str = "The line provider refused this, and did not say why."
    errors: tuple[_Wrong, ...] = ()


def new_event(key: str, line: Line) -> dict[str, Any]:
    """Return the body of ``POST /events`` that publishes a fixture; it is not suspended."""
    return {
        "id": key,
        "title": line.title,
        "deadline": format_time(line.deadline),
        "sport": line.sport,
        "competition": line.competition,
        "starts_at": None if line.starts_at is None else format_time(line.starts_at),
        "markets": [_new_market(market) for market in line.markets],
    }


def event_change(change: LineChange) -> dict[str, Any]:
    """Return the body of ``PATCH /events/{id}`` that makes a change."""
    return _said(
        title=change.title,
        deadline=None if change.deadline is None else format_time(change.deadline),
        markets=[_market_change(market) for market in change.markets] or None,
    )


def is_event(found: bytes, key: str, line: Line) -> bool:
    """Return whether an event, as the provider tells it, is this fixture as it was published, unchanged since.

    Raises :class:`evens.feeds.line.sayings.SayingInvalid`.
    """
    event = {**new_event(key, line), "status": "NEW", "version": 1}
    return translate_event(found) == translate_event(msgspec.json.encode(event))


def refusal_of(answer: Answer) -> PublishRefused | PublishNotAllowed:
    """Return what a provider's refusal says, in our words for fields."""
    if answer.status in _NOT_OURS:
        return PublishNotAllowed("does not take the key that EVENS_LINE_KEYS has for it")
    try:
        problem = msgspec.json.decode(answer.body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        problem = _Problem()
    errors = [(_in_our_words(each.field), _in_our_words(each.message)) for each in problem.errors]
    return PublishRefused(answer.status, problem.code, _in_our_words(problem.detail), errors)


def _new_market(market: LineMarket) -> dict[str, Any]:
    return {
        "key": market.key,
        "name": market.name,
        "selections": [_new_selection(selection) for selection in market.selections],
        "winners": market.winners,
        "related_group": market.group,
    }


def _new_selection(selection: LineSelection) -> dict[str, Any]:
    return {"key": selection.key, "name": selection.name, "coefficient": format_odds(selection.odds)}


def _market_change(market: MarketChange) -> dict[str, Any]:
    selections = [_selection_change(selection) for selection in market.selections]
    return _said(key=market.key, selections=selections or None, suspended=market.suspended)


def _selection_change(selection: SelectionChange) -> dict[str, Any]:
    odds = None if selection.odds is None else format_odds(selection.odds)
    return _said(key=selection.key, coefficient=odds, suspended=selection.suspended)


def _said(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _in_our_words(text: str) -> str:
    return _COEFFICIENT.sub("odds", text)
