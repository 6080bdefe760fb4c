"""Moving money: the one function that proposes a transfer and the one that carries it out."""

from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.values.ids import TransferId, account_currency, may_be_negative


def propose(
    ledger: Ledger,
    transfer: TransferId,
    kind: TransferKind,
    debit: int,
    credit: int,
    amount_minor: int,
    effective_at: int | None,
    note: Note | None = None,
) -> Transferred:
    """Return the fact of moving ``amount_minor`` from ``debit`` to ``credit``, with both balances after it.

    Without a value date the transfer takes effect when it is recorded, which is what its id says. The caller has made
    every check of its own; what breaks the books all the same is stopped when it is applied.
    """
    balances = ledger.balances
    return Transferred(
        transfer,
        kind,
        debit,
        credit,
        amount_minor,
        balances.get(debit, 0) - amount_minor,
        balances.get(credit, 0) + amount_minor,
        transfer if effective_at is None else effective_at,
        note,
    )


def apply_transferred(ledger: Ledger, event: Transferred) -> None:
    """Carry out a transfer, or raise :class:`InvariantBroken` and leave both balances as they were."""
    debit, credit, amount_minor = event.debit, event.credit, event.amount_minor
    balances = ledger.balances
    debit_after = balances.get(debit, 0) - amount_minor
    credit_after = balances.get(credit, 0) + amount_minor
    if (
        amount_minor <= 0
        or debit == credit
        or debit_after != event.debit_after_minor
        or credit_after != event.credit_after_minor
        or (debit_after < 0 and not may_be_negative(debit))
        or account_currency(debit) != account_currency(credit)
    ):
        raise InvariantBroken(f"transfer {event.transfer} does not fit the books: {event}")
    balances[debit] = debit_after
    balances[credit] = credit_after
    if event.kind is TransferKind.DEPOSIT and ledger.deposit_follower is not None:
        ledger.deposit_follower(event)
