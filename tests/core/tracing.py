"""Finding out which attributes of a state its digest lines read."""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, cast


def values_within(root: Any) -> list[Any]:
    """Return ``root`` and every value with ``__slots__`` that can be reached from it, each once."""
    found: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if id(value) not in found:
            waiting.extend(_parts(value))
            if _slots(value.__class__):
                found[id(value)] = value
    return list(found.values())


def unread_slots(values: Iterable[Any], read: Callable[[], object]) -> set[str]:
    """Return the slots, as ``Class.slot``, that reading looks at in none of these values.

    The values are of classes with ``__slots__``. They are watched only while ``read`` runs.
    """
    watched = list(values)
    kinds: dict[str, type[Any]] = {type(value).__name__: type(value) for value in watched}
    seen: set[str] = set()
    watching = {name: _watching(kind, seen) for name, kind in kinds.items()}
    for value in watched:
        object.__setattr__(value, "__class__", watching[type(value).__name__])
    try:
        read()
    finally:
        for value in watched:
            object.__setattr__(value, "__class__", kinds[type(value).__name__])
    return {f"{name}.{slot}" for name, kind in kinds.items() for slot in _slots(kind)} - seen


def _watching(kind: type[Any], seen: set[str]) -> type[Any]:
    """Return a class with the same layout that notes which slots are read."""
    slots = _slots(kind)

    def note(self: object, name: str) -> Any:
        if name in slots:
            seen.add(f"{kind.__name__}.{name}")
        return object.__getattribute__(self, name)

    return type(kind.__name__, (kind,), {"__slots__": (), "__getattribute__": note})


def _slots(kind: type[Any]) -> tuple[str, ...]:
    """Return the slots of a class of ours; of a class without, and of others', there are none."""
    return tuple(getattr(kind, "__slots__", ())) if kind.__module__.startswith(("evens.", "tests.")) else ()


def _parts(value: Any) -> Iterator[Any]:
    slots = _slots(value.__class__)
    if isinstance(value, dict):
        for key, held in cast("dict[Any, Any]", value).items():
            yield key
            yield held
    elif isinstance(value, list | tuple):
        yield from cast("Iterable[Any]", value)
    elif not isinstance(value, Enum):
        yield from (getattr(value, slot) for slot in slots)
