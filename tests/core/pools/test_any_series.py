"""Any series of rounds: bets, results, corrections and voids at random, with parts so small that many are needed.

In the end everybody has what a list of stakes, worked out from scratch in fractions, says. At every step the house is
sound, and a replay of the events is the same house, also in the middle of a settlement.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.pools import SettleRound, VoidRound
from evens.core.events.ledger import Rejected
from evens.core.events.pools import PoolBetPlaced, StakesSettled
from evens.core.pools import settling
from evens.core.values.ids import HOUSE, AccountClass, CustomerId
from evens.core.values.pools import RoundResult, RoundStage
from tests.core.pools.tote import Tote, open_tote, pays

CODES = ("20250106", "20250107")
PEOPLE = ("ann", "bob", "cho")
CASH_MINOR = 20_000

_BETS = st.lists(
    st.tuples(
        st.just("bet"),
        st.sampled_from(CODES),
        st.sampled_from(PEOPLE),
        st.sampled_from(("up", "down")),
        st.integers(1, 5_000),
        st.just(RoundResult.UP),
    ),
    min_size=3,
    max_size=10,
)
_RESULTS = st.lists(
    st.tuples(
        st.sampled_from(("settle", "correct", "correct", "part", "part", "part", "void", "reload", "bet")),
        st.sampled_from(CODES),
        st.sampled_from(PEOPLE),
        st.sampled_from(("up", "down")),
        st.integers(1, 5_000),
        st.sampled_from(RoundResult),
    ),
    min_size=6,
    max_size=20,
)


def _joined(bets: list[Any], results: list[Any]) -> list[Any]:
    return [*bets, *results]


STEPS: st.SearchStrategy[list[Any]] = st.builds(_joined, _BETS, _RESULTS)


@pytest.fixture(autouse=True, scope="module")
def small_parts() -> Iterator[None]:
    """Let each part of a settlement serve one customer, and each part of a correction recall two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settling, "CUSTOMERS_PER_PART", 1)
        patch.setattr(settling, "RECALLED_PER_PART", 2)
        yield


def take(tote: Tote, step: tuple[str, str, str, str, int, RoundResult]) -> None:
    """Do a step; what the rules refuse changes nothing."""
    what, code, name, side, minor, result = step
    known = tote.rounds[code]
    if what == "bet":
        tote.do(tote.wants(name, side, minor, code))
    elif what == "reload":
        reload(tote)
    elif what == "void":
        tote.do(VoidRound(known, "no price"))
    elif what in ("settle", "correct"):
        tote.at(max(tote.next_at, tote.house.pools.rounds[known].locks_at))
        tote.work(1)
        tote.do(SettleRound(known, result, correction=what == "correct"))
    for chore in tote.house.chores(tote.next_at, 1):
        tote.do(chore)
    tote.sound()


def reload(tote: Tote) -> None:
    """Forget what a house that is loaded anew does not know: how far recalling has come, and who is next."""
    for known in tote.house.pools.rounds.values():
        known.queue = None
        if known.stage is RoundStage.RECALLING:
            known.recalled_up_to = CustomerId(0)
            known.corrected.clear()
            for on in known.sides.values():
                on.by_customer.clear()


@given(steps=STEPS, fee_bps=st.integers(0, 10_000))
@settings(max_examples=150)
def test_everybody_ends_with_what_their_stakes_are_worth_from_scratch(
    steps: list[tuple[str, str, str, str, int, RoundResult]], fee_bps: int
) -> None:
    tote = open_tote(fee_bps, CASH_MINOR)
    for place, code in enumerate(CODES, 1):
        tote.open(code, place * 3600 * 10**9)
    for step in steps:
        take(tote, step)
    tote.work(1_000)
    expected: dict[str, int] = dict.fromkeys(PEOPLE, CASH_MINOR)
    for code in CODES:
        known = tote.house.pools.rounds[tote.rounds[code]]
        if known.result is None:
            tote.void(code)
        assert known.result is not None
        stakes = placed(tote, code)
        for name, _, minor in stakes:
            expected[name] -= minor
        for name, minor in pays(stakes, fee_bps, known.result.name.lower()).items():
            expected[name] += minor
    tote.sound()
    owed = {name: tote.balance_minor(tote.people[name], "USDC", AccountClass.RECEIVABLE) for name in PEOPLE}
    assert {name: tote.has(name) + owed[name] for name in PEOPLE} == expected
    assert all(tote.balance_minor(tote.people[name], "USDC", AccountClass.ESCROW) == 0 for name in PEOPLE)
    rounds = [tote.house.pools.rounds[tote.rounds[code]] for code in CODES]
    fees_minor = tote.balance_minor(HOUSE, "USDC", AccountClass.FEES)
    rounding_minor = tote.balance_minor(HOUSE, "USDC", AccountClass.ROUNDING)
    assert fees_minor == sum(known.fee_minor for known in rounds) == sum(known.dividend().fee_minor for known in rounds)
    assert rounding_minor == sum(known.rounding_minor for known in rounds)
    assert fees_minor + rounding_minor == len(PEOPLE) * CASH_MINOR - sum(expected.values())
    booked = [event for entry in tote.history for event in entry.events if isinstance(event, StakesSettled)]
    assert len({(event.round, event.settlement, event.customer) for event in booked}) == len(booked)


def placed(tote: Tote, code: str) -> list[tuple[str, str, int]]:
    """Return who staked what on which side of a round, as it happened."""
    return [
        (tote.name(event.customer), event.side.name.lower(), event.stake_minor)
        for entry in tote.history
        if not isinstance(entry.events[0], Rejected)
        for event in entry.events
        if isinstance(event, PoolBetPlaced) and event.round == tote.rounds[code]
    ]
