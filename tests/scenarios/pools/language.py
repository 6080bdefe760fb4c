"""The sentences about pools.

::

    desk begins pool daily in USDC                              -> begun
    desk opens 20260101 of daily until 2026-01-01T13:00:00Z     -> opened
    ann stakes 10.00 USDC on up in daily as p1                  -> staked
    ann stakes 10.00 USDC on up in 20260101 of daily as p2      -> staked
    desk locks 20260101 of daily                                -> locked
    desk settles 20260101 of daily as up                        -> settled
    desk corrects 20260101 of daily to down / void              -> settled
    desk voids 20260101 of daily for "no close"                 -> void
    desk changes daily to fee 2%                                -> changed
    stake p1  won, paid 19.90
    round 20260101  settled, up 10.00, down 10.00, fee 0.10, rounding 0.00

A pool may further begin with ``fee 1%`` (which it has otherwise, too), ``least 1.00`` and ``most 5.00``.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from evens.core.values.moments import parse_time
from tests.scenarios.pools.deeds import (
    BeginPool,
    ChangePool,
    CorrectRound,
    LockRound,
    OpenRound,
    PoolDeed,
    SettleRound,
    Stake,
    VoidRound,
)

STANDINGS: Final = frozenset({"stake", "round"})
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_POOL = rf"(?P<pool>{_NAME})"
_ROUND = rf"(?P<round>{_NAME}) of {_POOL}"
_MONEY = r"(?P<amount>\d+(?:\.\d+)?) (?P<code>[A-Z][A-Z0-9_]*)"
_STAKE = rf"(?P<who>{_NAME}) stakes {_MONEY} on (?P<side>up|down) in"
_PERCENT = r"(?P<percent>\d+(?:\.\d\d?)?)%"

_DEEDS: tuple[tuple[str, Callable[[Mapping[str, str]], PoolDeed]], ...] = (
    (rf"desk begins pool {_POOL} in (?P<code>[A-Z][A-Z0-9_]*)", lambda w: BeginPool(w["pool"], w["code"])),
    (rf"desk changes {_POOL} to fee {_PERCENT}", lambda w: ChangePool(w["pool"], _bps(w["percent"]))),
    (rf"desk opens {_ROUND} until (?P<until>\S+)", lambda w: OpenRound(w["pool"], w["round"], parse_time(w["until"]))),
    (rf"desk opens {_ROUND}", lambda w: OpenRound(w["pool"], w["round"])),
    (rf"desk locks {_ROUND}", lambda w: LockRound(**w)),
    (rf"desk settles {_ROUND} as (?P<result>up|down)", lambda w: SettleRound(**w)),
    (rf"desk corrects {_ROUND} to (?P<result>up|down|void)", lambda w: CorrectRound(**w)),
    (rf'desk voids {_ROUND} for "(?P<reason>[^"]+)"', lambda w: VoidRound(**w)),
    (rf"{_STAKE} {_ROUND} as (?P<name>{_NAME})", lambda w: Stake(**w)),
    (rf"{_STAKE} {_POOL} as (?P<name>{_NAME})", lambda w: Stake(**w)),
)


def find_deed(clause: str) -> PoolDeed | None:
    """Return the deed that a clause describes, if it is one about a pool."""
    for pattern, make in _DEEDS:
        if match := re.fullmatch(pattern, clause, re.ASCII):
            return make(match.groupdict())
    return None


def find_condition(text: str) -> None:
    """Return nothing: fee, least and most are conditions of other products, too, under the same names."""


def _bps(percent: str) -> int:
    return int(Decimal(percent) * 100)
