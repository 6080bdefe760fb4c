"""The public proof of a round: whoever has it can check everything, and finds each single thing that was changed."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from evens.core.commands.pools import SettleRound
from evens.core.values.ids import RoundId
from evens.core.values.pools import RoundResult
from evens.edges.cli.pools.verifying import check_proof
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.pools.window import CODE, PATH, at_rest, bet, change, create, open_round

Proof = dict[str, Any]
EVIDENCE = (
    '{"price":"15003.25","reference":"14999.90","sources":[{"date":"2099-01-02","name":"desk","price":"15003.25"},'
    '{"name":"web","not_yet":"shows the day before"}]}'
)
SOURCES = [
    {"name": "desk", "kind": "manual"},
    {"name": "web", "kind": "http_json", "url": "https://prices.example/{symbol}", "price": "close", "date": "date"},
]


def holds(proof: Proof) -> bool:
    """Return whether everything that is checked of a proof holds."""
    return all(each.holds for each in check_proof(proof, "ndx-daily", CODE))


async def proof_of(caller: Caller) -> Proof:
    """Return the public proof of the round."""
    answer = await caller.get(f"{PATH}/rounds/{CODE}/proof")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def settled(house: OpenHouse, operator: Caller, ada: Caller) -> Proof:
    """Return the proof of a round of five bets that went up by its prices."""
    bob = await house.customer("bob", USD=100_00)
    await create(operator, fee_bps=333, sources=SOURCES)
    await open_round(operator)
    for caller, side, amount in (
        (ada, "up", "10.00"),
        (bob, "down", "7.77"),
        (ada, "down", "3.33"),
        (bob, "up", "0.01"),
        (ada, "up", "4.04"),
    ):
        await bet(caller, side, amount)
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    (known,) = house.stage.sequencer.house.pools.rounds
    await house.stage.submit(SettleRound(RoundId(known), RoundResult.UP, EVIDENCE))
    await at_rest(operator)
    return await proof_of(ada)


def put(*path: Any, to: Any) -> Callable[[Proof], object]:
    """Return what gives something in a proof another value."""

    def set_it(proof: Proof) -> None:
        place: Any = proof
        for step in path[:-1]:
            place = place[step]
        assert place[path[-1]] != to
        place[path[-1]] = to

    return set_it


COMMITTED: dict[str, Any] = {
    "pool": "other",
    "code": "20990103",
    "opens_at_ns": 1,
    "locks_at_ns": 2,
    "settles_at_ns": 3,
    "currency": "EUR",
    "name": "Other",
    "symbol": "DAX",
    "fee_bps": 334,
    "min_stake_minor": 2,
    "max_stake_minor": 10**9,
    "running": "{}",
}
CHANGES: dict[str, Callable[[Proof], object]] = {
    **{f"committed {name}": put("committed", name, to=value) for name, value in COMMITTED.items()},
    "commitment": put("commitment", to="0" * 64),
    "no commitment": put("commitment", to=None),
    "a stake left out": lambda proof: proof["stakes"].pop(2),
    "no stakes": lambda proof: proof["stakes"].clear(),
    "a stake twice": lambda proof: proof["stakes"].append(proof["stakes"][-1]),
    "two stakes moved": lambda proof: proof["stakes"].reverse(),
    "a stake of nobody": lambda proof: proof["stakes"].append(
        {"id": "plb_0", "side": "up", "amount_minor": 0, "payout_minor": 0}
    ),
    "a stake's id": put("stakes", 1, "id", to="plb_999"),
    "an id that is none": put("stakes", 1, "id", to="nonsense"),
    "a stake's side": put("stakes", 1, "side", to="up"),
    "a side that is none": put("stakes", 1, "side", to="sideways"),
    "a stake's amount": put("stakes", 0, "amount_minor", to=1_001),
    "an amount that is none": put("stakes", 0, "amount_minor", to="1000"),
    "a payout": put("stakes", 0, "payout_minor", to=1_001),
    "a loser's payout": put("stakes", 1, "payout_minor", to=1),
    "the result": put("results", 0, "result", to="down"),
    "the result void": put("results", 0, "result", to="void"),
    "the price": put("results", 0, "evidence", "price", to="14999.90"),
    "the reference": put("results", 0, "evidence", "reference", to="15003.25"),
    "a price that no source had": put("results", 0, "evidence", "price", to="15003.26"),
    "what a source said": put("results", 0, "evidence", "sources", 0, "price", to="15003.24"),
    "who said it": put("results", 0, "evidence", "sources", 0, "name", to="moon"),
    "a price that is none": put("results", 0, "evidence", "price", to="NaN"),
    "the fee": put("fee_minor", to=38),
    "the rounding": put("rounding_minor", to=7),
    "something missing": lambda proof: proof.pop("committed"),
    "results of another kind": put("results", to=[7]),
}
"""Everything that could be changed of a proof, one thing at a time."""


async def test_a_proof_holds_and_each_change_of_it_is_found(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    proof = await settled(house, operator, ada)
    checks = check_proof(proof, "ndx-daily", CODE)
    assert [each for each in checks if not each.holds] == []
    assert "14999.90 to 15003.25 is up." in [each.text for each in checks]
    assert len(proof["stakes"]) == 5
    # 333 bp of 11.10 are 0.36; 10.74 is shared as 7.64, 0.00 and 3.08.
    assert (proof["fee_minor"], proof["rounding_minor"]) == (36, 2)
    unnoticed: list[str] = []
    for name, alter in CHANGES.items():
        altered = copy.deepcopy(proof)
        alter(altered)
        if holds(altered):
            unnoticed.append(name)
    assert unnoticed == []
    assert holds(proof)


async def test_a_proof_tells_nothing_of_whose_a_stake_is(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    text = json.dumps(await settled(house, operator, ada))
    assert ada.id not in text
    assert ada.username not in text
    assert "usr_" not in text


async def test_nothing_but_the_terms_is_told_while_people_can_bet(operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    await bet(ada, "up", "1.00")
    proof = await proof_of(ada)
    assert (proof["commitment"], proof["stakes"], proof["results"]) == (None, [], [])
    assert not holds(proof)
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    locked = await proof_of(ada)
    assert holds(locked)
    assert locked["committed"] == proof["committed"]
    assert [each["payout_minor"] for each in locked["stakes"]] == [None]


@pytest.mark.parametrize("result", ["down", "void"])
async def test_a_corrected_round_shows_every_result_and_holds(
    house: OpenHouse, operator: Caller, ada: Caller, result: str
) -> None:
    before = await settled(house, operator, ada)
    await change(operator, "correct", {"result": result, "reason": "The source was wrong."})
    proof = await proof_of(ada)
    assert [each["result"] for each in proof["results"]] == ["up", result]
    assert proof["results"][1]["evidence"] == {"by": "operator", "reason": "The source was wrong."}
    assert holds(proof)
    assert proof["commitment"] == before["commitment"]


async def test_void_and_one_sided_rounds_hold(operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    await bet(ada, "up", "1.00")
    await change(operator, "void", {"reason": "The exchange did not open."})
    proof = await proof_of(ada)
    assert holds(proof)
    assert [each["payout_minor"] for each in proof["stakes"]] == [100]
    assert (proof["fee_minor"], proof["rounding_minor"]) == (0, 0)
