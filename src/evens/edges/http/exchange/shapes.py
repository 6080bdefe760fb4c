"""What the exchange's answers are made of."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.betting import Odds, SideName
from evens.edges.http.protocol.problem import Problem
from evens.edges.http.protocol.shapes import Amount, Code, SignedAmount, Time, UserIdentity

TimeInForceName = Literal["gtc", "fok"]
PersistenceName = Literal["lapse", "persist"]
OrderStatus = Literal["executable", "complete", "cancelled", "lapsed"]
MarketStatusName = Literal["open", "suspended", "in_play", "closed", "settled", "void"]
RunnerStatus = Literal["active", "removed", "winner", "loser"]
IntervalName = Literal["10s", "1m", "5m", "15m", "1h", "1d"]

MarketIdentity = Annotated[str, Field(description="A market's id.", examples=["mkt_42"])]
RunnerIdentity = Annotated[str, Field(description="A runner's id within its market.", examples=["1"])]


@dataclass(frozen=True, slots=True)
class LadderBand:
    """Up to which odds, inclusive, and by which step."""

    up_to: Odds
    step: Annotated[str, Field(examples=["0.02"])]


@dataclass(frozen=True, slots=True)
class MarketDefinition:
    """What a market promises from its first moment on."""

    id: MarketIdentity
    name: str
    event: str | None
    currency: Code
    starts_at: Time
    winners: Annotated[int, Field(description="How many of the runners will win, or can win at most.", examples=[1])]
    winners_min: Annotated[int, Field(description="How few of the runners can win.", examples=[1])]
    commission_bps: Annotated[
        int,
        Field(description="Taken of net profits, to the nearest minor unit and half a unit up.", examples=[500]),
    ]
    ladder: Annotated[str, Field(examples=["classic"])]
    ladder_bands: list[LadderBand]
    min_stake: Amount
    cover_removals: Annotated[
        bool, Field(description="Before the off, escrow also covers the removal of any one runner.")
    ]
    cross_matching: Annotated[
        bool,
        Field(description="Orders on one side of all runners are matched together, where nobody is on the other side."),
    ]
    bet_delay_seconds: int
    event_type: Annotated[str | None, Field(description="The sport, or what else the contest is a case of.")]
    competition: str | None
    country: Annotated[str | None, Field(examples=["GB"])]
    venue: str | None
    market_type: Annotated[str | None, Field(examples=["MATCH_ODDS"])]
    created_at: Time


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What waits at one price."""

    odds: Odds
    size: Annotated[str, Field(description="How much of a backer's stake it takes.", examples=["120.00"])]


@dataclass(frozen=True, slots=True)
class BookLevel:
    """What waits at one price, and in how many orders."""

    odds: Odds
    size: Annotated[str, Field(description="How much of a backer's stake it takes.", examples=["120.00"])]
    orders: int


@dataclass(frozen=True, slots=True)
class Runner:
    """A runner, and the best three prices of either side."""

    id: RunnerIdentity
    name: str
    status: RunnerStatus
    reduction_bps: Annotated[int | None, Field(description="If removed: by how much odds on the others shrank.")]
    to_back: Annotated[list[PricePoint], Field(description="What can be backed now: waiting lays, best odds first.")]
    to_lay: Annotated[list[PricePoint], Field(description="What can be laid now: waiting backs, best odds first.")]
    last_odds: Annotated[str | None, Field(description="Of the latest match.", examples=["2.50"])]
    matched: Annotated[str, Field(description="The stakes of all its bets.", examples=["1500.00"])]


@dataclass(frozen=True, slots=True)
class NamedRunner:
    """A runner as it was defined."""

    id: RunnerIdentity
    name: str


@dataclass(frozen=True, slots=True)
class Market(MarketDefinition):
    """A market with its prices."""

    status: MarketStatusName
    working: Annotated[bool, Field(description="It is busy with all its users' bets; no orders are taken meanwhile.")]
    version: Annotated[int, Field(description="Counts the changes to know of before one bets.", examples=[1])]
    in_play_since: Time | None
    settled_at: Time | None
    runners: list[Runner]


