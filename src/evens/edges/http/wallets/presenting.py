"""From receipts to answers: the same receipt gives the same status and body, first, replayed, or asked for later."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from evens.core.commands.challenges import ExpireChallenge, PayChallenge, SettleChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import AdvanceMarket, ArchiveMarket, ReleaseOrder
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    UnfreezeCustomer,
    Withdraw,
)
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.events.wallets import CustomerRegistered, TransferRefused
from evens.core.receipts import Receipt
from evens.core.values.ids import AccountClass, account_class, account_currency, account_holder
from evens.core.values.moments import format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_transaction_id, format_user_id
from evens.edges.http.challenges import receipts as challenge_answers
from evens.edges.http.challenges.receipts import ChallengeAnswers
from evens.edges.http.exchange import receipts as exchange_answers
from evens.edges.http.exchange.receipts import ExchangeAnswers
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.presented import Presented
from evens.edges.http.protocol.refusals import present_refusal
from evens.edges.http.wallets.shapes import Transaction, TransactionKind, TransactionStatus, User, UserStatus
from evens.store.wallets.queries import Customer, Entry, Queries

KINDS: Final[dict[TransferKind, TransactionKind]] = {
    TransferKind.DEPOSIT: "deposit",
    TransferKind.WITHDRAWAL: "withdrawal",
    TransferKind.TRANSFER: "transfer",
    TransferKind.RELEASE: "release",
    TransferKind.STAKE: "stake",
    TransferKind.LOSS: "loss",
    TransferKind.PAYOUT: "payout",
    TransferKind.COMMISSION: "commission",
    TransferKind.ADVANCE: "advance",
    TransferKind.REPAYMENT: "repayment",
    TransferKind.REVERSAL: "reversal",
}
"""The kinds that touch customers' cash, and so are transactions to the outside."""


