"""The audit: replay the journal into an empty house, and hold every table against what the replay says.

Everything is read in one snapshot, so a server may go on writing meanwhile. Each check ends at the first row that
differs and names it; a broken chain ends the replay, because nothing after it can be trusted.
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from evens.core.events.ledger import Transferred
from evens.core.events.wallets import WithdrawalCompleted, WithdrawalRejected, WithdrawalRequested
from evens.core.kernel import OutOfOrder, apply
from evens.core.ledger.accounts import InvariantBroken
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.store.auditing.differences import Found, compare
from evens.store.auditing.effective_sums import Corrections
from evens.store.encoding.chain import GENESIS, link
from evens.store.encoding.codec import PayloadUnreadable, decode
from evens.store.exchange.audit import ExchangeAudit
from evens.store.journal import connect
from evens.store.loading import load_house

if TYPE_CHECKING:
    from evens.store.database import Wire

_WITHDRAWAL: Final = (WithdrawalRequested, WithdrawalCompleted, WithdrawalRejected)

_PAGE: Final = 20_000
_FIRST_ID: Final = -(2**63)

_HEAD: Final = "SELECT seq, hash FROM evens.head"
_JOURNAL: Final = """
SELECT seq, at, command_id, hash, payload FROM evens.journal WHERE seq > $1 ORDER BY seq LIMIT $2
"""
_TRANSFERS: Final = """
SELECT id, seq, debit, credit, amount, debit_after, credit_after, effective_at, kind FROM evens.transfers
WHERE id >= $1 AND id < $2 ORDER BY id
"""
_NOTES: Final = "SELECT transfer, reference, memo, destination FROM evens.transfer_notes ORDER BY transfer"
_WITHDRAWALS: Final = "SELECT id, customer, currency_number, amount, status FROM evens.withdrawals ORDER BY id"
_SUMS: Final = "SELECT account, level, bucket, net FROM evens.effective_sums ORDER BY account, level, bucket"
_STRAY_TRANSFERS: Final = "SELECT min(id) FROM evens.transfers WHERE id >= $1"

Progress = Callable[[int, int], None]
"""Told how many journal records are done, and how many there are."""


@dataclass(slots=True)
class AuditReport:
    """What was looked at and what was found. The books are sound if ``problems`` is empty.

    An entry is one side of a transfer, so there are two for each.
    """

    records: int = 0
    transfers: int = 0
    accounts: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list[str])

    @property
    def entries(self) -> int:
        """Number of ledger entries replayed."""
        return 2 * self.transfers


async def audit(dsn: str, progress: Progress = lambda done, total: None) -> AuditReport:
    """Audit the database at ``dsn``. Raises only if it cannot be read; what is wrong with the books is reported."""
    started = perf_counter()
    report = AuditReport()
    async with _snapshot(dsn) as wire, _uncollected():
        replay = _Replay(report)
        try:
            await _replay_journal(wire, replay, progress)
        except Found as found:
            report.problems.append(str(found))
        else:
            report.problems.extend([problem async for problem in _compare_tables(wire, replay)])
    report.accounts = len(replay.house.ledger.balances)
    report.seconds = perf_counter() - started
    return report


class _Replay:
    """The house that the journal gives, and what its events should have left in the tables."""

    def __init__(self, report: AuditReport) -> None:
        self.report = report
        self.house = House()
        self.hash = GENESIS
        self.notes: list[tuple[Any, ...]] = []
        self.withdrawals: dict[int, list[Any]] = {}
        self.corrections = Corrections()
        self.exchange = ExchangeAudit()

    def take(self, records: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Replay a page of records and return the rows that should be in ``evens.transfers``."""
        transfers: list[tuple[Any, ...]] = []
        for seq, at, command_id, stored_hash, payload in records:
            self.hash = link(self.hash, seq, at, command_id, payload)
            if self.hash != stored_hash:
                raise Found(f"journal seq {seq}: the hash does not follow from the record and the one before it")
            try:
                receipt = Receipt(seq, at, command_id, *decode(payload))
                apply(self.house, receipt.events, seq, at)
            except (PayloadUnreadable, OutOfOrder, InvariantBroken) as error:
                raise Found(f"journal seq {seq}: {error}") from error
            for event in receipt.events:
                if isinstance(event, Transferred):
                    transfers.append(self._expect_transfer(seq, event))
                elif isinstance(event, _WITHDRAWAL):
                    self._expect_withdrawal(event)
                else:
                    self.exchange.take(receipt, event)
        self.report.records += len(records)
        self.report.transfers += len(transfers)
        return transfers

    def _expect_transfer(self, seq: int, event: Transferred) -> tuple[Any, ...]:
        transfer, debit, credit, effective_at = event.transfer, event.debit, event.credit, event.effective_at
        if event.note is not None:
            self.notes.append((transfer, event.note.reference, event.note.memo, event.note.destination))
        if effective_at != transfer:
            self.corrections.add(transfer, debit, credit, event.amount_minor, effective_at)
        after = event.debit_after_minor, event.credit_after_minor
        return transfer, seq, debit, credit, event.amount_minor, *after, effective_at, event.kind

    def _expect_withdrawal(self, event: WithdrawalRequested | WithdrawalCompleted | WithdrawalRejected) -> None:
        if isinstance(event, WithdrawalRequested):
            row = [event.withdrawal, event.customer, event.currency_number, event.amount_minor, "pending"]
            self.withdrawals[event.withdrawal] = row
        else:
            self.withdrawals[event.withdrawal][-1] = (
                "completed" if isinstance(event, WithdrawalCompleted) else "rejected"
            )


