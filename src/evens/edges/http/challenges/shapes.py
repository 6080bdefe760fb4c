"""What answers about challenges are made of."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.betting import Odds, SideName
from evens.edges.http.protocol.shapes import Amount, Code, SignedAmount, Time, UserIdentity

ChallengeStatusName = Literal["offered", "accepted", "resolved", "disputed", "settled", "cancelled", "expired"]
OutcomeName = Literal["won", "lost", "void"]

TokenText = Annotated[
    str,
    Field(
        description="Opens the challenge to whoever has it; nobody can guess it.",
        examples=["42-mfrggzdfmztwq2lknnwg23tp"],
    ),
]


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who has to do with a challenge."""

    user_id: UserIdentity
    username: Annotated[str, Field(examples=["ada"])]


@dataclass(frozen=True, slots=True)
class ChallengeRunner:
    """The runner of a market that decides a challenge."""

    market_id: Annotated[str, Field(description="A market's id.", examples=["mkt_42"])]
    market_name: Annotated[str, Field(examples=["Match odds"])]
    runner_id: Annotated[str, Field(description="A runner's id within its market.", examples=["1"])]
    runner_name: Annotated[str, Field(examples=["Ann"])]


@dataclass(frozen=True, slots=True)
class ChallengeResult:
    """What was booked for the two; both profits are before the fee, which the winner pays."""

    backer_profit: SignedAmount
    layer_profit: SignedAmount
    fee: Amount


@dataclass(frozen=True, slots=True)
class Challenge:
    """A bet that one user offers to whoever accepts first. Outcomes are as the backer sees them."""

    id: Annotated[str, Field(examples=["chl_42"])]
    token: TokenText
    url: Annotated[str, Field(description="The link to send; it shows the challenge without a login.")]
    title: Annotated[str, Field(examples=["Ann beats Bo"])]
    status: Annotated[
        ChallengeStatusName,
        Field(description="`resolved`: paid when the time to dispute is over; `disputed`: the operator decides."),
    ]
    side: Annotated[SideName, Field(description="The challenger's; whoever accepts takes the other.")]
    odds: Odds
    stake: Annotated[str, Field(description="What the backer can lose and the layer win.", examples=["10.00"])]
    liability: Annotated[str, Field(description="What the layer can lose and the backer win.", examples=["15.00"])]
    currency: Code
    fee_bps: Annotated[int, Field(description="Taken of the winner's profit, half a unit up.", examples=[200])]
    public: Annotated[bool, Field(description="Whether it is listed for everybody.")]
    challenger: Party
    acceptor: Party | None
    resolver: Annotated[Party | None, Field(description="Whose word decides, if no market does.")]
    runner: Annotated[ChallengeRunner | None, Field(description="What decides, if no resolver does.")]
    offered_at: Time
    expires_at: Annotated[str, Field(description="Until when it can be accepted.", examples=["2026-11-20T19:30:00Z"])]
    accepted_at: Annotated[str | None, Field(examples=["2026-11-20T10:00:00Z"])]
    resolver_outcome: Annotated[OutcomeName | None, Field(description="What the resolver said.")]
    disputable_until: Annotated[
        str | None, Field(description="If resolved: when it is paid.", examples=["2026-11-21T10:00:00Z"])
    ]
    resolve_by: Annotated[
        str | None,
        Field(
            description="If nobody has said by then how it ended, both have their stakes back.",
            examples=["2026-12-20T19:30:00Z"],
        ),
    ]
    disputed_by: Annotated[str | None, Field(description="Which of the two contests it.", examples=["usr_43"])]
    outcome: Annotated[OutcomeName | None, Field(description="What was booked; null until settled.")]
    result: Annotated[ChallengeResult | None, Field(description="What that means; null until settled.")]
    ended_at: Annotated[
        str | None,
        Field(description="When it was settled, cancelled or expired.", examples=["2026-11-21T10:00:00Z"]),
    ]
