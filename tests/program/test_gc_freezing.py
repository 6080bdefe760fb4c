"""Which objects the garbage collector still visits while they are being frozen."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from evens.program.gc_freezing import GcFreezer


class Cycle:
    """An object that only the collector can free, because it refers to itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def freezer() -> Iterator[GcFreezer]:
    """A freezer in a process in which nothing is collected but by the test."""
    gc.disable()
    try:
        with GcFreezer() as freezer:
            yield freezer
    finally:
        gc.enable()


def is_visited(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects())


def test_what_survives_a_full_collection_is_frozen(freezer: GcFreezer) -> None:
    cycle = Cycle()
    assert is_visited(cycle)
    gc.collect()
    assert not is_visited(cycle)


def test_a_young_collection_freezes_nothing(freezer: GcFreezer) -> None:
    cycle = Cycle()
    gc.collect(1)
    assert is_visited(cycle)


def test_garbage_that_was_frozen_is_freed_by_a_refreeze(freezer: GcFreezer) -> None:
    cycle = Cycle()
    known = weakref.ref(cycle)
    gc.collect()
    del cycle
    gc.collect()
    assert known() is not None
    freezer.refreeze()
    assert known() is None


def test_a_refreeze_is_due_once_many_objects_were_frozen(freezer: GcFreezer) -> None:
    assert not freezer.is_due
    many: list[list[int]] = [[] for _ in range(objects_needed())]
    assert not freezer.is_due
    gc.collect()
    assert freezer.is_due
    freezer.refreeze()
    assert not freezer.is_due
    assert not is_visited(many)


def test_leaving_the_context_restores_the_collector() -> None:
    callbacks = list(gc.callbacks)
    with GcFreezer():
        assert gc.get_freeze_count() > 0
    assert (gc.get_freeze_count(), gc.callbacks) == (0, callbacks)


def objects_needed() -> int:
    """Return a number of new objects that is surely more than a quarter of those there are, plus 200,000."""
    return gc.get_freeze_count() // 4 + 250_000
