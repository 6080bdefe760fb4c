"""A sequencer at work on a journal in memory, and the everyday ways to use it."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.wallets import CustomerRegistered
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId, Rail
from evens.sequencer.inbox import Answer, Inbox
from evens.sequencer.sequencer import Sequencer
from tests.sequencer.memory_journal import MemoryJournal

NOON = 1_767_268_800_000_000_000
_numbers = itertools.count(1)


class Diary:
    """An observer that writes down what it hears, and lets others wait for it."""

    def __init__(self) -> None:
        self.commits: list[int] = []
        self.led_from: list[int] = []
        self.idle_because: list[str] = []
        self.failures: list[Exception] = []
        self.leads = asyncio.Event()
        self.idles = asyncio.Event()

    def committed(self, receipts: Sequence[Receipt], seconds: float) -> None:
        """Hear of a commit."""
        assert seconds >= 0
        self.commits.append(len(receipts))

    def leading(self, seq: int, seconds: float) -> None:
        """Hear of a start."""
        assert seconds >= 0
        self.led_from.append(seq)
        self.idles.clear()
        self.leads.set()

    def idle(self, because: str) -> None:
        """Hear of a stop."""
        self.idle_because.append(because)
        self.leads.clear()
        self.idles.set()

    def failed(self, error: Exception) -> None:
        """Hear of a failure."""
        self.failures.append(error)


@dataclass
class Writer:
    """A running sequencer with its inbox, and what was heard of it."""

    journal: MemoryJournal
    inbox: Inbox
    sequencer: Sequencer
    diary: Diary
    running: asyncio.Task[None]

    def submit(self, command: Command, key: str | None = None) -> asyncio.Future[Answer]:
        """Submit a command, under a key or else under an id of its own, and return the future of its answer."""
        command_id = next(_numbers).to_bytes(16) if key is None else id_of(key)
        return self.inbox.submit(command, command_id=command_id, actor="desk", unseen=key is None)

    def submit_in_background(
        self, commands: Sequence[Command], keys: Sequence[str] = ()
    ) -> list[asyncio.Future[Answer]]:
        """Submit commands in the background, under keys or else under ids of their own."""
        ids = [id_of(key) for key in keys] or [next(_numbers).to_bytes(16) for _ in commands]
        return self.inbox.submit_all(list(zip(ids, commands, strict=True)), actor="copier", background=True)

    async def book(self, command: Command, key: str | None = None) -> Receipt:
        """Submit a command and return its receipt."""
        receipt, _ = await self.submit(command, key)
        return receipt

    async def open_house(self, **cash: int) -> list[CustomerId]:
        """Define USD and register customers with this much; return their ids."""
        await self.book(DefineCurrency("USD", 2))
        customers: list[CustomerId] = []
        for username, amount_minor in cash.items():
            (registered,) = (await self.book(RegisterCustomer(username))).events
            assert isinstance(registered, CustomerRegistered)
            customers.append(registered.customer)
            if amount_minor:
                await self.book(Deposit(registered.customer, "USD", amount_minor, Rail.DESK))
        return customers

    async def leads(self) -> None:
        """Wait until it writes."""
        await self.diary.leads.wait()

    async def idles(self) -> None:
        """Wait until it does not write."""
        await self.diary.idles.wait()


def id_of(key: str) -> bytes:
    """Return the command id that stands for a key here."""
    return key.encode().rjust(16, b"\0")


@asynccontextmanager
async def writing(
    journal: MemoryJournal | None = None,
    *,
    clock: Callable[[], int] = lambda: NOON,
    capacity: int = 10_000,
    batch_max: int = 1000,
    wait_to_lead: bool = True,
    patience_s: int = 10,
) -> AsyncGenerator[Writer]:
    """Run a sequencer, and stop it at the end. Whatever takes longer than ``patience_s`` has gone wrong."""
    journal = journal or MemoryJournal()
    inbox, diary = Inbox(capacity), Diary()
    sequencer = Sequencer(journal, inbox, clock, batch_max=batch_max, observer=diary)
    async with asyncio.timeout(patience_s):
        writer = Writer(journal, inbox, sequencer, diary, asyncio.create_task(sequencer.run()))
        try:
            if wait_to_lead:
                await writer.leads()
            yield writer
            sequencer.stop()
            await writer.running
        finally:
            # A cancellation in the moment in which the journal is lost is lost with it.
            sequencer.stop()
            writer.running.cancel()
            await asyncio.wait([writer.running])
