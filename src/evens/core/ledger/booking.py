"""Booking what a customer won or lost, and booking it anew when the result is corrected. For every product.

Losses go through a settlement account, whose holder is the market or the challenge, and profits come out of it. Whoever
has to pay into it is booked first, so that it never pays what it has not received.

A correction takes back what was booked and books the new result, without ever passing through a negative balance: the
commission comes back first, then the house lends what is missing for all that the customer has to pay now (``ADVANCE``,
owed on the receivable account), then the old profit and the new loss are paid, then the old loss and the new profit
received. Whatever the customer has at the end repays what is owed. :mod:`evens.core.exchange.settling` has an example.
"""

from collections.abc import Iterator

from evens.core.events.ledger import TransferKind, Transferred
from evens.core.ledger.mover import Mover
from evens.core.values.ids import HOUSE, AccountClass, CustomerId


class Result:
    """What was booked for a customer when the market was settled.

    ``discount_bps`` is the commission discount that counted, and counts for corrections; ``None`` if it was not kept.
    """

    __slots__ = ("commission_minor", "discount_bps", "profit_minor")

    def __init__(self, profit_minor: int, commission_minor: int, discount_bps: int | None = None) -> None:
        self.profit_minor = profit_minor
        self.commission_minor = commission_minor
        self.discount_bps = discount_bps


def book(mover: Mover, holder: int, customer: CustomerId, held_minor: int, result: Result) -> Iterator[Transferred]:
    """Book a first result: a loss out of escrow, what is left of escrow back, a profit, its commission."""
    loss_minor = max(-result.profit_minor, 0)
    escrow, settlement = (customer, AccountClass.ESCROW), (holder, AccountClass.SETTLEMENT)
    yield from mover.move(TransferKind.LOSS, escrow, settlement, loss_minor)
    yield from mover.release(customer, held_minor - loss_minor)
    yield from _pay(mover, holder, customer, result)


def rebook(mover: Mover, holder: int, customer: CustomerId, before: Result, after: Result) -> Iterator[Transferred]:
    """Reverse one result and book another, without ever needing money that the settlement account has not received."""
    cash, settlement = (customer, AccountClass.CASH), (holder, AccountClass.SETTLEMENT)
    if (before.profit_minor, before.commission_minor) == (after.profit_minor, after.commission_minor):
        return
    yield from mover.move(TransferKind.REVERSAL, (HOUSE, AccountClass.FEES), cash, before.commission_minor)
    yield from mover.advance(customer, max(before.profit_minor, 0) + max(-after.profit_minor, 0))
    yield from mover.move(TransferKind.REVERSAL, cash, settlement, before.profit_minor)
    yield from mover.move(TransferKind.LOSS, cash, settlement, -after.profit_minor)
    yield from mover.move(TransferKind.REVERSAL, settlement, cash, -before.profit_minor)
    yield from _pay(mover, holder, customer, after)
    yield from mover.repay(customer)


def _pay(mover: Mover, holder: int, customer: CustomerId, result: Result) -> Iterator[Transferred]:
    """Pay a profit, take the commission, and let the customer pay back what is owed."""
    cash = (customer, AccountClass.CASH)
    yield from mover.move(TransferKind.PAYOUT, (holder, AccountClass.SETTLEMENT), cash, result.profit_minor)
    yield from mover.move(TransferKind.COMMISSION, cash, (HOUSE, AccountClass.FEES), result.commission_minor)
    yield from mover.repay(customer)
