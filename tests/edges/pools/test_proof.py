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
from tests.edges.pools.window import CODE, PATH, at_rest, bet, change, create, locked, open_round, soon

Proof = dict[str, Any]
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


def evidence(settles_at: str) -> str:
    """Return what two sources said, of which one did not know."""
    said: dict[str, Any] = {
        "symbol": "IXIC",
        "date": "2099-01-02",
        "verdict": "decided",
        "price": "15003.25",
        "reference": "14999.90",
        "before": {
            "round": "20990101",
            "date": "2099-01-01",
            "sources": [
                {"date": "2099-01-01", "name": "desk", "price": "14999.90", "seen_at": settles_at},
                {"name": "web", "not_yet": "shows the day before", "seen_at": settles_at},
            ],
        },
        "sources": [
            {"date": "2099-01-02", "name": "desk", "price": "15003.25", "seen_at": settles_at},
            {"name": "web", "not_yet": "shows the day before", "seen_at": settles_at},
        ],
    }
    return json.dumps(said)


async def settled(house: OpenHouse, operator: Caller, ada: Caller) -> Proof:
    """Return the proof of a round of five bets that went up by its prices."""
    bob = await house.customer("bob", USD=100_00)
    await create(operator, fee_bps=333, sources=SOURCES)
    await open_round(operator, **soon())
    for caller, side, amount in (
        (ada, "up", "10.00"),
        (bob, "down", "7.77"),
        (ada, "down", "3.33"),
        (bob, "up", "0.01"),
        (ada, "up", "4.04"),
    ):
        await bet(caller, side, amount)
    times = await locked(operator)
    (known,) = house.stage.sequencer.house.pools.rounds
    await house.stage.submit(SettleRound(RoundId(known), RoundResult.UP, evidence(times["settles_at"])))
    await at_rest(operator)
    return await proof_of(ada)


STAKES: dict[str, Callable[[Proof], object]] = {
    "left out": lambda proof: proof["stakes"].pop(2),
    "none": lambda proof: proof["stakes"].clear(),
    "one twice": lambda proof: proof["stakes"].append(proof["stakes"][-1]),
    "moved": lambda proof: proof["stakes"].reverse(),
    "of nobody": lambda proof: proof["stakes"].append(
        {"id": "plb_0", "side": "up", "amount_minor": 0, "payout_minor": 0}
    ),
    "no results": lambda proof: proof["results"].clear(),
    "as if it were open": lambda proof: proof.update(commitment=None, stakes=[], results=[]),
}
"""What can be done to the lists of a proof; single fields are changed in ``test_proof_fields``."""


async def test_a_proof_holds_and_its_lists_cannot_be_changed(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    proof = await settled(house, operator, ada)
    checks = check_proof(proof, "ndx-daily", CODE)
    assert [each for each in checks if not each.holds] == []
    assert "14999.90 to 15003.25 is up." in [each.text for each in checks]
    assert len(proof["stakes"]) == 5
    # 333 bp of 11.10 are 0.36; 10.74 is shared as 7.64, 0.00 and 3.08.
    assert (proof["fee_minor"], proof["rounding_minor"]) == (36, 2)
    unnoticed: list[str] = []
    for name, alter in STAKES.items():
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
    await open_round(operator, **soon())
    await bet(ada, "up", "1.00")
    proof = await proof_of(ada)
    assert (proof["commitment"], proof["stakes"], proof["results"]) == (None, [], [])
    assert "The round is open" in check_proof(proof, "ndx-daily", CODE)[-1].text
    assert holds(proof)
    await locked(operator)
    after = await proof_of(ada)
    assert holds(after)
    assert after["committed"] == proof["committed"]
    assert [each["payout_minor"] for each in after["stakes"]] == [None]


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
