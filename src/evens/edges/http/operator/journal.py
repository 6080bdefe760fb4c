"""The journal for operators: records with their hash chain, timelines, and audits."""

import base64
import re
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from evens.core.values.moments import MOMENT_MAX, format_datetime, format_time
from evens.core.values.public_ids import parse_market_id, parse_user_id
from evens.edges.http.operator.auditing import AuditRunning
from evens.edges.http.operator.readable import readable
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, PageAsked, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page, Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.store.console.journal import AuditRow, Record

router = APIRouter(route_class=StrictRoute, tags=["Journal"])

_SEQ: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)

Order = Annotated[Literal["newest", "oldest"], Query(description="Which come first.")]


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A record of the journal.

    `hash` is the SHA-256 of, one after the other: the 32 bytes of `hash_before`; `seq` and `at_ns`, each as 8 bytes,
    signed, big-endian; the 16 bytes of `command_id`; and the bytes of `payload`. The hash before the first record is
    that of nothing. The payload is MessagePack: an array of the actor, the command and the events.
    """

    seq: int
    at: Time
    at_ns: Annotated[str, Field(description="`at` in nanoseconds since 1970.", examples=["1795080600123456789"])]
    actor: Annotated[str, Field(description="Who asked.", examples=["customer:17", "operator:desk", "house"])]
    command: Annotated[dict[str, Any], Field(description="What was asked, with its `type`.")]
    events: Annotated[list[dict[str, Any]], Field(description="What happened, each with its `type`.")]
    command_id: Annotated[str, Field(description="16 bytes in hexadecimal digits.")]
    payload: Annotated[str, Field(description="In Base64.")]
    hash: Annotated[str, Field(description="32 bytes in hexadecimal digits.")]
    hash_before: str


@dataclass(frozen=True, slots=True)
class AuditResult:
    """An audit, and what it found once it came to an end."""

    id: int
    started_at: Time
    started_by: str
    ended_at: Time | None
    seq: Annotated[int | None, Field(description="The last record that was replayed.")]
    hash: str | None
    transfers: int | None
    accounts: int | None
    problems: Annotated[list[str] | None, Field(description="What is wrong with the books; empty if nothing is.")]
    trouble: Annotated[str | None, Field(description="Why it did not come to an end.")]


@dataclass(frozen=True, slots=True)
class AuditProgress:
    """How far an audit has come."""

    records: int
    of: int


@dataclass(frozen=True, slots=True)
class Audits:
    """The latest audits, newest first, and how far the one under way on this server has come."""

    items: list[AuditResult]
    running: AuditProgress | None


@router.get("/v1/journal", response_model=Page[JournalRecord])
async def list_journal(
    caller: OperatorCaller,
    page: AnyPage,
    order: Order = "newest",
    kind: Annotated[str | None, Query(max_length=64, description="Only such commands, as `SettleMarket`.")] = None,
    actor: Annotated[str | None, Query(max_length=500, description="Only what this one asked for.")] = None,
) -> Response:
    """List records. By `kind` or by `actor` the list may be some seconds behind, as an index is kept of these."""
    if kind is not None and actor is not None:
        raise refuse_fields(("actor", "cannot be given together with kind"))
    beyond, newest = _place(page, order)
    journal = caller.services.journal
    if kind is None and actor is None:
        rows = await journal.page(beyond=beyond, newest_first=newest, limit=page.limit + 1)
    else:
        by, value = ("kind", kind) if kind is not None else ("actor", actor)
        rows = await journal.found(by, value or "", beyond=beyond, newest_first=newest, limit=page.limit + 1)
    return _answer(caller, page, rows)


@router.get("/v1/journal/{seq}", response_model=JournalRecord, responses=problems(404))
async def read_journal_record(caller: OperatorCaller, seq: str) -> Response:
    """Show a record. Its hash can be worked out again from what is shown."""
    record = await caller.services.journal.record(int(seq)) if _SEQ.fullmatch(seq) else None
    if record is None:
        raise refuse_not_found("record_unknown", "The journal has no such record.")
    return answer(present_record(record, caller.shared.currencies))


@router.get("/v1/timelines/{kind}/{id:path}", response_model=Page[JournalRecord], responses=problems(404))
async def read_timeline(
    caller: OperatorCaller,
    kind: Literal["market", "event", "round", "pool", "challenge", "order", "bet", "transaction", "user"],
    id: str,
    page: AnyPage,
    order: Order = "newest",
) -> Response:
    """List everything that happened to something, with who asked for it. What is recent may take some seconds to show.

    The parts in which a settlement is booked are left out but for the last; a user's own are there. `id` is the public
    id, an event's own, a challenge's token or the place of its offer in the journal, `pool/code` of a round.
    """
    subject = await _subject(caller, kind, id)
    beyond, newest = _place(page, order)
    rows = await caller.services.journal.found(*subject, beyond=beyond, newest_first=newest, limit=page.limit + 1)
    return _answer(caller, page, rows)


@router.get("/v1/audits", response_model=Audits)
async def list_audits(caller: OperatorCaller) -> Response:
    """Show the latest audits: whether the books are what the journal says, and the chain is whole."""
    rows = await caller.services.journal.audits(before=MOMENT_MAX, limit=20)
    return answer(Audits([_present_audit(row) for row in rows], _progress(caller)))


@router.post("/v1/audits", status_code=202, response_model=Audits, responses=problems(409))
async def begin_audit(caller: OperatorCaller) -> Response:
    """Begin an audit in a process of its own, on a snapshot; one at a time. `GET /v1/audits` tells how far it is."""
    try:
        await caller.services.condition.auditor.begin(caller.principal.scope)
    except AuditRunning as error:
        raise Refused(problem(409, "audit_running", "An audit is under way; wait for its end.")) from error
    rows = await caller.services.journal.audits(before=MOMENT_MAX, limit=20)
    return answer(Audits([_present_audit(row) for row in rows], _progress(caller)), 202)


def present_record(record: Record, currencies: Currencies) -> JournalRecord:
    """Return a record as operators see it."""
    receipt = record.receipt
    return JournalRecord(
        seq=receipt.seq,
        at=format_time(receipt.at),
        at_ns=str(receipt.at),
        actor=receipt.actor,
        command=readable(receipt.command, currencies),
        events=[readable(event, currencies) for event in receipt.events],
        command_id=receipt.command_id.hex(),
        payload=base64.b64encode(record.payload).decode(),
        hash=record.hash.hex(),
        hash_before=record.hash_before.hex(),
    )


async def _subject(caller: Caller[OperatorServices], kind: str, id: str) -> tuple[str, str | int]:
    """Return by what to look for a thing. Raises a 404 for what can be nothing's id."""
    number: int | None = None
    if kind == "market":
        number = parse_market_id(id)
    elif kind == "user":
        number = parse_user_id(id)
    elif kind in _SOUGHT:
        number = await caller.services.sought(kind, id)
    elif match := _PREFIXED[kind].fullmatch(id):
        number = int(match[1])
    if number is None:
        raise refuse_not_found("not_found", "There is no such thing; check the id.")
    if kind in {"market", "round", "order", "bet", "user"}:
        return "customer" if kind == "user" else kind, number
    return "subject", f"{kind} {number}"


