"""What can have happened in pools. Times are in nanoseconds since 1970 (UTC), amounts in minor units."""

from dataclasses import dataclass

from evens.core.values.ids import CustomerId, PoolBetId, PoolId, RoundId
from evens.core.values.later import later
from evens.core.values.pools import ArchivedRound, BookedStakes, PoolSide, PoolTerms, RoundResult, RoundStage


@dataclass(frozen=True, slots=True)
class PoolCreated:
    """There is a pool; ``pool`` is the seq of the command."""

    pool: PoolId
    key: str
    currency_number: int
    terms: PoolTerms
    at: int


@dataclass(frozen=True, slots=True)
class PoolChanged:
    """Rounds of the pool that are opened from now on have these terms."""

    pool: PoolId
    terms: PoolTerms


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """People can bet in a round, on the pool's terms of now; ``round`` is the seq of the command."""

    round: RoundId
    pool: PoolId
    code: str
    terms: PoolTerms
    opens_at: int
    locks_at: int
    settles_at: int
    pool_key: str = later("")


@dataclass(frozen=True, slots=True)
class PoolBetPlaced:
    """A stake is on a side of a round; ``bet`` is the seq of the command."""

    bet: PoolBetId
    customer: CustomerId
    round: RoundId
    side: PoolSide
    stake_minor: int
    at: int


@dataclass(frozen=True, slots=True)
class RoundLocked:
    """Nobody can bet in the round any more. ``commitment`` is the hash, in hexadecimal digits, of terms and stakes.

    ``pool_key`` and ``code`` say which round it is, for whoever is told; in old records they are empty.
    """

    round: RoundId
    commitment: str
    at: int
    pool_key: str = later("")
    code: str = later("")


@dataclass(frozen=True, slots=True)
class RoundDecided:
    """A round has a result, its ``settlement``-th, which is being booked.

    ``reason`` says why the round is void, if it is. ``pool_key`` and ``code`` are as above.
    """

    round: RoundId
    settlement: int
    result: RoundResult
    evidence: str
    reason: str | None
    at: int
    pool_key: str = later("")
    code: str = later("")


@dataclass(frozen=True, slots=True)
class StakesSettled:
    """The result of a round was booked for all bets of a customer."""

    round: RoundId
    settlement: int
    customer: CustomerId
    staked_minor: int
    returned_minor: int


@dataclass(frozen=True, slots=True)
class RoundStageFinished:
    """What a round had to do for everybody is done; ``stage`` is what comes next."""

    round: RoundId
    stage: RoundStage


@dataclass(frozen=True, slots=True)
class RoundBooked:
    """Everybody in a round has what is theirs; these are the house's fee and what rounding down left over."""

    round: RoundId
    settlement: int
    fee_minor: int
    rounding_minor: int


@dataclass(frozen=True, slots=True)
class StakesRecalled:
    """The house knows these stakes again, for a correction; none says that all have come back."""

    round: RoundId
    booked: tuple[BookedStakes, ...]


@dataclass(frozen=True, slots=True)
class RoundArchived:
    """The round is history: the house forgets it until it is corrected."""

    round: RoundId


@dataclass(frozen=True, slots=True)
class RoundRecalled:
    """The house knows a round again that is history, because it is corrected."""

    round: RoundId
    archived: ArchivedRound