@dataclass(frozen=True, slots=True)
class MarketState(MarketDefinition):
    """A market as a command left it."""

    status: MarketStatusName
    working: Annotated[bool, Field(description="It goes on with all its users' bets; ask the market when it is done.")]
    version: Annotated[int | None, Field(description="Null while a result is being booked.", examples=[2])]
    lent: Annotated[
        str | None,
        Field(
            description="After a change of removals: what the house lends users whose bets need more than they have.",
            examples=["0.00"],
        ),
    ]
    runners: list[NamedRunner]
    coming: Annotated[
        str | None,
        Field(
            description="While `working`: what is being done now, and how the market shows that it is done.",
            examples=["Its bets are being settled, a part at a time. The market is `settled` once all of them are."],
        ),
    ]
    follow: Annotated[
        str | None,
        Field(
            description="While `working`: where to ask when it is done. The `market` channel of the stream tells too.",
            examples=["/v1/exchange/markets/mkt_10"],
        ),
    ]


@dataclass(frozen=True, slots=True)
class RunnerBook:
    """Everything that waits on one runner."""

    runner_id: RunnerIdentity
    name: str
    to_back: Annotated[list[BookLevel], Field(description="Waiting lays, best odds for a backer first.")]
    to_lay: Annotated[list[BookLevel], Field(description="Waiting backs, best odds for a layer first.")]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that waits in a market, as of one place in the journal."""

    market_id: MarketIdentity
    seq: Annotated[int, Field(description="The place in the journal.")]
    at: Annotated[str, Field(description="When the journal was there.", examples=["2026-11-20T09:30:00Z"])]
    runners: list[RunnerBook]


@dataclass(frozen=True, slots=True)
class Trade:
    """A match, as anybody may see it."""

    id: Annotated[str, Field(examples=["trd_1795080600123456789"])]
    market_id: MarketIdentity
    runner_id: RunnerIdentity
    odds: Odds
    size: Annotated[str, Field(description="The backer's stake.", examples=["10.00"])]
    taker_side: Annotated[SideName, Field(description="The side of the order that did not wait.")]
    at: Time


@dataclass(frozen=True, slots=True)
class PartyTrade(Trade):
    """A match; to those whose it was, with their own order."""

    order_id: Annotated[str | None, Field(description="Yours that was matched, if one was.", examples=["ord_4711"])]


@dataclass(frozen=True, slots=True)
class Fill:
    """What was matched of an order at once. The other side of the match has the same `id`."""

    id: Annotated[str, Field(description="The trade's.", examples=["trd_1795080600123456789"])]
    order_id: Annotated[str, Field(examples=["ord_4711"])]
    user_id: UserIdentity
    market_id: MarketIdentity
    runner_id: RunnerIdentity
    side: Annotated[SideName, Field(description="The order's.")]
    odds: Annotated[str, Field(description="At which it was matched, exactly.", examples=["2.50"])]
    size: Annotated[str, Field(description="The backer's stake.", examples=["10.00"])]
    currency: Code
    at: Time


@dataclass(frozen=True, slots=True)
class TradedPrice:
    """What was matched at one price."""

    odds: Odds
    size: Annotated[str, Field(description="Backers' stakes, each bet counted once.", examples=["120.00"])]


@dataclass(frozen=True, slots=True)
class RunnerTraded:
    """What was matched on a runner, at each price in ascending order."""

    runner_id: RunnerIdentity
    name: str
    matched: Annotated[str, Field(description="The sum.", examples=["350.00"])]
    prices: list[TradedPrice]


@dataclass(frozen=True, slots=True)
class Candle:
    """The trades of one stretch of time in brief."""

    opens_at: Time
    open: Odds
    high: Odds
    low: Odds
    close: Odds
    volume: Amount
    trades: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order. Stake is matched, remaining, cancelled or lapsed; of a lay, too, it is the backer's."""

    id: Annotated[str, Field(examples=["ord_4711"])]
    user_id: UserIdentity
    market_id: MarketIdentity
    runner_id: RunnerIdentity
    side: SideName
    odds: Odds
    stake: Amount
    currency: Code
    matched: Amount
    remaining: Annotated[str, Field(description="Unmatched, and still to be had.", examples=["0.00"])]
    cancelled: Annotated[str, Field(description="Taken back by the user.", examples=["0.00"])]
    lapsed: Annotated[str, Field(description="Given back by the house.", examples=["0.00"])]
    average_odds: Annotated[
        str | None,
        Field(
            description="Of what is matched: with so many digits that `matched` times it is exact.", examples=["2.50"]
        ),
    ]
    status: OrderStatus
    persistence: PersistenceName
    time_in_force: TimeInForceName
    placed_at: Time
    delayed_until: Annotated[
        str | None, Field(description="In-play: when it enters the book.", examples=["2026-11-20T09:30:05Z"])
    ]
    client_ref: Annotated[str | None, Field(description="Your own name for it, which an order in its place keeps.")]
    strategy_ref: Annotated[str | None, Field(description="Your own name for what it is a part of; kept likewise.")]
    replaces: Annotated[str | None, Field(description="The order in whose place it came.", examples=["ord_4710"])]
    replaced_by: Annotated[str | None, Field(description="The order that came in its place.", examples=["ord_4712"])]


