"""Why a command about a challenge is refused."""

from typing import Final

from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.reasons import Reason


class ChallengeReason(Reason):
    """Reasons about challenges."""

    RESOLVER_UNKNOWN = "resolver_unknown"
    CHALLENGE_OVER = "challenge_over"
    OWN_CHALLENGE = "own_challenge"
    RESOLVER_CONFLICT = "resolver_conflict"
    NOT_CHALLENGER = "not_challenger"
    NOT_RESOLVER = "not_resolver"
    NOT_PARTY = "not_party"
    CHALLENGE_TIED = "challenge_tied"
    CHALLENGE_TAKEN = "challenge_taken"
    CHALLENGE_EXPIRED = "challenge_expired"
    CHALLENGE_NOT_ACCEPTED = "challenge_not_accepted"
    CHALLENGE_RESOLVED = "challenge_resolved"
    CHALLENGE_NOT_RESOLVED = "challenge_not_resolved"
    CHALLENGE_DISPUTED = "challenge_disputed"
    DISPUTE_WINDOW_OVER = "dispute_window_over"
    CHALLENGES_LIMIT = "challenges_limit"


PRECEDENCE: Final[tuple[Reason, ...]] = (
    SharedReason.CURRENCY_UNKNOWN,
    SharedReason.CUSTOMER_UNKNOWN,
    ExchangeReason.MARKET_UNKNOWN,
    ExchangeReason.RUNNER_UNKNOWN,
    ChallengeReason.RESOLVER_UNKNOWN,
    ChallengeReason.CHALLENGE_OVER,
    ChallengeReason.OWN_CHALLENGE,
    ChallengeReason.RESOLVER_CONFLICT,
    ChallengeReason.NOT_CHALLENGER,
    ChallengeReason.NOT_RESOLVER,
    ChallengeReason.NOT_PARTY,
    SharedReason.CUSTOMER_FROZEN,
    SharedReason.OWES_HOUSE,
    ChallengeReason.CHALLENGE_TIED,
    ChallengeReason.CHALLENGE_TAKEN,
    ChallengeReason.CHALLENGE_EXPIRED,
    ChallengeReason.CHALLENGE_NOT_ACCEPTED,
    ChallengeReason.CHALLENGE_RESOLVED,
    ChallengeReason.CHALLENGE_NOT_RESOLVED,
    ChallengeReason.CHALLENGE_DISPUTED,
    ChallengeReason.DISPUTE_WINDOW_OVER,
    ExchangeReason.MARKET_CLOSED,
    ExchangeReason.MARKET_BUSY,
    ExchangeReason.MARKET_SUSPENDED,
    ExchangeReason.RUNNER_REMOVED,
    SharedReason.STAKE_TOO_SMALL,
    SharedReason.STAKE_TOO_LARGE,
    SharedReason.NOTHING_CHANGES,
    ChallengeReason.CHALLENGES_LIMIT,
    SharedReason.INSUFFICIENT_FUNDS,
    SharedReason.BALANCE_LIMIT,
)
"""Every reason a command of this room can be refused for, the first to be given first."""
