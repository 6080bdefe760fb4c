"""What answers are made of. Each class is at once the shape that is rendered and the one that is documented."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from evens.edges.http.problem import Problem

T = TypeVar("T")

Time = Annotated[str, Field(description="RFC 3339, in UTC.", examples=["2026-11-20T09:30:00.123456789Z"])]
Amount = Annotated[str, Field(description="A decimal with the currency's number of digits.", examples=["10.50"])]
Code = Annotated[str, Field(description="A currency's code.", examples=["USD"])]
UserIdentity = Annotated[str, Field(description="A user's id.", examples=["usr_42"])]
RoleName = Literal["customer", "service", "operator", "admin"]

TokenType = Literal["bearer"]
TransactionKind = Literal[
    "deposit",
    "withdrawal",
    "transfer",
    "release",
    "stake",
    "loss",
    "payout",
    "commission",
    "advance",
    "repayment",
    "reversal",
]
TransactionStatus = Literal["completed", "pending", "rejected"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, newest first."""

    items: list[T]
    next: Annotated[
        str | None,
        Field(description="Give it as `after` to get what follows; null when nothing does.", examples=["MTIz"]),
    ] = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A movement of a user's cash, as that user sees it."""

    id: Annotated[str, Field(examples=["txn_1795080600123456789"])]
    kind: Annotated[
        TransactionKind,
        Field(
            description="`release`: what had been set aside and came back; `stake`: what may be lost, set aside for "
            "bets; `reversal`: a result that was corrected; `advance` and `repayment`: what the house lent meanwhile."
        ),
    ]
    status: TransactionStatus
    direction: Annotated[Literal["in", "out"], Field(description="Whether the user's cash grew or shrank.")]
    user_id: UserIdentity
    counterparty_id: Annotated[str | None, Field(description="With a transfer, the other user.", examples=["usr_43"])]
    amount: Amount
    currency: Code
    balance_after: Annotated[str, Field(description="The user's cash when this was recorded.", examples=["99.50"])]
    effective_at: Annotated[str, Field(description="The value date.", examples=["2026-11-20T09:30:00Z"])]
    recorded_at: Time
    reference: str | None
    memo: str | None
    destination: Annotated[str | None, Field(description="Where a withdrawal goes.")]


@dataclass(frozen=True, slots=True)
class User:
    """A user with an account."""

    id: UserIdentity
    username: Annotated[str, Field(examples=["ada"])]
    email: Annotated[str | None, Field(examples=["ada@example.com"])]
    status: Annotated[Literal["active", "frozen"], Field(description="A frozen user cannot move money out.")]
    created_at: Time


@dataclass(frozen=True, slots=True)
class UserStatus:
    """Whether a user may move money out, right after it was decided."""

    id: UserIdentity
    status: Literal["active", "frozen"]


@dataclass(frozen=True, slots=True)
class Me:
    """The caller. Everything but `role` and `name` is null for an API key without an account of its own."""

    role: RoleName
    name: Annotated[str, Field(description="The username, or the API key's name.", examples=["ada"])]
    id: UserIdentity | None = None
    username: str | None = None
    email: str | None = None
    status: Literal["active", "frozen"] | None = None
    created_at: Time | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session: an access token for now, and a refresh token to get the next pair."""

    user: User
    access_token: str
    refresh_token: Annotated[str, Field(description="Good once.")]
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.", examples=[900])]
    token_type: TokenType


@dataclass(frozen=True, slots=True)
class Balance:
    """What a user has in one currency."""

    user_id: UserIdentity
    currency: Code
    cash: Annotated[str, Field(description="Free to use.", examples=["99.50"])]
    escrow: Annotated[str, Field(description="Reserved for open bets and orders.", examples=["0.00"])]
    withdrawing: Annotated[str, Field(description="Set aside for pending withdrawals.", examples=["0.00"])]
    total: Annotated[str, Field(description="The sum of the three.", examples=["99.50"])]
    at: Annotated[str | None, Field(description="The value date asked for; null: now.")]


@dataclass(frozen=True, slots=True)
class TransferResults:
    """What became of each transfer of a batch, in order; a problem has a `code`."""

    results: list[Transaction | Problem]


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one row."""

    outcome: Literal["booked", "already_booked", "refused"]
    transaction_id: Annotated[str | None, Field(examples=["txn_1795080600123456789"])]
    reason: Annotated[str | None, Field(description="The code of the refusal.", examples=["insufficient_funds"])]
    detail: Annotated[str | None, Field(description="What is wrong with the row.")]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows, in their order."""

    results: list[ImportedRow]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: Annotated[str, Field(examples=["key_2b7c"])]
    role: RoleName
    user_id: UserIdentity | None
    name: str
    created_by: str
    created_at: Time
    revoked_at: Time | None


@dataclass(frozen=True, slots=True)
class CreatedApiKey:
    """An API key with its secret, which only this answer shows."""

    id: Annotated[str, Field(examples=["key_2b7c"])]
    role: RoleName
    user_id: UserIdentity | None
    name: str
    created_by: str
    created_at: Time
    revoked_at: Time | None
    key: Annotated[str, Field(description="Send it as `Authorization: Bearer <key>`.", examples=["evk_…"])]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request under an idempotency key: the answer it got, or would have got."""

    idempotency_key: str
    command: Annotated[str, Field(description="What was asked, in the house's own words.", examples=["Transfer"])]
    recorded_at: Time
    status: Annotated[int, Field(description="The HTTP status of the answer.", examples=[201])]
    body: Annotated[Any, Field(description="The body of the answer.")]


@dataclass(frozen=True, slots=True)
class TotalValue:
    """What customers hold altogether in one currency."""

    currency: Code
    total_cash: Amount
    locked: Annotated[str, Field(description="In escrow for open bets and orders.", examples=["0.00"])]
    pending_withdrawals: Annotated[str, Field(examples=["0.00"])]


@dataclass(frozen=True, slots=True)
class Alive:
    """The process answers."""

    status: Literal["ok"] = "ok"


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
