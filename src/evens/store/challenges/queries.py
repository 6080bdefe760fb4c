"""What the edges read of challenges: amounts in minor units, odds in hundredths, times in nanoseconds since 1970."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from evens.core.events.challenges import ChallengeOffered, ChallengeSettled
from evens.core.values.betting import ChallengeStatus, Outcome
from evens.core.values.ids import ChallengeId, CustomerId
from evens.core.values.moments import MOMENT_MAX
from evens.store.challenges.rows import read_offered, read_outcome, read_settled
from evens.store.database import Database
from evens.store.searching import LOOKED_THROUGH, search
from evens.store.sql_files import statements

if TYPE_CHECKING:
    import asyncpg

_SQL: Final = statements("challenges", "queries")


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A challenge as recorded. ``outcome`` is what the resolver said; ``settled`` what was booked, last if corrected.

    ``ended_at`` is when it was cancelled, expired or booked. The names are usernames.
    """

    terms: ChallengeOffered
    offered_at: int
    challenger_name: str
    resolver_name: str | None = None
    status: ChallengeStatus = ChallengeStatus.OFFERED
    acceptor: CustomerId | None = None
    acceptor_name: str | None = None
    accepted_at: int | None = None
    outcome: Outcome | None = None
    payable_at: int | None = None
    disputed_by: CustomerId | None = None
    settled: ChallengeSettled | None = None
    ended_at: int | None = None

    @property
    def id(self) -> ChallengeId:
        """The seq of the command that offered it."""
        return self.terms.challenge


class ChallengeQueries:
    """Read-only questions to the challenges' tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def challenge(self, challenge: ChallengeId) -> ChallengeRow | None:
        """Return one challenge."""
        rows = await self._fetch("challenge", challenge)
        return rows[0] if rows else None

    async def public(
        self, now: int, words: str | None = None, *, before: int = MOMENT_MAX, limit: int
    ) -> list[ChallengeRow]:
        """Return what everybody may accept, newest first, from before ``before``; ``words`` begin some of a title."""
        if words is None:
            return await self._fetch("public", now, before, limit)
        asked = now, before, limit, words
        newest = partial(self._fetch, "newest_public_about", *asked, LOOKED_THROUGH)
        return list(await search(newest, partial(self._fetch, "public_about", *asked), limit))

    async def disputed(self, *, before: int = MOMENT_MAX, limit: int) -> list[ChallengeRow]:
        """Return what waits for the operator's word, newest first, from before the one with id ``before``."""
        return await self._fetch("disputed", before, limit)

    async def customers_own(self, customer: CustomerId, *, before: int = MOMENT_MAX, limit: int) -> list[ChallengeRow]:
        """Return what a customer offered, accepted or is to resolve, newest first, from before ``before``."""
        return await self._fetch("customers_own", customer, before, limit)

    async def _fetch(self, name: str, *arguments: Any) -> list[ChallengeRow]:
        async with self._database.connection() as connection:
            return [_read_challenge(row) for row in await connection.fetch(_SQL[name], *arguments)]


def _read_challenge(row: "asyncpg.Record") -> ChallengeRow:
    return ChallengeRow(
        read_offered(row),
        row["offered_at"],
        row["challenger_name"],
        row["resolver_name"],
        ChallengeStatus(row["status"]),
        row["acceptor"],
        row["acceptor_name"],
        row["accepted_at"],
        read_outcome(row),
        row["payable_at"],
        row["disputed_by"],
        read_settled(row),
        row["ended_at"],
    )
