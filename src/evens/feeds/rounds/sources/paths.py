"""Paths into a JSON document: ``chart.result[0].close``, ``[*].date``, ``["Global Quote"]["05. price"]``.

``[*]`` is every item of a list; ``[-1]`` is the last one. A name with dots, brackets or quotes stands in ``["…"]``.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, cast

from evens.feeds.upstream import SourceFailed

Step = str | int | None
"""A name, a place in a list, or ``None`` for every item."""

_STEP: Final = re.compile(r'\["([^"]+)"\]|\[(-?[0-9]{1,6})\]|\[(\*)\]|(?:^|\.)([^.\[\]"]+)', re.ASCII)


def parse_path(text: str) -> tuple[Step, ...]:
    """Return a path's steps. Raises ``ValueError`` if it is none."""
    steps: list[Step] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise ValueError(f"{text!r} is no path such as chart.result[0].close")
        quoted, place, every, name = found.groups()
        steps.append(None if every else int(place) if place else quoted or name)
        position = found.end()
    if steps.count(None) > 1:
        raise ValueError(f"{text!r} has more than one [*]")
    return tuple(steps)


def select(document: Any, steps: Sequence[Step]) -> list[Any]:
    """Return what is at a path: one value, or one for each item of the list where it says ``[*]``.

    An item without the value has ``None``, so that two paths into the same list stay side by side. Raises
    :class:`SourceFailed` if there is no such place.
    """
    if None not in steps:
        return [_follow(document, steps)]
    split = steps.index(None)
    items: Any = _follow(document, steps[:split])
    if not isinstance(items, list):
        raise SourceFailed("has no list where its path says [*]")
    return [_follow_or_none(item, steps[split + 1 :]) for item in cast("list[Any]", items)]


def _follow_or_none(value: Any, steps: Sequence[Step]) -> Any:
    try:
        return _follow(value, steps)
    except SourceFailed:
        return None


def _follow(value: Any, steps: Sequence[Step]) -> Any:
    for step in steps:
        try:
            # A text has places, too, but no price in one of its letters.
            value = None if isinstance(value, str) else value[step]
        except (LookupError, TypeError) as error:
            raise SourceFailed(f"has nothing at {step!r} of its path") from error
    return value
