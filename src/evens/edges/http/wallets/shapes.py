"""What answers about users and their money look like."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.problem import Problem
from evens.edges.http.protocol.shapes import Amount, Code, Time, UserIdentity

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
    "performance_fee",
]

TransactionStatus = Literal["completed", "pending", "rejected"]

WithdrawalProgress = Literal["held", "waiting_approval", "approved", "sent", "stuck", "confirmed", "paid", "returned"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A movement of a user's cash, as that user sees it."""

    id: Annotated[str, Field(examples=["txn_1795080600123456789"])]
    kind: Annotated[
        TransactionKind,
        Field(
            description="`release`: what had been set aside and came back; `stake`: what may be lost, set aside for "
            "bets; `reversal`: a result that was corrected, or another transaction that an operator took back; "
            "`advance` and `repayment`: what the house lent meanwhile, and had back; `performance_fee`: what a leader "
            "takes of whoever copies their bets."
        ),
    ]
    status: TransactionStatus
    direction: Annotated[Literal["in", "out"], Field(description="Whether the user's cash grew or shrank.")]
    user_id: UserIdentity
    counterparty_id: Annotated[
        str | None,
        Field(description="With a transfer, its reversal and a performance fee, the other user.", examples=["usr_43"]),
    ]
    amount: Amount
    currency: Code
    balance_after: Annotated[
        str,
        Field(
            description="The user's cash behind it: in lists by value date at that date, else when this was recorded.",
            examples=["99.50"],
        ),
    ]
    effective_at: Annotated[str, Field(description="The value date.", examples=["2026-11-20T09:30:00Z"])]
    recorded_at: Time
    reference: str | None
    memo: str | None
    destination: Annotated[str | None, Field(description="Where a withdrawal goes.")]
    reverses: Annotated[str | None, Field(description="With a reversal by an operator: the id of what it takes back.")]
    reversed_by: Annotated[str | None, Field(description="The id of the reversal, if an operator took this back.")]


@dataclass(frozen=True, slots=True)
class About:
    """What money was moved for."""

    kind: Annotated[
        Literal["market", "event", "round", "challenge", "bet"], Field(description="`bet`: an accumulator.")
    ]
    id: Annotated[str, Field(description="Of a round its pool and code.", examples=["mkt_57", "nasdaq/20261120"])]
    name: Annotated[str, Field(examples=["Arsenal v Chelsea"])]


@dataclass(frozen=True, slots=True)
class StatementLine(Transaction):
    """A transaction in a user's statement."""

    counterparty_username: Annotated[
        str | None, Field(description="The name of the other user, where there is one.", examples=["bob"])
    ]
    about: Annotated[About | None, Field(description="What a stake, its return or a payout was for.")]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal that a user asked for. Its money is set aside until it is paid or returned."""

    id: Annotated[str, Field(description="Also of the transaction.", examples=["txn_1795080600123456789"])]
    user_id: UserIdentity
    amount: Amount
    currency: Code
    status: TransactionStatus
    progress: Annotated[
        WithdrawalProgress,
        Field(
            description="`held`: set aside; `waiting_approval`, `approved`: by an operator, or a limit; `sent` to the "
            "chain, `confirmed` there; `stuck`: an operator has to look at it; `paid` by hand; `returned` to the user."
        ),
    ]
    destination: Annotated[str | None, Field(description="Where it goes.")]
    reference: str | None
    requested_at: Time
    approved_at: Annotated[str | None, Field(description="When it was approved for a chain.")]
    sent_at: Annotated[str | None, Field(description="When it was first sent to a chain.")]
    rail: Annotated[str | None, Field(description="What carries it; null: it is paid by hand.")]
    tx_hash: Annotated[str | None, Field(description="Of the transaction that was mined.")]
    block_number: int | None
    reason: Annotated[
        str | None, Field(description="Why it was returned, or goes no further.", examples=["recipient_refused"])
    ]


@dataclass(frozen=True, slots=True)
class UserStatus:
    """Whether a user may move money out, right after it was decided."""

    id: UserIdentity
    status: Literal["active", "frozen"]


@dataclass(frozen=True, slots=True)
class Balance:
    """What a user has in one currency."""

    user_id: UserIdentity
    currency: Code
    cash: Annotated[str, Field(description="Free to use.", examples=["99.50"])]
    escrow: Annotated[str, Field(description="Reserved for open bets and orders.", examples=["0.00"])]
    withdrawing: Annotated[str, Field(description="Set aside for pending withdrawals.", examples=["0.00"])]
    total: Annotated[str, Field(description="The sum of the three.", examples=["99.50"])]
    owed: Annotated[
        str,
        Field(
            description="Owed to the house, besides. Until it is repaid the user cannot withdraw, send or bet in any "
            "currency; whatever arrives in this one repays it first.",
            examples=["0.00"],
        ),
    ]
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
    field: Annotated[str | None, Field(description="The value that is wrong, where it is one.", examples=["amount"])]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows, in their order."""

    results: list[ImportedRow]