_SOUGHT: Final = frozenset({"event", "round", "pool", "challenge"})
_PREFIXED: Final = {
    "order": re.compile(r"ord_([1-9][0-9]{0,17})", re.ASCII),
    "bet": re.compile(r"(?:bet|plb)_([1-9][0-9]{0,17})", re.ASCII),
    "transaction": re.compile(r"txn_([1-9][0-9]{0,18})", re.ASCII),
}


def _place(page: PageAsked, order: str) -> tuple[int, bool]:
    newest = order == "newest"
    return (page.before_id if newest else page.after_id), newest


def _answer(caller: Caller[OperatorServices], page: PageAsked, rows: list[Record]) -> Response:
    currencies = caller.shared.currencies
    return answer(page_of(rows, page, lambda row: row.receipt.seq, lambda row: present_record(row, currencies)))


def _progress(caller: Caller[OperatorServices]) -> AuditProgress | None:
    found = caller.services.condition.auditor.progress
    return None if found is None else AuditProgress(*found)


def _present_audit(row: AuditRow) -> AuditResult:
    return AuditResult(
        row.id,
        format_datetime(row.started_at),
        row.started_by,
        None if row.ended_at is None else format_datetime(row.ended_at),
        row.seq,
        None if row.hash is None else row.hash.hex(),
        row.transfers,
        row.accounts,
        None if row.problems is None else list(row.problems),
        row.trouble,
    )


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