@dataclass(frozen=True, slots=True)
class OrderResults:
    """What became of each order of a batch, in order; a problem has a `code`."""

    results: list[Order | Problem]


@dataclass(frozen=True, slots=True)
class RunnerPosition:
    """What a user's matched bets bring: those on one runner, and those on all if this runner is the winner."""

    runner_id: RunnerIdentity
    name: str
    if_win: SignedAmount
    if_lose: SignedAmount
    market_if_win: Annotated[
        str | None, Field(description="From the whole market; null where several win.", examples=["-10.00"])
    ]
    market_if_win_net: Annotated[
        str | None,
        Field(description="The same less the commission, with the user's present discount.", examples=["-10.00"]),
    ]


@dataclass(frozen=True, slots=True)
class Position:
    """What a user has at stake in a market, and what came of it once it is settled."""

    market_id: MarketIdentity
    currency: Code
    exposure: Annotated[str, Field(description="In escrow: the most that can be lost.", examples=["10.00"])]
    runners: list[RunnerPosition]
    profit: Annotated[
        str | None, Field(description="Before commission, rounded down; null until settled.", examples=["15.00"])
    ]
    commission: Annotated[
        str | None,
        Field(
            description="To the nearest minor unit, half a unit up, with the discount at the first settlement, also "
            "after corrections; null until settled.",
            examples=["0.75"],
        ),
    ]


@dataclass(frozen=True, slots=True)
class UserPosition(Position):
    """What somebody has at stake in a market."""

    user_id: UserIdentity


@dataclass(frozen=True, slots=True)
class ProjectedOutcome:
    """What the matched bets of a market would come to if these runners won."""

    winners: Annotated[list[RunnerIdentity], Field(description="The runners that win.")]
    winning_users: Annotated[int, Field(description="How many have a profit.", examples=[12])]
    losing_users: Annotated[int, Field(description="How many have a loss.", examples=[9])]
    won: Annotated[str, Field(description="The sum of all profits, before commission.", examples=["450.00"])]
    lost: Annotated[str, Field(description="The sum of all losses.", examples=["450.01"])]
    commission: Annotated[str, Field(description="What the house takes of the profits.", examples=["22.50"])]
    paid: Annotated[str, Field(description="What winners get: profits less commission.", examples=["427.50"])]
    rounding: Annotated[str, Field(description="What is left, because profits are rounded down.", examples=["0.01"])]


@dataclass(frozen=True, slots=True)
class CommissionDiscount:
    """What part of every commission a user does not pay, in basis points."""

    user_id: UserIdentity
    discount_bps: int


@dataclass(frozen=True, slots=True)
class Receivable:
    """What a user owes the house, because money that had to be paid back was no longer there."""

    user_id: UserIdentity
    currency: Code
    owed: Amount
