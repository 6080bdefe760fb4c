"""What the scheduler needs of others: the pools and their rounds, and somewhere to book its steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from evens.core.commands.pools import OpenRound, SettleRound, VoidRound
from evens.core.values.ids import PoolId
from evens.core.values.pools import PoolTerms
from evens.feeds.rounds.judge import RoundToJudge

Step = OpenRound | SettleRound | VoidRound


@dataclass(frozen=True, slots=True)
class PoolToRun:
    """A pool as it is run. ``last_code`` is that of its last round, empty before the first."""

    id: PoolId
    key: str
    terms: PoolTerms
    last_code: str


class RoundTables(Protocol):
    """What the scheduler reads."""

    async def pools(self) -> Sequence[PoolToRun]:
        """Return every pool."""
        ...

    async def unsettled(self, pool: PoolId) -> Sequence[RoundToJudge]:
        """Return a pool's rounds without a result, in order of their codes."""
        ...

    async def has_round(self, pool: PoolId, code: str) -> bool:
        """Return whether a pool has, or had, a round with this code."""
        ...


class RoundCommands(Protocol):
    """Where the scheduler's steps are booked."""

    @property
    def is_open(self) -> bool:
        """Whether this server takes commands now."""
        ...

    async def submit(self, step: Step, key: str) -> None:
        """Book a step, once for each key. Raises what :mod:`evens.sequencer.errors` lists."""
        ...
