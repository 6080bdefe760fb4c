"""What the chain rail's tables hold. Amounts are minor units of the rail's currency, units those of its token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from evens.core.values.ids import CustomerId, TransferId

ArrivalStatus = Literal["found", "credited", "refused", "ignored", "orphaned"]
"""What became of an arrival; ``found`` is one that is still to be credited."""

PayoutStatus = Literal[
    "waiting", "approved", "signing", "sent", "stuck", "confirmed", "returned", "rejected", "by_hand"
]
"""Where a payout stands."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block by its number and hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a block says has arrived at a customer's address.

    ``ordinal`` is the place of the log within the receipt of its transaction, :data:`COINS` for coins sent directly.
    ``token`` is the contract that says so, ``None`` for coins. ``amount_minor`` is ``None`` for what is none of the
    rail's money, for the ``reason`` given; ``dust`` are units that make no whole minor unit.
    """

    tx_hash: str
    ordinal: int
    block: Block
    token: str | None
    sender: str
    address: str
    customer: CustomerId
    units: int
    amount_minor: int | None
    dust: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ChainDeposit:
    """An arrival as recorded. ``transfer`` credited it, if it was."""

    id: int
    rail: str
    arrival: Arrival
    status: ArrivalStatus
    reason: str | None
    transfer: TransferId | None
    found_at: datetime


@dataclass(frozen=True, slots=True)
class ChainWithdrawal:
    """A payout. ``id`` is the transfer that set the money aside; ``tx_hash`` in ``block_number`` is what was mined."""

    id: TransferId
    rail: str
    customer: CustomerId
    destination: str
    amount_minor: int
    status: PayoutStatus
    reason: str | None
    approved_by: str | None
    account: str | None
    nonce: int | None
    tx_hash: str | None
    block_number: int | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """A signed transaction of a payout by an account, in lower case.

    ``fee_wei`` is the most it pays per gas, ``tip_wei`` the part for the miner.
    """

    tx_hash: str
    withdrawal: TransferId
    account: str
    nonce: int
    raw: str
    fee_wei: int
    tip_wei: int
    sent_at: datetime | None = None


DESTINATION = "^0x[0-9a-fA-F]{40}$"
"""What the destination of a withdrawal looks like that a rail takes up; others are paid by hand."""

COINS = -1
"""The ordinal of coins that were sent directly: they leave no log."""

UNDER_WAY = frozenset({"signing", "sent"})
"""The statuses in which a payout may be mined at any moment, so that nobody may decide it otherwise."""
