"""How follows and copies are shown."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.betting import Odds
from evens.edges.http.protocol.shapes import Amount, Code, SignedAmount, Time
from evens.edges.http.social.following_bodies import CopiedProductName, ModeName

FollowStatusName = Literal["active", "paused", "ended"]
PauseCauseName = Literal["customer", "stop_loss"]
CopyStatusName = Literal["copied", "skipped", "pending"]
SkipReasonName = Literal[
    "not_following",
    "paused",
    "stop_loss",
    "expired",
    "loop",
    "restricted",
    "not_allowed",
    "currency",
    "market_closed",
    "below_minimum",
    "slippage",
    "cap",
    "daily_cap",
    "allocation",
    "funds",
    "own_order",
    "stake_limit",
    "refused",
    "failed",
    "lapsed",
]
FollowIdentity = Annotated[str, Field(examples=["fol_42"])]


@dataclass(frozen=True, slots=True)
class Follow:
    """A leader whose bets are copied, the limits, and what is used of them."""

    id: FollowIdentity
    follower: Annotated[str, Field(description="A username.", examples=["bob"])]
    leader: Annotated[str, Field(description="A username.", examples=["ada"])]
    status: FollowStatusName
    paused_by: Annotated[PauseCauseName | None, Field(description="Why it is paused; null unless it is.")]
    currency: Code
    mode: ModeName
    stake: Amount | None
    ratio: Annotated[str | None, Field(examples=["0.25"])]
    allocation: Amount
    allocation_used: Annotated[Amount, Field(description="What all open copies together risk.")]
    allocation_left: Annotated[
        SignedAmount, Field(description="The allocation and the result: the most that open copies together may risk.")
    ]
    result: Annotated[SignedAmount, Field(description="What settled copies have won or lost, before commission.")]
    per_bet_cap: Amount
    daily_cap: Amount
    used_today: Annotated[Amount, Field(description="What the copies of this UTC day have risked.")]
    max_slippage_ticks: int
    min_odds: Odds | None
    products: list[CopiedProductName]
    markets: Annotated[
        list[str],
        Field(
            description="Markets, events and pools to which copying is limited; empty: to none.", examples=[["mkt_42"]]
        ),
    ]
    stop_loss_percent: Annotated[
        int | None, Field(description="At which percentage of the allocation that is left the follow is paused.")
    ]
    performance_fee: Annotated[
        str,
        Field(
            description="The share of the net profit, before commission, that the leader takes, for as long as this "
            "follow lasts."
        ),
    ]
    high_water_mark: Annotated[
        Amount,
        Field(
            description="The most that settled copies have won beyond what open ones could lose: what the fee is of. "
            "It never falls, and is 0.00 without a fee."
        ),
    ]
    fees_paid: Annotated[Amount, Field(description="What the leader has had of it.")]
    fees_due: Annotated[
        Amount,
        Field(description="What the follower had not; it is taken once they have, and nothing is copied until then."),
    ]
    started_at: Time
    ended_at: Time | None


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of a leader's match or bet: copied, skipped for a reason, or still to be matched."""

    leader_bet: Annotated[
        str,
        Field(
            description="The leader's match or bet; the last one of several.", examples=["trd_42", "bet_42", "plb_42"]
        ),
    ]
    title: Annotated[str | None, Field(description="What its market, events or round are called.", examples=["Winner"])]
    bets: Annotated[
        int, Field(description="How many of the leader's bets it is: one, unless they were skipped together.")
    ]
    product: CopiedProductName
    status: CopyStatusName
    reason: Annotated[SkipReasonName | None, Field(description="Why it was skipped; see docs/following.md.")]
    detail: Annotated[
        str | None,
        Field(description="The reason of the product, if it refused the bet.", examples=["market_suspended"]),
    ]
    bet_id: Annotated[
        str | None, Field(description="The follower's own order or bet.", examples=["ord_43", "bet_43", "plb_43"])
    ]
    stake: Annotated[Amount | None, Field(description="What the copy asked for.")]
    matched: Annotated[Amount | None, Field(description="What there was of it, on the exchange.")]
    average_odds: Annotated[str | None, Field(description="At which it was matched.", examples=["2.98"])]
    risk: Annotated[Amount | None, Field(description="What it can still lose; nothing once it is settled.")]
    result: Annotated[
        SignedAmount | None,
        Field(description="What it won or lost; null until it is settled. On the exchange before commission."),
    ]
    at: Time


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows."""

    username: Annotated[str, Field(examples=["bob"])]
    since: Time


@dataclass(frozen=True, slots=True)
class Followers:
    """How many follow you, and those of them who do not keep their profile private, newest first."""

    count: int
    items: list[Follower]
    next: Annotated[
        str | None,
        Field(description="Give it as `after` to get what follows; null when nothing does.", examples=["MTIz"]),
    ] = None
