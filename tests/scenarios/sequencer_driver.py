"""The middle level: the sequencer on a journal, with what callers were told held against what is stored."""

from collections.abc import Mapping
from hashlib import blake2b
from operator import attrgetter
from os import urandom

from evens.core import kernel
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.every import Event
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.sequencer.errors import KeyReused
from evens.sequencer.inbox import HOUSE_ACTOR, Inbox
from evens.sequencer.journal import Journal
from tests.core.desk import NOON
from tests.scenarios.deeds import Deed, actor_of
from tests.scenarios.driver import Holding, Outcome
from tests.scenarios.exchange.deeds import Cells
from tests.scenarios.server import Server
from tests.scenarios.wording import Wording


class SequencerDriver:
    """Implements :class:`tests.scenarios.driver.Driver` on a journal.

    It keeps a house of its own, made of nothing but the receipts it was given, and those of what the house did of
    itself: what it was told must be what is stored.
    """

    def __init__(self, journal: Journal, currencies: Mapping[str, int]) -> None:
        self._journal = journal
        self._currencies = currencies
        self._wording = Wording(currencies)
        self._told = House()
        self._receipts: list[Receipt] = []
        self._now = NOON
        self._server = self._start()

    def _start(self) -> Server:
        return Server(self._journal, Inbox(1000), lambda: self._now)

    async def open(self) -> None:
        """Wait until commands are taken, and define the currencies there are at first."""
        await self._server.leads()
        for code, scale in self._currencies.items():
            command = DefineCurrency(code, scale)
            receipt, _ = await self._server.inbox.submit(
                command, command_id=urandom(16), actor="configuration", unseen=True
            )
            await self._keep(receipt)

    async def close(self) -> None:
        """Shut down."""
        await self._server.stop()

    async def _keep(self, *answers: Receipt) -> None:
        """Take down an answer, and all that the house did of itself by the time it rests."""
        await self._server.rests()
        known = self._told.seq
        told = [
            *answers,
            *(done for done in self._server.receipts if done.seq > known and done.actor == HOUSE_ACTOR),
        ]
        for receipt in sorted(told, key=attrgetter("seq")):
            kernel.apply(self._told, receipt.events, receipt.seq, receipt.at)
            self._receipts.append(receipt)

    async def do(self, deed: Deed, key: str | None) -> Outcome:
        """Submit a deed and wait for its receipt."""
        command = self._wording.command(deed)
        command_id = urandom(16) if key is None else _id_of(actor_of(deed), key)
        try:
            receipt, replayed = await self._server.inbox.submit(
                command, command_id=command_id, actor=actor_of(deed), unseen=key is None
            )
        except KeyReused:
            return Outcome("idempotency_key_reused")
        if not replayed:
            await self._keep(receipt)
            self._wording.learn(deed, receipt.events)
        return self._wording.outcome(command, receipt.events, replayed)

    async def holding(self, who: str, code: str, at: int | None) -> Holding:
        """Work out from the receipts what somebody has."""
        return self._wording.wallets.holding(self._told, self._happened(), who, code, at)

    async def standing(self, kind: str, name: str) -> Outcome:
        """Work out from the receipts how a thing stands."""
        return self._wording.standing(kind, name, self._told, self._happened())

    async def book(self, market: str) -> Mapping[str, Cells]:
        """Work out from the receipts what waits."""
        return self._wording.exchange.book(self._told, market)

    async def position(self, who: str, market: str) -> Mapping[str, Cells]:
        """Work out from the receipts what somebody has bet."""
        return self._wording.exchange.position(self._told, who, market)

    async def wait(self, ns: int) -> None:
        """Set the clock forward, and wait until the sequencer has looked at it and done what is due."""
        self._now = max(self._now, self._told.at) + ns
        await self._keep()

    async def idle(self, idle: bool) -> None:
        """Nothing makes a sequencer idle."""
        raise AssertionError("a sequencer does its work whenever there is some")

    def _happened(self) -> list[Event]:
        return [event for receipt in self._receipts for event in receipt.events]

    async def restart(self) -> None:
        """Stop, and start with what the journal loads."""
        await self._server.stop()
        self._server = self._start()
        await self._server.leads()

    async def check(self) -> None:
        """Hold what is live, which after a restart is what was stored, against what was told."""
        self._told.check()
        assert list(self._server.sequencer.house.lines()) == list(self._told.lines())


def _id_of(actor: str, key: str) -> bytes:
    return blake2b(f"{actor}\0{key}".encode(), digest_size=16).digest()
