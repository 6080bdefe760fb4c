"""The audit: replay the journal into an empty house, and compare every table with what the replay says.

How it works
------------
The audit reads the journal in pages, within one snapshot of the database, so a server may go on writing meanwhile. For
each record it checks the hash chain, decodes the payload, and applies the events to an empty house, which checks that
every balance follows from the one before it. The events are projected by the same functions as in a batch, but their
rows go to the audits of the products instead of the database. A :class:`evens.store.auditing.product.ProductAudit`
compares each row as soon as it can no longer change. What it remembers is therefore what is live, not the history:

- Rows that never change (transfers, matches) are compared with the page that made them.
- Rows that change for a while (an order, a market, a pending withdrawal) are kept as they should be, each event's rows
  change them, and they are compared when an event makes them final.
- What is left after the last page is compared then. The tables that loading reads are compared as a whole: the house
  that they give must say the same, line by line, as the house that was replayed. What no event writes, the tables of
  the chain rail, of records and of what operators told, must agree with what was compared before.

Pages carry the span of keys that their rows can have. Everything that a table holds in that span is read, so rows that
the journal does not know are found too. A wrong row is named, and ends the comparison of its table; one within a page
also that of its product's other tables. Other products go on, as what their tables should hold follows from the journal
alone. A broken chain ends the audit: nothing after it can be trusted.

In numbers
----------
A page ends with record 41, recorded at moment 10,000; the next page has records 42 to 44, recorded at 12,000, 14,000
and 16,000. Its span of seqs is 42 to 44. Its span of moments begins where the one before it ended, at 10,000 + 1024 (a
record's transfers are numbered from its moment on, and a command may have 1024 of them), and ends before 16,000 + 1024:
11,024 to 17,023. If record 43 places an order of 500 and record 44 is an order that takes all of it, the page expects
the orders 43 and 44 among 42 to 44, and one match among 11,024 to 17,023. As order 43 is closed, its whole row
``(43, …, 0, 500, …, False)`` is compared at once: nothing remaining, 500 matched, not open. If the table says that 400
are matched, the exchange's audit ends with "orders: the journal says …, the table …".
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from evens.core.kernel import OutOfOrder, apply
from evens.core.ledger.accounts import InvariantBroken
from evens.core.receipts import Receipt
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.store.auditing.anchors import BEGINNING, Anchor, compare_anchors
from evens.store.auditing.differences import Difference, compare
from evens.store.auditing.product import KEY_MAX, KEY_MIN, KeySpan, Page, ProductAudit
from evens.store.chain.audit import audit_chain
from evens.store.challenges.audit import ChallengesAudit
from evens.store.encoding.chain import GENESIS, link
from evens.store.encoding.codec import PayloadUnreadable, decode
from evens.store.encoding.rows import Rows
from evens.store.exchange.audit import ExchangeAudit
from evens.store.fixed_odds.audit import FixedOddsAudit
from evens.store.following.audit import FollowingAudit
from evens.store.journal import connect
from evens.store.journal_tables import HEAD, JOURNAL
from evens.store.loading import load_house
from evens.store.pools.audit import PoolsAudit
from evens.store.pools.told_audit import ToldPricesAudit
from evens.store.projections import PROJECTORS
from evens.store.social.audit import RecordsAudit
from evens.store.wallets.audit import WalletsAudit
from evens.store.wallets.tables import POST_TRANSFERS

if TYPE_CHECKING:
    from evens.store.database import Wire

_PAGE: Final = 20_000

_HEAD: Final = HEAD.select("seq", "hash")
_JOURNAL: Final = f"{JOURNAL.select()} WHERE seq > $1 ORDER BY seq LIMIT $2"

PRODUCTS: Final[Sequence[Callable[[], ProductAudit]]] = (
    WalletsAudit,
    ExchangeAudit,
    ChallengesAudit,
    FixedOddsAudit,
    PoolsAudit,
    ToldPricesAudit,
    FollowingAudit,
    audit_chain,
    RecordsAudit,
)
"""The products' audits. A page is compared in this order."""

Progress = Callable[[int, int], None]
"""Told how many journal records are done, and how many there are."""


@dataclass(slots=True)
class AuditReport:
    """What was looked at and what was found. The books are sound if ``problems`` is empty.

    An entry is one side of a transfer, so there are two for each. ``end`` is the last record that was replayed.
    """

    end: Anchor = BEGINNING
    records: int = 0
    transfers: int = 0
    accounts: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list[str])

    @property
    def entries(self) -> int:
        """Number of ledger entries replayed."""
        return 2 * self.transfers


