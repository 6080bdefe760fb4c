"""The journal in PostgreSQL: leading, loading, and appending a batch in one statement.

How it works
------------
Only one process may write, and it decides in memory what it writes, so it must never write on top of something that it
has not seen. Two things see to that:

- The leader holds an advisory lock on its own connection. Another server that wants to lead waits for that lock. This
  keeps servers apart as long as everything works.
- Each leader begins an *epoch*: ``evens.take_lead`` raises the number in the only row of ``evens.head``, which also has
  the seq, time and hash of the last record. This is the *fence*. It holds even if a leader has lost its lock without
  noticing, for example because its machine was suspended.

:meth:`PostgresJournal.prepare` encodes the receipts of a batch, chains their hashes, and projects them into rows; it
runs while the batch before commits. :meth:`PostgresJournal.append` sends the one statement. Its first call,
``evens.append_journal``, moves the head from the record that the batch follows to the last record of the batch, on the
condition that epoch, seq and hash are as this leader left them. If they are not, it raises, and the whole statement is
rolled back, projections included. As the statement is a transaction by itself, it is on disk when ``append`` returns.

Any failure leaves it unknown what was stored. Whoever uses the journal then leads and loads again (docs/decisions,
9), which begins a new epoch. A statement of the old epoch that is still on its way can no longer be stored.

In numbers
----------
The head is ``(epoch 7, seq 40, hash h40)``. A leader of epoch 7 prepares records 41 and 42 and sends
``append_journal(7, 40, h40, [41, 42], …)``. The head becomes ``(7, 42, h42)``. While that commits, the leader has
prepared record 43 on top of ``h42`` and sends ``append_journal(7, 42, h42, [43], …)``.

Now the leader's machine stands still, its lock is released, and another server takes the lead: the head becomes
``(8, 43, h43)``. It appends record 44: ``(8, 44, h44)``. The old leader wakes up and sends
``append_journal(7, 43, h43, [44], …)``. No row of the head has epoch 7, so nothing is written and it must start over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from evens.core.commands.every import Command
from evens.core.ledger.accounts import InvariantBroken
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.core.values.money import Currency
from evens.store.database import session_settings
from evens.store.encoding.chain import link
from evens.store.encoding.codec import decode, encode
from evens.store.encoding.rows import Rows
from evens.store.errors import BatchRefused
from evens.store.journal_tables import APPEND_JOURNAL
from evens.store.loading import load_house
from evens.store.projections import WRITES, project
from evens.store.recalling import recall
from evens.store.wallets.notices import Topic

if TYPE_CHECKING:
    from evens.store.database import Wire

LEADER_LOCK: Final = 0x6576_656E_7301
"""The advisory lock that the leader of a database holds: the letters "evens", then 1."""

TOPICS_CHANNEL: Final = "evens_topics"

_FIND: Final = "SELECT seq, at, command_id, payload FROM evens.journal WHERE command_id = ANY ($1)"
_TOPICS: Final = "SELECT DISTINCT unnest(topics) FROM evens.webhooks WHERE removed_at IS NULL"
_QUARANTINED: Final = "SELECT command_id FROM evens.quarantine"
_QUARANTINE: Final = """
INSERT INTO evens.quarantine (command_id, actor, command, error) VALUES ($1, $2, $3, $4)
ON CONFLICT (command_id) DO NOTHING
"""


_REFUSALS: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch ready to be sent: the statement and its arguments."""

    sql: str
    arguments: list[Any]


async def connect(dsn: str, application: str, command_timeout_s: float | None = 60) -> "Wire":
    """Open a connection under the application's role that takes and gives UUIDs as 16 bytes."""
    # Plans are kept. One that was made while the journal was short would read all of it later: always use the index.
    settings = {**session_settings(application), "enable_seqscan": "off"}
    connection = await asyncpg.connect(dsn, timeout=5, command_timeout=command_timeout_s, server_settings=settings)
    await connection.set_type_codec("uuid", encoder=bytes, decoder=bytes, schema="pg_catalog", format="binary")
    return connection


def read_receipt(row: asyncpg.Record) -> Receipt:
    """Return the receipt that a journal row holds."""
    actor, command, happened = decode(row["payload"])
    return Receipt(row["seq"], row["at"], row["command_id"], actor, command, happened)


