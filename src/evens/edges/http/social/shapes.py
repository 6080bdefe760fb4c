"""How records, profiles and the leaderboard are shown."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Amount, Code, SignedAmount, Time
from evens.store.social.queries import Visibility

ProductName = Literal["all", "exchange", "sportsbook", "pools"]
PeriodName = Literal["day", "week", "month", "all"]
FeedKind = Literal["challenge", "big_win"]

Share = Annotated[
    str | None, Field(description="A decimal; 1 is all of it. `null`: of nothing.", examples=["0.051200"])
]
PerformanceFee = Annotated[
    str,
    Field(description="The share of the net profit that they take of whoever begins to follow them.", examples=["0.1"]),
]
Date = Annotated[str, Field(description="A UTC day.", examples=["2026-11-20"])]


@dataclass(frozen=True, slots=True)
class Record:
    """What was won and lost, of what was settled. Every figure has its formula in docs/records.md."""

    product: ProductName
    period: PeriodName
    since: Annotated[Date | None, Field(description="The first day of the period; `null`: since the beginning.")]
    profit: SignedAmount
    turnover: Annotated[Amount, Field(description="Stakes of bets, and liabilities of lays.")]
    roi: Annotated[Share, Field(description="Profit ÷ turnover.")]
    win_rate: Annotated[Share, Field(description="What was won of what was settled.")]
    sharpe: Annotated[
        str | None,
        Field(description="Mean ÷ deviation of daily profits × √365; `null` under 30 days.", examples=["1.2345"]),
    ]
    max_drawdown: Annotated[Amount, Field(description="The largest fall below an earlier equity.")]
    longest_streak: Annotated[int, Field(description="Won in a row.")]
    closing_value: Annotated[
        Share, Field(description="How much better the odds were than the last before the off, on the exchange.")
    ]
    bets: int
    settled: Annotated[int, Field(description="Markets, rounds, and bets that ended by themselves.")]
    won: int


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """A day on which something was settled, and the sum of all profits up to and with it."""

    day: Date
    profit: SignedAmount
    equity: SignedAmount


@dataclass(frozen=True, slots=True)
class Settled:
    """Something that was settled."""

    product: ProductName
    id: Annotated[str, Field(description="Of the market, event, bet, or round.", examples=["mkt_42"])]
    title: str | None
    profit: SignedAmount
    turnover: Amount
    at: Time


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """What a user chose to show of themselves."""

    username: Annotated[str, Field(examples=["ada"])]
    display_name: Annotated[str | None, Field(examples=["Ada L."])]
    bio: Annotated[str | None, Field(examples=["Draws, mostly."])]
    visibility: Visibility
    listed: Annotated[bool, Field(description="Whether they are on the leaderboard.")]
    copyable: Annotated[bool, Field(description="Whether others may copy their bets.")]
    performance_fee: PerformanceFee
    joined_at: Time


@dataclass(frozen=True, slots=True)
class Profile(ProfileChoice):
    """A user as others see them: their records in one currency by product and period, as of a moment."""

    currency: Code
    as_of: Time
    records: list[Record]
    equity: Annotated[list[EquityPoint], Field(description="The latest days, oldest first.")]
    recent: Annotated[
        list[Settled] | None, Field(description="What was settled last; `null` unless they show single bets.")
    ]


@dataclass(frozen=True, slots=True)
class FeedItem:
    """Something that people who show everything and are listed let others hear of."""

    kind: Annotated[FeedKind, Field(description="A public challenge that was settled, or a win of long odds.")]
    username: Annotated[str, Field(description="Who won.", examples=["ada"])]
    display_name: str | None
    against: Annotated[str | None, Field(description="Who lost the challenge, a username.", examples=["bob"])]
    product: Annotated[ProductName | None, Field(description="Where it was won; `null` for a challenge.")]
    id: Annotated[
        str, Field(description="Of the market, event, bet, or round; a challenge's token.", examples=["mkt_42"])
    ]
    title: str | None
    profit: Amount
    turnover: Annotated[Amount, Field(description="What was staked, or could be lost.")]
    currency: Code
    at: Annotated[Time, Field(description="When it was settled.")]


@dataclass(frozen=True, slots=True)
class Leader:
    """A place of the leaderboard."""

    rank: int
    username: Annotated[str, Field(examples=["ada"])]
    display_name: str | None
    copyable: bool
    performance_fee: PerformanceFee
    profit: SignedAmount
    turnover: Amount
    roi: Share
    win_rate: Share
    sharpe: Annotated[str | None, Field(examples=["1.2345"])]
    max_drawdown: Amount
    longest_streak: int
    bets: int
    settled: int


@dataclass(frozen=True, slots=True)
class Minimum:
    """What is needed for a rank by anything but profit: so much turnover, and so many things settled."""

    turnover: Amount
    bets: int


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """The first places, of what was settled in a period that began on a day (UTC), as of a moment."""

    items: list[Leader]
    currency: Code
    since: Annotated[Date | None, Field(description="`null`: since the beginning.")]
    as_of: Time
    minimum: Minimum
