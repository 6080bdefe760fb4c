"""The wallets' live state, and who may have one: registering, freezing and unfreezing customers."""

from collections.abc import Iterator
from dataclasses import dataclass

from evens.core.commands.wallets import FreezeCustomer, RegisterCustomer, UnfreezeCustomer
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerFrozen, CustomerRegistered, CustomerUnfrozen
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import AccountClass, account_class, account_id
from evens.core.wallets.reasons import WalletReason


@dataclass(frozen=True, slots=True)
class PendingWithdrawal:
    """Money set aside for a payment out that is neither made nor given up yet."""

    customer: int
    currency_number: int
    amount_minor: int


class Wallets:
    """Customers by id and by folded username, who is frozen, and which withdrawals are pending."""

    __slots__ = (
        "customers",
        "frozen",
        "ids_by_username",
        "ledger",
        "pending",
        "pending_counts",
    )

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.customers: dict[int, str] = {}
        self.ids_by_username: dict[str, int] = {}
        self.frozen: dict[int, None] = {}
        self.pending: dict[int, PendingWithdrawal] = {}
        self.pending_counts: dict[int, int] = {}

    def add_customer(self, customer: int, username: str) -> None:
        """Make the customer known under the username as written."""
        folded = username.lower()
        self.customers[customer] = username
        # Most usernames are lower case already; sharing the string saves its size once for each customer.
        self.ids_by_username[username if folded == username else folded] = customer

    def add_pending(self, withdrawal: int, pending: PendingWithdrawal) -> None:
        """Remember a withdrawal that waits to be completed or rejected."""
        self.pending[withdrawal] = pending
        self.pending_counts[pending.customer] = self.pending_counts.get(pending.customer, 0) + 1

    def remove_pending(self, withdrawal: int) -> None:
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
        for withdrawal, pending in sorted(self.pending.items()):
            yield f"pending {withdrawal} {pending.customer} {pending.currency_number} {pending.amount_minor}"


def register_customer(
    wallets: Wallets, command: RegisterCustomer, seq: int, at: int
) -> Iterator[CustomerRegistered | Rejected]:
    """Open a customer unless the username is taken in any spelling of case."""
    if command.username.lower() in wallets.ids_by_username:
        yield Rejected(WalletReason.USERNAME_TAKEN, (("username", command.username),))
    else:
        yield CustomerRegistered(seq, command.username)


def apply_customer_registered(wallets: Wallets, event: CustomerRegistered) -> None:
    """Make the customer known."""
    wallets.add_customer(event.customer, event.username)


def freeze_customer(
    wallets: Wallets, command: FreezeCustomer, seq: int, at: int
) -> Iterator[CustomerFrozen | Rejected]:
    """Freeze a customer who is not frozen yet."""
    if command.customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif command.customer in wallets.frozen:
        yield Rejected(SharedReason.CUSTOMER_FROZEN)
    else:
        yield CustomerFrozen(command.customer)


def apply_customer_frozen(wallets: Wallets, event: CustomerFrozen) -> None:
    """Mark the customer as frozen."""
    wallets.frozen[event.customer] = None


def unfreeze_customer(
    wallets: Wallets, command: UnfreezeCustomer, seq: int, at: int
) -> Iterator[CustomerUnfrozen | Rejected]:
    """Unfreeze a customer who is frozen."""
    if command.customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif command.customer not in wallets.frozen:
        yield Rejected(WalletReason.CUSTOMER_NOT_FROZEN)
    else:
        yield CustomerUnfrozen(command.customer)


def apply_customer_unfrozen(wallets: Wallets, event: CustomerUnfrozen) -> None:
    """Clear the mark."""
    del wallets.frozen[event.customer]
