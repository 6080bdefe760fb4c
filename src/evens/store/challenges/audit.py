"""Auditing the challenges: each is compared once it can no longer change; one on a market when that is archived."""

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Final

from evens.core.values.betting import ChallengeStatus
from evens.store.auditing.expected_rows import ExpectedRows, Fields, check_parents, compare_keys
from evens.store.auditing.product import Page
from evens.store.challenges.tables import (
    CHALLENGE_SETTLEMENTS,
    CHALLENGES,
    CHANGE_CHALLENGES,
    OFFER_CHALLENGES,
    SETTLE_CHALLENGES,
)
from evens.store.exchange.tables import CHANGE_MARKETS

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_NEVER_TAKEN: Final = (ChallengeStatus.CANCELLED, ChallengeStatus.EXPIRED)


class ChallengesAudit:
    """What the challenges' tables should hold. Implements ``ProductAudit``."""

    tables = (CHALLENGES, CHALLENGE_SETTLEMENTS)

    def __init__(self) -> None:
        self._challenges = ExpectedRows(CHALLENGES)
        self._settlements = ExpectedRows(CHALLENGE_SETTLEMENTS)

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the challenges that became final in a page."""
        rows = page.rows
        await compare_keys(wire, OFFER_CHALLENGES, rows, page.seqs)
        self._challenges.insert(OFFER_CHALLENGES, rows)
        self._challenges.patch(CHANGE_CHALLENGES, rows)
        self._settlements.insert(SETTLE_CHALLENGES, rows)
        over = {challenge for challenge, _ in rows.of(CHANGE_CHALLENGES) if _is_over(self._challenges.row(challenge))}
        archived = {market for market, changes in rows.of(CHANGE_MARKETS) if json.loads(changes).get("archived")}
        if archived:
            over |= {fields["id"] for fields in self._challenges.rows() if fields["market"] in archived}
        await self._challenges.compare(wire, over)
        await self._settlements.compare(wire, over)

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of challenges that may still change."""
        yield self._challenges.compare_rest
        yield self._settlements.compare_rest
        yield partial(check_parents, table=CHALLENGE_SETTLEMENTS, parents=CHALLENGES)


def _is_over(challenge: Fields) -> bool:
    """Return whether a challenge can no longer change; one on a market can, until the market is archived."""
    status = challenge["status"]
    return status in _NEVER_TAKEN or (status == ChallengeStatus.SETTLED and challenge["market"] is None)
