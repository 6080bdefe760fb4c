"""What answers about the chain rail look like."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from evens.edges.http.protocol.shapes import Amount, Code, Time, UserIdentity
from evens.store.chain.rows import ArrivalStatus, PayoutStatus

RailName = Annotated[str, Field(description="The rail: `simulated`, or `evm-` with the chain's number.")]
Address = Annotated[str, Field(examples=["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])]
TransactionHash = Annotated[str, Field(examples=["0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b"])]


@dataclass(frozen=True, slots=True)
class ChainWallet:
    """Where a user pays in. It is the same address every time."""

    rail: RailName
    address: Address
    currency: Code


@dataclass(frozen=True, slots=True)
class ChainDeposit:
    """What has arrived at a user's address, deep enough to count."""

    id: Annotated[str, Field(examples=["arr_17"])]
    rail: RailName
    user_id: UserIdentity
    address: Address
    tx_hash: TransactionHash
    index: Annotated[
        int | None,
        Field(description="The place of the log within its transaction's receipt; null for coins sent directly."),
    ]
    block_number: int
    token: Annotated[str | None, Field(description="The contract that moved it; null for coins.")]
    sender: str
    units: Annotated[str, Field(description="As the token counts.", examples=["10500000"])]
    amount: Annotated[str | None, Field(description="What it is worth here; null for nothing.", examples=["10.50"])]
    dust: Annotated[str, Field(description="Units that are too few for the currency's last digit.", examples=["0"])]
    currency: Code
    status: Annotated[
        ArrivalStatus,
        Field(
            description="`credited`: in the user's cash; `refused`: by a rule of the house, see `reason`; `ignored`: "
            "another token, nothing at all, or coins; `orphaned`: the chain does not have it any more."
        ),
    ]
    reason: Annotated[str | None, Field(examples=["deposit_limit"])]
    transaction_id: Annotated[str | None, Field(examples=["txn_1795080600123456789"])]
    found_at: Time


@dataclass(frozen=True, slots=True)
class ChainWithdrawal:
    """A withdrawal to an address."""

    id: Annotated[str, Field(description="The withdrawal's own.", examples=["txn_1795080600123456789"])]
    rail: RailName
    user_id: UserIdentity
    destination: Address
    amount: Amount
    currency: Code
    status: Annotated[
        PayoutStatus,
        Field(
            description="`waiting` for an operator, `approved`, `sent` to the chain, `confirmed` there; `returned`: it "
            "could not be paid, see `reason`; `stuck`: an operator has to look at it."
        ),
    ]
    reason: Annotated[str | None, Field(examples=["recipient_refused"])]
    tx_hash: Annotated[str | None, Field(description="Of the transaction that was mined.")]
    block_number: int | None
    taken_up_at: Time
