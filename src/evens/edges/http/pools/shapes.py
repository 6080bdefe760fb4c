"""What answers about pools, rounds and bets in them are made of."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Amount, Code, Time, UserIdentity

SideName = Literal["up", "down"]
RoundStatusName = Literal["open", "locked", "settled", "void"]
RoundResultName = Literal["up", "down", "void"]
PoolBetStatusName = Literal["open", "won", "lost", "refunded"]

PoolKey = Annotated[str, Field(description="A pool's key.", examples=["ndx-daily"])]
RoundCode = Annotated[str, Field(description="A round's code: the day on which it closes.", examples=["20261127"])]
Price = Annotated[str | None, Field(description="A price, as its sources give it.", examples=["15003.25"])]


@dataclass(frozen=True, slots=True)
class PriceSourceShown:
    """Where closing prices come from."""

    name: Annotated[str, Field(examples=["exchange"])]
    kind: Annotated[str, Field(examples=["http_json"])]


@dataclass(frozen=True, slots=True)
class PoolShown:
    """A series of rounds."""

    key: PoolKey
    name: Annotated[str, Field(examples=["NASDAQ Composite, daily"])]
    symbol: Annotated[str, Field(description="What the price is of.", examples=["IXIC"])]
    currency: Code
    fee_bps: Annotated[int, Field(description="Of what the losing side staked, in basis points.", examples=[100])]
    min_stake: Amount
    max_stake: Amount | None
    calendar: Annotated[str, Field(description="An exchange's code, or how long rounds are.", examples=["XNAS"])]
    lock_before_close_s: int
    settle_after_close_s: int
    grace_s: Annotated[int, Field(description="How long prices are asked for before a round is void, in seconds.")]
    quorum: Annotated[int, Field(description="How many sources have to agree.")]
    tolerance_bps: Annotated[int, Field(description="By how much they may differ, in basis points.")]
    jump_bps: Annotated[int, Field(description="A larger move waits for an operator; 0 is no limit.")]
    closed: Annotated[list[str], Field(description="Days announced late on which there is no round.")]
    early: Annotated[dict[str, str], Field(description="Days announced late that close early, and when.")]
    sources: list[PriceSourceShown]
    rule: Annotated[str, Field(description="How a round pays, in words.")]
    created_at: Time
    stopped: Annotated[bool, Field(description="Whether no further rounds are opened.")]


@dataclass(frozen=True, slots=True)
class RoundSide:
    """One side of a round."""

    staked: Amount
    bets: int
    pays_per_unit: Annotated[
        str | None,
        Field(
            description="What 1 staked on it would return, stake included, if it won with what is staked now, rounded "
            "down; null while nobody is on one of the sides.",
            examples=["1.990000"],
        ),
    ]


@dataclass(frozen=True, slots=True)
class RoundSides:
    """Both sides of a round."""

    up: RoundSide
    down: RoundSide


@dataclass(frozen=True, slots=True)
class Round:
    """A round, in which people bet whether the price closes up or down; a price that is the same is down."""

    pool: PoolKey
    code: RoundCode
    status: RoundStatusName
    opens_at: Time
    locks_at: Annotated[str, Field(description="From then on nobody can bet.", examples=["2026-11-27T20:59:59Z"])]
    settles_at: Annotated[str, Field(description="When prices are asked for.", examples=["2026-11-27T21:05:00Z"])]
    currency: Code
    sides: RoundSides
    fee_bps: int
    fee: Annotated[Amount | None, Field(description="What the house took; null until the round is booked.")]
    rounding: Annotated[Amount | None, Field(description="What rounding down left over; null until it is booked.")]
    result: RoundResultName | None
    void_reason: str | None
    reference_price: Price
    closing_price: Price
    corrected: Annotated[bool, Field(description="Whether an earlier result was replaced.")]
    commitment: Annotated[
        str | None, Field(description="The hash over terms and stakes, from the moment at which the round locked.")
    ]


@dataclass(frozen=True, slots=True)
class PoolQuote:
    """What a bet would return if its side won, with what is staked now and this bet."""

    pool: PoolKey
    round: RoundCode
    side: SideName
    amount: Amount
    currency: Code
    returns: Annotated[Amount, Field(description="Stake included. Later bets change it.")]
    pays_per_unit: Annotated[str | None, Field(examples=["1.990000"])]


@dataclass(frozen=True, slots=True)
class PoolBet:
    """A bet in a round."""

    id: Annotated[str, Field(examples=["plb_42"])]
    pool: PoolKey
    round: RoundCode
    user_id: UserIdentity
    side: SideName
    amount: Amount
    currency: Code
    status: PoolBetStatusName
    payout: Annotated[Amount | None, Field(description="What was paid, stake included; null until it is booked.")]
    placed_at: Time
    settled_at: Time | None


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round right after an operator changed something about it."""

    pool: PoolKey
    code: RoundCode
    status: RoundStatusName
    result: RoundResultName | None = None
    commitment: str | None = None
    coming: Annotated[str | None, Field(description="What the house goes on with.")] = None


@dataclass(frozen=True, slots=True)
class PriceTold:
    """A close that an operator told."""

    pool: PoolKey
    code: RoundCode
    source: Annotated[str, Field(description="The source whose answer it is.", examples=["desk"])]
    price: Annotated[str, Field(examples=["15003.25"])]
    reason: str
    told_at: Time


@dataclass(frozen=True, slots=True)
class Committed:
    """What a round commits to when it locks, beside its stakes; the first link of its chain is a hash of this."""

    pool: PoolKey
    code: RoundCode
    opens_at_ns: int
    locks_at_ns: int
    settles_at_ns: int
    currency: Code
    name: str
    symbol: str
    fee_bps: int
    min_stake_minor: int
    max_stake_minor: int | None
    running: Annotated[str, Field(description="How the pool is run, as canonical JSON, byte for byte.")]


@dataclass(frozen=True, slots=True)
class ProvenStake:
    """A bet, by its id; whose it is stays private. Amounts are in minor units."""

    id: Annotated[str, Field(examples=["plb_42"])]
    side: SideName
    amount_minor: int
    payout_minor: Annotated[int | None, Field(description="Under the present result; null until there is one.")]


@dataclass(frozen=True, slots=True)
class ProvenResult:
    """A result that the round had, and everything that it was told from."""

    result: RoundResultName
    reason: str | None
    decided_at: Time
    evidence: Annotated[dict[str, Any], Field(description="The price, the one before, and every source's answer.")]


@dataclass(frozen=True, slots=True)
class Proof:
    """Enough to check a round without access to the house: `evens round verify` does."""

    committed: Committed
    commitment: Annotated[str | None, Field(description="The last link of the chain; null until the round locks.")]
    locked_at: Time | None
    scale: Annotated[int, Field(description="How many digits the currency has; minor units are the last of them.")]
    rule: Annotated[str, Field(description="How a round pays, and how its chain is made, in words.")]
    stakes: list[ProvenStake]
    results: Annotated[list[ProvenResult], Field(description="The first one first; the last one stands.")]
    fee_minor: int | None
    rounding_minor: int | None
