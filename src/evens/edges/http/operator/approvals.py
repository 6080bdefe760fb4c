"""Proposing what takes two operators, deciding about it, and looking at what something would do."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import Field, ValidationError
from starlette.responses import Response

from evens.core.commands.every import Command
from evens.core.values.moments import format_datetime
from evens.edges.http.operator.previews import Preview, present_preview
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer, mark_replayed
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.faults import name_field
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.idempotency import IdempotencyKey
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields, refuse_not_found
from evens.edges.http.protocol.shapes import Page, Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.texts import Text
from evens.edges.http.protocol.two_operators import Kind
from evens.identity.principal import Principal
from evens.store import approvals as stored
from evens.store.rehearsing import TooMuchToRehearse
from evens.validation_messages import message_of

router = APIRouter(route_class=StrictRoute, tags=["Two operators"])

_ID: Final = re.compile(r"apr_([1-9][0-9]{0,17})", re.ASCII)

Status = Literal["pending", "approved", "booked", "refused", "rejected", "withdrawn", "expired"]
ApprovalId = Annotated[str, Field(examples=["apr_12"])]
What = Annotated[
    str, Field(description="What is to be done; `GET /v1/approvals/rules` lists it.", examples=["settle_market"])
]


class RequestBody(Body):
    """What is to be done, as the route that does it at once takes it."""

    model_config = example(what="settle_market", id="mkt_42", body={"winners": ["1"]})

    what: What
    id: Annotated[
        Text | None,
        Field(description="The market, event, bet, transaction or withdrawal, a challenge's token, `pool/code`."),
    ] = None
    body: Annotated[dict[str, Any] | None, Field(description="The body of that route, if it takes one.")] = None


class ProposalBody(Body):
    """What is proposed, and why."""

    model_config = example(
        request={"what": "settle_market", "id": "mkt_42", "body": {"winners": ["1"]}}, reason="official result"
    )

    request: RequestBody
    reason: Text


class DecisionBody(Body):
    """Why somebody decides as they do."""

    model_config = example(reason="checked against the official result")

    reason: Text


@dataclass(frozen=True, slots=True)
class Operator:
    """Who proposed or decided. The scope is what the journal calls them."""

    scope: Annotated[str, Field(examples=["customer:17"])]
    name: Annotated[str, Field(examples=["ann"])]


@dataclass(frozen=True, slots=True)
class ApprovalDecision:
    """What another operator decided; `withdrawn` is said by whoever proposed it."""

    decision: Literal["approved", "rejected", "withdrawn"]
    by: Operator
    reason: str
    at: Time


@dataclass(frozen=True, slots=True)
class ApprovalEnd:
    """What came of it: the record of the journal, and the problem if it was refused."""

    seq: int | None
    code: Annotated[str | None, Field(examples=["already_settled"])]
    detail: str | None
    at: Time


@dataclass(frozen=True, slots=True)
class Approval:
    """What one operator proposed, with what came of it."""

    id: ApprovalId
    what: What
    target: Annotated[str | None, Field(description="The `id` of the request.", examples=["mkt_42"])]
    body: dict[str, Any] | None
    reason: str
    status: Status
    proposed_by: Operator
    proposed_at: Time
    expires_at: Time
    preview: Annotated[Preview, Field(description="What it would have done when it was proposed.")]
    decision: ApprovalDecision | None
    outcome: ApprovalEnd | None


@dataclass(frozen=True, slots=True)
class NeededKind:
    """A kind of deeds that takes two operators here."""

    kind: Kind
    above: Annotated[str | None, Field(description="Only above this amount, in units of any currency.")]


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """What can be proposed, and what must be."""

    needed: list[NeededKind]
    proposable: Annotated[list[str], Field(examples=[["settle_market"]])]
    expires_after_seconds: float


@router.post("/v1/previews", response_model=Preview, responses=problems(404, 409))
async def preview(caller: OperatorCaller, body: RequestBody) -> Response:
    """Show what something would do: who wins and loses how much, and what that means for the house. Nothing is booked.

    It is worked out by the rules themselves, on the books of this moment; what happens later is not in it.
    """
    return answer(await _preview(caller, body.what, await _read(caller, body, "")))


@router.post("/v1/approvals", status_code=201, response_model=Approval, responses=problems(404, 409))
async def propose(caller: OperatorCaller, body: ProposalBody, key: IdempotencyKey = None) -> Response:
    """Propose something that another operator is to approve before it is done. What would be refused now is refused."""
    tables, principal = caller.services.approver.tables, caller.principal
    request = body.request.model_dump_json()
    known = None if key is None else await tables.by_key(principal.scope, key)
    if known is None:
        command = await _read(caller, body.request, "request.")
        # Before the preview: what changes in between makes the proposal out of date, not wrong.
        basis = await caller.services.approver.rehearsals.basis(command)
        shown = await _preview(caller, body.request.what, command)
        if shown.refused is not None:
            raise Refused(problem(shown.refused["status"], shown.refused["code"], shown.refused["detail"]))
        encoded = msgspec.json.encode(shown).decode()
        proposal = stored.Proposal(
            body.request.what, body.request.id or "", request, command, basis, encoded, body.reason
        )
        known, is_new = await tables.propose(proposal, _who(principal), key, caller.services.approver.lives_s)
    else:
        is_new = False
    if (known.proposal.request, known.proposal.reason) != (request, body.reason):
        detail = "This Idempotency-Key was used before with a different request; take another one."
        raise refuse_fields(("Idempotency-Key", detail), code="idempotency_key_reused")
    return answer(_present(known), 201, mark_replayed(not is_new))


@router.get("/v1/approvals", response_model=Page[Approval])
async def list_approvals(
    caller: OperatorCaller,
    page: AnyPage,
    status: Annotated[Status | None, Query()] = None,
    what: Annotated[str | None, Query(max_length=64, description="With `target`: only such deeds.")] = None,
    target: Annotated[str | None, Query(max_length=500, description="Only about this market, event, …")] = None,
    by: Annotated[str | None, Query(max_length=200, description="Only what this scope proposed.")] = None,
) -> Response:
    """List what was proposed, newest first, by one filter at a time. It is kept for ever."""
    approver = caller.services.approver
    if sum(each is not None for each in (status, target, by)) > 1:
        raise refuse_fields(("target", "cannot be given together with status or by"))
    if what is not None and target is None:
        raise refuse_fields(("target", "is required with what"))
    about = None if target is None else ([what] if what is not None else list(approver.proposables), target)
    rows = await approver.tables.page(
        status=status, target=about, scope=by, before=page.before_id, limit=page.limit + 1
    )
    return answer(page_of(rows, page, lambda row: row.id, _present))


@router.get("/v1/approvals/rules", response_model=ApprovalRules)
async def read_approval_rules(caller: OperatorCaller) -> Response:
    """Tell what can be proposed, and what takes two operators in this house (`EVENS_TWO_OPERATORS`)."""
    approver = caller.services.approver
    needed = [NeededKind(kind, above) for kind, above in caller.shared.two_operators.limits.items()]
    return answer(ApprovalRules(needed, sorted(approver.proposables), approver.lives_s))


@router.get("/v1/approvals/{id}", response_model=Approval, responses=problems(404))
async def read_approval(caller: OperatorCaller, id: str) -> Response:
    """Show a proposal, with what came of it."""
    return answer(_present(await _find(caller, id)))


@router.post("/v1/approvals/{id}/approve", response_model=Approval, responses=problems(404, 409))
async def approve(caller: OperatorCaller, id: str, body: DecisionBody) -> Response:
    """Approve what somebody else proposed; it is done at once, once. `outcome` says if it was refused after all."""
    approver, approval = caller.services.approver, await _find(caller, id)
    await approver.check_other(approval, caller.principal)
    approval = await approver.decide(approval, "approved", _who(caller.principal), body.reason)
    return answer(_present(await approver.finish(approval)))


@router.post("/v1/approvals/{id}/reject", response_model=Approval, responses=problems(404, 409))
async def reject(caller: OperatorCaller, id: str, body: DecisionBody) -> Response:
    """Reject what somebody proposed, or withdraw one's own proposal."""
    approval, who = await _find(caller, id), _who(caller.principal)
    decision = "withdrawn" if who.scope == approval.by.scope else "rejected"
    return answer(_present(await caller.services.approver.decide(approval, decision, who, body.reason)))


