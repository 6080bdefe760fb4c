"""How refusals about challenges are presented."""

from typing import Final

from evens.core.challenges.reasons import ChallengeReason
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal


def _explain_challenges_limit(known: Facts, _currencies: Currencies) -> Explanation:
    detail = (
        f"{known['challenges_max']} of your challenges are not over yet; take offers back, or wait for others to end."
    )
    return detail, {}


CHALLENGE_REFUSALS: Final = (
    Refusal(ChallengeReason.RESOLVER_UNKNOWN, 404, "There is no such resolver; check the id or the username."),
    Refusal(ChallengeReason.CHALLENGE_OVER, 409, "This challenge is over."),
    Refusal(ChallengeReason.OWN_CHALLENGE, 409, "This challenge is your own; somebody else has to accept it."),
    Refusal(
        ChallengeReason.RESOLVER_CONFLICT,
        409,
        "Whoever resolves a challenge cannot take part in it, nor share a payment source or a tag with one who does.",
    ),
    Refusal(ChallengeReason.NOT_CHALLENGER, 403, "Only whoever offered this challenge can do that."),
    Refusal(ChallengeReason.NOT_RESOLVER, 403, "Only the resolver of this challenge can do that."),
    Refusal(ChallengeReason.NOT_PARTY, 403, "Only the two who bet in this challenge can do that."),
    Refusal(
        ChallengeReason.CHALLENGE_TIED,
        409,
        "This challenge is decided by a market, whose result is the only one there is.",
    ),
    Refusal(ChallengeReason.CHALLENGE_TAKEN, 409, "Somebody has accepted this challenge already."),
    Refusal(
        ChallengeReason.CHALLENGE_EXPIRED,
        409,
        "Nobody can accept this challenge: it has expired, or was withdrawn, or its market has turned in-play since.",
    ),
    Refusal(ChallengeReason.CHALLENGE_NOT_ACCEPTED, 409, "Nobody has accepted this challenge."),
    Refusal(ChallengeReason.CHALLENGE_RESOLVED, 409, "How this challenge ended has been said already."),
    Refusal(ChallengeReason.CHALLENGE_NOT_RESOLVED, 409, "How this challenge ended has not been said yet."),
    Refusal(ChallengeReason.CHALLENGE_DISPUTED, 409, "This challenge is disputed already; the operator decides."),
    Refusal(ChallengeReason.DISPUTE_WINDOW_OVER, 409, "It is too late to dispute how this challenge ended."),
    Refusal(
        ChallengeReason.CHALLENGES_LIMIT,
        409,
        "Too many of your challenges are not over yet; take offers back, or wait for others to end.",
        explanations={"challenges_max": _explain_challenges_limit},
    ),
)
