"""What one operator proposed, what another one decided, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from evens.core.commands.every import Command
from evens.store.database import Database
from evens.store.encoding.codec import decode, encode

if TYPE_CHECKING:
    import asyncpg

_COLUMNS: Final = """
SELECT a.id, a.what, a.target, a.request, a.command, a.basis, a.preview, a.reason, a.scope, a.name, a.key_id,
    CASE WHEN a.status = 'pending' AND a.expires_at <= now() THEN 'expired' ELSE a.status END AS status,
    a.proposed_at, a.expires_at, d.decision, d.scope AS decided_scope, d.name AS decided_name,
    d.reason AS decided_reason, d.at AS decided_at, o.seq, o.code, o.detail, o.at AS ended_at
FROM evens.approvals AS a
LEFT JOIN evens.approval_decisions AS d ON d.approval = a.id
LEFT JOIN evens.approval_outcomes AS o ON o.approval = a.id
"""
_ONE: Final = f"{_COLUMNS} WHERE a.id = $1"
_BY_KEY: Final = f"{_COLUMNS} WHERE a.scope = $1 AND a.request_key = $2"
_BY_SEQ: Final = f"{_COLUMNS} WHERE o.seq = $1"
_NEWEST: Final = "a.id < $1 ORDER BY a.id DESC LIMIT $2"
PAGES: Final = {
    "": f"{_COLUMNS} WHERE {_NEWEST}",
    "status": f"{_COLUMNS} WHERE a.status = $3 AND {_NEWEST}",
    "target": f"{_COLUMNS} WHERE a.what = ANY ($3) AND a.target = $4 AND {_NEWEST}",
    "scope": f"{_COLUMNS} WHERE a.scope = $3 AND {_NEWEST}",
}
"""A page of proposals, by filter."""
_PROPOSE: Final = """
INSERT INTO evens.approvals
    (what, target, request, command, basis, preview, reason, scope, name, key_id, request_key, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12))
