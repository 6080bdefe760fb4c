"""What a scenario is played on: one protocol, implemented for each level of the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tests.scenarios.deeds import Deed
from tests.scenarios.exchange.deeds import Cells


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a deed, in the words of a scenario: its result, the facts about it, and those of its parts.

    ``replayed`` tells that it is the answer to an earlier deed under the same key.
    """

    result: str
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: "tuple[Outcome, ...]" = ()
    replayed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Holding:
    """What somebody has in a currency, as decimal text; ``aside`` by what it is kept for.

    What a level cannot see is left out of ``aside``.
    """

    cash: str
    aside: Mapping[str, str]


class Driver(Protocol):
    """A level at which scenarios can be played. People and things are known by their names in the file.

    Whatever the house has to do of itself because of a deed, or of time that passes, is done when a call returns,
    unless it idles.
    """

    async def do(self, deed: Deed, key: str | None) -> Outcome:
        """Do something, under a key if there is one, and tell what came of it."""
        ...

    async def holding(self, who: str, code: str, at: int | None) -> Holding:
        """Tell what somebody who exists has in a currency, now or as of an effective time."""
        ...

    async def standing(self, kind: str, name: str) -> Outcome:
        """Tell how an order, a market, a challenge… stands: its status and the facts that go with it."""
        ...

    async def book(self, market: str) -> Mapping[str, Cells]:
        """Draw what can be backed and laid, by runner."""
        ...

    async def position(self, who: str, market: str) -> Mapping[str, Cells]:
        """Tell what somebody's matched bets bring if a runner wins and if it loses, by runner."""
        ...

    async def wait(self, ns: int) -> None:
        """Let time pass."""
        ...

    async def idle(self, idle: bool) -> None:
        """Do nothing of itself from now on, or again what there is to do."""
        ...

    async def restart(self) -> None:
        """Go down and come up again with nothing but what was stored."""
        ...

    async def check(self) -> None:
        """Raise if anything that must always hold does not, as far as this level can see."""
        ...
