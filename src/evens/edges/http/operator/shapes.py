"""What answers about the house look like."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Amount, Code, Time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request under an idempotency key: the answer it got, or would have got."""

    idempotency_key: str
    command: Annotated[str, Field(description="What was asked, in the house's own words.", examples=["Transfer"])]
    recorded_at: Time
    status: Annotated[int, Field(description="The HTTP status of the answer.", examples=[201])]
    body: Annotated[Any, Field(description="The body of the answer.")]


@dataclass(frozen=True, slots=True)
class Alive:
    """The process answers."""

    status: Literal["ok"] = "ok"


@dataclass(frozen=True, slots=True)
class Failing:
    """The process answers, but a part of it has died for good. Only a new start can help; the log says why."""

    dead: Annotated[list[str], Field(description="Which parts.", examples=[["sequencer"]])]
    status: Literal["failing"] = "failing"


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """One thing that must be well before requests can be served."""

    name: Annotated[str, Field(examples=["database"])]
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be served, and if not, why."""

    status: Literal["ready", "not_ready"]
    checks: list[ReadinessCheck]


@dataclass(frozen=True, slots=True)
class Version:
    """Which Evens this is."""

    version: Annotated[str, Field(examples=["0.1.0"])]
    python: Annotated[str, Field(examples=["3.11.7"])]
    schema: Annotated[int, Field(description="The newest migration that this build carries.", examples=[5])]


@dataclass(frozen=True, slots=True)
class PoolValue:
    """What is staked in a pool's rounds that have no result."""

    pool: Annotated[str, Field(examples=["ndx-daily"])]
    staked: Amount
    up: Amount
    down: Amount


@dataclass(frozen=True, slots=True)
class TotalValue:
    """What customers hold altogether in one currency."""

    currency: Code
    total_cash: Amount
    locked: Annotated[str, Field(description="In escrow for open bets and orders.", examples=["0.00"])]
    pending_withdrawals: Annotated[str, Field(examples=["0.00"])]
    pools: Annotated[list[PoolValue], Field(description="How much of what is locked is staked in which pool.")]


@dataclass(frozen=True, slots=True)
class ConfigRail:
    """The rail by which customers pay in and out themselves. One that is ``simulated`` has no chain behind it."""

    name: Annotated[str, Field(examples=["evm"])]
    currency: Code
    simulated: bool


@dataclass(frozen=True, slots=True)
class ConfigFeatures:
    """What there is besides wallets, the exchange and challenges."""

    sportsbook: Annotated[bool, Field(description="Whether there is a provider of odds.")]
    pools: bool
    passkey_origin: Annotated[
        str | None, Field(description="The address at which passkeys work.", examples=["https://bets.example"])
    ]
    chain_rail: ConfigRail | None


@dataclass(frozen=True, slots=True)
class ConfigLimits:
    """The bounds of what people type. A market, a round or a user may have narrower ones of its own."""

    min_stake: Annotated[str, Field(description="In markets that name none.", examples=["1.00"])]
    text_length_max: Annotated[int, Field(description="Notes, titles, reasons.", examples=[500])]
    password_length_min: Annotated[int, Field(examples=[10])]
    password_length_max: Annotated[int, Field(examples=[200])]
    orders_per_batch_max: Annotated[int, Field(examples=[200])]
    orders_per_market_max: Annotated[int, Field(examples=[1000])]
    legs_max: Annotated[int, Field(description="Of an accumulator.", examples=[20])]
    challenges_max: Annotated[int, Field(description="Live ones of a user.", examples=[100])]


@dataclass(frozen=True, slots=True)
class PublicChoices:
    """What the operator has chosen and everybody may know."""

    name: Annotated[str, Field(examples=["Evens"])]
    demo: Annotated[bool, Field(description="Whether this is a demo, with play money.")]
    currency: Annotated[str, Field(description="Meant where a request names none.", examples=["USD"])]
    commission_bps: Annotated[int, Field(description="Of markets that name none, in basis points.", examples=[500])]
    challenge_fee_bps: Annotated[int, Field(examples=[200])]
    stream: Annotated[str, Field(description="Where the live stream is.", examples=["/v1/stream"])]
    features: ConfigFeatures
    limits: ConfigLimits


@dataclass(frozen=True, slots=True)
class FeedState:
    """Something that the house listens to or tells: how it is, and what to do if it is not well."""

    kind: Annotated[
        Literal["line", "results", "oracle", "chain", "webhooks"], Field(description="What it brings, or takes.")
    ]
    name: Annotated[str, Field(description="Which source, pool or rail.", examples=["main"])]
    ok: bool
    last_heard_at: Annotated[Time | None, Field(description="Where that is known.")]
    lag_seconds: Annotated[float | None, Field(description="How far it is behind, where that is known.")]
    error: str | None
    next_step: Annotated[str | None, Field(description="What happens next, or what an operator has to do.")]
