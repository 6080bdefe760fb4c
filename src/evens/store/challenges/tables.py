"""The challenges' tables, and the SQL functions that write them."""

from typing import Final

from evens.core.values.betting import ChallengeStatus
from evens.store.encoding.tables import Table, insertion, patch

CHALLENGES: Final = Table(
    "challenges",
    columns={
        "id": "bigint",
        "customer": "bigint",
        "title": "text",
        "side": "smallint",
        "odds": "integer",
        "stake": "bigint",
        "profit": "bigint",
        "currency_number": "smallint",
        "expires_at": "bigint",
        "public": "boolean",
        "market": "bigint",
        "runner": "smallint",
        "resolver": "bigint",
        "fee_bps": "integer",
        "dispute_window_ms": "bigint",
        "resolve_within_ms": "bigint",
        "offered_at": "bigint",
        "status": "smallint",
        "acceptor": "bigint",
        "accepted_at": "bigint",
        "outcome": "smallint",
        "payable_at": "bigint",
        "disputed_by": "bigint",
        "ended_at": "bigint",
    },
    key=("id",),
    initial={
        "status": ChallengeStatus.OFFERED,
        "acceptor": None,
        "accepted_at": None,
        "outcome": None,
        "payable_at": None,
        "disputed_by": None,
        "ended_at": None,
    },
)
CHALLENGE_SETTLEMENTS: Final = Table(
    "challenge_settlements",
    columns={
        "challenge": "bigint",
        "settlement": "integer",
        "outcome": "smallint",
        "backer_profit": "bigint",
        "layer_profit": "bigint",
        "fee": "bigint",
    },
    key=("challenge", "settlement"),
)

OFFER_CHALLENGES: Final = insertion("offer_challenges", CHALLENGES)
CHANGE_CHALLENGES: Final = patch("change_challenges", CHALLENGES)
SETTLE_CHALLENGES: Final = insertion("settle_challenges", CHALLENGE_SETTLEMENTS)

WRITES: Final = (OFFER_CHALLENGES, CHANGE_CHALLENGES, SETTLE_CHALLENGES)
"""In the order in which a batch runs them."""
