"""What a command has to know of the past, looked up in the events that happened: the naive twin of the tables."""

from collections.abc import Iterable

from evens.core.events.every import Event
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.values.deposit_limits import GrossDeposits, Period, bounds
from evens.core.wallets.deposit_limits import DepositsOf


def recall(wanted: object, happened: Iterable[Event]) -> GrossDeposits:
    """Return what was asked for, as the journal has it."""
    assert isinstance(wanted, DepositsOf)
    deposits = [
        event
        for event in happened
        if isinstance(event, Transferred) and event.kind is TransferKind.DEPOSIT and event.credit == wanted.account
    ]
    if not deposits:
        return GrossDeposits()
    last_at = deposits[-1].transfer
    begins = [bounds(period, last_at)[0] for period in Period]
    return GrossDeposits(
        last_at, *[sum(event.amount_minor for event in deposits if event.effective_at >= begin) for begin in begins]
    )
