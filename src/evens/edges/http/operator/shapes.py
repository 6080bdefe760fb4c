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
class TotalValue:
    """What customers hold altogether in one currency."""

    currency: Code
    total_cash: Amount
    locked: Annotated[str, Field(description="In escrow for open bets and orders.", examples=["0.00"])]
    pending_withdrawals: Annotated[str, Field(examples=["0.00"])]


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
