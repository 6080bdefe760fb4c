"""What requests about challenges are made of."""

from typing import Annotated

from pydantic import Field

from evens.edges.http.challenges.shapes import OutcomeName
from evens.edges.http.exchange.known_markets import MarketIdText, RunnerIdText
from evens.edges.http.protocol.betting import OddsText, SideName
from evens.edges.http.protocol.bodies import ActsFor, Body, example
from evens.edges.http.protocol.names import Name, UserReference
from evens.edges.http.protocol.texts import AmountText, CurrencyCode
from evens.edges.http.protocol.times import Moment


class ChallengeBody(Body):
    """A bet offered to whoever accepts first. A runner of a market decides it, or the word of a resolver."""

    model_config = example(
        title="Ann beats Bo",
        side="back",
        odds="2.50",
        stake="10.00",
        currency="USD",
        resolver="judge",
        expires_at="2026-11-20T19:30:00Z",
        public=True,
    )

    title: Name
    side: Annotated[SideName, Field(description="Yours; whoever accepts takes the other.")]
    odds: OddsText
    stake: Annotated[AmountText, Field(description="The backer's stake, whichever side is yours.")]
    currency: CurrencyCode | None = None
    market_id: MarketIdText | None = None
    runner_id: RunnerIdText | None = None
    resolver: Annotated[
        UserReference | None,
        Field(
            description="Whose word decides; neither of the two who bet. Id or username: what reads as an id is one, "
            "and with `@` before it a name.",
            examples=["judge", "@judge", "usr_44"],
        ),
    ] = None
    expires_at: Annotated[Moment, Field(description="Until when it can be accepted.")]
    public: Annotated[bool, Field(description="Whether everybody finds it in the list; else it takes the link.")] = (
        False
    )
    user_id: ActsFor = None


class ActingBody(Body):
    """For operators: who does it."""

    user_id: ActsFor = None


class ResolveBody(Body):
    """How it ended, as the backer sees it; `void` gives both back what they staked."""

    model_config = example(outcome="won")

    outcome: OutcomeName
    user_id: ActsFor = None


class RuleBody(Body):
    """How it ended, as the backer sees it; `void` gives both back what they staked."""

    model_config = example(outcome="void")

    outcome: OutcomeName