@asynccontextmanager
async def _uncollected() -> AsyncGenerator[None]:
    """Spare what is replayed, which has no cycles, from being looked at by the collector again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@asynccontextmanager
async def _snapshot(dsn: str) -> AsyncGenerator["Wire"]:
    wire = await connect(dsn, "evens audit", command_timeout_s=None)
    try:
        async with wire.transaction(isolation="repeatable_read", readonly=True):
            yield wire
    finally:
        await wire.close()


async def _replay_journal(wire: "Wire", replay: _Replay, progress: Progress) -> None:
    head = await wire.fetchrow(_HEAD)
    assert head is not None
    reached = _FIRST_ID
    page = await wire.fetch(_JOURNAL, 0, _PAGE)
    while page:
        expected = replay.take(page)
        seq, at = page[-1]["seq"], page[-1]["at"]
        stored = await wire.fetch(_TRANSFERS, reached, at + TRANSFERS_PER_COMMAND_MAX)
        reached = at + TRANSFERS_PER_COMMAND_MAX
        await replay.exchange.compare_page(wire, seq, at)
        # The server reads the next page while this one is compared.
        following = asyncio.create_task(wire.fetch(_JOURNAL, seq, _PAGE))
        await asyncio.sleep(0)
        try:
            compare("transfers", expected, stored)
            progress(seq, head["seq"])
        finally:
            page = await following
    if (replay.house.seq, replay.hash) != (head["seq"], head["hash"] if head["seq"] else GENESIS):
        raise Found(f"head: names seq {head['seq']}, but the journal ends with seq {replay.house.seq}")
    stray = await wire.fetchval(_STRAY_TRANSFERS, reached)
    if stray is not None:
        raise Found(f"transfers {stray}: is in the table but not in the journal")


async def _compare_tables(wire: "Wire", replay: _Replay) -> AsyncGenerator[str]:
    try:
        await replay.exchange.compare_rest(wire)
    except Found as found:
        yield str(found)
    try:
        stored = await load_house(wire)
    except (KeyError, ValueError) as error:
        yield f"house: no house can be made of what the tables hold: {error!r}"
        return
    checks: tuple[tuple[str, Iterable[Any], Iterable[Any]], ...] = (
        ("transfer_notes", replay.notes, await wire.fetch(_NOTES)),
        ("withdrawals", map(tuple, replay.withdrawals.values()), await wire.fetch(_WITHDRAWALS)),
        ("effective_sums", replay.corrections.rows(), await wire.fetch(_SUMS)),
        ("house", replay.house.lines(), stored.lines()),
    )
    for table, expected, actual in checks:
        try:
            compare(table, expected, actual)
        except Found as found:
            yield str(found)
    for house, whose in ((replay.house, "journal"), (stored, "tables")):
        try:
            house.check()
        except InvariantBroken as error:
            yield f"{whose}: {error}"
