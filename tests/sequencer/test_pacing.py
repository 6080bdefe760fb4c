"""Pacing: background commands take about as long as a commit at most, on any disk, and always go on."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.sequencer.pacing import BACKGROUND_MIN, LONGER_BY, Pacing

BATCH_MAX = 1_000
SETTLED = 150
"""After how many batches of either kind the measurements are of the present machine."""


@dataclass(frozen=True)
class Machine:
    """What a commit takes, and what each background command adds to it; in seconds."""

    commit_s: float
    each_s: float

    def work(self, pacing: Pacing, callers: int) -> None:
        """Commit batches with and without as many background commands as there is room for."""
        for _ in range(SETTLED):
            pacing.committed(0, self.commit_s)
            background = pacing.room_beside(callers)
            pacing.committed(background, self.commit_s + self.added_s(background))

    def added_s(self, background: int) -> float:
        """Return by how much so many background commands make a commit take longer."""
        return background * self.each_s


MACHINES = st.builds(Machine, st.floats(2e-4, 0.1), st.floats(1e-5, 2e-3))
CALLERS = st.integers(1, 300)


@given(machine=MACHINES, callers=CALLERS)
def test_a_batch_has_as_many_as_make_its_commit_three_quarters_longer(machine: Machine, callers: int) -> None:
    pacing = Pacing(BATCH_MAX)
    machine.work(pacing, callers)
    room = pacing.room_beside(callers)
    assert BACKGROUND_MIN <= room <= BATCH_MAX - callers
    if room > BACKGROUND_MIN:
        assert machine.added_s(room) <= machine.commit_s * LONGER_BY * 1.01
    if room < BATCH_MAX - callers:
        assert machine.added_s(room + 1) >= machine.commit_s * LONGER_BY * 0.99


@given(before=MACHINES, after=MACHINES, callers=CALLERS)
def test_a_disk_that_becomes_slow_or_quick_is_known_soon(before: Machine, after: Machine, callers: int) -> None:
    pacing = Pacing(BATCH_MAX)
    before.work(pacing, callers)
    after.work(pacing, callers)
    room = pacing.room_beside(callers)
    if room > BACKGROUND_MIN:
        assert after.added_s(room) <= after.commit_s * LONGER_BY * 1.2
    if room < BATCH_MAX - callers:
        assert after.added_s(room + 1) >= after.commit_s * LONGER_BY * 0.8


@given(machine=MACHINES, stalled_s=st.floats(1, 60), callers=CALLERS)
def test_a_commit_that_stalls_makes_the_next_batches_hardly_larger(
    machine: Machine, stalled_s: float, callers: int
) -> None:
    pacing = Pacing(BATCH_MAX)
    machine.work(pacing, callers)
    before = pacing.room_beside(callers)
    pacing.committed(0, stalled_s)
    assert pacing.room_beside(callers) <= before * 1.13 + 1


def test_before_anything_is_measured_a_batch_has_the_least() -> None:
    pacing = Pacing(BATCH_MAX)
    assert pacing.room_beside(0) == BACKGROUND_MIN
    pacing.committed(8, 0.001)
    assert pacing.room_beside(0) == BACKGROUND_MIN
    pacing.committed(0, 0.001)
    assert pacing.room_beside(0) == BACKGROUND_MIN


def test_some_go_on_where_others_fill_the_batch() -> None:
    pacing = Pacing(BATCH_MAX)
    Machine(0.1, 1e-5).work(pacing, 1)
    assert pacing.room_beside(BATCH_MAX - 20) == 20
    assert [pacing.room_beside(count) for count in (BATCH_MAX, 2 * BATCH_MAX)] == [BACKGROUND_MIN] * 2


def test_the_docstrings_example() -> None:
    rooms: list[int] = []
    for commit_s in (0.006, 0.0016, 0.03):
        pacing = Pacing(BATCH_MAX)
        pacing.committed(0, commit_s)
        pacing.committed(20, commit_s + 0.004)
        rooms.append(pacing.room_beside(0))
    assert rooms == pytest.approx([27, 8, 135], abs=1)


def test_commands_that_hardly_ever_take_time_fill_the_batch() -> None:
    pacing = Pacing(BATCH_MAX)
    pacing.committed(0, 0.001)
    pacing.committed(8, 0.002)
    for _ in range(10_000):
        pacing.committed(8, 0.001)
    assert pacing.room_beside(100) == BATCH_MAX - 100


def test_commands_that_take_no_time_fill_the_batch() -> None:
    pacing = Pacing(BATCH_MAX)
    pacing.committed(0, 0.001)
    pacing.committed(8, 0.001)
    assert pacing.room_beside(100) == BATCH_MAX - 100
