"""How the pools' refusals are presented."""

from typing import Final

from evens.core.pools.reasons import PoolReason
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Explanation, Facts, Refusal


def _explain_bets_limit(known: Facts, _currencies: Currencies) -> Explanation:
    return f"You have {known['limit']} bets in this round, and nobody can have more.", {}


def _explain_last_code(known: Facts, _currencies: Currencies) -> Explanation:
    last = known["last_code"]
    return f"Codes of a pool's rounds rise, and the last one is {last}; open a later round.", {}


POOL_REFUSALS: Final = (
    Refusal(PoolReason.POOL_UNKNOWN, 404, "There is no such pool; check its key."),
    Refusal(PoolReason.ROUND_UNKNOWN, 404, "The pool has no such round; check its code."),
    Refusal(PoolReason.POOL_EXISTS, 409, "There is a pool with this key already; change it, or choose another key."),
    Refusal(
        PoolReason.ROUND_EXISTS,
        409,
        "There is such a round already, or a later one; codes of a pool's rounds rise.",
        explanations={"last_code": _explain_last_code},
    ),
    Refusal(PoolReason.NO_OPEN_ROUND, 409, "No round of this pool takes bets at the moment; the next one opens soon."),
    Refusal(PoolReason.ROUND_SETTLED, 409, "This round has a result already; an operator can correct it."),
    Refusal(PoolReason.ROUND_NOT_SETTLED, 409, "This round has no result yet; settle it first."),
    Refusal(PoolReason.ROUND_LOCKED, 409, "It is too late to bet in this round."),
    Refusal(PoolReason.ROUND_NOT_LOCKED, 409, "People can still bet in this round; lock it first."),
    Refusal(PoolReason.ROUND_BUSY, 409, "The bets in this round are being paid; ask again in a moment."),
    Refusal(
        PoolReason.POOL_BETS_LIMIT,
        409,
        "You have as many bets in this round as anybody can have.",
        explanations={"limit": _explain_bets_limit},
    ),
)
"""A record for each reason of the pools."""
