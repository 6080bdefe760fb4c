"""Checking a round from its public proof alone.

Whoever has the proof works out everything anew: the commitment from terms and stakes, the result from the prices, each
payout, the fee and what rounding left over, by the rules that are published with the round.
"""

from typing import Any

from evens.core.values.commitments import CHAIN, commit_stakes, commit_terms
from evens.core.values.ids import PoolBetId
from evens.core.values.money import SCALE_MAX
from evens.core.values.pools import RULE, PoolSide, PoolTerms, RoundResult, dividend
from evens.core.values.public_ids import parse_pool_bet_id
from evens.edges.cli.pools.committed_round import Proof, Published
from evens.edges.cli.pools.proven_results import Check, check_results
from evens.edges.cli.wording import count_text


def check_proof(
    proof: Proof, pool: str, code: str, before: Proof | None = None, published: Published | None = None
) -> list[Check]:
    """Return every check of a proof of a pool's round, as ``GET …/proof`` answers it.

    ``before`` is the proof of the pool's last round before this one that had a session; without it the reference is
    only compared with what the proof itself says. ``published`` is what is known of its days. What is no proof at all,
    because something is missing or no value of its kind, does not hold.
    """
    try:
        return _check(proof, pool, code, before, published or Published())
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [Check(holds=False, text=f"This is no proof of a round: {error!r}.")]


def is_open(proof: Proof) -> bool:
    """Return whether a proof is of a round that is not locked yet: it commits to nothing so far."""
    return proof.get("commitment") is None and not proof.get("stakes") and not proof.get("results")


def _check(proof: Proof, pool: str, code: str, before: Proof | None, published: Published) -> list[Check]:
    said = proof["committed"]
    if (said["pool"], said["code"]) != (pool, code):
        return [Check(holds=False, text=f"This proof is of round {said['code']} of {said['pool']}.")]
    if before is not None and (before["committed"]["pool"] != pool or not before["committed"]["code"] < code):
        return [Check(holds=False, text=f"{before['committed']['code']} is no round before this one.")]
    checks = [Check(proof["rule"] == RULE + CHAIN, "The rule is the one by which this was checked.")]
    if type(proof["scale"]) is not int or not 0 <= proof["scale"] <= SCALE_MAX:
        checks.append(Check(holds=False, text=f"{proof['scale']} is no number of digits."))
    if is_open(proof):
        unlocked = proof["locked_at"] is None and proof["fee_minor"] is None and proof["rounding_minor"] is None
        return [*checks, Check(unlocked, "The round is open: it commits to terms and stakes when it locks.")]
    stakes = proof["stakes"]
    checks.append(
        Check(
            _link(proof) == proof["commitment"],
            f"The terms and {count_text(len(stakes), 'stake')} give the commitment {str(proof['commitment'])[:16]}…",
        )
    )
    checks += check_results(proof, before, published)
    if proof["results"]:
        return checks + _check_payouts(proof, RoundResult[proof["results"][-1]["result"].upper()])
    unpaid = [each["payout_minor"] for each in stakes] + [proof["fee_minor"], proof["rounding_minor"]]
    return [*checks, Check(all(each is None for each in unpaid), "The round has no result yet.")]


def _link(proof: Proof) -> str:
    said = proof["committed"]
    numbers = ("opens_at_ns", "locks_at_ns", "settles_at_ns", "fee_bps", "min_stake_minor")
    if any(type(said[name]) is not int for name in numbers) or type(said["max_stake_minor"]) not in (int, type(None)):
        raise ValueError("times, fee and stakes must be whole numbers")
    times = said["opens_at_ns"], said["locks_at_ns"], said["settles_at_ns"]
    terms = PoolTerms(
        said["name"],
        said["symbol"],
        said["fee_bps"],
        said["min_stake_minor"],
        said["max_stake_minor"],
        said["running"],
    )
    first = commit_terms(said["pool"], said["code"], times, said["currency"], terms)
    return commit_stakes(first, [(_bet(each), _side(each), _stake(each)) for each in proof["stakes"]]).hex()


def _check_payouts(proof: Proof, result: RoundResult) -> list[Check]:
    stakes = proof["stakes"]
    sums = {side: sum(each["amount_minor"] for each in stakes if _side(each) is side) for side in PoolSide}
    pays = dividend(sums[PoolSide.UP], sums[PoolSide.DOWN], proof["committed"]["fee_bps"], result)
    wrong = [
        each["id"] for each in stakes if each["payout_minor"] != pays.returned_minor(_side(each), each["amount_minor"])
    ]
    right = "The payout is right." if len(stakes) == 1 else f"All {len(stakes)} payouts are right."
    text = f"{wrong[0]} is paid wrongly." if wrong else right
    checks = [Check(not wrong, text)]
    fee_minor, rounding_minor = proof["fee_minor"], proof["rounding_minor"]
    if fee_minor is None and rounding_minor is None:
        return [*checks, Check(holds=True, text="The round is still being paid.")]
    paid = sum(each["payout_minor"] for each in stakes)
    staked = sum(sums.values())
    total = paid + _whole(fee_minor) + _whole(rounding_minor)
    checks.append(
        Check(
            fee_minor == pays.fee_minor,
            f"The fee is {pays.fee_minor} minor {'unit' if pays.fee_minor == 1 else 'units'}.",
        )
    )
    checks.append(
        Check(
            total == staked,
            f"Paid {paid} + fee {fee_minor} + rounding {rounding_minor} = staked {staked}.",
        )
    )
    return checks


def _bet(stake: dict[str, Any]) -> PoolBetId:
    bet = parse_pool_bet_id(stake["id"])
    if bet is None:
        raise ValueError(f"{stake['id']!r} is no bet")
    return bet


def _stake(stake: dict[str, Any]) -> int:
    minor = stake["amount_minor"]
    if type(minor) is not int or minor < 1:
        raise ValueError(f"{minor!r} is no stake")
    return minor


def _side(stake: dict[str, Any]) -> PoolSide:
    return PoolSide[stake["side"].upper()]


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value
