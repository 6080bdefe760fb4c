"""The lowest level: the rules alone, with nothing around them but a list of what was said under which key."""

from collections.abc import Mapping

from evens.core.commands.every import Command
from evens.core.events.every import Event
from tests.core.exchange.floor import Floor
from tests.scenarios.deeds import Deed, actor_of
from tests.scenarios.driver import Holding, Outcome
from tests.scenarios.exchange.deeds import Cells
from tests.scenarios.wording import Wording


class KernelDriver:
    """Implements :class:`tests.scenarios.driver.Driver` on a house in memory."""

    def __init__(self, currencies: Mapping[str, int]) -> None:
        self.desk = Floor()
        self._wording = Wording(currencies)
        self._idle = False
        self._answers: dict[tuple[str, str], tuple[Command, tuple[Event, ...]]] = {}
        for code, scale in currencies.items():
            self.desk.define(code, scale)

    async def do(self, deed: Deed, key: str | None) -> Outcome:
        """Decide a deed, unless there is an answer under its key."""
        command = self._wording.command(deed)
        said = None if key is None else self._answers.get((actor_of(deed), key))
        if said is not None:
            known, happened = said
            if known != command:
                return Outcome("idempotency_key_reused")
            return self._wording.outcome(command, happened, replayed=True)
        happened = self.desk.do(command)
        if key is not None:
            self._answers[actor_of(deed), key] = command, happened
        self._wording.learn(deed, happened)
        self._work()
        return self._wording.outcome(command, happened)

    async def holding(self, who: str, code: str, at: int | None) -> Holding:
        """Look at the live balances, or add up what had taken effect."""
        return self._wording.wallets.holding(self.desk.house, self._happened(), who, code, at)

    async def standing(self, kind: str, name: str) -> Outcome:
        """Look at what is live, or add up what happened."""
        return self._wording.standing(kind, name, self.desk.house, self._happened())

    async def book(self, market: str) -> Mapping[str, Cells]:
        """Look at a live book."""
        return self._wording.exchange.book(self.desk.house, market)

    async def position(self, who: str, market: str) -> Mapping[str, Cells]:
        """Look at a live position."""
        return self._wording.exchange.position(self.desk.house, who, market)

    async def wait(self, ns: int) -> None:
        """Decide everything later from now on."""
        self.desk.at(self.desk.next_at + ns)
        self._work()

    async def idle(self, idle: bool) -> None:
        """Leave the chores undone, or do them."""
        self._idle = idle
        self._work()

    def _work(self) -> None:
        if not self._idle:
            self.desk.work()

    def _happened(self) -> list[Event]:
        return [event for entry in self.desk.history for event in entry.events]

    async def restart(self) -> None:
        """Go on with a house made from the events alone."""
        self.desk.house = self.desk.replayed()

    async def check(self) -> None:
        """Check the house against itself and against its history."""
        self.desk.house.check()
        assert self.desk.replayed().digest() == self.desk.house.digest()