class PostgresJournal:
    """Implements :class:`evens.sequencer.journal.Journal` on PostgreSQL.

    Two connections: one writes and holds the lock, the other looks commands up while the first commits.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._writer: Wire | None = None
        self._reader: Wire | None = None
        self._reading = asyncio.Lock()
        self._lost = asyncio.Event()
        self._trouble: BaseException | None = None
        self._epoch = 0
        self._seq = 0
        self._hash = b""
        self._currencies: dict[int, Currency] = {}
        self._wanted: frozenset[Topic] = frozenset()
        self._topics_stale = asyncio.Event()
        self._topics_task: asyncio.Task[None] | None = None

    async def lead(self, standing_by: Callable[[], None]) -> int:
        """Take the lock, waiting for whoever holds it, and begin an epoch that ends every earlier one.

        Returns the time of the last record.
        """
        self._lost.clear()
        self._trouble = None
        self._writer = writer = await connect(self._dsn, "evens writer", command_timeout_s=None)
        self._reader = reader = await connect(self._dsn, "evens reader")
        writer.add_termination_listener(self._terminated)
        reader.add_termination_listener(self._terminated)
        if not await writer.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):
            standing_by()
            await writer.execute("SELECT pg_advisory_lock($1)", LEADER_LOCK)
        head = await writer.fetchrow("SELECT * FROM evens.take_lead()")
        assert head is not None
        self._epoch, self._seq, self._hash = head["epoch"], head["seq"], head["hash"]
        await self._check_head(writer)
        await self._follow_topics(reader)
        return head["at"]

    async def load(self) -> House:
        """Load the house from the tables; nobody else can have changed them since :meth:`lead`."""
        house = await load_house(self._connected(self._writer))
        self._currencies = house.ledger.currencies_by_number
        return house

    async def find(self, command_ids: Sequence[bytes]) -> Mapping[bytes, Receipt]:
        """Look stored commands up by id."""
        async with self._reading:
            rows = await self._connected(self._reader).fetch(_FIND, command_ids)
        return {row["command_id"]: read_receipt(row) for row in rows}

    async def recall(self, wanted: object) -> object:
        """Read what a command has to know of the past."""
        async with self._reading:
            return await recall(self._connected(self._reader), wanted)

    def prepare(self, receipts: Sequence[Receipt]) -> Prepared:
        """Encode, chain and project the receipts of a batch."""
        rows = Rows()
        seq_before, hash_before = self._seq, self._hash
        chained = hash_before
        for receipt in receipts:
            payload = encode(receipt.actor, receipt.command, receipt.events)
            chained = link(chained, receipt.seq, receipt.at, receipt.command_id, payload)
            rows.added[APPEND_JOURNAL].append((receipt.seq, receipt.at, receipt.command_id, chained, payload))
            project(rows, receipt, self._currencies, self._wanted)
        self._seq, self._hash = receipts[-1].seq, chained
        return Prepared(*WRITES.bind(rows, (self._epoch, seq_before, hash_before)))

    async def append(self, prepared: Prepared) -> None:
        """Send the batch and wait until it is on disk."""
        try:
            await self._connected(self._writer).fetch(prepared.sql, *prepared.arguments, timeout=60)
        except _REFUSALS as error:
            raise BatchRefused(str(error)) from error

    async def quarantine(self, command_id: bytes, actor: str, command: Command, error: str) -> None:
        """Write the command down as text."""
        async with self._reading:
            await self._connected(self._reader).execute(_QUARANTINE, command_id, actor, repr(command), error)

    async def quarantined(self) -> Collection[bytes]:
        """Return the ids of all commands in quarantine."""
        async with self._reading:
            rows = await self._connected(self._reader).fetch(_QUARANTINED)
        return [row["command_id"] for row in rows]

    def lost(self) -> Awaitable[object]:
        """Return something that completes when either connection is gone, and raises what else ended the leading."""
        return self._until_lost()

    async def resign(self) -> None:
        """Close both connections; the lock goes with the first."""
        if self._topics_task is not None:
            self._topics_task.cancel()
            self._topics_task = None
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.remove_termination_listener(self._terminated)
                connection.terminate()
        self._writer = self._reader = None

    async def _check_head(self, writer: "Wire") -> None:
        last = await writer.fetchval("SELECT hash FROM evens.journal WHERE seq = $1", self._seq)
        if self._seq and last != self._hash:
            raise InvariantBroken(f"evens.head names seq {self._seq}, which the journal does not end with")

    async def _follow_topics(self, reader: "Wire") -> None:
        await reader.add_listener(TOPICS_CHANNEL, self._topics_changed)
        self._topics_stale.set()
        self._topics_task = asyncio.create_task(self._refresh_topics(reader))
        self._topics_task.add_done_callback(self._topics_unfollowed)

    async def _refresh_topics(self, reader: "Wire") -> None:
        while True:
            await self._topics_stale.wait()
            self._topics_stale.clear()
            async with self._reading:
                rows = await reader.fetch(_TOPICS)
            self._wanted = frozenset(Topic(row[0]) for row in rows)

    def _topics_changed(self, *_notification: object) -> None:
        self._topics_stale.set()

    def _topics_unfollowed(self, task: asyncio.Task[None]) -> None:
        """Lose the journal with the task: a leader that does not know which notices are wanted must begin again."""
        if task is self._topics_task:
            self._trouble = None if task.cancelled() else task.exception()
            self._lost.set()

    async def _until_lost(self) -> None:
        await self._lost.wait()
        if self._trouble is not None:
            raise self._trouble

    def _terminated(self, _connection: object) -> None:
        self._lost.set()

    @staticmethod
    def _connected(connection: "Wire | None") -> "Wire":
        if connection is None:
            raise ConnectionError("the journal is not open")
        return connection
