"""Who may have wallets: registering, freezing and unfreezing customers."""

from collections.abc import Iterator

from evens.core.commands.wallets import FreezeCustomer, RegisterCustomer, UnfreezeCustomer
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerFrozen, CustomerRegistered, CustomerUnfrozen
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CustomerId
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets


def register_customer(
    wallets: Wallets, command: RegisterCustomer, seq: int, at: int
) -> Iterator[CustomerRegistered | Rejected]:
    """Open a customer unless the username is taken in any spelling of case."""
    if command.username.lower() in wallets.ids_by_username:
        yield Rejected(WalletReason.USERNAME_TAKEN, (("username", command.username),))
    else:
        yield CustomerRegistered(CustomerId(seq), command.username)


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
