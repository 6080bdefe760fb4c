"""From the receipts of challenges' commands to replies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from evens.core.challenges.reasons import ChallengeReason
from evens.core.commands.challenges import (
    OfferChallenge,
)
from evens.core.commands.every import Command
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.events.ledger import Rejected
from evens.core.exchange.reasons import ExchangeReason
from evens.core.receipts import Receipt
from evens.core.values.betting import ChallengeStatus
from evens.core.values.ids import ChallengeId
from evens.core.values.reasons import Reason
from evens.edges.http.challenges.presenting import ChallengePresenter
from evens.edges.http.exchange.known_markets import KnownMarkets
from evens.edges.http.protocol.answering import Reply, reply_problem
from evens.edges.http.protocol.problem import Problem, Refused, refuse_fields, refuse_not_found
from evens.edges.http.protocol.refusals import Refusals
from evens.store.challenges.queries import ChallengeQueries, ChallengeRow

_Happened = (
    ChallengeOffered | ChallengeAccepted | ChallengeClosed | ChallengeResolved | ChallengeDisputed | ChallengeSettled
)

_WRONG_IN_OFFER: Final[Mapping[Reason, tuple[str, str]]] = {
    ChallengeReason.CHALLENGE_EXPIRED: ("expires_at", "must lie in the future"),
    ChallengeReason.RESOLVER_CONFLICT: ("resolver", "cannot be yourself, nor share a payment source or a tag with you"),
}
"""What is a wrong value in an offer, though to whoever accepts it is a state of things: the field, and its message."""


class ChallengeReceipts:
    """Turns receipts of the challenges' commands into replies: the challenge as the command left it.

    What was offered and who accepted never changes, so it is read from the tables; what came later is left out.
    """

    def __init__(
        self,
        refusals: Refusals,
        challenges: ChallengeQueries,
        markets: KnownMarkets,
        presenter: ChallengePresenter,
    ) -> None:
        self._refusals = refusals
        self._challenges = challenges
        self._markets = markets
        self._presenter = presenter

    async def present(self, receipt: Receipt) -> Reply:
        """Return the reply to a command that the challenges' routes submit."""
        first = receipt.events[0]
        if isinstance(first, Rejected):
            return reply_problem(await self._refusal(receipt.command, first))
        assert isinstance(first, _Happened)
        row = await self._challenges.challenge(first.challenge)
        assert row is not None
        status = 201 if isinstance(first, ChallengeOffered) else 200
        return Reply(status, await self._presenter.present(_as_of(row, first)))

    async def _refusal(self, command: Command, refused: Rejected) -> Problem:
        reason = refused.reason
        if isinstance(command, OfferChallenge):
            if reason in _WRONG_IN_OFFER:
                return refuse_fields(_WRONG_IN_OFFER[reason], code=reason.value).problem
            if reason is ExchangeReason.MARKET_UNKNOWN and await self._is_archived(command):
                reason = ExchangeReason.MARKET_ARCHIVED
        elif reason is ChallengeReason.CHALLENGE_OVER:
            # The house forgets a challenge that is over; only the tables know how it ended.
            row = await self._challenges.challenge(_challenge_of(command))
            if row is None:
                return refuse_unknown_challenge().problem
            if row.status is ChallengeStatus.EXPIRED:
                reason = ChallengeReason.CHALLENGE_EXPIRED
        return self._refusals.present(reason, refused.facts)

    async def _is_archived(self, command: OfferChallenge) -> bool:
        """Return whether the market was archived: the house forgets it, and the tables still have it."""
        return command.market is not None and await self._markets.find(command.market) is not None


def refuse_unknown_challenge() -> Refused:
    """Return the 404 for a token that belongs to no challenge."""
    return refuse_not_found("challenge_unknown", "There is no such challenge; check the link.")


def _challenge_of(command: Command) -> ChallengeId:
    challenge = getattr(command, "challenge", None)
    assert isinstance(challenge, int)
    return ChallengeId(challenge)


def _as_of(row: ChallengeRow, happened: _Happened) -> ChallengeRow:
    """Return a row as it was when this had happened."""
    if isinstance(happened, ChallengeOffered):
        return ChallengeRow(row.terms, row.offered_at, row.challenger_name, row.resolver_name)
    if isinstance(happened, ChallengeClosed | ChallengeSettled):
        return row
    unsettled = replace(row, settled=None, ended_at=None)
    if isinstance(happened, ChallengeDisputed):
        return replace(unsettled, status=ChallengeStatus.DISPUTED)
    if isinstance(happened, ChallengeResolved):
        return replace(unsettled, status=ChallengeStatus.RESOLVED, disputed_by=None)
    return replace(unsettled, status=ChallengeStatus.ACCEPTED, outcome=None, payable_at=None, disputed_by=None)
