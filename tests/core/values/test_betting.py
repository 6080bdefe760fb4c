"""The terms of a market: what could not be settled is refused, and stored numbers stay."""

from typing import Any

import pytest

from evens.core.values.betting import (
    RUNNERS_PER_MARKET_MAX,
    Cause,
    MarketStatus,
    MarketTerms,
    Persistence,
    Side,
    Stage,
    TimeInForce,
)

MANY = tuple(str(number) for number in range(RUNNERS_PER_MARKET_MAX + 1))


def terms(**changes: Any) -> MarketTerms:
    usual: dict[str, Any] = {
        "name": "race",
        "runners": ("a", "b", "c"),
        "winners": 1,
        "starts_at": 0,
        "min_stake_minor": 1,
    }
    return MarketTerms(**(usual | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"runners": ("a", "b")},
        {"runners": MANY[:-1]},
        {"winners": 2},
        {"commission_bps": 0},
        {"commission_bps": 10_000},
        {"bet_delay_ms": 0},
        {"starts_at": -1},
    ],
    ids=str,
)
def test_terms_at_their_bounds_make_a_market(changes: dict[str, Any]) -> None:
    made = terms(**changes)
    assert {name: getattr(made, name) for name in changes} == changes


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"runners": ()}, "runners of different names"),
        ({"runners": ("a",)}, "runners of different names"),
        ({"runners": MANY}, "runners of different names"),
        ({"runners": ("a", "b", "a")}, "runners of different names"),
        ({"winners": 0}, "of 3 runners, 1 to 2 can win, not 0"),
        ({"winners": 3}, "of 3 runners, 1 to 2 can win, not 3"),
        ({"commission_bps": -1}, "out of bounds"),
        ({"commission_bps": 10_001}, "out of bounds"),
        ({"min_stake_minor": 0}, "out of bounds"),
        ({"bet_delay_ms": -1}, "out of bounds"),
    ],
    ids=str,
)
def test_terms_that_make_no_market_are_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        terms(**changes)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Side, "BACK LAY"),
        (TimeInForce, "GOOD_TILL_CANCELLED FILL_OR_KILL"),
        (Persistence, "LAPSE PERSIST"),
        (Cause, "CANCELLED LAPSED"),
        (MarketStatus, "OPEN SUSPENDED IN_PLAY CLOSED SETTLED VOID"),
    ],
)
def test_stored_numbers_never_change(kind: Any, names: str) -> None:
    assert [(member.name, member.value) for member in kind] == [
        (name, number) for number, name in enumerate(names.split(), start=1)
    ]


def test_stored_stages_never_change() -> None:
    assert [(stage.name, stage.value) for stage in Stage] == [
        ("NOTHING", 0), ("LAPSING", 1), ("REMOVING", 2), ("SETTLING", 3), ("REINSTATING", 4), ("REDUCING", 5),
        ("RECALLING", 6),
    ]  # fmt: skip
