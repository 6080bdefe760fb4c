"""A journal in memory that can be told to stall, to fail, to store and not say so, and to lose its leader."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.sequencer.journal import JournalLost
from tests.core.recalling import recall


class Trouble(Enum):
    """What can befall an append."""

    LOST_BEFORE_STORING = auto()
    LOST_AFTER_STORING = auto()
    DEPOSED = auto()


class Gate:
    """Holds an append until it is opened, before or after it stores; then trouble may follow."""

    def __init__(self, after_storing: bool, then: Trouble | None) -> None:
        self.after_storing = after_storing
        self.then = then
        self.entered = asyncio.Event()
        self._opened = asyncio.Event()

    def open(self) -> None:
        """Let the append go on."""
        self._opened.set()

    async def wait(self) -> None:
        """Stand at the gate until it is open."""
        self.entered.set()
        await self._opened.wait()


class Milestones:
    """Counts what was reached, and lets others wait for it."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self._changed = asyncio.Event()

    def reach(self, what: str) -> None:
        """Count one more."""
        self.counts[what] += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def reached(self, what: str, times: int) -> None:
        """Wait until something was reached so many times."""
        while self.counts[what] < times:
            await self._changed.wait()


@dataclass
class MemoryDisk:
    """What outlives every journal on it: the receipts, what was set aside, and who may write."""

    receipts: list[Receipt] = field(default_factory=list[Receipt])
    set_aside: dict[bytes, str] = field(default_factory=dict[bytes, str])
    epoch: int = 0
    leader: "MemoryJournal | None" = None
    vacated: asyncio.Event = field(default_factory=asyncio.Event)

    def depose(self) -> None:
        """Let go of the leader, who does not notice."""
        self.leader = None
        self.vacated.set()

    def house(self) -> House:
        """Return the house that the receipts lead to."""
        house = House()
        for receipt in self.receipts:
            kernel.apply(house, receipt.events, receipt.seq, receipt.at)
        return house

    def effects(self) -> Counter[bytes]:
        """Count how often each command id was stored."""
        return Counter(receipt.command_id for receipt in self.receipts)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Receipts, and the epoch under which they may be stored."""

    epoch: int
    receipts: tuple[Receipt, ...]


class MemoryJournal:
    """Implements :class:`evens.sequencer.journal.Journal` on a disk that may be shared with other servers.

    ``troubles`` befall the appends in order: an exception, a gate, or nothing. ``unreachable`` counts how often leading
    fails, ``blind`` how often looking up does, and ``full`` how often setting aside does. ``unstorable`` is a command
    that no batch can be stored with. ``milestones`` counts
    ``led``, ``loaded``, ``found``, ``recalled``, ``prepared``, ``appending`` and ``stored``.
    """

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self.troubles: deque[Trouble | Gate | None] = deque()
        self.milestones = Milestones()
        self.batches: list[tuple[Receipt, ...]] = []
        self.asked: list[bytes] = []
        self.unstorable: Command | None = None
        self.unreachable = 0
        self.blind = 0
        self.full = 0
        self._epoch = 0
        self._prepared_seq = 0
        self._appending = False
        self._lost = asyncio.Event()

    def stall(self, after_storing: bool = False, then: Trouble | None = None) -> Gate:
        """Make the next append that has no other trouble wait at a gate."""
        gate = Gate(after_storing, then)
        self.troubles.append(gate)
        return gate

    def lose(self) -> None:
        """Lose leadership, and know it."""
        self._lost.set()

    async def lead(self, standing_by: Callable[[], None]) -> int:
        """Take the one place there is for a leader."""
        self._lost = asyncio.Event()
        if self.unreachable:
            self.unreachable -= 1
            raise JournalLost("nobody answers")
        if self.disk.leader is not None:
            standing_by()
        while self.disk.leader is not None:
            self.disk.vacated.clear()
            await self.disk.vacated.wait()
        self.disk.leader = self
        self.disk.epoch += 1
        self._epoch = self.disk.epoch
        self._prepared_seq = len(self.disk.receipts)
        self.milestones.reach("led")
        return self.disk.receipts[-1].at if self.disk.receipts else 0

    async def load(self) -> House:
        """Replay what is stored."""
        assert self.disk.leader is self, "only the leader may load"
        self.milestones.reach("loaded")
        return self.disk.house()

    async def find(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Look through everything."""
        self.asked += command_ids
        await asyncio.sleep(0)
        if self.blind:
            self.blind -= 1
            raise JournalLost("nothing to be seen")
        self.milestones.reach("found")
        return {receipt.command_id: receipt for receipt in self.disk.receipts if receipt.command_id in command_ids}

    async def recall(self, wanted: object) -> object:
        """Look through everything that happened; nothing may be under way."""
        assert self._prepared_seq == len(self.disk.receipts), "something is not stored yet"
        await asyncio.sleep(0)
        self.milestones.reach("recalled")
        return recall(wanted, [event for receipt in self.disk.receipts for event in receipt.events])

    def prepare(self, receipts: Sequence[Receipt]) -> Prepared:
        """Note who may store them, and make sure that they follow what was prepared before."""
        expected = range(self._prepared_seq + 1, self._prepared_seq + 1 + len(receipts))
        assert receipts, "there is nothing to prepare"
        assert [receipt.seq for receipt in receipts] == list(expected), "the batch does not follow the one before it"
        self._prepared_seq = receipts[-1].seq
        self.milestones.reach("prepared")
        return Prepared(self._epoch, tuple(receipts))

    async def append(self, prepared: Prepared) -> None:
        """Store a batch, unless something befalls it."""
        assert not self._appending, "one batch at a time"
        self._appending = True
        try:
            self.milestones.reach("appending")
            await self._append(prepared, self.troubles.popleft() if self.troubles else None)
        finally:
            self._appending = False

    async def _append(self, prepared: Prepared, trouble: Trouble | Gate | None) -> None:
        await asyncio.sleep(0)
        if any(receipt.command == self.unstorable for receipt in prepared.receipts):
            raise ValueError("there is no room for this value")
        if isinstance(trouble, Gate) and not trouble.after_storing:
            await trouble.wait()
            trouble = trouble.then
        if trouble is Trouble.LOST_BEFORE_STORING:
            raise JournalLost("the connection broke")
        if trouble is Trouble.DEPOSED:
            self.disk.epoch += 1
        self._store(prepared)
        if isinstance(trouble, Gate) and trouble.after_storing:
            await trouble.wait()
        if trouble is Trouble.LOST_AFTER_STORING:
            raise JournalLost("the connection broke")

    def _store(self, prepared: Prepared) -> None:
        if prepared.epoch != self.disk.epoch or prepared.receipts[0].seq != len(self.disk.receipts) + 1:
            raise JournalLost("the journal has moved on")
        self.disk.receipts += prepared.receipts
        self.batches.append(prepared.receipts)
        self.milestones.reach("stored")

    async def quarantined(self) -> Collection[bytes]:
        """Return whose commands were set aside."""
        return list(self.disk.set_aside)

    async def quarantine(self, command_id: bytes, actor: str, command: Command, error: str) -> None:
        """Write down what is wrong with a command."""
        if self.full:
            self.full -= 1
            raise JournalLost("there is no room")
        self.disk.set_aside[command_id] = f"{actor}: {command}: {error}"

    async def lost(self) -> None:
        """Wait for the end of leadership."""
        await self._lost.wait()

    async def resign(self) -> None:
        """Make room for another leader."""
        if self.disk.leader is self:
            self.disk.depose()
