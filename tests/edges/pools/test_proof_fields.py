"""Whatever is changed in a proof is found, or stands in the list of what a proof cannot show.

The proofs are of rounds that really ran. They, each change and what it must come to are kept in a file that the
tests of the browser's own check read, too: ``EVENS_SNAPSHOT=1`` writes it anew.
"""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from evens.store.database import Database
from tests.conftest import Dsns
from tests.edges.pools.proven_rounds import BEFORE, Proof, changed, each_change, holds, proofs_of_four_rounds

pytestmark = pytest.mark.anyio

FILE: Final = Path(__file__).parents[2] / "vectors" / "round_proofs.json"

CANNOT_SHOW: Final[dict[str, str]] = {
    r"scale": "where the point of an amount is: all that is checked is in minor units",
    r"results/0/decided_at": "when exactly it was decided: only what came before it is bound",
    r"results/0/evidence/(before/)?sources/\d/(not_yet|error)": "why a source had no price, in its own words",
    r"results/0/evidence/(before/)?sources/\d/price": "what a source said, where they come to the same without it",
}
"""What may be changed alone, and why nobody can see it: ``docs/operating-pools.md`` tells it to readers."""

UP: Final = ["results", 0, "evidence"]


def paid(*payouts: int, fee: int, rounding: int = 0) -> list[dict[str, Any]]:
    """Return the changes that make payouts agree with a lie."""
    changes: list[dict[str, Any]] = [
        {"at": ["stakes", place, "payout_minor"], "to": each} for place, each in enumerate(payouts)
    ]
    return [*changes, {"at": ["fee_minor"], "to": fee}, {"at": ["rounding_minor"], "to": rounding}]


REFUNDED: Final = paid(700, 333, 52, fee=0)
DOWN: Final = paid(0, 1078, 0, fee=7)
LIES: Final[dict[str, list[dict[str, Any]]]] = {
    "a price far over the jump that was committed to": [
        {"at": [*UP, "price"], "to": "99999"},
        {"at": [*UP, "sources", 0, "price"], "to": "99999"},
        {"at": [*UP, "sources", 1, "price"], "to": "99999"},
    ],
    "all sources gone": [{"at": [*UP, "sources"], "to": []}],
    "sources not mentioned": [{"at": [*UP, "sources"]}],
    "a quorum that is not there": [
        {"at": [*UP, "sources", 1], "to": {"name": "paper", "not_yet": "", "seen_at": "2027-03-15T20:00:00Z"}}
    ],
    "a made-up reference, with payouts to match": [
        {"at": [*UP, "reference"], "to": "104"},
        {"at": ["results", 0, "result"], "to": "down"},
        *DOWN,
    ],
    "a made-up reference that sources are said to have told": [
        {"at": [*UP, "reference"], "to": "104"},
        {
            "at": [*UP, "before", "sources"],
            "to": [
                {"name": name, "price": "104", "date": "2027-03-11", "seen_at": "2027-03-15T20:00:00Z"}
                for name in ("desk", "paper", "wire")
            ],
        },
        {"at": ["results", 0, "result"], "to": "down"},
        *DOWN,
    ],
    "the other result, with payouts to match": [{"at": ["results", 0, "result"], "to": "down"}, *DOWN],
    "void without a reason, with payouts to match": [{"at": ["results", 0, "result"], "to": "void"}, *REFUNDED],
    "void for want of a price that was there": [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": "No price could be had in time: nobody knew"},
        *REFUNDED,
    ],
    "void, and nobody says so": [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": "Because."},
        {"at": UP, "to": {}},
        *REFUNDED,
    ],
    "void because the exchange did not open, which nobody announced": [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": "The exchange did not open on this day."},
        {"at": UP, "to": {}},
        *REFUNDED,
    ],
    "a session before that is no day": [
        {"at": [*UP, "before", "round"], "to": "20270230"},
        {"at": [*UP, "before", "date"], "to": "2027-03-02"},
    ],
    "an operator's result beside what the sources said": [{"at": [*UP, "by"], "to": "operator"}],
    "a correction by nobody": [{"at": ["results"], "to": "twice"}],
    "prices of the day before": [{"at": [*UP, "sources", place, "date"], "to": "2027-03-11"} for place in (0, 1)]
    + [{"at": [*UP, "date"], "to": "2027-03-11"}],
}
"""Whole lies about Friday's round, each of one piece."""

WORDS: Final[dict[str, list[dict[str, Any]]]] = {
    "an operator's word in place of what the sources said": [{"at": UP, "to": {"by": "operator"}}],
    "an operator's void in place of a result": [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": "Because."},
        {"at": UP, "to": {"by": "operator"}},
        *REFUNDED,
    ],
    "void because the exchange did not open, as the pool lists it": [
        {"at": ["results", 0, "result"], "to": "void"},
        {"at": ["results", 0, "reason"], "to": "The exchange did not open on this day."},
        {"at": UP, "to": {}},
        *REFUNDED,
    ],
}
"""What rests on an operator's word. It holds, and both programs say that it is one."""

LISTED: Final = {"void because the exchange did not open, as the pool lists it": ["2027-03-12"]}
"""Cases of a pool that lists days on which the exchange did not open."""


def cases(proofs: dict[str, Proof]) -> list[dict[str, Any]]:
    """Return every change with the round of which it is one, and whether what it leaves holds."""
    found: list[dict[str, Any]] = []
    for code in BEFORE:
        for each in each_change(proofs[code]):
            path = "/".join(map(str, each["at"]))
            found.append({"round": code, "what": path, "changes": [each]})
    for what, changes in (LIES | WORDS).items():
        found.append({"round": "20270312", "what": what, "changes": changes})
    for each in found:
        before = BEFORE[each["round"]]
        proof = changed(proofs[each["round"]], each)
        if each["what"] in LISTED:
            each["closed"] = LISTED[each["what"]]
        each["holds"] = holds(proof, each["round"], None if before is None else proofs[before], each.get("closed", ()))
    return found


async def test_each_field_is_bound_or_stands_in_the_list(dsns: Dsns, database: Database) -> None:
    proofs = await proofs_of_four_rounds(dsns, database)
    assert [proofs[code]["results"][0]["result"] for code in BEFORE] == ["void", "up", "down", "void"]
    for code, before in BEFORE.items():
        assert holds(proofs[code], code, None if before is None else proofs[before]), code
        assert holds(proofs[code], code, None), code
    found = cases(proofs)
    unnoticed = {each["what"] for each in found if each["holds"]}
    assert {
        what for what in unnoticed if what not in WORDS and not any(re.fullmatch(one, what) for one in CANNOT_SHOW)
    } == set()
    # Whatever no change needs is not excused.
    assert [one for one in CANNOT_SHOW if not any(re.fullmatch(one, what) for what in unnoticed)] == []
    assert set(WORDS) <= unnoticed
    text = json.dumps({"before": BEFORE, "proofs": proofs}, indent=1, ensure_ascii=False)[:-2]
    text += ',\n "cases": [\n  ' + ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in found) + "\n ]\n}\n"
    if "EVENS_SNAPSHOT" in os.environ:
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text, "If this change is meant, run this test with EVENS_SNAPSHOT=1."
