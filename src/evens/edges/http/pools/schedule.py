"""What the routes need of whoever runs the pools: when a round is, and how it ended."""

from dataclasses import dataclass
from typing import Protocol

from evens.core.values.pool_running import PoolRunning
from evens.core.values.pools import RoundResult
from evens.store.pools.rows import PoolRow, RoundRow


class NoSession(Exception):
    """There is no such round by the pool's calendar. ``str()`` says why, for people."""


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """A round's code, and when it locks and settles, in nanoseconds since 1970."""

    code: str
    locks_at: int
    settles_at: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the sources tell of a round. ``result`` is ``None`` while it waits: ``why`` says for what."""

    result: RoundResult | None
    evidence: str = "{}"
    why: str = ""


class RoundSchedule(Protocol):
    """The calendar of pools, and the sources of their prices."""

    @property
    def runs(self) -> bool:
        """Whether rounds go by the clock, so that nobody locks or settles one before its time."""
        ...

    def times(self, pool: PoolRow, code: str | None, now: int) -> RoundTimes:
        """Return when the round with a code is, or the next one after the last. Raises :class:`NoSession`."""
        ...

    def check_code(self, pool: PoolRow, code: str, now: int) -> None:
        """Raise :class:`NoSession` for a code that none of the pool's next rounds by its calendar has."""
        ...

    async def ask(self, asked: RoundRow) -> Told:
        """Ask a round's sources how it ended. Raises nothing: what cannot be reached is waited for."""
        ...

    async def check(self, running: PoolRunning) -> None:
        """Raise :class:`RunningInvalid` for an exchange or sources that cannot be read."""
        ...


class NoSchedule:
    """A server that runs no pools: operators name codes and times, and results, whenever they do."""

    runs = False

    def times(self, pool: PoolRow, code: str | None, now: int) -> RoundTimes:
        """Raise :class:`NoSession`."""
        raise NoSession("must be given, with locks_at and settles_at: this server has no calendar")

    def check_code(self, pool: PoolRow, code: str, now: int) -> None:
        """Take any code."""

    async def ask(self, asked: RoundRow) -> Told:
        """Return that nobody tells."""
        return Told(None, why="This server asks no sources; say up or down.")

    async def check(self, running: PoolRunning) -> None:
        """Do nothing: nobody reads them."""
