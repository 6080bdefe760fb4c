"""Checking a round from its public proof alone.

Whoever has the proof works out everything anew: the commitment from terms and stakes, the result from the prices, each
payout, the fee and what rounding left over, by the rules that are published with the round.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from evens.core.values.commitments import commit_stakes, commit_terms
from evens.core.values.ids import PoolBetId
from evens.core.values.pool_running import parse_running
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult, dividend
from evens.core.values.public_ids import parse_pool_bet_id

Proof = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was checked, in words, and whether it holds."""

    holds: bool
    text: str


def check_proof(proof: Proof, pool: str, code: str) -> list[Check]:
    """Return every check of a proof of a pool's round, as ``GET …/proof`` answers it.

    A proof that is no proof at all, because something is missing or no value of its kind, does not hold.
    """
    try:
        return _check(proof, pool, code)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [Check(holds=False, text=f"This is no proof of a round: {error!r}.")]


def _check(proof: Proof, pool: str, code: str) -> list[Check]:
    said = proof["committed"]
    if (said["pool"], said["code"]) != (pool, code):
        return [Check(holds=False, text=f"This proof is of round {said['code']} of {said['pool']}.")]
    if proof["commitment"] is None:
        return [Check(holds=False, text="The round is not locked yet; there is nothing to check.")]
    stakes = proof["stakes"]
    link = _link(proof)
    checks = [
        Check(
            link == proof["commitment"],
            f"The terms and {len(stakes)} stakes give the commitment {proof['commitment'][:16]}…",
        )
    ]
    if not proof["results"]:
        return [*checks, Check(holds=True, text="The round has no result yet.")]
    last = proof["results"][-1]
    checks += _check_result(last)
    checks += _check_sources(proof["committed"]["running"], last["evidence"])
    checks += _check_payouts(proof, RoundResult[last["result"].upper()])
    return checks


def _link(proof: Proof) -> str:
    said = proof["committed"]
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


def _check_result(last: dict[str, Any]) -> list[Check]:
    evidence = last["evidence"]
    price, reference = _decimal(evidence.get("price")), _decimal(evidence.get("reference"))
    if last["result"] == "void":
        return [Check(holds=True, text=f"The round is void: {last['reason'] or 'corrected to void'}")]
    if price is None or reference is None:
        return [Check(holds=True, text=f"The result {last['result']} is an operator's word: two prices are not given.")]
    right = "up" if price > reference else "down"
    return [Check(right == last["result"], f"{reference} to {price} is {right}.")]


def _check_sources(running: str, evidence: dict[str, Any]) -> list[Check]:
    """Check that prices come from sources that were committed to, and that the price is among them."""
    price, sources = _decimal(evidence.get("price")), evidence.get("sources", [])
    told = [Decimal(each["price"]) for each in sources if "price" in each]
    if price is None or not told:
        return []
    known = {source.name for source in parse_running(running).sources}
    strangers = sorted({each["name"] for each in sources} - known)
    who = f"{', '.join(strangers)} is no source that the round committed to." if strangers else "The sources are known."
    among = f"{price} lies among the prices of {len(told)} sources."
    return [Check(not strangers, who), Check(min(told) <= price <= max(told), among)]


def _check_payouts(proof: Proof, result: RoundResult) -> list[Check]:
    stakes = proof["stakes"]
    sums = {side: sum(each["amount_minor"] for each in stakes if _side(each) is side) for side in PoolSide}
    pays = dividend(sums[PoolSide.UP], sums[PoolSide.DOWN], proof["committed"]["fee_bps"], result)
    wrong = [
        each["id"] for each in stakes if each["payout_minor"] != pays.returned_minor(_side(each), each["amount_minor"])
    ]
    text = f"{wrong[0]} is paid wrongly." if wrong else f"All {len(stakes)} payouts are right."
    checks = [Check(not wrong, text)]
    if proof["fee_minor"] is None:
        return [*checks, Check(holds=True, text="The round is still being paid.")]
    paid = sum(each["payout_minor"] for each in stakes)
    staked = sum(sums.values())
    total = paid + proof["fee_minor"] + proof["rounding_minor"]
    checks.append(Check(proof["fee_minor"] == pays.fee_minor, f"The fee is {pays.fee_minor} minor units."))
    checks.append(
        Check(
            total == staked,
            f"Paid {paid} + fee {proof['fee_minor']} + rounding {proof['rounding_minor']} = staked {staked}.",
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


def _decimal(text: Any) -> Decimal | None:
    try:
        return Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None
