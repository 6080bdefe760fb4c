"""What the challenges' events leave in the tables."""

import json
from collections.abc import Mapping
from typing import Any, Final

from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
    ChallengesRecalled,
)
from evens.core.events.every import Event
from evens.core.receipts import Receipt
from evens.core.values.betting import ChallengeStatus
from evens.store.challenges.tables import CHANGE_CHALLENGES, OFFER_CHALLENGES, SETTLE_CHALLENGES
from evens.store.encoding.rows import Projector, Rows


def _challenge_offered(rows: Rows, receipt: Receipt, event: ChallengeOffered) -> None:
    """Add the challenge."""
    rows.added[OFFER_CHALLENGES].append(
        OFFER_CHALLENGES.row(
            id=event.challenge,
            customer=event.customer,
            title=event.title,
            side=event.side,
            odds=event.odds,
            stake=event.stake_minor,
            profit=event.profit_minor,
            currency_number=event.currency_number,
            expires_at=event.expires_at,
            public=event.public,
            market=event.market,
            runner=event.runner,
            resolver=event.resolver,
            fee_bps=event.fee_bps,
            dispute_window_ms=event.dispute_window_ms,
            resolve_within_ms=event.resolve_within_ms,
            offered_at=receipt.at,
        )
    )


def _challenge_accepted(rows: Rows, receipt: Receipt, event: ChallengeAccepted) -> None:
    """Keep who accepted, and when."""
    changed = {"status": ChallengeStatus.ACCEPTED, "acceptor": event.customer, "accepted_at": receipt.at}
    _change(rows, event.challenge, changed)


def _challenge_closed(rows: Rows, receipt: Receipt, event: ChallengeClosed) -> None:
    """Keep that nobody can accept it any more, and why."""
    _change(rows, event.challenge, {"status": event.status, "ended_at": receipt.at})


def _challenge_resolved(rows: Rows, receipt: Receipt, event: ChallengeResolved) -> None:
    """Keep what the resolver said, and when that is paid."""
    changed = {"status": ChallengeStatus.RESOLVED, "outcome": event.outcome, "payable_at": event.payable_at}
    _change(rows, event.challenge, changed)


def _challenge_disputed(rows: Rows, receipt: Receipt, event: ChallengeDisputed) -> None:
    """Keep who contests that."""
    _change(rows, event.challenge, {"status": ChallengeStatus.DISPUTED, "disputed_by": event.customer})


def _challenge_settled(rows: Rows, receipt: Receipt, event: ChallengeSettled) -> None:
    """Add what was booked for both."""
    rows.added[SETTLE_CHALLENGES].append(
        SETTLE_CHALLENGES.row(
            challenge=event.challenge,
            settlement=event.settlement,
            outcome=event.outcome,
            backer_profit=event.backer_profit_minor,
            layer_profit=event.layer_profit_minor,
            fee=event.fee_minor,
        )
    )
    _change(rows, event.challenge, {"status": ChallengeStatus.SETTLED, "ended_at": receipt.at})


def _change(rows: Rows, challenge: int, changed: dict[str, Any]) -> None:
    rows.added[CHANGE_CHALLENGES].append((challenge, json.dumps(changed)))


PROJECTORS: Final[Mapping[type[Event], Projector | None]] = {
    ChallengeOffered: _challenge_offered,
    ChallengeAccepted: _challenge_accepted,
    ChallengeClosed: _challenge_closed,
    ChallengeResolved: _challenge_resolved,
    ChallengeDisputed: _challenge_disputed,
    ChallengeSettled: _challenge_settled,
    ChallengesRecalled: None,
}
"""What each event of a challenge leaves in the tables."""