class Presenter:
    """Turns receipts and recorded entries into answers."""

    def __init__(
        self, currencies: Currencies, queries: Queries, exchange: ExchangeAnswers, challenges: ChallengeAnswers
    ) -> None:
        self._currencies = currencies
        self._queries = queries
        self._exchange = exchange
        self._challenges = challenges

    async def present(self, receipt: Receipt) -> Presented:
        """Return the answer to the command, whose meaning lies in the receipt alone.

        Only what closes a withdrawal shows more than its receipt says: the transaction that it closes, which does not
        change afterwards. So does what changes an order or a challenge: see :class:`ExchangeAnswers` and
        :class:`ChallengeAnswers`.
        """
        if type(receipt.command) in exchange_answers.PRESENTED:
            return await self._exchange.present(receipt)
        if type(receipt.command) in challenge_answers.PRESENTED:
            return await self._challenges.present(receipt)
        first = receipt.events[0]
        if isinstance(first, Rejected):
            refusal = present_refusal(first.reason, first.facts, self._currencies)
            return Presented(refusal.status, refusal.document())
        command = receipt.command
        if isinstance(command, CompleteWithdrawal | RejectWithdrawal):
            entry = await self._queries.entry(command.withdrawal)
            assert entry is not None
            return Presented(200, self.entry(entry))
        status, present = _PRESENTERS[type(command)]
        return Presented(status, present(self, receipt))

    def entry(self, entry: Entry, viewer: int | None = None) -> Transaction:
        """Return a recorded entry as ``viewer`` sees it; without one, as the payer does, or else the payee."""
        transfer = entry.transfer
        is_out = account_class(transfer.debit) is AccountClass.CASH and viewer in {
            None,
            account_holder(transfer.debit),
        }
        return self.transaction(transfer, is_out=is_out, status=_STATUS[entry.withdrawal_status])

    def transaction(
        self, transfer: Transferred, *, is_out: bool, status: TransactionStatus = "completed"
    ) -> Transaction:
        """Return a transfer as seen from the debited account (``is_out``) or the credited one."""
        debit, credit = transfer.debit, transfer.credit
        own, other = (debit, credit) if is_out else (credit, debit)
        after_minor = transfer.debit_after_minor if is_out else transfer.credit_after_minor
        currency = self._currencies.by_number(account_currency(own))
        recorded_at = format_time(transfer.transfer)
        is_now = transfer.effective_at == transfer.transfer
        note = transfer.note
        return Transaction(
            id=format_transaction_id(transfer.transfer),
            kind=KINDS[transfer.kind],
            status=status,
            direction="out" if is_out else "in",
            user_id=format_user_id(account_holder(own)),
            counterparty_id=format_user_id(account_holder(other)) if transfer.kind is TransferKind.TRANSFER else None,
            amount=format_minor(transfer.amount_minor, currency.scale),
            currency=currency.code,
            balance_after=format_minor(after_minor, currency.scale),
            effective_at=recorded_at if is_now else format_time(transfer.effective_at),
            recorded_at=recorded_at,
            reference=note.reference if note is not None else None,
            memo=note.memo if note is not None else None,
            destination=note.destination if note is not None else None,
        )

    def registered(self, receipt: Receipt) -> User:
        """Return the user that a command registered, as it was at that moment."""
        (registered,) = receipt.events
        assert isinstance(registered, CustomerRegistered)
        return present_customer(Customer(registered.customer, registered.username, None, False, receipt.at))

    def paid_out(self, receipt: Receipt) -> Transaction:
        """Return what left somebody's cash."""
        return self.transaction(_first_transfer(receipt.events), is_out=True)

    def paid_in(self, receipt: Receipt) -> Transaction:
        """Return what was added to somebody's cash."""
        return self.transaction(_first_transfer(receipt.events), is_out=False)

    def set_aside(self, receipt: Receipt) -> Transaction:
        """Return what waits to be paid out."""
        return self.transaction(_first_transfer(receipt.events), is_out=True, status="pending")

    def batch(self, receipt: Receipt) -> dict[str, Any]:
        """Return what became of each transfer of a batch, in order, as :class:`TransferResults` documents it."""
        return {"results": [self._batched(event) for event in receipt.events]}

    def frozen(self, receipt: Receipt) -> UserStatus:
        """Return that the user is frozen now."""
        assert isinstance(receipt.command, FreezeCustomer)
        return UserStatus(format_user_id(receipt.command.customer), "frozen")

    def unfrozen(self, receipt: Receipt) -> UserStatus:
        """Return that the user is active again."""
        assert isinstance(receipt.command, UnfreezeCustomer)
        return UserStatus(format_user_id(receipt.command.customer), "active")

    def _batched(self, event: Event) -> Transaction | dict[str, Any]:
        if isinstance(event, TransferRefused):
            return present_refusal(event.reason, event.facts, self._currencies).document()
        assert isinstance(event, Transferred)
        return self.transaction(event, is_out=True)


def present_customer(customer: Customer) -> User:
    """Return a recorded customer."""
    return User(
        id=format_user_id(customer.id),
        username=customer.username,
        email=customer.email,
        status="frozen" if customer.frozen else "active",
        created_at=format_time(customer.registered_at),
    )


def _first_transfer(happened: Sequence[Event]) -> Transferred:
    first = happened[0]
    assert isinstance(first, Transferred)
    return first


_PRESENTERS: Final[dict[type[Command], tuple[int, Callable[[Presenter, Receipt], Any]]]] = {
    RegisterCustomer: (201, Presenter.registered),
    FreezeCustomer: (200, Presenter.frozen),
    UnfreezeCustomer: (200, Presenter.unfrozen),
    Deposit: (201, Presenter.paid_in),
    Withdraw: (201, Presenter.paid_out),
    RequestWithdrawal: (201, Presenter.set_aside),
    Transfer: (201, Presenter.paid_out),
    TransferBatch: (200, Presenter.batch),
}

PRESENTED: Final = frozenset(
    {
        *_PRESENTERS,
        CompleteWithdrawal,
        RejectWithdrawal,
        *exchange_answers.PRESENTED,
        *challenge_answers.PRESENTED,
    }
)
"""The commands that the outside can give."""

INTERNAL: Final = frozenset(
    {
        DefineCurrency,
        ReleaseOrder,
        AdvanceMarket,
        ArchiveMarket,
        ExpireChallenge,
        PayChallenge,
        SettleChallenge,
    }
)
"""The commands that no route gives, so nobody is answered."""

_STATUS: Final[dict[str | None, TransactionStatus]] = {
    None: "completed",
    "pending": "pending",
    "completed": "completed",
    "rejected": "rejected",
}
