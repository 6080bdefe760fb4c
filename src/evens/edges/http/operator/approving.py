"""Two operators: what one proposes is booked once another one has approved it.

A proposal keeps the command itself, as the journal encodes it, so what is booked is what was looked at. It is submitted
under an id that follows from the proposal's number: once, however often anybody tries, and whatever crashed in between.
The record's actor names both: ``customer:17 approved by customer:19``.

A proposal that was approved and not booked, because the server went away in that moment, is booked by :class:`Finisher`
on the server that writes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from starlette.exceptions import HTTPException

from evens.core.receipts import Receipt
from evens.edges.gateway import Gateway
from evens.edges.http.protocol.answering import Reply
from evens.edges.http.protocol.idempotency import command_id
from evens.edges.http.protocol.problem import Refused, problem
from evens.edges.http.protocol.proposing import Proposable
from evens.identity.principal import CONSOLE, Principal
from evens.sequencer.errors import CommandFailed, NotBooked
from evens.store.approvals import Approval, Approvals, Decision, Who
from evens.store.errors import StoreUnavailable
from evens.store.rehearsing import Rehearsals

EVERY_S: Final = 5.0
"""How often approved proposals that are not booked are looked for."""

_SCOPE: Final = "approvals"
_CHANGED: Final = "changed_meanwhile"
_CHANGED_DETAIL: Final = "Another result was booked since this was proposed; preview it, and propose it again."

_log = structlog.get_logger(__name__)


class _Presenter(Protocol):
    def present(self, receipt: Receipt) -> Awaitable[Reply]: ...


@dataclass(frozen=True, slots=True)
class Approver:
    """Decides about proposals, and books what was approved. ``proposables`` are those of every room, by their word."""

    tables: Approvals
    rehearsals: Rehearsals
    gateway: Gateway
    presenter: _Presenter
    proposables: dict[str, Proposable[Any]]
    services_of: Callable[[], Any]
    lives_s: float

    async def check_other(self, approval: Approval, principal: Principal) -> None:
        """Raise a 403 unless this is somebody else than who proposed it: another person, with keys of another one."""
        mine = await self.tables.makers(principal.scope)
        theirs = await self.tables.makers(approval.by.scope)
        is_same = principal.scope == approval.by.scope or (
            principal.key_id is not None and principal.key_id == approval.by.key_id
        )
        if is_same or (mine & theirs) - {CONSOLE.scope}:
            detail = "Whoever proposed this cannot approve it, nor can anybody with a key that they made."
            raise Refused(problem(403, "same_operator", detail))

    async def decide(self, approval: Approval, decision: str, by: Who, reason: str) -> Approval:
        """Record a decision; the same one by the same person may be repeated. Raises a 409 for any other."""
        if await self.tables.decide(approval.id, decision, by, reason):
            return await self._again(approval)
        approval = await self._again(approval)
        known = approval.decision
        if known is None:
            raise Refused(problem(409, "approval_expired", "Nobody decided about this in time; propose it again."))
        if (known.decision, known.scope) != (decision, by.scope):
            raise Refused(problem(409, "approval_decided", f"This was {known.decision} by {known.name} already."))
        return approval

    async def finish(self, approval: Approval) -> Approval:
        """Book what was approved, unless it was; return the proposal with its end.

        Raises :class:`evens.sequencer.errors.NotBooked` and ``StoreUnavailable`` if that is unknown for now.
        """
        if approval.end is None and approval.decision is not None and approval.decision.decision == "approved":
            seq, code, detail = await self._book(approval, approval.decision)
            await self.tables.end(approval.id, seq, code, detail)
            return await self._again(approval)
        return approval

    async def _book(self, approval: Approval, decision: Decision) -> tuple[int | None, str | None, str | None]:
        """Return the record of the journal, and why it was refused if it was."""
        proposal, submitted = approval.proposal, command_id(_SCOPE, str(approval.id))
        actor = f"{approval.by.scope} approved by {decision.scope}"
        receipt = await self.gateway.receipt(submitted)
        if receipt is None:
            if proposal.basis is not None and await self.rehearsals.basis(proposal.command) != proposal.basis:
                return None, _CHANGED, _CHANGED_DETAIL
            proposable = self.proposables[proposal.what]
            if proposable.before is not None:
                services = proposable.services_of(self.services_of())
                try:
                    if await proposable.before(services, proposal.command, actor) is not None:
                        return None, None, None
                except HTTPException as refused:
                    code = refused.problem.code if isinstance(refused, Refused) else "request_refused"
                    return None, code, str(refused.detail)
            try:
                receipt, _ = await self.gateway.submit(proposal.command, command_id=submitted, actor=actor)
            except CommandFailed as failed:
                return None, "command_failed", str(failed)
        reply = await self.presenter.present(receipt)
        if reply.is_problem:
            return receipt.seq, reply.body["code"], reply.body["detail"]
        return receipt.seq, None, None

    async def _again(self, approval: Approval) -> Approval:
        found = await self.tables.approval(approval.id)
        assert found is not None
        return found


class Finisher:
    """Books what was approved when the server went away, and notes what nobody decided in time."""

    def __init__(self, approver: Approver, every_s: float = EVERY_S) -> None:
        self._approver = approver
        self._every_s = every_s
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look for them every few seconds until :meth:`stop`."""
        while not self._stopping.is_set():
            try:
                await self.look()
            except (NotBooked, StoreUnavailable) as error:
                _log.warning("approvals_not_finished", error=str(error))
            except Exception:
                _log.exception("approvals_not_finished")
            try:
                async with asyncio.timeout(self._every_s):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Do once what :meth:`run` does all the time, on the server that writes."""
        approver = self._approver
        if approver.gateway.closed_because is not None:
            return
        await approver.tables.expire()
        for number in await approver.tables.unfinished():
            approval = await approver.tables.approval(number)
            if approval is not None:
                await approver.finish(approval)

    def stop(self) -> None:
        """Make :meth:`run` return once it has looked."""
        self._stopping.set()