async def audit(dsn: str, progress: Progress = lambda done, total: None, anchors: Sequence[Anchor] = ()) -> AuditReport:
    """Audit the database at ``dsn``, whose journal must still hold the records of ``anchors``.

    Raises only if it cannot be read; what is wrong with the books is reported.
    """
    started = perf_counter()
    report = AuditReport()
    async with _snapshot(dsn) as wire, _uncollected():
        replay = _Replay(report)
        products: list[ProductAudit] = [product() for product in PRODUCTS]
        try:
            await _compare_pages(wire, replay, products, progress)
            report.problems.extend([problem async for problem in _compare_what_is_left(wire, products)])
            if len(products) == len(PRODUCTS):
                report.problems.extend([problem async for problem in _compare_house(wire, replay.house)])
        except Difference as difference:
            report.problems.append(str(difference))
        report.end = Anchor(replay.house.seq, replay.hash)
        report.problems.extend([problem async for problem in compare_anchors(wire, report.end, anchors)])
    report.accounts = len(replay.house.ledger.balances)
    report.seconds = perf_counter() - started
    return report


class _Replay:
    """The house that the journal gives, and the page of its events that is to be compared next."""

    def __init__(self, report: AuditReport) -> None:
        self.report = report
        self.house = House()
        self.hash = GENESIS
        self._seqs: KeySpan = (KEY_MIN, KEY_MIN)
        self._moments: KeySpan = (KEY_MIN, KEY_MIN)

    def take(self, records: Sequence[Any]) -> Page:
        """Replay the records of a page."""
        receipts, rows = list[Receipt](), Rows()
        for seq, at, command_id, stored_hash, payload in records:
            self.hash = link(self.hash, seq, at, command_id, payload)
            if self.hash != stored_hash:
                raise Difference(f"journal seq {seq}: the hash does not follow from the record and the one before it")
            try:
                receipt = Receipt(seq, at, command_id, *decode(payload))
                apply(self.house, receipt.events, seq, at)
            except (PayloadUnreadable, OutOfOrder, InvariantBroken) as error:
                raise Difference(f"journal seq {seq}: {error}") from error
            receipts.append(receipt)
            for event in receipt.events:
                projector = PROJECTORS[type(event)]
                if projector is not None:
                    projector(rows, receipt, event)
        self.report.records += len(records)
        self.report.transfers += len(rows.of(POST_TRANSFERS))
        return self._page(receipts, rows, self.house.seq + 1, self.house.at + TRANSFERS_PER_COMMAND_MAX)

    def nothing_more(self) -> Page:
        """Return an empty page with all keys after the last record, where no table may have anything."""
        return self._page((), Rows(), KEY_MAX, KEY_MAX)

    def _page(self, receipts: Sequence[Receipt], rows: Rows, before_seq: int, before_moment: int) -> Page:
        self._seqs = self._seqs[1], before_seq
        self._moments = self._moments[1], before_moment
        return Page(receipts, rows, self._seqs, self._moments)


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


async def _compare_pages(wire: "Wire", replay: _Replay, products: list[ProductAudit], progress: Progress) -> None:
    """Replay the journal and compare page by page; products in whose tables a difference was found are taken out.

    Raises :class:`Difference` for a journal that is not what it says.
    """
    head = await wire.fetchrow(_HEAD)
    assert head is not None
    records = await wire.fetch(_JOURNAL, 0, _PAGE)
    while records:
        # The server reads the next page while this one is replayed.
        following = asyncio.create_task(wire.fetch(_JOURNAL, records[-1]["seq"], _PAGE))
        await asyncio.sleep(0)
        try:
            page = replay.take(records)
        finally:
            records = await following
        await _compare_page(wire, page, products, replay.report)
        progress(replay.house.seq, head["seq"])
    if (replay.house.seq, replay.hash) != (head["seq"], head["hash"] if head["seq"] else GENESIS):
        raise Difference(f"head: names seq {head['seq']}, but the journal ends with seq {replay.house.seq}")
    await _compare_page(wire, replay.nothing_more(), products, replay.report)


async def _compare_page(wire: "Wire", page: Page, products: list[ProductAudit], report: AuditReport) -> None:
    for product in list(products):
        try:
            await product.compare_page(wire, page)
        except Difference as difference:
            report.problems.append(str(difference))
            products.remove(product)


async def _compare_what_is_left(wire: "Wire", products: Sequence[ProductAudit]) -> AsyncGenerator[str]:
    for product in products:
        for check in product.remaining():
            try:
                await check(wire)
            except Difference as difference:
                yield str(difference)


async def _compare_house(wire: "Wire", replayed: House) -> AsyncGenerator[str]:
    try:
        stored = await load_house(wire)
    except (KeyError, ValueError) as error:
        yield f"house: no house can be made of what the tables hold: {error!r}"
        return
    try:
        compare("house", replayed.lines(), stored.lines())
    except Difference as difference:
        yield str(difference)
    for house, whose in ((replayed, "journal"), (stored, "tables")):
        try:
            house.check()
        except InvariantBroken as error:
            yield f"{whose}: {error}"
        except (KeyError, ValueError) as error:
            yield f"{whose}: nothing adds up with what is there: {error!r}"
