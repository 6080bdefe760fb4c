"""What can stand in a scenario about pools, by the names they have in the file.

Amounts are decimal text as written, rates are in basis points, times are nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeginPool:
    """The desk begins a series of rounds in a currency."""

    pool: str
    code: str
    fee_bps: int = 100
    min_stake: str | None = None
    max_stake: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePool:
    """The desk gives rounds to come another fee."""

    pool: str
    fee_bps: int


@dataclass(frozen=True, slots=True)
class OpenRound:
    """The desk lets people bet in a round; without ``until`` for longer than any scenario lasts."""

    pool: str
    round: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class LockRound:
    """The desk takes no more bets."""

    pool: str
    round: str


@dataclass(frozen=True, slots=True)
class SettleRound:
    """The desk says how a round ended."""

    pool: str
    round: str
    result: str


@dataclass(frozen=True, slots=True)
class CorrectRound:
    """The desk says how a round ended in truth."""

    pool: str
    round: str
    result: str


@dataclass(frozen=True, slots=True)
class VoidRound:
    """The desk gives every stake back."""

    pool: str
    round: str
    reason: str


@dataclass(frozen=True, slots=True)
class Stake:
    """A customer stakes on a side, in the open round or in one that is named; later lines call it ``name``."""

    who: str
    amount: str
    code: str
    side: str
    pool: str
    name: str
    round: str | None = None


PersonalDeed = Stake
PoolDeed = BeginPool | ChangePool | OpenRound | LockRound | SettleRound | CorrectRound | VoidRound | Stake