async def _preview(caller: Caller[OperatorServices], what: str, command: Command) -> Preview:
    try:
        rehearsal = await caller.services.approver.rehearsals.rehearse(command)
    except TooMuchToRehearse as error:
        detail = "More customers are concerned than a preview can look at; it can be done without one."
        raise Refused(problem(409, "preview_too_large", detail)) from error
    return present_preview(
        what,
        rehearsal,
        needs_approval=await caller.shared.two_operators.need(command),
        currencies=caller.shared.currencies,
        refusals=caller.shared.refusals,
    )


async def _read(caller: Caller[OperatorServices], request: RequestBody, prefix: str) -> Command:
    """Return the command that a request means, as its own route would read it. Raises what that raises."""
    proposable = caller.services.approver.proposables.get(request.what)
    if proposable is None:
        known = ", ".join(sorted(caller.services.approver.proposables))
        raise refuse_fields((f"{prefix}what", f"must be one of {known}"))
    if (request.id is None) == proposable.has_target:
        raise refuse_fields((f"{prefix}id", "is required" if proposable.has_target else "is not taken by this"))
    body = None
    if proposable.body is not None:
        try:
            body = proposable.body.model_validate(request.body or {})
        except ValidationError as error:
            found = [
                (f"{prefix}body.{name_field(('body', *each['loc']))}", message_of(each)) for each in error.errors()
            ]
            raise refuse_fields(*found) from error
    elif request.body:
        raise refuse_fields((f"{prefix}body", "is not taken by this"))
    shared = caller.shared
    return await proposable.read(
        Caller(shared, proposable.services_of(shared), caller.principal), request.id or "", body
    )


async def _find(caller: Caller[OperatorServices], id: str) -> stored.Approval:
    match = _ID.fullmatch(id)
    found = None if match is None else await caller.services.approver.tables.approval(int(match[1]))
    if found is None:
        raise refuse_not_found("approval_unknown", "There is no such proposal; check the id.")
    return found


def _who(principal: Principal) -> stored.Who:
    return stored.Who(principal.scope, principal.name, principal.key_id)


def _present(approval: stored.Approval) -> Mapping[str, Any]:
    """Return what :class:`Approval` documents."""
    proposal, decision, end = approval.proposal, approval.decision, approval.end
    request = json.loads(proposal.request)
    return {
        "id": f"apr_{approval.id}",
        "what": proposal.what,
        "target": proposal.target or None,
        "body": request["body"],
        "reason": proposal.reason,
        "status": approval.status,
        "proposed_by": Operator(approval.by.scope, approval.by.name),
        "proposed_at": format_datetime(approval.proposed_at),
        "expires_at": format_datetime(approval.expires_at),
        "preview": json.loads(proposal.preview),
        "decision": decision
        and {
            "decision": decision.decision,
            "by": Operator(decision.scope, decision.name),
            "reason": decision.reason,
            "at": format_datetime(decision.at),
        },
        "outcome": end and ApprovalEnd(end.seq, end.code, end.detail, format_datetime(end.at)),
    }


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
