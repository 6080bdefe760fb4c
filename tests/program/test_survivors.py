"""What the garbage collector is spared."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from evens.program.survivors import Survivors


class Knot:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def survivors() -> Iterator[Survivors]:
    # A collection that comes by itself, while objects are made, would spare some of them already.
    gc.disable()
    with Survivors() as survivors:
        yield survivors
    gc.enable()


def is_looked_at(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects())


def test_what_has_survived_a_full_collection_is_not_looked_at_again(survivors: Survivors) -> None:
    knot = Knot()
    assert is_looked_at(knot)
    gc.collect()
    assert not is_looked_at(knot)


def test_a_young_collection_spares_nothing(survivors: Survivors) -> None:
    knot = Knot()
    gc.collect(1)
    assert is_looked_at(knot)


def test_what_dies_after_it_has_survived_is_freed_when_things_are_settled(survivors: Survivors) -> None:
    knot = Knot()
    known = weakref.ref(knot)
    gc.collect()
    del knot
    gc.collect()
    assert known() is not None
    survivors.settle()
    assert known() is None


def test_settling_is_due_once_much_has_survived(survivors: Survivors) -> None:
    assert not survivors.is_due
    many: list[list[int]] = [[] for _ in range(survivors_needed())]
    assert not survivors.is_due
    gc.collect()
    assert survivors.is_due
    survivors.settle()
    assert not survivors.is_due
    assert not is_looked_at(many)


def test_afterwards_everything_is_as_it_was() -> None:
    callbacks = list(gc.callbacks)
    with Survivors():
        assert gc.get_freeze_count() > 0
    assert (gc.get_freeze_count(), gc.callbacks) == (0, callbacks)


def survivors_needed() -> int:
    """Return how many new objects are surely more than a quarter of what there is, and 200,000."""
    return gc.get_freeze_count() // 4 + 250_000
