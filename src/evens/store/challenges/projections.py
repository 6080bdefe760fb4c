"""What the challenges' events leave in the tables; :mod:`evens.store.projections` says which function is for which."""

import json
from typing import Any

from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.receipts import Receipt
from evens.core.values.betting import ChallengeStatus
from evens.store.encoding.rows import Rows


def challenge_offered(rows: Rows, receipt: Receipt, event: ChallengeOffered) -> None:
    """Add the challenge."""
    rows.challenges.append(
        (
            event.challenge,
            event.customer,
            event.title,
            event.side,
            event.odds,
            event.stake_minor,
            event.profit_minor,
            event.currency_number,
            event.expires_at,
            event.public,
            event.market,
            event.runner,
            event.resolver,
            event.fee_bps,
            event.dispute_window_ms,
            receipt.at,
        )
    )


def challenge_accepted(rows: Rows, receipt: Receipt, event: ChallengeAccepted) -> None:
    """Keep who accepted, and when."""
    changed = {"status": ChallengeStatus.ACCEPTED, "acceptor": event.customer, "accepted_at": receipt.at}
    _change(rows, event.challenge, changed)


def challenge_closed(rows: Rows, receipt: Receipt, event: ChallengeClosed) -> None:
    """Keep that nobody can accept it any more, and why."""
    _change(rows, event.challenge, {"status": event.status, "ended_at": receipt.at})


def challenge_resolved(rows: Rows, receipt: Receipt, event: ChallengeResolved) -> None:
    """Keep what the resolver said, and when that is paid."""
    changed = {"status": ChallengeStatus.RESOLVED, "outcome": event.outcome, "payable_at": event.payable_at}
    _change(rows, event.challenge, changed)


def challenge_disputed(rows: Rows, receipt: Receipt, event: ChallengeDisputed) -> None:
    """Keep who contests that."""
    _change(rows, event.challenge, {"status": ChallengeStatus.DISPUTED, "disputed_by": event.customer})


def challenge_settled(rows: Rows, receipt: Receipt, event: ChallengeSettled) -> None:
    """Add what was booked for both."""
    rows.challenge_settlements.append(
        (
            event.challenge,
            event.settlement,
            event.outcome,
            event.backer_profit_minor,
            event.layer_profit_minor,
            event.fee_minor,
        )
    )
    _change(rows, event.challenge, {"status": ChallengeStatus.SETTLED, "ended_at": receipt.at})


def _change(rows: Rows, challenge: int, changed: dict[str, Any]) -> None:
    rows.challenge_changes.append((challenge, json.dumps(changed)))