ON CONFLICT (scope, request_key) WHERE request_key IS NOT NULL DO NOTHING
RETURNING id
"""
_DECIDE: Final = """
WITH decided AS (
    UPDATE evens.approvals SET status = $2 WHERE id = $1 AND status = 'pending' AND expires_at > now() RETURNING id
)
INSERT INTO evens.approval_decisions (approval, decision, scope, name, key_id, reason)
SELECT id, $2, $3, $4, $5, $6 FROM decided
"""
_END: Final = """
WITH ended AS (UPDATE evens.approvals SET status = $2 WHERE id = $1 AND status = 'approved' RETURNING id)
INSERT INTO evens.approval_outcomes (approval, seq, code, detail) SELECT id, $3, $4, $5 FROM ended
"""
_EXPIRE: Final = "UPDATE evens.approvals SET status = 'expired' WHERE status = 'pending' AND expires_at <= now()"
_UNFINISHED: Final = "SELECT id FROM evens.approvals WHERE status = 'approved' ORDER BY id"
_MAKERS: Final = """
WITH RECURSIVE makers (scope) AS (
    SELECT $1::text
    UNION
    SELECT k.created_by FROM makers AS m
    JOIN evens.api_keys AS k ON k.customer IS NULL AND k.role = split_part(m.scope, ':', 1)
        AND k.name = substr(m.scope, strpos(m.scope, ':') + 1)
)
SELECT scope FROM makers
"""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who proposes or decides: the scope of their commands, their name, and their API key if it is one."""

    scope: str
    name: str
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. ``request`` and ``preview`` are JSON; ``basis`` must be the same when it is booked."""

    what: str
    target: str
    request: str
    command: Command
    basis: str | None
    preview: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a proposal, and why."""

    decision: str
    scope: str
    name: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """What came of an approved proposal: a record of the journal, or why not."""

    seq: int | None
    code: str | None
    detail: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal with everything that came of it so far."""

    id: int
    proposal: Proposal
    by: Who
    status: str
    proposed_at: datetime
    expires_at: datetime
    decision: Decision | None
    end: End | None


class Approvals:
    """The tables of proposals. Every method raises ``StoreUnavailable`` while the database cannot be reached."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def propose(self, proposal: Proposal, by: Who, key: str | None, lives_s: float) -> tuple[Approval, bool]:
        """Store a proposal; return it, or the one that has this key already, and whether it is new."""
        async with self._database.connection() as connection:
            number = await connection.fetchval(
                _PROPOSE,
                proposal.what,
                proposal.target,
                proposal.request,
                encode(by.scope, proposal.command, ()),
                proposal.basis,
                proposal.preview,
                proposal.reason,
                by.scope,
                by.name,
                by.key_id,
                key,
                lives_s,
            )
            if number is not None:
                row = await connection.fetchrow(_ONE, number)
            else:
                row = await connection.fetchrow(_BY_KEY, by.scope, key)
        assert row is not None
        return _read(row), number is not None

    async def approval(self, number: int) -> Approval | None:
        """Return a proposal by its number."""
        return await self._one(_ONE, number)

    async def booked_as(self, seq: int) -> Approval | None:
        """Return the proposal that a record of the journal came of."""
        return await self._one(_BY_SEQ, seq)

    async def by_key(self, scope: str, key: str) -> Approval | None:
        """Return what somebody proposed under this key."""
        return await self._one(_BY_KEY, scope, key)

    async def page(
        self,
        *,
        status: str | None = None,
        target: tuple[Sequence[str], str] | None = None,
        scope: str | None = None,
        before: int,
        limit: int,
    ) -> list[Approval]:
        """Return proposals, newest first: all, or those of one status, about one thing, or by one person."""
        if status is not None:
            asked = ("status", status)
        elif target is not None:
            asked = ("target", *target)
        else:
            asked = ("",) if scope is None else ("scope", scope)
        async with self._database.connection() as connection:
            rows = await connection.fetch(PAGES[str(asked[0])], before, limit, *asked[1:])
        return [_read(row) for row in rows]

    async def decide(self, number: int, decision: str, by: Who, reason: str) -> bool:
        """Record what was decided; ``False`` unless the proposal still waits for that."""
        async with self._database.connection() as connection:
            done = await connection.execute(_DECIDE, number, decision, by.scope, by.name, by.key_id, reason)
        return done == "INSERT 0 1"

    async def end(self, number: int, seq: int | None, code: str | None, detail: str | None) -> None:
        """Record what came of an approved proposal, once."""
        async with self._database.connection() as connection:
            await connection.execute(_END, number, "booked" if code is None else "refused", seq, code, detail)

    async def expire(self) -> None:
        """Note which proposals nobody decided in time."""
        async with self._database.connection() as connection:
            await connection.execute(_EXPIRE)

    async def unfinished(self) -> list[int]:
        """Return the proposals that are approved and not known to be booked."""
        async with self._database.connection() as connection:
            return [number for (number,) in await connection.fetch(_UNFINISHED)]

    async def makers(self, scope: str) -> frozenset[str]:
        """Return who is behind a scope: itself, whoever made its API keys, whoever made theirs, and so on."""
        async with self._database.connection() as connection:
            return frozenset([maker for (maker,) in await connection.fetch(_MAKERS, scope)])

    async def _one(self, sql: str, *arguments: object) -> Approval | None:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(sql, *arguments)
        return None if row is None else _read(row)


def _read(row: "asyncpg.Record") -> Approval:
    _, command, _ = decode(row["command"])
    proposal = Proposal(
        row["what"], row["target"], row["request"], command, row["basis"], row["preview"], row["reason"]
    )
    decision = end = None
    if row["decision"] is not None:
        decision = Decision(
            row["decision"], row["decided_scope"], row["decided_name"], row["decided_reason"], row["decided_at"]
        )
    if row["ended_at"] is not None:
        end = End(row["seq"], row["code"], row["detail"], row["ended_at"])
    by = Who(row["scope"], row["name"], row["key_id"])
    return Approval(row["id"], proposal, by, row["status"], row["proposed_at"], row["expires_at"], decision, end)
