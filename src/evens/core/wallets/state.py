"""The wallets' live state: customers, pending withdrawals, and limits on deposits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evens.core.events.ledger import Rejected, Transferred
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.deposit_limits import NO_DEPOSIT_LIMITS, DepositLimit, GrossDeposits
from evens.core.values.ids import AccountClass, CustomerId, TransferId, account_class, account_id
from evens.core.values.money import Currency
from evens.core.wallets.customer_follower import CustomerFollower


@dataclass(frozen=True, slots=True)
class PendingWithdrawal:
    """Money set aside for a payment out that is neither made nor given up yet."""

    customer: CustomerId
    currency_number: int
    amount_minor: int


class Wallets:
    """Customers by id and by folded username, who is frozen, pending withdrawals, and limits on deposits.

    ``excluded`` has until when those who excluded themselves stay frozen, ``tags`` the tags of those who have any.
    ``followers`` hear of freezing, ``tag_follower`` of whose tags change, with those before and after.
    """

    __slots__ = (
        "customers",
        "deposit_limits",
        "deposits",
        "excluded",
        "followers",
        "frozen",
        "ids_by_username",
        "ledger",
        "pending",
        "pending_counts",
        "reversals",
        "tag_follower",
        "tags",
    )

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.customers: dict[CustomerId, str] = {}
        self.ids_by_username: dict[str, CustomerId] = {}
        self.frozen: dict[CustomerId, None] = {}
        self.excluded: dict[CustomerId, int] = {}
        self.tags: dict[CustomerId, frozenset[str]] = {}
        self.followers: list[CustomerFollower] = []
        self.tag_follower: Callable[[CustomerId, frozenset[str], frozenset[str]], None] | None = None
        self.pending: dict[TransferId, PendingWithdrawal] = {}
        self.pending_counts: dict[CustomerId, int] = {}
        self.reversals: dict[TransferId, TransferId] = {}
        """Of each transfer that was taken back, by which one."""
        self.deposit_limits: dict[int, tuple[DepositLimit, ...]] = {}
        """By cash account: a limit for each period, in the order of :class:`Period`."""
        self.deposits: dict[int, GrossDeposits] = {}
        """By cash account, of those that have limits: what was deposited."""
        ledger.deposit_follower = self._count_deposit

    def add_customer(self, customer: CustomerId, username: str) -> None:
        """Make the customer known under the username as written."""
        folded = username.lower()
        self.customers[customer] = username
        # Most usernames are lower case already; sharing the string saves its size once for each customer.
        self.ids_by_username[username if folded == username else folded] = customer

    def find_currency(self, code: str, customer: CustomerId) -> Currency | Rejected:
        """Return the currency if both it and the customer exist, else why not."""
        currency = self.ledger.currencies.get(code)
        if currency is None:
            return Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", code),))
        return currency if customer in self.customers else Rejected(SharedReason.CUSTOMER_UNKNOWN)

    def add_pending(self, withdrawal: TransferId, pending: PendingWithdrawal) -> None:
        """Remember a withdrawal that waits to be completed or rejected."""
        self.pending[withdrawal] = pending
        self.pending_counts[pending.customer] = self.pending_counts.get(pending.customer, 0) + 1

    def set_deposit_limits(self, cash: int, limits: tuple[DepositLimit, ...], deposited: GrossDeposits) -> None:
        """Remember the limits on deposits to a cash account and what was deposited, unless there are none any more."""
        self.deposit_limits.pop(cash, None)
        self.deposits.pop(cash, None)
        if limits != NO_DEPOSIT_LIMITS:
            self.deposit_limits[cash] = limits
            self.deposits[cash] = deposited

    def _count_deposit(self, deposit: Transferred) -> None:
        """Count a deposit if its account has limits; the transfer's id says when it was recorded."""
        before = self.deposits.get(deposit.credit)
        if before is not None:
            after = before.plus(deposit.amount_minor, deposit.effective_at, deposit.transfer)
            self.deposits[deposit.credit] = after

    def remove_pending(self, withdrawal: TransferId) -> None:
        """Forget a withdrawal that waits no longer."""
        customer = self.pending.pop(withdrawal).customer
        count = self.pending_counts.pop(customer) - 1
        if count:
            self.pending_counts[customer] = count

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless the money set aside is exactly that of the pending withdrawals."""
        expected: dict[int, int] = {}
        for pending in self.pending.values():
            account = account_id(pending.customer, pending.currency_number, AccountClass.WITHDRAWING)
            expected[account] = expected.get(account, 0) + pending.amount_minor
        actual = {
            account: balance
            for account, balance in self.ledger.balances.items()
            if balance and account_class(account) is AccountClass.WITHDRAWING
        }
        if actual != expected:
            raise InvariantBroken("money set aside differs from the pending withdrawals")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield nothing: what is set aside for withdrawals is in accounts of its own."""
        return iter(())

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for customer in sorted(self.customers):
            yield f"customer {customer} {self.customers[customer]}"
        for customer in sorted(self.frozen):
            yield f"frozen {customer}"
        for customer in sorted(self.excluded):
            yield f"excluded {customer} {self.excluded[customer]}"
        for customer in sorted(self.tags):
            yield f"tags {customer} {sorted(self.tags[customer])}"
        for withdrawal, pending in sorted(self.pending.items()):
            yield f"pending {withdrawal} {pending.customer} {pending.currency_number} {pending.amount_minor}"
        for transaction, reversal in sorted(self.reversals.items()):
            yield f"reversed {transaction} {reversal}"
        for account in sorted(self.deposit_limits):
            limits = " ".join(str(limit) for limit in self.deposit_limits[account])
            yield f"deposit limits {account} {self.deposits[account]} {limits}"
